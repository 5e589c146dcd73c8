"""The files of each unit, compiled once however many boards wait for them."""

from __future__ import annotations

import threading

from sibiao.config.build import slot_files
from sibiao.config.constants import config_source
from sibiao.config.load import Loaded


class Builds:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._built: dict[str, dict[str, bytes]] = {}

    def files(self, loaded: Loaded) -> dict[str, bytes]:
        """As `slot_files`."""
        source = config_source(loaded)
        with self._lock:
            if source not in self._built:
                self._built[source] = slot_files(loaded)
            return self._built[source]
