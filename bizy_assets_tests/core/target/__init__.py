"""Tests of targets that others created, changed or restrict."""
