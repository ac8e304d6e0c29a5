"""Tests of running the embedded server."""
