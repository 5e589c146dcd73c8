"""From TOML text to plain data: what a file takes over, and where each value was set."""
