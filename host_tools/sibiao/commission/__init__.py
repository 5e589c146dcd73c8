"""Proving a point at its meter: the dial, what was drawn, and what the converter made of it."""
