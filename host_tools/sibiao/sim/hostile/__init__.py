"""An electricity meter that asks in every way a line and a careless master can."""
