"""Simulated meters and readers for the bench, written against `node.contract` only.

They stand on the other side of the wire: they share no codec with the firmware, so that an error
there cannot cancel itself here.
"""
