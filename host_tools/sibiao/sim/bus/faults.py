"""Faults of a meter on a bus, by name: each wraps a meter and spoils what it hears or sends.

Written NAME, NAME=AMOUNT or NAME=AMOUNT@SHARE: a share of 0.3 spoils three answers of ten.
"""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable

from sibiao.errors import SibiaoError
from sibiao.sim.bus.meter import Meter, Reply, Settings
from sibiao.sim.wire import NS_PER_MS, byte_time_ns


class Faulty:
    """A meter with a fault; a faulty meter can be given another."""

    def __init__(self, meter: Meter, amount: float, share: float, rng: random.Random):
        self.meter = meter
        self.name = meter.name
        self.amount = amount
        self.rng = rng
        self.now = meter.home  # at which it hears just now
        self._share = share

    @property
    def echoes(self) -> bool:
        return self.meter.echoes

    @property
    def home(self) -> Settings:
        return self.meter.home

    @property
    def fall_back_ns(self) -> int | None:
        return self.meter.fall_back_ns

    def settings(self, now_ns: int) -> Settings:
        return self.meter.settings(now_ns)

    def hear(self, byte: int, now_ns: int) -> list[Reply]:
        replies = []
        self.now = self.meter.settings(now_ns)
        for reply in self.meter.hear(self.heard(byte), now_ns):
            replies += self.sent(reply) if self.rng.random() < self._share else [reply]
        return replies

    def heard(self, byte: int) -> int:
        return byte

    def sent(self, reply: Reply) -> list[Reply]:
        return [reply]


class Silent(Faulty):
    """does not answer"""

    def sent(self, reply):
        return []


class Slow(Faulty):
    """answers so many ms late (1500)"""

    def sent(self, reply):
        late_ns = reply.delay_ns + round(self.amount * NS_PER_MS)
        return [dataclasses.replace(reply, delay_ns=late_ns)]


class Echo(Faulty):
    """the bus gives every byte back to its sender"""

    @property
    def echoes(self):
        return True


class Noise(Faulty):
    """bits are turned over in both directions, at this bit-error rate (0.001)"""

    def heard(self, byte):
        return self._spoil(byte)

    def sent(self, reply):
        return [dataclasses.replace(reply, data=bytes(map(self._spoil, reply.data)))]

    def _spoil(self, byte: int) -> int:
        for bit in range(8):
            if self.rng.random() < self.amount:
                byte ^= 1 << bit
        return byte


class WrongChecksum(Faulty):
    """the checksum is wrong"""

    def sent(self, reply):
        if reply.checksum_at is None:
            return [reply]
        data = bytearray(reply.data)
        data[reply.checksum_at] = (data[reply.checksum_at] + self.rng.randint(1, 255)) & 0xFF
        return [dataclasses.replace(reply, data=bytes(data))]


class Second(Faulty):
    """a second meter answers as well, so many ms later (1)"""

    def sent(self, reply):
        after_ns = reply.delay_ns + round(self.amount * NS_PER_MS)
        return [reply, Reply(reply.stranger or reply.data, after_ns)]


class Truncated(Faulty):
    """so many bytes are missing at the end of its answer (5)"""

    def sent(self, reply):
        kept = max(len(reply.data) - round(self.amount), 0)
        return [dataclasses.replace(reply, data=reply.data[:kept])] if kept else []


class Duplicated(Faulty):
    """the answer comes twice, with so many ms between (0)"""

    def sent(self, reply):
        pause = round(self.amount * NS_PER_MS)
        if not pause:
            return [dataclasses.replace(reply, data=reply.data * 2)]
        again_ns = reply.delay_ns + len(reply.data) * byte_time_ns(*self.now) + pause
        return [reply, dataclasses.replace(reply, delay_ns=again_ns, after=None)]


# Name -> what it does, and its amount where none is given.
FAULTS: dict[str, tuple[Callable[..., Faulty], float]] = {
    "silent": (Silent, 0),
    "slow": (Slow, 1500),
    "echo": (Echo, 0),
    "noise": (Noise, 1e-3),
    "wrong-checksum": (WrongChecksum, 0),
    "second": (Second, 1),
    "truncated": (Truncated, 5),
    "duplicated": (Duplicated, 0),
}


def with_fault(meter: Meter, text: str, seed: int = 1) -> Faulty:
    """The meter with the fault that `text` names; the same seed gives the same course."""
    name, _, rest = text.partition("=")
    amount_text, _, share_text = rest.partition("@") if rest else ("", "", "")
    if "@" in name:
        name, _, share_text = name.partition("@")
    if name not in FAULTS:
        raise SibiaoError(f"there is no fault {name!r}; there are: {', '.join(FAULTS)}")
    make, amount = FAULTS[name]
    try:
        amount = float(amount_text) if amount_text else amount
        share = float(share_text) if share_text else 1.0
    except ValueError as error:
        raise SibiaoError(
            f"fault {text!r} is not written NAME, NAME=AMOUNT or NAME=AMOUNT@SHARE"
        ) from error
    if amount < 0 or not 0 <= share <= 1:
        raise SibiaoError(f"fault {text!r}: an amount is 0 or more, a share from 0 to 1")
    return make(meter, amount, share, random.Random(f"{seed} {meter.name} {text}"))
