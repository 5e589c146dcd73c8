"""The board in virtual time as it leaves the shop: its flash, and a community's firmware in it."""

from __future__ import annotations

from pathlib import Path

from sibiao.config.build import slot_files, starter_files
from sibiao.config.load import Loaded
from sibiao.node.vm import flash

GEOMETRY = (flash.BLOCK_SIZE, flash.BLOCK_COUNT, flash.PAGE_SIZE)


def write_flash(image: Path, loaded: Loaded, sources: dict[str, str] | None = None) -> None:
    """`sources` replaces the firmware's own. Sources, for the VM compiles them itself."""
    files = {f"/a/{name}": data for name, data in slot_files(loaded, sources).items()}
    files |= {f"/{name}": data for name, data in starter_files(loaded).items()}
    flash.write_image(image, files | {"/slots/confirmed": b"a", "/slots/born": b""})
