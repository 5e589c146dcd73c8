"""Labels of units, for a printer."""
