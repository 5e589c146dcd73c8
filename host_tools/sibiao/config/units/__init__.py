"""What tells the units of one community apart: a row of a table each."""
