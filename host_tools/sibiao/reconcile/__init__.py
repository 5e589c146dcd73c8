"""Dials that people read against registers that were collected: what differs, and why."""
