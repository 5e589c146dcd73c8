"""Where measurements are written, and of which commit they are."""

from __future__ import annotations

import subprocess
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs" / "measurements"


def commit() -> str:
    """Of the working tree, `-dirty` when files other than figures differ from it."""
    head = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--", ":/", f":(exclude){FOLDER}")
    return f"{head}-dirty" if changed else head or "commit unknown"


def _git(*words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=FOLDER, capture_output=True, text=True, check=False
        )
    except OSError:
        return ""
    return done.stdout.strip()
