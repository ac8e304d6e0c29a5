"""Moves a Bizy SQLite database into PostgreSQL as a graph of Dagster assets, and proves it."""
