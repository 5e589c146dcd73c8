"""The services of DL/T 645-2007 asked of a converter, plain or sealed, with repeats."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sibiao.reader import exchange as link
from sibiao.reader.exchange import Answer, Exchange, NoAnswer, Request
from sibiao.reader.sealed import Seal, UsedUp, first_counter
from sibiao.sim.uplink.dlt645_reading import PREAMBLE, made_frame

_MOST_FRAMES = 256  # of one block: SEQ is a byte
_PASSWORD_DI = {2: "04000C03", 4: "04000C05"}


class Line(Protocol):
    settings: str

    def exchange(self, sent: bytes, exchange: Exchange | None) -> Answer | None: ...


class Sealing:
    """Seals requests, each with a counter of its own. A converter that has seen later ones says
    from which on it listens."""

    def __init__(self, seal: Seal):
        self.seal = seal
        self._next = 0

    def counter(self) -> int:
        count = max(self._next, first_counter(datetime.now()))
        self._next = count + 1
        return count

    def begin_at(self, count: int) -> None:
        self._next = max(self._next, count)


class Client:
    """Addresses as printed on the device. Raises ErrorWord, NoAnswer, SealError."""

    def __init__(self, line: Line, *, tries: int = 3, sealing: Sealing | None = None):
        self._line = line
        self._tries = tries
        self._sealing = sealing

    def read(self, address: str, di: str) -> bytes:
        """The values behind the identifier, low byte first; a block is followed up to its end."""
        asked = wire(di)

        def accepts(answer: Answer) -> str | None:
            return None if answer.data[:4] == asked else f"DI {answer.data[3::-1].hex().upper()}"

        answer = self._ask(address, link.READ, asked, accepts)
        values = answer.data[4:]
        for number in range(1, _MOST_FRAMES):
            if not answer.has_more:
                break
            seq = bytes((number,))

            def follows(answer: Answer, seq: bytes = seq) -> str | None:
                return accepts(answer) or (None if answer.data[-1:] == seq else "another SEQ")

            answer = self._ask(address, link.FOLLOW, asked + seq, follows)
            values += answer.data[4:-1]
        return values

    def who(self) -> str:
        """The address of whoever is bound on this line."""

        def accepts(answer: Answer) -> str | None:
            same = answer.data == wire(answer.address)
            return None if same else "its address is not the one that it tells"

        return self._ask(link.ANYBODY, link.READ_ADDRESS, b"", accepts).address

    def write(self, address: str, di: str, value: bytes, by: bytes, operator: str) -> None:
        """by: level and three bytes of password as on the wire; operator: 8 digits."""
        self._ask(address, link.WRITE, wire(di) + by + wire(operator) + value, _is_empty)

    def move_valve(self, address: str, di: str, code: int, by: bytes, operator: str) -> None:
        """Answered when the meter has. Not repeated: nobody knows what a silent one has done."""
        data = wire(di) + by + wire(operator) + bytes((code,))
        self._ask(address, link.WRITE, data, _is_empty, tries=1)

    def set_baud(self, address: str, code: int) -> None:
        """Acknowledged at the old rate. Not repeated: the new one holds from then on."""
        told = bytes((code,))
        self._ask(
            address,
            link.BAUD,
            told,
            lambda answer: None if answer.data == told else "another rate",
            tries=1,
        )

    def write_address(self, new: str) -> None:
        """To the one converter on this line, whatever its address."""

        def accepts(answer: Answer) -> str | None:
            return None if answer.address == new and not answer.data else "another address"

        self._ask(link.ANYBODY, link.WRITE_ADDRESS, wire(new), accepts)

    def set_time(self, moment: datetime) -> None:
        """To all; nobody answers."""
        self._ask(link.EVERYBODY, link.BROADCAST_TIME, wire(f"{moment:%y%m%d%H%M%S}"), _is_empty)

    def freeze(self, address: str, pattern: str = "99999999") -> None:
        """pattern: MMDDhhmm, 99 for every. Not repeated: a lost answer would freeze twice."""
        self._ask(address, link.FREEZE, wire(pattern), _is_empty, tries=1)

    def set_password(self, address: str, level: int, by: bytes, new: bytes) -> None:
        """new: three bytes as on the wire. Not repeated: the old one would count as wrong."""
        changed = bytes((level,)) + new
        self._ask(
            address,
            link.PASSWORD,
            wire(_PASSWORD_DI[level]) + by + changed,
            lambda answer: None if answer.data == changed else "another password",
            tries=1,
        )

    def clear_events(self, address: str, by: bytes, operator: str) -> None:
        self._ask(address, link.CLEAR_EVENTS, by + wire(operator) + b"\xff" * 4, _is_empty)

    def _ask(
        self,
        address: str,
        control: int,
        data: bytes,
        accepts: Callable[[Answer], str | None],
        tries: int = 0,
    ) -> Answer:
        left, why = tries or self._tries, ""
        renewed = False
        while left:
            left -= 1
            request = self._request(address, control, data, accepts)
            sent = PREAMBLE + request.frame
            if not request.is_answered:
                self._line.exchange(sent, None)
                return Answer(control, address, b"")
            exchange = Exchange(request)
            try:
                answer = self._line.exchange(sent, exchange)
            except UsedUp as used:
                if renewed or not self._sealing:
                    raise
                self._sealing.begin_at(used.next)
                renewed, left = True, left + 1  # nothing was done: it is no try
                continue
            if answer is not None:
                return answer
            why = exchange.why
        n = tries or self._tries
        times = f"asked {n} times" if n > 1 else "asked once"
        if control not in (link.READ, link.FOLLOW, link.READ_ADDRESS):
            times += "; it may have been done all the same, so look before you repeat"
        raise NoAnswer(address, f"{why} at {self._line.settings}, {times}")

    def _request(self, address, control, data, accepts) -> Request:
        if self._sealing is None or control == link.READ_ADDRESS:
            frame = made_frame(address, control, data)
            return Request(address, control, frame, accepts, link.opened_plain)
        seal, counter = self._sealing.seal, self._sealing.counter()

        def opens(frame: bytes) -> Answer:
            if len(frame) == 13 and frame[8] & link.ERROR == link.ERROR:
                return link.opened_plain(frame)  # it does not take the seal
            found = seal.answer(frame, counter)
            return Answer(found.control, found.address, found.data)

        frame = seal.request(address, control, data, counter)
        return Request(address, control, frame, accepts, opens)


def wire(digits: str) -> bytes:
    """What is written most significant first, as it goes over the wire."""
    return bytes.fromhex(digits)[::-1]


def _is_empty(answer: Answer) -> str | None:
    return f"{len(answer.data)} bytes of data" if answer.data else None
