"""`make soak`: long runs of the whole converter."""
