"""The board in virtual time as it leaves the shop: a community's firmware in its flash."""

from __future__ import annotations

from sibiao.config.build import slot_files, starter_files
from sibiao.config.load import Loaded
from sibiao.node.vm import flash

GEOMETRY = (flash.BLOCK_SIZE, flash.BLOCK_COUNT, flash.PAGE_SIZE)


def board_files(loaded: Loaded, sources: dict[str, str] | None = None) -> dict[str, bytes]:
    """`sources` replaces the firmware's own."""
    files = {f"/a/{name}": data for name, data in slot_files(loaded, sources).items()}
    files |= {f"/{name}": data for name, data in starter_files().items()}
    return files | {"/slots/confirmed": b"a", "/slots/born": b""}
