"""The laboratory's test of a module: its world, its steps, what they measured, the report."""
