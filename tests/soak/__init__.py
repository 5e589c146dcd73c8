"""Long runs. `python -m tests.soak`; a few cuts of the same kind stand in the ordinary tests."""
