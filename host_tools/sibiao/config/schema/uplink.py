"""What an uplink profile may hold: the line, the services of the station, the module behind the
UART, what is reported, the data identifiers."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from sibiao.config.schema.base import File, Table, digits
from sibiao.config.schema.bus import Baud, Line
from sibiao.config.schema.identifiers import Identifier, Write

# Modules of converter.station.
Service = Literal[
    "address",
    "report",
    "valve",
    "read",
    "pass_through",
    "broadcast_time",
    "write",
    "write_address",
    "freeze",
    "baud",
    "password",
    "clear_events",
]


class Module(Table):
    """The communication module behind the uplink's UART. Until it has asked for us, each of
    `bind_bauds` is listened at for `bind_listen_s`, which must be longer than the module's own
    round; after `rebind_after_s` without any frame it is reset and searched for anew."""

    kind: Literal["plc", "rf"]
    bind_bauds: list[Baud] = Field(min_length=1, max_length=6)
    bind_listen_s: int = Field(70, ge=1, le=600)
    rebind_after_s: int = Field(3600, ge=5, le=86400)

    @model_validator(mode="after")
    def _every_rate_is_tried(self):
        round_s = len(self.bind_bauds) * self.bind_listen_s
        if self.rebind_after_s < round_s:
            raise ValueError(
                f"rebind_after_s = {self.rebind_after_s} ends the search before every rate was "
                f"tried; it takes {round_s} s"
            )
        return self


class Report(Table):
    """Which events set which bit of the status word 04001501: an event by its name, an alarm as
    `alarm-` and its name. `separators`: AA before and behind the counters. `acknowledge_level`: of
    the password that acknowledges; 0: none, as electricity meters have it. `spontaneous` is ours:
    events are sent unasked until they are acknowledged."""

    status_bits: dict[str, Annotated[int, Field(ge=0, le=95)]] = Field(min_length=1)
    separators: bool = False
    acknowledge_level: Literal[0, 2, 4] = 0
    spontaneous: bool = False


class Collector(Table):
    """The module behind the uplink speaks the CSG interface of 2016 to a collector, besides
    DL/T 645: vendor and chip are two letters each, the version four digits."""

    vendor: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]
    chip: Annotated[str, Field(pattern=r"^[A-Z0-9]{2}$")]
    version: Annotated[str, digits(4)]
    version_date: date


class Uplink(File):
    title: str
    include: list[str] = Field(default_factory=list)  # uplinks whose rows are ours, too
    line: Line
    preamble_bytes: int = Field(4, ge=0, le=4)
    quiet_ms: int = Field(0, ge=0, le=400)  # a half-duplex module must have fallen silent for
    services: list[Service] = Field(default_factory=lambda: ["address", "read"])
    sealed: Literal["off", "writes", "all"] = "off"  # which requests must be sealed
    module: Module | None = None
    collector: Collector | None = None
    archive_crc: Literal["off", "8005", "1021"] = "off"  # of pass_through; which one is not public
    report: Report | None = None
    identifiers: list[Identifier] = Field(default_factory=list)
    writes: list[Write] = Field(default_factory=list)

    @model_validator(mode="after")
    def _fits_together(self):
        if (self.report is not None) != ("report" in self.services):
            raise ValueError("the table [report] and the service 'report' belong together")
        before = self.services[: self.services.index("report")] if self.report else ()
        if other := {"read", "write"}.intersection(before):
            raise ValueError(f"services: 'report' stands before {other.pop()!r}, which refuses it")
        if self.report and self.report.spontaneous and self.module is None:
            raise ValueError("report.spontaneous needs a [module]: only there is somebody to hear")
        if self.archive_crc != "off" and "pass_through" not in self.services:
            raise ValueError("archive_crc is for the service 'pass_through'")
        if "valve" in self.services:
            behind = self.services[self.services.index("valve") :]
            if "write" not in behind:
                raise ValueError("services: 'valve' stands before 'write', which refuses it")
        if self.module and self.line.baud not in self.module.bind_bauds:
            raise ValueError(f"module.bind_bauds lacks {self.line.baud}, where the search begins")
        if self.module and self.module.kind == "rf" and not self.quiet_ms:
            raise ValueError("quiet_ms: a radio is half duplex; say how long it takes to turn")
        return self
