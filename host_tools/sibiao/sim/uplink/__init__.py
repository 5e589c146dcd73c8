"""The electricity meter's side of the uplink, and the module between."""
