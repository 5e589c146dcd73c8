"""Mutated frames against the framer and what stands behind it. `python -m tests.fuzz`."""
