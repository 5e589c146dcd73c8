"""Communities, boards, meters, uplinks: TOML files here, constants on the device."""
