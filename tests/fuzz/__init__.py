"""`make fuzz`: mutated frames against framer, station and meter layout, on CPython."""
