"""Communities, boards, meters and uplinks: TOML files checked on the host, constants on the device."""
