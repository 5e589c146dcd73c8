"""Chips on the converter's own I2C bus."""
