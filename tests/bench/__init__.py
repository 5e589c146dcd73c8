"""`make bench`: speed and memory of the converter, in the emulated Pico's own time."""
