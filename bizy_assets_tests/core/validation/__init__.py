"""Tests of finding and rejecting values that PostgreSQL cannot store."""
