"""How a module behaves on its channel, as far as whoever asks it can see."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass

from sibiao.lab.stands.reading import Uplink
from sibiao.lab.stands.stand import Stand
from sibiao.sim.hostile.forms import FORMS, Case
from sibiao.sim.hostile.items import of_community
from sibiao.sim.uplink.dlt645_reading import (
    PREAMBLE,
    ReadItem,
    Refused,
    answer_field,
    find_frame,
    made_frame,
    request,
)
from sibiao.sim.wire import NS_PER_S, byte_time_ns

_SILENT_FORMS = tuple(name for name, form in FORMS.items() if not form.answered)
_REST_S = (0.03, 0.2)


@dataclass(frozen=True)
class Asked:
    """One request. `wrong`: what was not right in its answer, "" when all was. `gap_ms`: the
    longest pause between two bytes of it."""

    delay_ms: float | None
    gap_ms: float
    preamble: int
    wrong: str


def asked(stand: Stand, seed: int, count: int) -> list[Asked]:
    """Registers of the converter and its points in turn, each after 0 to 4 FE."""
    rng = random.Random(seed)
    items = of_community(stand.loaded)
    found = []
    for n in range(count):
        stand.run(rng.uniform(*_REST_S))
        found.append(_ask(stand, items[n % len(items)], rng.randrange(len(PREAMBLE) + 1)))
    return found


def _ask(stand: Stand, item: ReadItem, preamble: int) -> Asked:
    frame = request(item)[len(PREAMBLE) :]
    heard, delay_ms = stand.uplink_exchange(b"\xfe" * preamble + frame)
    answer = find_frame(heard)
    if answer is None:
        return Asked(delay_ms, 0.0, 0, "a damaged answer" if heard else "no answer")
    at = heard.index(answer)
    wrong = ""
    try:
        answer_field(item, answer)
    except Refused as refused:
        wrong = str(refused)
    if heard[:at].strip(b"\xfe") or heard[at + len(answer) :]:
        wrong = wrong or "other bytes around it"
    line = stand.loaded.uplink.line
    byte_s = byte_time_ns(line.baud, line.parity) / NS_PER_S
    gap_s = max(0.0, stand.log.rows[-1].gap_s - byte_s)
    return Asked(delay_ms, 1000 * gap_s, at, wrong)


def answered_wrongly(stand: Stand, seed: int, each: int) -> dict[str, int]:
    """Bytes heard after requests that nobody may answer, by their form."""
    rng = random.Random(seed)
    heard = dict.fromkeys(_SILENT_FORMS, 0)
    items = of_community(stand.loaded)
    for name in _SILENT_FORMS * each:
        item = rng.choice(items)
        sending = FORMS[name].make(Case(rng, request(item)[len(PREAMBLE) :], b""))
        for _, data in sending.pieces:
            answer, _ = stand.uplink_exchange(data)
            heard[name] += len(answer)
    return heard


@dataclass(frozen=True)
class Wildcard:
    """`shortened`: reads with AA in the high bytes that were answered by the real address, of
    `asked`."""

    asked: int
    shortened: int


def shortened(stand: Stand) -> Wildcard:
    """Clause 5.2.2: AA from some digits on, in a read; the station that is bound answers."""
    uplink = Uplink(stand)
    bound = uplink.who()
    right = 0
    lengths = range(0, len(bound), 2)
    for kept in lengths:
        address = "A" * (len(bound) - kept) + bound[len(bound) - kept :]
        item = ReadItem("address", address, "04000401", len(bound), 0, "")
        answer = find_frame(stand.uplink_exchange(request(item))[0])
        right += answer is not None and answer[6:0:-1].hex() == bound.lower()
    return Wildcard(len(lengths), right)


def understood_otherwise(stand: Stand, settings: list[tuple[int, str]]) -> int:
    """Sound answers at settings that are not the line's."""
    ask = PREAMBLE + made_frame("A" * 12, 0x13)
    return sum(
        find_frame(stand.uplink_exchange(ask, baud=baud, parity=parity)[0]) is not None
        for baud, parity in settings
    )


def others(stand: Stand) -> Iterator[tuple[int, str]]:
    """Settings at which the module must not be understood: a module that looks for its line's
    rate may be at any."""
    line = stand.loaded.uplink.line
    yield line.baud, "O" if line.parity != "O" else "E"
    if stand.loaded.uplink.module is None:
        yield line.baud * 2, line.parity
