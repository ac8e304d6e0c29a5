"""Tests of the documents: they are complete and fresh, and their commands work."""
