"""Tests of how the project runs in Dagster: retries, the run queue and the run storage."""
