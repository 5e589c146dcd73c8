"""The files of each unit of a community, compiled once however many boards wait for them."""

from __future__ import annotations

import threading

from sibiao.config.build import slot_files, unit_files
from sibiao.config.constants import config_source
from sibiao.config.load import Loaded


class Builds:
    """Of the community that is asked for first, and its units."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._alike: dict[str, bytes] = {}
        self._built: dict[str, dict[str, bytes]] = {}

    def files(self, loaded: Loaded) -> dict[str, bytes]:
        """As `slot_files`."""
        source = config_source(loaded)
        with self._lock:
            if source not in self._built:
                alike = self._alike
                self._built[source] = unit_files(alike, loaded) if alike else slot_files(loaded)
                self._alike = self._alike or self._built[source]
            return self._built[source]
