"""Tests of waiting for locks in PostgreSQL."""
