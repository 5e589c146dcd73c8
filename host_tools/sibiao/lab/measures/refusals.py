"""What a module must refuse: changes by whoever has no password, or with the window closed."""

from __future__ import annotations

import random
from dataclasses import dataclass

from sibiao.lab.stands.reading import Uplink
from sibiao.lab.stands.stand import Stand
from sibiao.reader import exchange
from sibiao.sim.uplink.dlt645_reading import PREAMBLE, find_frame, made_frame

_DONE = 0x40  # not set in an answer that says that it was done


@dataclass(frozen=True)
class Attempts:
    """`done`: what a module said it had done; `changed`: registers that were another after."""

    tried: int
    done: list[str]
    changed: list[str]


def attempts(stand: Stand, seed: int) -> Attempts:
    """Writes, an address, a password and a clearing, each with a password that is wrong."""
    rng = random.Random(seed)
    uplink = Uplink(stand)
    before = _registers(stand, uplink)
    done = []
    tries = _tries(stand, rng)
    for name, frame in tries:
        answer = find_frame(stand.uplink_exchange(PREAMBLE + frame)[0])
        if answer is not None and not answer[8] & _DONE:
            done.append(name)
    after = _registers(stand, uplink)
    return Attempts(len(tries), done, [name for name in before if before[name] != after[name]])


def _tries(stand: Stand, rng: random.Random) -> list[tuple[str, bytes]]:
    own = stand.loaded.community.address
    wrong = bytes((2, *(rng.randrange(1, 100) for _ in range(3))))  # not BCD 000000, the default
    operator = b"\x01\x00\x00\x00"
    tries = []
    for row in stand.loaded.uplink.writes:
        di = bytes.fromhex(row.di.replace("**", "01"))[::-1]
        data = di + wrong + operator + b"\x01" * 6
        tries.append((f"write {row.what}", made_frame(own, exchange.WRITE, data)))
    address = bytes.fromhex("000000009876")[::-1]
    password = bytes.fromhex("04000C03")[::-1] + wrong + b"\x02\x11\x11\x11"
    return [
        *tries,
        ("write address", made_frame("A" * 12, exchange.WRITE_ADDRESS, address)),
        ("change password", made_frame(own, exchange.PASSWORD, password)),
        ("clear events", made_frame(own, exchange.CLEAR_EVENTS, wrong + operator + b"\xff" * 4)),
    ]


def _registers(stand: Stand, uplink: Uplink) -> dict[str, object]:
    """What an attempt could have changed."""
    found: dict[str, object] = {"address": uplink.who()}
    for row in stand.loaded.uplink.identifiers:
        if row.source in ("settlement", "text") and "#" not in row.di:
            found[row.di] = uplink.raw(uplink.own, row.di)
    for number, point in enumerate(stand.loaded.community.points, 1):
        if stand.loaded.meters[point.meter].link == "pulse":
            found[point.name] = uplink.value("volume", number)
    return found
