"""What the steps do to a module, and what they measure of it."""
