"""A module asked over its uplink as an electricity meter asks it, with repeats."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_DOWN, Decimal

from sibiao.config import terms
from sibiao.config.schema.identifiers import Identifier
from sibiao.errors import SibiaoError
from sibiao.lab.record import CannotDo
from sibiao.lab.stands.stand import Stand
from sibiao.reader.client import Client
from sibiao.reader.exchange import Answer, ErrorWord, Exchange, NoAnswer
from sibiao.sim.bcd import get_bcd

_AFTER_BROADCAST_S = 0.2
_OF_CONVERTER = ("starts", "reset_cause", "events")
_CLOCK = "YYMMDDhhmmss"


class Uplink:
    """`known`: None where the module says that it has no such value."""

    def __init__(self, stand: Stand):
        if stand.loaded.uplink.sealed == "all":
            raise CannotDo(f"uplink {stand.loaded.community.uplink!r} is read sealed only")
        self.stand = stand
        self.client = Client(_Line(stand))
        self.own = stand.loaded.community.address

    def who(self) -> str:
        return self.client.who()

    def raw(self, address: str, di: str) -> bytes | None:
        """Low byte first."""
        try:
            return self.client.read(address, di)
        except ErrorWord as error:
            if error.is_no_data:
                return None
            raise

    def number(self, address: str, di: str, decimals: int = 0, signed: bool = False):
        """As a Decimal, or None."""
        raw = self.raw(address, di)
        if raw is None:
            return None
        negative = signed and raw[-1] & 0x80
        value = get_bcd(raw[:-1] + bytes((raw[-1] & 0x7F,)) if negative else raw)
        if value is None:
            raise SibiaoError(f"{address}: {di} is told as {raw[::-1].hex()}, which is no number")
        return Decimal(-value if negative else value).scaleb(-decimals)

    def row_value(self, row: Identifier, number: int) -> Decimal | None:
        """Of a point (0: the converter itself), under the converter's own address."""
        di = row.di.replace("**", f"{number:02X}")
        return self.number(self.own, di, terms.decimals(row.format), row.signed)

    def value(self, quantity: str, number: int) -> Decimal | None:
        return self.row_value(self.row(quantity), number)

    def count(self, quantity: str, number: int) -> int | None:
        value = self.value(quantity, number)
        return None if value is None else int(value)

    def row(self, quantity: str) -> Identifier:
        for row in self.stand.loaded.uplink.identifiers:
            is_own = quantity in _OF_CONVERTER
            if row.source == "value" and row.quantity == quantity and row.is_by_point != is_own:
                return row
        name = self.stand.loaded.community.uplink
        raise CannotDo(f"uplink {name!r} has no identifier that tells {quantity!r}")

    def clock(self) -> datetime | None:
        raw = self.raw(self.own, self._clock_di())
        return None if raw is None else datetime.strptime(raw[::-1].hex(), "%y%m%d%H%M%S")

    def _clock_di(self) -> str:
        for row in self.stand.loaded.uplink.identifiers:
            if row.source == "clock" and row.format == _CLOCK:
                return row.di
        raise CannotDo("the uplink has no identifier that tells date and time as YYMMDDhhmmss")

    def awake(self, limit_s: float) -> float | None:
        """Until it tells its address to anybody: after how many seconds; None: not in time."""
        began_s = self.stand.now_s()
        while self.stand.now_s() - began_s < limit_s:
            try:
                self.client.who()
                return self.stand.now_s() - began_s
            except NoAnswer:
                continue
        return None


def as_told(row: Identifier, amount: Decimal | None, unit: str) -> Decimal | None:
    """As the identifier has room for it: digits behind its last are cut off, and what has more
    before the point is refused."""
    if amount is None:
        return None
    decimals = terms.decimals(row.format)
    amount = amount.scaleb(terms.UNITS[unit][1] - terms.UNITS[row.unit][1])
    cut = amount.quantize(Decimal(1).scaleb(-decimals), ROUND_DOWN)
    digits = row.format.count("X")
    most = Decimal(10) ** (digits - decimals) * (Decimal("0.8") if row.signed else 1)
    return cut if abs(cut) < most else None


class _Line:
    """A stand's uplink for `reader.client`."""

    def __init__(self, stand: Stand):
        line = stand.loaded.uplink.line
        self.settings = f"{line.baud} baud 8{line.parity}1"
        self._stand = stand

    def exchange(self, sent: bytes, exchange: Exchange | None) -> Answer | None:
        if exchange is None:
            self._stand.uplink_exchange(sent, _AFTER_BROADCAST_S)
            return None
        heard, _ = self._stand.uplink_exchange(sent)
        return exchange.hear(heard)
