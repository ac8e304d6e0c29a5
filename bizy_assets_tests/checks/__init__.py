"""Tests of the asset checks: each must fail for what it exists to find."""
