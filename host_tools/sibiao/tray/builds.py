"""The files of each unit of a community, compiled once however many boards wait for them."""

from __future__ import annotations

import threading

from sibiao.config.load import Loaded
from sibiao.firmware.slot import slot_files


class Builds:
    def __init__(self) -> None:
        self._lock = threading.Lock()

    def files(self, loaded: Loaded) -> dict[str, bytes]:
        """As `slot_files`, one at a time: only the first takes long."""
        with self._lock:
            return slot_files(loaded)
