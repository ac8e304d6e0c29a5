"""Helpers of the tests: servers, processes, sample files and what is expected of them."""
