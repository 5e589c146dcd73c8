"""Reading and writing a converter from the host."""
