"""One DL/T 645-2007 request and what is heard after it: which frame answers it, and why others do
not. No port and no clock: whoever owns the line sends, and says what was heard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sibiao.errors import SibiaoError
from sibiao.reader.sealed import SealError, UsedUp
from sibiao.sim.uplink.dlt645_reading import find_frame, is_from, plain_data, sender

ANSWER, ERROR, MORE = 0x80, 0xC0, 0x20
READ, FOLLOW, READ_ADDRESS, WRITE = 0x11, 0x12, 0x13, 0x14
BROADCAST_TIME, WRITE_ADDRESS, FREEZE, BAUD = 0x08, 0x15, 0x16, 0x17
PASSWORD, CLEAR_EVENTS = 0x18, 0x1B
ANYBODY, EVERYBODY = "A" * 12, "9" * 12
MAX_FRAME = 212

# Clause 5.2 and 7: the answer begins within 500 ms, and no pause within a frame is longer.
ANSWER_MS = 500
PAUSE_MS = 500

_NO_DATA = 0x02
_UNAUTHORISED = 0x04

# Annex C, the error word; of the words that a converter uses, what they mean there.
_WORDS = (
    "other error: out of range, a wrong length, or it cannot be kept",
    "no such data: unknown now, or no such identifier",
    "not authorised: wrong password, locked after wrong ones, or the window is closed",
    "the rate cannot be changed",
    "too many year zones",
    "too many day slots",
    "too many tariffs",
)


class NoAnswer(SibiaoError):
    """Nothing came that answers; says what did come."""

    def __init__(self, address: str, said: str):
        self.address = address
        super().__init__(f"{address}: {said}")


class ErrorWord(SibiaoError):
    """The station itself refuses. To ask again would bring the same."""

    def __init__(self, address: str, word: int):
        said = [text for bit, text in enumerate(_WORDS) if word >> bit & 1] or ["no reason given"]
        self.word = word
        self.reason = "; ".join(said)
        self.is_no_data = bool(word & _NO_DATA)
        self.is_unauthorised = bool(word & _UNAUTHORISED)
        super().__init__(f"{address} refuses (error {word:02X}): {self.reason}")


@dataclass(frozen=True)
class Answer:
    control: int
    address: str
    data: bytes  # plain

    @property
    def has_more(self) -> bool:
        return bool(self.control & MORE)


@dataclass(frozen=True)
class Request:
    """`data` plain. `accepts(answer)`: None, or why this is not the answer; `opens` makes an
    Answer of a sound frame (of a sealed one it needs the key)."""

    address: str  # as printed; A: any digit
    control: int
    frame: bytes  # without leading FE
    accepts: Callable[[Answer], str | None]
    opens: Callable[[bytes], Answer]

    @property
    def is_answered(self) -> bool:
        return self.control != BROADCAST_TIME and self.address != EVERYBODY


class Exchange:
    """`hear` gives the answer when it has come. `why`: what else was heard, in words."""

    def __init__(self, request: Request):
        self._request = request
        self._heard = bytearray()
        self._at = 0
        self._why = ""

    @property
    def why(self) -> str:
        if self._why:
            return self._why
        heard = bytes(self._heard)
        is_silent = heard.strip(b"\xfe") in (b"", self._request.frame)
        return "no answer" if is_silent else f"a damaged answer ({len(heard)} bytes)"

    def hear(self, data: bytes) -> Answer | None:
        """ErrorWord when the station refuses, UsedUp when a sealed request came too late."""
        self._heard += data
        while (frame := find_frame(bytes(self._heard), self._at)) is not None:
            self._at = self._heard.find(frame, self._at) + len(frame)
            answer = self._judged(frame)
            if answer is not None:
                return answer
        return None

    def _judged(self, frame: bytes) -> Answer | None:
        request, control = self._request, frame[8]
        if not control & ANSWER:
            return None  # the echo of ours, or another master
        anybody = request.control == WRITE_ADDRESS  # it answers from its new address
        if not anybody and not is_from(request.address, frame):
            self._why = f"an answer of {sender(frame)} only"
            return None
        if control & ~(ERROR | MORE) != request.control:
            self._why = f"an answer to another request only (control {control:02X})"
            return None
        try:
            answer = request.opens(frame)
        except UsedUp:
            raise
        except SealError as error:
            self._why = str(error)
            return None
        if control & ERROR == ERROR:
            if len(answer.data) != 1:
                self._why = f"an error answer of {len(answer.data)} bytes"
                return None
            raise ErrorWord(answer.address, answer.data[0])
        wrong = request.accepts(answer)
        if wrong:
            self._why = f"an answer that does not fit ({wrong})"
            return None
        return answer


def opened_plain(frame: bytes) -> Answer:
    return Answer(frame[8], sender(frame), plain_data(frame))
