"""What a community takes of the heap."""

from sibiao.config.load import Loaded

MOST = 0.75


def estimate_bytes(loaded: Loaded) -> int:
    return 0
