"""One converter, end to end, to look at: simulated meters on its wires, a picture, a verdict."""
