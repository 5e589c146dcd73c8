"""One round of reading a unit: blocks first, for what stands in one block is one snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime

from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.reader import catalog
from sibiao.reader.catalog import CONVERTER, PROOFS, Station, Wanted
from sibiao.reader.client import Client
from sibiao.reader.exchange import ErrorWord, NoAnswer
from sibiao.reader.values import Value, decode

UNKNOWN = "unknown"
SILENT = "no answer"
_OF_CONVERTER = ("clock", "text", "settlement")
_ADDRESS = ("04000401",)


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
    di: str
    error: str


COLUMNS = tuple(field.name for field in fields(Reading))


class Collector:
    """`faults`: what went wrong in the last round, one sentence each."""

    def __init__(self, client: Client, loaded: Loaded, wanted: Wanted, address: str | None = None):
        self._client = client
        self._loaded = loaded
        self._wanted = wanted
        self._stations = self._chosen(catalog.stations(loaded, address))
        self.faults: list[SibiaoError] = []

    def _chosen(self, stations: list[Station]) -> list[Station]:
        if self._wanted.points:
            return [each for each in stations if each.name in self._wanted.points]
        return [each for each in stations if each.name != CONVERTER]

    def round(self) -> Iterator[Reading]:
        self.faults = []
        for station in self._stations:
            try:
                yield from self._station(station)
            except NoAnswer as error:
                # The others may well answer: they are asked before anything is said.
                self.faults.append(error)
                yield _reading(station, Value("", "", None), {}, SILENT)

    def _station(self, station: Station) -> Iterator[Reading]:
        wanted = self._wanted
        if not wanted.identifiers or wanted.quantities:
            values = self._values(station)
            proofs = {v.quantity: v.text for v in values if v.quantity in PROOFS and v.text}
            for value in values:
                if not wanted.quantities or value.quantity in wanted.quantities:
                    error = UNKNOWN if value.text is None else ""
                    yield _reading(station, value, proofs, error)
        for di in wanted.identifiers:
            yield from self._single(station, di)

    def _single(self, station: Station, di: str) -> Iterator[Reading]:
        values, error = self._read(station, di)
        if len(values) > 1:
            values = [value for value in values if _concerns(station, value)]
        for value in values or [Value("", di, None)]:
            yield _reading(station, value, {}, error or (UNKNOWN if value.text is None else ""))

    def _read(self, station: Station, di: str) -> tuple[list[Value], str]:
        address, asked = station.asked(di)
        try:
            data = self._client.read(address, asked)
        except ErrorWord as error:
            return [], error.reason
        return decode(self._loaded.uplink, station, asked, data), ""

    def _values(self, station: Station) -> list[Value]:
        """What the station holds, each quantity once."""
        found: list[Value] = []
        for block, rows in catalog.of_point(self._loaded.uplink.identifiers).items():
            held = [row for row in rows if row.quantity in station.held]
            if block and held:
                found += self._read(station, block)[0] or [
                    Value(row.quantity, row.di, None, row.unit) for row in held
                ]
            for row in held if not block else ():
                found += self._alone(station, row)
        if station.name == CONVERTER:
            for row in self._loaded.uplink.identifiers:
                is_own = row.quantity in station.held and not row.is_by_point
                if is_own or row.source in _OF_CONVERTER or row.di in _ADDRESS:
                    found += self._alone(station, row)
        return _once([value for value in found if _concerns(station, value)])

    def _alone(self, station: Station, row) -> list[Value]:
        wanted = self._wanted.quantities
        if wanted and row.quantity not in wanted:
            return []
        values, _ = self._read(station, row.di)
        if values and row.time and values[0].text is not None:
            times, _ = self._read(station, f"{row.di[:6]}{int(row.di[6:], 16) + 1:02X}")
            if times:
                first = values[0]
                told = times[0].text or ""
                values = [Value(first.quantity, first.di, first.text, first.unit, told)]
        return values or [Value(row.quantity, row.di, None, row.unit)]


def _concerns(station: Station, value: Value) -> bool:
    return value.quantity in station.held or value.text is not None


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


def _reading(station: Station, value: Value, proofs: dict[str, str], error: str) -> Reading:
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
        error=error,
        **{name: proofs.get(name, "") for name in PROOFS},
    )
