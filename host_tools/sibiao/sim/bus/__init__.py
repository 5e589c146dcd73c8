"""Meters on a bus, and their faults."""
