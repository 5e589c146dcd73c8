"""Where board_configs is. Loads nothing else: completion at the prompt has to be quick."""

from __future__ import annotations

import os
from pathlib import Path


def directory() -> Path:
    """Where board_configs is: SIBIAO_CONFIGS, or the project's own."""
    given = os.environ.get("SIBIAO_CONFIGS")
    return Path(given) if given else Path(__file__).parents[3] / "board_configs"
