"""The firmware as a community gets it: what it needs, joined, its names short, compiled."""
