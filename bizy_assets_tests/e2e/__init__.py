"""Tests of whole processes, as a user starts them: commands, kills, failures, the browser."""
