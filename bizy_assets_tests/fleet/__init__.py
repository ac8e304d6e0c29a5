"""Tests of the fleet: broker, workers and the services of one machine."""
