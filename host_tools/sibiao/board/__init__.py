"""A board on a serial port: its prompt, its slots, its running node."""
