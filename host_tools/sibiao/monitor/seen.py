"""What a piece says, by the explanations of `sibiao decode`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from converter.link import cjt188, dlt645, mbus

from sibiao.explain import auto, foreign
from sibiao.explain import dlt645 as dlt645_told
from sibiao.explain.report import Explained, Record
from sibiao.monitor.piece import ANSWER, REQUEST, Piece

FRAME, NOISE, NO_ANSWER = "frame", "noise", "no_answer"
_PREAMBLE = b"\xfe"
_SERVICE = ("control", "acknowledge")  # spans that say what a frame is for


@dataclass(slots=True)
class Seen:
    """`event`: FRAME, NOISE, or NO_ANSWER: then it is the request once more.

    `di`: of a frame that has none its request's. `answer_ms`: from the request's last byte to
    the first one of this. `error`: what is wrong with the exchange, `note`: why a sound frame
    holds no readings.
    """

    event: str
    piece: Piece
    direction: str | None
    explained: Explained
    address: str = ""
    also: str = ""  # M-Bus: the identification number in it
    service: str = ""
    di: str | None = None
    answer_ms: int | None = None
    retry: bool = False
    is_echo: bool = False  # heard where the other side speaks
    error: str | None = None
    note: str | None = None

    @property
    def frame(self) -> bytes:
        return self.piece.data.lstrip(_PREAMBLE)

    @property
    def values(self) -> list[str]:
        return [
            f"{_name(record)} {record.value} {record.unit}".rstrip()
            for record in self.explained.records
            if record.value is not None
        ]

    @property
    def is_fault(self) -> bool:
        return bool(self.error) or self.retry or not self.explained.valid

    def as_json(self) -> dict:
        return {
            "event": self.event,
            **self.piece.as_json(),
            "direction": self.direction,
            "address": self.address,
            "service": self.service,
            "di": self.di,
            "answer_ms": self.answer_ms,
            "retry": self.retry,
            "error": self.error,
            "note": self.note,
            "frame": self.explained.frame,
            "records": [record.as_json() for record in self.explained.records],
        }


class Profiles:
    """By which profile a frame is read: `by_link` names one a link, `by_meter` one a meter's
    address (14 digits of CJ/T 188; M-Bus: the primary or the identification number). `held_by`:
    what a community's converter and points hold."""

    def __init__(
        self,
        by_link: Mapping[str, str] | None = None,
        by_meter: Mapping[str, str] | None = None,
        held_by: dlt645_told.HeldBy | None = None,
    ):
        self._by_link = dict(by_link or {})
        self._by_meter = dict(by_meter or {})
        self._held_by = held_by

    def explain(self, piece: Piece) -> Explained:
        if piece.link == "dlt645":
            return dlt645_told.explain(piece.data, self._by_link.get("dlt645"), self._held_by)
        plain = auto.explain(piece.data, piece.link, self._by_link.get(piece.link))
        own = next((self._by_meter[a] for a in _addresses(plain) if a in self._by_meter), None)
        if own is None:
            return plain
        return auto.explain(piece.data, piece.link, own)


def seen(piece: Piece, profiles: Profiles) -> Seen:
    """The piece alone: what it is to others is added by `exchanges`."""
    if piece.link is None:
        return _noise(piece)
    explained = profiles.explain(piece)
    address, also = (*_addresses(explained), "", "")[:2]
    one = Seen(FRAME, piece, piece.direction, explained, address, also)
    told = _direction(piece.link, one.frame)
    one.direction = piece.direction or told
    one.is_echo = one.direction != told
    named = (span for span in explained.spans if span.meaning.startswith(_SERVICE))
    one.service = next((span.value or span.meaning for span in named), "")
    one.di = explained.frame.get("di")
    one.error = explained.frame.get("error_word")
    one.note = explained.error if one.error is None else None
    if one.is_echo:
        one.note = "an echo, or the wires are exchanged"
    return one


def _name(record: Record) -> str:
    settled = f" settled {record.storage}" if record.storage else ""
    tariff = f" tariff {record.tariff}" if record.tariff else ""
    return f"{record.quantity}{settled}{tariff}"


def _addresses(explained: Explained) -> list[str]:
    held = (explained.frame.get("address"), explained.frame.get("id"))
    return [str(each) for each in held if each is not None]


def _noise(piece: Piece) -> Seen:
    other = foreign.name_of(piece.data)
    explained = Explained("auto", False, None)
    if other:
        explained.error = f"a frame of {other}, which is not read here"
    else:
        explained.error = auto.explain(piece.data).error
    error = None if other else explained.error
    note = explained.error if other else None
    return Seen(NOISE, piece, piece.direction, explained, error=error, note=note)


def _direction(link: str, frame: bytes) -> str:
    if link == "mbus":
        is_request = frame[0] != mbus.ACK and mbus.control(frame) & mbus.FROM_MASTER
    elif link == "cjt188":
        is_request = not frame[cjt188.CONTROL] & cjt188.ANSWER
    else:
        is_request = not frame[dlt645.CONTROL] & dlt645.ANSWER
    return REQUEST if is_request else ANSWER
