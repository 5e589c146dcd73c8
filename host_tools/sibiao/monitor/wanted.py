"""Which rows a person wants to see. What is recorded and counted does not depend on it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sibiao.errors import SibiaoError
from sibiao.monitor.seen import Seen


@dataclass(frozen=True)
class Wanted:
    """Nothing named lets everything through; noise has neither address, link nor identifier."""

    addresses: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    dis: tuple[str, ...] = ()
    direction: str | None = None
    faults_only: bool = False

    def __post_init__(self):
        for di in self.dis:
            if not re.fullmatch("[0-9A-Fa-f]{1,8}", di):
                raise SibiaoError(
                    f"--di {di!r}: write an identifier's hexadecimal digits, or how it begins"
                )

    def has(self, one: Seen) -> bool:
        if self.faults_only and not one.is_fault:
            return False
        if self.direction and one.direction != self.direction:
            return False
        if self.links and one.piece.link not in self.links:
            return False
        if self.addresses and not {one.address, one.also} & set(self.addresses):
            return False
        return not self.dis or (one.di or "").startswith(tuple(di.upper() for di in self.dis))
