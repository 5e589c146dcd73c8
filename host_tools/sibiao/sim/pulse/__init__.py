"""Wheels, contacts and cables, and their faults."""
