"""A converter on the bench: the emulated Pico or the MicroPython VM, with wires to drive."""
