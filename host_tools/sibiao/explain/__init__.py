"""Telegrams explained byte by byte, with the code that runs in the converter."""
