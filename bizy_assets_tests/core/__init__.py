"""Tests of the migration in plain Python, in the folders of the code."""
