"""The bench's node on the MicroPython VM, and the unit tests run there."""
