"""Host tools of the Sibiao interface converter: check, flash, prove and read."""

__version__ = "0.1.0"
