"""Freezes of a module over midnight and by request: which there are, of which time and value."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from sibiao.config import terms
from sibiao.config.schema.identifiers import Identifier
from sibiao.lab.measures.contact import dial_m3, pulse_points, set_off, turning
from sibiao.lab.record import CannotDo
from sibiao.lab.stands.reading import Uplink, as_told
from sibiao.lab.stands.stand import Stand
from sibiao.reader.exchange import ErrorWord

_BEFORE = timedelta(seconds=14)  # midnight, when the clock is set
_PULSES = 11
_AFTER_S = 8  # midnight: a freeze is taken within ten seconds
_ASKED_S = 2
_BACK = 2  # how far it is looked for freezes that cannot be
_BY_TIME = ("hour", "day", "month")
_COUNTED = ("instant", "timed")  # those of earlier requests stand behind the newest


@dataclass(frozen=True)
class Freeze:
    """What an identifier told; `value` None: no such freeze, `moment` None: no identifier tells
    it."""

    point: str
    kind: str
    back: int
    moment: datetime | None
    value: Decimal | None


@dataclass(frozen=True)
class Frozen:
    """`due`: the moment and the value that it must have, by (point, kind); all others must not
    be, but for those that were there before."""

    before: list[Freeze]
    told: list[Freeze]
    due: dict[tuple[str, str], tuple[datetime, Decimal]]

    @property
    def missing(self) -> list[str]:
        there = {(f.point, f.kind) for f in self.told if f.back == 1 and f.value is not None}
        return [f"{point} {kind}" for point, kind in self.due if (point, kind) not in there]

    @property
    def wrong(self) -> list[Freeze]:
        """Another value, or another minute."""
        return [f for f in self.told if self._is_due(f) and not self._is_right(f)]

    @property
    def invented(self) -> list[Freeze]:
        there = {replace(f, back=0) for f in self.before}
        others = [f for f in self.told if f.value is not None and not self._is_due(f)]
        return [f for f in others if replace(f, back=0) not in there]

    def _is_due(self, freeze: Freeze) -> bool:
        return freeze.back == 1 and (freeze.point, freeze.kind) in self.due

    def _is_right(self, freeze: Freeze) -> bool:
        moment, value = self.due[freeze.point, freeze.kind]
        if freeze.value != value or freeze.moment is None:
            return freeze.value == value
        off = abs(freeze.moment - moment.replace(second=0, microsecond=0))
        return off <= (timedelta(minutes=1) if freeze.kind == "instant" else timedelta(0))


def frozen(stand: Stand, seed: int) -> Frozen:
    """The clock is set to just before the settlement at the year's end; pulses come before and
    after midnight; then 16H."""
    rng = random.Random(seed)
    uplink = Uplink(stand)
    points = list(pulse_points(stand.loaded))
    if not points:
        raise CannotDo("the community has no pulse point whose index could be frozen")
    before = [f for of in points for f in _told(uplink, of, _COUNTED)]
    settlement = stand.loaded.community.policy.settlement
    midnight = datetime(2027, settlement.month, settlement.day, settlement.hour)
    console = stand.console()
    console.command(f"time {midnight - _BEFORE:%Y-%m-%dT%H:%M:%S}", "time")
    set_s = stand.now_s()
    first = _turned(stand, points, rng)
    stand.run(max(0.0, _BEFORE.total_seconds() + _AFTER_S - (stand.now_s() - set_s)))
    second = _turned(stand, points, rng)
    asks = "freeze" in stand.loaded.uplink.services
    for of in points if asks else ():
        uplink.client.freeze(of.point.address)
    asked = midnight - _BEFORE + timedelta(seconds=stand.now_s() - set_s)
    stand.run(_ASKED_S)
    moments = dict.fromkeys(("hour", "month"), midnight)
    if not settlement.hour:
        moments["day"] = midnight
    due = {}
    for of in points:
        for kind, moment in moments.items():
            due[of.number, kind] = of, moment, dial_m3(of, first[of.number])
        if asks:
            due[of.number, "instant"] = of, asked, dial_m3(of, second[of.number])
    told = [f for of in points for f in _told(uplink, of, (*_BY_TIME, *_COUNTED))]
    return Frozen(before, told, dict(_readable(stand, due)))


def _turned(stand: Stand, points, rng: random.Random) -> dict[int, int]:
    """Pulses of each point, after some more and a rest."""
    uplink = Uplink(stand)
    span_s = (_PULSES + 2) * max(of.sure_pulse_s for of in points) + 1
    before = {of.number: uplink.count("pulses", of.number) or 0 for of in points}
    set_off(stand, [turning(of, span_s, of.sure_pulse_s, rng, _PULSES) for of in points])
    stand.run(span_s)
    return {number: pulses + _PULSES for number, pulses in before.items()}


def _rows(stand: Stand, source: str, kind: str) -> Iterator[Identifier]:
    for row in stand.loaded.uplink.identifiers:
        if row.source == source and row.kind == kind and row.quantity in (None, "volume"):
            yield row


def _readable(stand: Stand, due: dict) -> Iterator[tuple]:
    """Those that an identifier tells, as it has room for the value."""
    for (_, kind), (of, moment, value) in due.items():
        for row in _rows(stand, "freeze", kind):
            yield (of.point.name, kind), (moment, as_told(row, value, "m3"))
            break


def _told(uplink: Uplink, of, kinds: tuple[str, ...]) -> Iterator[Freeze]:
    for kind in kinds:
        value_row = next(_rows(uplink.stand, "freeze", kind), None)
        time_row = next(_rows(uplink.stand, "freeze time", kind), None)
        for back in range(1, _BACK + 1) if value_row else ():
            value = _asked(uplink, of, value_row, back)
            moment = _asked(uplink, of, time_row, back) if time_row else None
            decimals = terms.decimals(value_row.format)
            yield Freeze(
                of.point.name,
                kind,
                back,
                moment and datetime.strptime(moment, "%y%m%d%H%M"),
                Decimal(int(value)).scaleb(-decimals) if value is not None else None,
            )


def _asked(uplink: Uplink, of, row: Identifier, back: int) -> str | None:
    """Digits, or None: no such freeze."""
    di = row.di.replace("##", f"{back:02X}")
    if row.is_by_point:
        address, di = uplink.own, di.replace("**", f"{of.number:02X}")
    else:
        address = of.point.address
    try:
        raw = uplink.raw(address, di)
    except ErrorWord:
        return None
    return None if raw is None or not raw.strip(b"\xff") else raw[::-1].hex()
