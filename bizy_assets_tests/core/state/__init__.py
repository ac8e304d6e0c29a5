"""Tests of what the migration remembers in the target, also from the last release."""
