"""Every byte of a frame explained, with the firmware's own code."""
