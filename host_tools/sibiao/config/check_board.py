"""Whether a board ever ran."""

from __future__ import annotations

from collections.abc import Iterator

from sibiao.config import schema
from sibiao.config.problems import Problem


def proven(board: schema.Board, chip: schema.Chip, at) -> Iterator[Problem]:
    """A board whose pins and limits are those of data sheets only."""
    if board.verified is False:
        text = f"this board never ran on its chip, {chip.title} (verified = false)"
        hint = "try it on the bench before it goes on site"
        yield Problem(at("verified"), text, hint=hint, severity="warning")
