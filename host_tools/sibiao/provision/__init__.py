"""A unit at its meters: what makes it this one, entered, read back, and kept in the ledger."""
