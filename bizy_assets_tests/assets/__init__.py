"""Tests of the assets and of what each reports to the user."""
