"""One round of reading a unit: blocks first, for what stands in one block is one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import datetime

from sibiao.config.load import Loaded
from sibiao.config.schema.identifiers import Identifier
from sibiao.errors import SibiaoError
from sibiao.reader import catalog
from sibiao.reader.catalog import CONVERTER, PROOFS, Station, Wanted
from sibiao.reader.client import Client
from sibiao.reader.exchange import ErrorWord, NoAnswer
from sibiao.reader.values import UNKNOWN, Value, decode

SILENT = "no answer"
_OF_CONVERTER = ("clock", "text", "settlement")
_ADDRESS = ("04000401",)
_STARTS = "starts"


@dataclass(frozen=True)
class Reading:
    """One row; docs/reading.md says what the columns are. Texts, "" where nothing is known."""

    time: str
    converter: str
    address: str
    point: str
    quantity: str
    value: str
    unit: str
    value_time: str
    status: str
    generation: str
    sequence: str
    loss_bound: str
    gap: str
    starts: str
    di: str
    error: str


COLUMNS = tuple(field.name for field in fields(Reading))


class Collector:
    """`faults`: what went wrong in the last round, one sentence each. `starts`: whether each round
    asks for their count."""

    def __init__(
        self,
        client: Client,
        loaded: Loaded,
        wanted: Wanted,
        address: str | None = None,
        starts: bool = True,
    ):
        self._client = client
        self._loaded = loaded
        self._wanted = wanted
        self._converter, *_ = every = catalog.stations(loaded, address)
        self._stations = self._chosen(every)
        self._asks_starts = starts
        self._starts: str | None = None  # of this round
        self.faults: list[SibiaoError] = []

    def _chosen(self, stations: list[Station]) -> list[Station]:
        if self._wanted.points:
            return [each for each in stations if each.name in self._wanted.points]
        return [each for each in stations if each.name != CONVERTER]

    def round(self) -> Iterator[Reading]:
        self.faults, self._starts = [], None
        for station in self._stations:
            try:
                yield from self._station(station)
            except NoAnswer as error:
                # The others may well answer: they are asked before anything is said.
                self.faults.append(error)
                yield _reading(station, Value("", "", None, error=SILENT), {})

    def _station(self, station: Station) -> Iterator[Reading]:
        wanted = self._wanted
        if not wanted.identifiers or wanted.quantities:
            values = self._values(station)
            proofs = {v.quantity: v.text for v in values if v.quantity in PROOFS and v.text}
            proofs[_STARTS] = self._started()
            for value in values:
                if not wanted.quantities or value.quantity in wanted.quantities:
                    yield _reading(station, value, proofs)
        for di in wanted.identifiers:
            for value in self._single(station, di):
                yield _reading(station, value, {})

    def _started(self) -> str:
        """The converter's count of starts, asked once a round: a restart between two readings."""
        if self._starts is None:
            self._starts = ""
            rows = self._loaded.uplink.identifiers if self._asks_starts else []
            for di in [row.di for row in rows if row.quantity == _STARTS and not row.is_by_point]:
                with suppress(ErrorWord, NoAnswer):
                    self._starts = self._read(self._converter, di)[0].text or ""
        return self._starts

    def _single(self, station: Station, di: str) -> list[Value]:
        try:
            values = self._read(station, di)
        except ErrorWord as error:
            return [Value("", di, None, error=error.reason)]
        if len(values) == 1:
            return values
        return [value for value in values if _concerns(station, value)]

    def _read(self, station: Station, di: str) -> list[Value]:
        address, asked = station.asked(di)
        data = self._client.read(address, asked)
        return decode(self._loaded.uplink, station, asked, data)

    def _values(self, station: Station) -> list[Value]:
        """What the station holds, each quantity once."""
        found: list[Value] = []
        for block, rows in catalog.of_point(self._loaded.uplink.identifiers).items():
            held = [row for row in rows if row.quantity in station.held.quantities]
            found += self._block(station, block, held) if block and held else []
            for row in held if not block else ():
                found += self._alone(station, row)
        if station.name == CONVERTER:
            for row in self._loaded.uplink.identifiers:
                is_own = row.quantity in station.held.quantities and not row.is_by_point
                if is_own or row.source in _OF_CONVERTER or row.di in _ADDRESS:
                    found += self._alone(station, row)
        return _once([value for value in found if _concerns(station, value)])

    def _block(self, station: Station, block: str, held: list[Identifier]) -> list[Value]:
        try:
            return self._read(station, block)
        except ErrorWord as error:
            if error.is_no_data:
                return [Value(row.quantity, row.di, None, row.unit) for row in held]
        # There are blocks that a seal makes too long: then it is one by one.
        return [value for row in held for value in self._alone(station, row, proofs=True)]

    def _alone(self, station: Station, row: Identifier, proofs: bool = False) -> list[Value]:
        wanted = self._wanted.quantities
        if wanted and row.quantity not in wanted + (PROOFS if proofs else ()):
            return []
        try:
            (first,) = self._read(station, row.di)
        except ErrorWord as error:
            why = UNKNOWN if error.is_no_data else error.reason
            return [Value(row.quantity, row.di, None, row.unit, error=why)]
        if row.time != "block" or first.text is None:
            return [first]
        with suppress(ErrorWord):
            (time,) = self._read(station, f"{row.di[:6]}{int(row.di[6:], 16) + 1:02X}")
            return [replace(first, time=time.text or "")]
        return [first]


def _concerns(station: Station, value: Value) -> bool:
    return value.quantity in station.held.quantities or value.text is not None


def _once(values: list[Value]) -> list[Value]:
    """Where one quantity stands under several identifiers, one in each unit, what is unknown in
    one is left out if it is known in another."""
    known = {value.quantity for value in values if value.text is not None}
    found: dict[tuple[str, str], Value] = {}
    for value in values:
        if value.text is None and value.quantity in known:
            continue
        key = value.quantity, value.unit if value.text is not None else ""
        found.setdefault(key, value)
    return list(found.values())


def _reading(station: Station, value: Value, proofs: dict[str, str]) -> Reading:
    return Reading(
        time=datetime.now().astimezone().isoformat(timespec="seconds"),
        converter=station.converter,
        address=station.address or station.converter,
        point=station.name,
        quantity=value.quantity,
        value=value.text or "",
        unit=value.unit,
        value_time=value.time,
        di=value.di,
        error=value.error if value.text is None else "",
        **{name: proofs.get(name, "") for name in (*PROOFS, _STARTS)},
    )
