"""Listening to a line: bytes into frames, what they say, whose answers they are, and counts."""
