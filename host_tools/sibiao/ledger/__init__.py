"""What was done to which unit: an append-only file whose rows hold each other."""
