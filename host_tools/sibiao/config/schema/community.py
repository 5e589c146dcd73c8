"""What the file of a community may hold: its metering points, their wiring, its policy."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sibiao.config.schema.base import File, Table, digits
from sibiao.config.schema.bus import Line, Maxima, MeterAddress
from sibiao.config.schema.mbus import SecondaryAddress

StationAddress = Annotated[str, digits(12)]


class Point(Maxima):
    """A metering point: one meter, where it is wired, and how it is named on the way up. Its own
    maxima go before its profile's. `fabrication`: M-Bus meters that share a secondary address are
    told apart by it. `line`: of a bus meter that is set to another than its profile's."""

    name: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="small letters, digits and hyphens in quotes, such as water-301",
    )
    address: StationAddress
    meter: str
    wired_to: str | Annotated[list[str], Field(min_length=2, max_length=2)]
    tamper: str | None = None
    cable: str | None = None
    meter_address: MeterAddress | None = None
    secondary_address: SecondaryAddress | None = None
    fabrication: Annotated[str, digits(8)] | None = None
    line: Line | None = None
    base_reading: str = "0"


class Save(Table):
    """When a total is written: every so many pulses, but at most so often, and at least so often
    while there is something to write."""

    every_pulses: int = Field(10, ge=1)
    at_most_every_s: int = Field(1, ge=1)
    at_least_every_s: int = Field(60, ge=1)


class Settlement(Table):
    """When the monthly register is frozen, and in which month the yearly one."""

    day: int = Field(1, ge=1, le=28)
    hour: int = Field(0, ge=0, le=23)
    month: int = Field(1, ge=1, le=12)


class Access(Table):
    """After so many wrong passwords in a row none is looked at for `lock_minutes`."""

    wrong_passwords: int = Field(5, ge=1, le=50)
    lock_minutes: int = Field(60, ge=1, le=1440)
    window_minutes: int = Field(10, ge=1, le=60)


class Policy(Table):
    """A meter that stays silent is asked ever more rarely, down to once in `poll_silent_every_s`
    (never more often than `poll_every_s`); rounds begin up to `poll_jitter_s` late. `allow`: what
    may be sent to a CJ/T 188 meter from outside: its valve moved (never a gas meter's opened), its
    index set (motor sync)."""

    save: Save = Save()
    poll_every_s: int = Field(60, ge=1)
    poll_jitter_s: int = Field(0, ge=0, le=3600)
    poll_silent_every_s: int = Field(600, ge=1)
    poll_tries: int = Field(3, ge=1, le=3)
    settlement: Settlement = Settlement()
    allow: list[Literal["valve", "sync"]] = Field(default_factory=list)
    access: Access = Access()


class Community(File):
    title: str
    board: str
    uplink: str
    serial: str = Field(
        pattern=r"^[A-Z0-9]{4,16}$", description="4 to 16 capital letters and digits in quotes"
    )
    production_date: str = Field(  # as printed on it
        "", pattern=r"^([ -~]{1,10})?$", description="at most 10 ASCII characters in quotes"
    )
    address: StationAddress
    bind: Literal["converter", "point"] = "converter"
    policy: Policy = Policy()
    points: list[Point] = Field(min_length=1)
