"""Which answer belongs to which request of a line: by the firmware's own judgement for CJ/T 188
and M-Bus. Decided by what passed alone, so that a replay decides the same."""

from __future__ import annotations

from converter.link import cjt188, dlt645, mbus

from sibiao.monitor.piece import REQUEST
from sibiao.monitor.seen import FRAME, NO_ANSWER, Seen

UNASKED = "nobody asked for it"
_SILENCE = "no answer"
_REFUSALS = {"cjt188": cjt188.REFUSED, "mbus": mbus.REFUSED}
_JUDGES = {"cjt188": cjt188.accept, "mbus": mbus.accept}
_FREE = (dlt645.READ_ADDRESS, dlt645.WRITE_ADDRESS)  # answered by another address than was asked


class Exchanges:
    """Of one line. A request is without an answer when the next one comes before it."""

    def __init__(self):
        self._open: Seen | None = None
        self._before: bytes | None = None  # the last request, as long as nobody answered it

    def take(self, one: Seen) -> list[Seen]:
        """What is to be told now, in its order."""
        if one.event != FRAME or one.is_echo:
            return [one]
        if one.direction == REQUEST:
            return self._asked(one)
        self._answered(one)
        return [one]

    def _asked(self, one: Seen) -> list[Seen]:
        told = []
        if self._open:
            late = self._open
            told.append(
                Seen(NO_ANSWER, late.piece, late.direction, late.explained, late.address,
                     late.also, late.service, late.di, error=_SILENCE)
            )  # fmt: skip
        one.retry = one.frame == self._before
        is_answered = _is_answered(one)
        self._open = one if is_answered else None
        self._before = one.frame if is_answered else None
        return [*told, one]

    def _answered(self, one: Seen) -> None:
        asked = self._open
        verdict = asked and _verdict(asked, one)
        if not verdict:
            one.error = one.error or UNASKED
            return
        self._open = self._before = None
        one.answer_ms = one.piece.time_ms - asked.piece.end_ms
        one.address = one.address or asked.address
        one.di = one.di or asked.di
        if verdict == _REFUSALS.get(one.piece.link):
            one.error = one.error or one.note or "refused"
            one.note = None


def _is_answered(one: Seen) -> bool:
    """Whether anybody answers such a request."""
    frame = one.frame
    if one.piece.link == "mbus":
        return frame[mbus.ADDRESS if frame[0] == 0x68 else 2] != mbus.BROADCAST
    if one.piece.link == "dlt645":
        is_broadcast = frame[dlt645.ADDRESS] == dlt645.BROADCAST
        return not is_broadcast and frame[dlt645.CONTROL] != dlt645.BROADCAST_TIME
    return True


def _verdict(asked: Seen, one: Seen) -> int:
    if asked.piece.link != one.piece.link:
        return 0
    request, frame = asked.frame, one.frame
    judge = _JUDGES.get(one.piece.link)
    if judge:
        return judge(request, frame)
    function = request[dlt645.CONTROL] & 0x1F
    if frame[dlt645.CONTROL] & 0x1F != function:
        return 0
    pairs = zip(request[dlt645.ADDRESS : 7], frame[dlt645.ADDRESS : 7], strict=True)
    is_same = all(want in (dlt645.WILDCARD, has) for want, has in pairs)
    same_di = one.di is None or asked.di is None or one.di == asked.di
    return int((is_same or function in _FREE) and same_di)
