"""Tests of verifying a loaded table, cell by cell."""
