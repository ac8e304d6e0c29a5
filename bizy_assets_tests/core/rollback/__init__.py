"""Tests of undoing a migration."""
