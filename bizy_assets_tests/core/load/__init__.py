"""Tests of loading again, and of adopting existing rows."""
