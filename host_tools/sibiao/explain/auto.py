"""Which link a frame belongs to: the one in which it frames soundly."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType

from sibiao.config import load
from sibiao.config.device.layouts_mbus import quirks
from sibiao.config.schema.mbus import MbusMeter
from sibiao.errors import SibiaoError
from sibiao.explain import foreign
from sibiao.explain.report import Explained, Span

LINKS = ("dlt645", "cjt188", "mbus")


def explain(data: bytes, link: str = "auto", profile: str | None = None) -> Explained:
    """By the link named, or by the first in which most of the bytes are a sound frame."""
    if link != "auto":
        return _explain(link, data, profile)
    if profile:
        return _explain(link_of(profile), data, profile)
    found = [_explain(name, data, None) for name in LINKS if _module(name)]
    sound = [one for one in found if one.valid]
    if sound:
        return _named_around(min(sound, key=_outside), data)
    other = foreign.name_of(data)
    if other:
        error = f"this is a frame of {other}, which is not read here"
        whole = Span(0, data.hex().upper(), other, understood=False)
        return Explained("auto", False, error, spans=[whole])
    # None is sound: the fault of the link that it looks like.
    looks = _looks_like(data)
    return next((one for one in found if one.link == looks), found[0])


def _explain(link: str, data: bytes, profile: str | None) -> Explained:
    module = _module(link)
    if module is None:
        raise SibiaoError(f"this version cannot decode {link}; it can: {', '.join(_there())}")
    if not profile:
        return module.explain(data)
    return module.explain(data, _quirks_of(profile) if link == "mbus" else profile)


def _quirks_of(profile: str) -> int:
    meter = load.read("meters", profile)
    if not isinstance(meter, MbusMeter):
        raise SibiaoError(f"profile {profile!r} is of no M-Bus meter, but of {meter.link}")
    return quirks(meter)


@cache
def _module(link: str) -> ModuleType | None:
    name = f"sibiao.explain.{link}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def _there() -> list[str]:
    return [name for name in LINKS if _module(name)]


def link_of(profile: str) -> str:
    return _link_of(profile, load.directory())


@cache
def _link_of(profile: str, base: Path) -> str:
    """The link that a meter's or an uplink's profile speaks."""
    if profile in load.names("uplinks", base):
        return "dlt645"
    meter = load.read("meters", profile, base)
    if meter.link not in LINKS:
        raise SibiaoError(f"profile {profile!r} is of a meter without telegrams: {meter.link}")
    return meter.link


def _outside(one: Explained) -> int:
    """Bytes that belong to no frame."""
    return sum(
        len(s.raw) // 2
        for s in one.spans
        if s.meaning == "preamble" or s.meaning.startswith(("before the frame", "behind the"))
    )


def _named_around(one: Explained, data: bytes) -> Explained:
    """A frame inside one of a link that is not read here: the bytes around it are called so."""
    other = foreign.name_of(data) if _outside(one) else None
    for span in one.spans:
        if other and span.meaning.endswith("no part of it"):
            span.meaning = f"{other}: around the frame"
    return one


def _looks_like(data: bytes) -> str:
    at = data.find(0x68)
    if at < 0:
        return "mbus" if data[:1] in (b"\x10", b"\xe5") else "dlt645"
    here = data[at:]
    if len(here) > 7 and here[7] == 0x68:
        return "dlt645"
    if len(here) > 3 and here[3] == 0x68 and here[1] == here[2]:
        return "mbus"
    return "cjt188"
