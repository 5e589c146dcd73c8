"""What passes on a node's own lines, told by its firmware over the console (app/tap.py there)."""

from __future__ import annotations

import json
import time
from collections import deque
from contextlib import suppress

from sibiao.board.port import PORT_ERRORS, open_port
from sibiao.errors import SibiaoError
from sibiao.monitor.piece import ANSWER, REQUEST, Notice
from sibiao.monitor.taps import Clock, Heard

_ASK = b"\x10tap 30\n"
_STOP = b"\x10tap 0\n"
_ASK_EVERY_S = 8
_ANSWER_S = 15
_LATELY_MS = 2000
_ANEW_MS = 60_000


class NodeTap:
    def __init__(self, port: str):
        self.name = port
        self._con = open_port(port)
        self._line = b""
        self._asked_s = 0.0
        self._told_s: float | None = None  # when it last said that it tells
        self._began_s = time.monotonic()
        self._offsets: deque[tuple[int, int]] = deque()

    def read(self, clock: Clock) -> list[Heard | Notice]:
        now_s = time.monotonic()
        if now_s - self._asked_s > _ASK_EVERY_S:
            self._con.write(_ASK)
            self._asked_s = now_s
        if now_s - (self._told_s or self._began_s) > _ASK_EVERY_S + _ANSWER_S:
            raise SibiaoError(
                f"the node at {self.name} does not tell what passes: is it the node's USB port, "
                "and does its firmware know the command `tap`? Flash it anew and repeat"
            )
        self._line += self._con.read(self._con.in_waiting or 1)
        *lines, self._line = self._line.split(b"\n")
        heard = []
        for line in lines:
            if line.startswith(b"sibiao {"):
                with suppress(ValueError):
                    heard += self._told(json.loads(line[7:]), clock.now_ms())
        return heard

    def _told(self, said: dict, now_ms: int) -> list[Heard | Notice]:
        if "error" in said:
            raise SibiaoError(f"the node at {self.name} refuses `tap`: {said['error']}")
        if "tapping" in said:
            is_gap = said["new"] and self._told_s is not None
            self._told_s = time.monotonic()
            if said["new"]:
                self._offsets.clear()
            return [Notice(now_ms, "the node has started anew: some seconds are missing")][:is_gap]
        if "lost" in said:
            return [Notice(now_ms, f"the node had no room for {said['lost']} bytes")]
        if "tap" not in said:
            return []
        is_request = bool(said["sent"]) == bool(said["tap"])
        line = f"bus {said['tap']}" if said["tap"] else "uplink"
        direction = REQUEST if is_request else ANSWER
        data = bytes.fromhex(said["hex"])
        first_ms = self._here_ms(said["now"], now_ms) - said["first"]
        took_ms = said["first"] - said["last"]
        steps = max(len(data) - 1, 1)
        return [
            Heard(line, direction, first_ms + took_ms * n // steps, data[n : n + 1])
            for n in range(len(data))
        ]

    def _here_ms(self, ticks: int, now_ms: int) -> int:
        """When that was by our clock: what came quickest of late tells best."""
        offset_ms = now_ms - ticks
        if self._offsets and abs(offset_ms - self._offsets[-1][1]) > _ANEW_MS:
            self._offsets.clear()  # its ticks begin anew every 12 days
        self._offsets.append((now_ms, offset_ms))
        while self._offsets[0][0] < now_ms - _LATELY_MS:
            self._offsets.popleft()
        return ticks + min(offset for _, offset in self._offsets)

    def close(self) -> None:
        with suppress(*PORT_ERRORS):
            self._con.write(_STOP)
        self._con.close()
