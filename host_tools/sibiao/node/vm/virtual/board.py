"""The board in virtual time as it leaves the shop: a community's firmware in its flash."""

from __future__ import annotations

from sibiao.config.load import Loaded
from sibiao.firmware.slot import slot_files, starter_files
from sibiao.node.vm.virtual.node import VirtualNode
from sibiao.node.vm.virtual.pose import Pose


def board_files(loaded: Loaded, sources: dict[str, str] | None = None) -> dict[str, bytes]:
    """`sources` replaces the firmware's own."""
    files = {f"/a/{name}": data for name, data in slot_files(loaded, sources).items()}
    files |= {f"/{name}": data for name, data in starter_files(loaded).items()}
    return files | {"/slots/confirmed": b"a", "/slots/born": b""}


def posed(loaded: Loaded, sources: dict[str, str] | None = None, **options) -> VirtualNode:
    """A node with the community's firmware and its board's own chip."""
    return VirtualNode(board_files(loaded, sources), pose=Pose(loaded), **options)
