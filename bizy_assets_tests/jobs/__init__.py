"""Tests of the jobs, each executed whole in this process."""
