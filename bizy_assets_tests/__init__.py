"""The tests: real SQLite files, real PostgreSQL, real processes, a real browser."""
