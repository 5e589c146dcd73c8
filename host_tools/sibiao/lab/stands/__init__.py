"""A module under test in its world: simulated, or real at ports."""
