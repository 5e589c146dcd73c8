"""A strict and hostile electricity meter: it asks in every way a line and a careless master may,
checks all that DL/T 645-2007 says of the answers, and counts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from sibiao.node.contract import Cancel, Clock, Line
from sibiao.sim.hostile.forms import FORMS, LONGEST_GAP_NS, Case, Pieces
from sibiao.sim.hostile.result import HostileResult, Plan
from sibiao.sim.line_errors import BitErrors
from sibiao.sim.uplink.dlt645_reading import ReadItem, Refused, answer_field, find_frame, request
from sibiao.sim.wire import NS_PER_MS, byte_time_ns

Truth = Callable[[ReadItem, bytes], bool]
"""Whether these bytes, as they stand on the wire without 33H, are a true value of the item."""

_TD_LIMITS_NS = 20 * NS_PER_MS, 500 * NS_PER_MS  # clause 5.3.3
_QUIET_NS = 600 * NS_PER_MS  # longer than an answer may take and a frame may rest
_LATE_NS = 200 * NS_PER_MS  # so much longer is listened, to tell a late answer from none
_MOST_HEARD = 4096
_LONGEST_ANSWER = 4 + 12 + 200
_IDLE, _PRELUDE, _QUIET, _SENDING, _ANSWER, _SILENCE = range(6)


class HostileMeter:
    """Reads `items` in turn, in one of `forms` drawn by chance, until the plan is done.

    A read is right when one of its tries brings a true value in time. A false value ends it: a
    real meter would have believed it. `errors`: the bit-error rate in both directions.
    `td_limits_ns`: when an answer may begin.
    """

    def __init__(
        self,
        clock: Clock,
        line: Line,
        items: Sequence[ReadItem],
        truth: Truth,
        plan: Plan,
        *,
        seed: int = 1,
        forms: Sequence[str] = tuple(FORMS),
        errors: float = 0.0,
        baud: int = 2400,
        parity: str = "E",
        td_limits_ns: tuple[int, int] = _TD_LIMITS_NS,
        on_read: Callable[[HostileResult], None] | None = None,
    ):
        self.result = HostileResult(plan, seed, errors)
        self.on_read = on_read
        self.finished = False
        self._clock = clock
        self._line = line
        self._items = list(items)
        self._truth = truth
        self._forms = list(forms)
        self._rng = random.Random(f"hostile/{seed}")
        self._errors = BitErrors(errors, random.Random(f"errors/{seed}"))
        self._byte_ns = byte_time_ns(baud, parity)
        self._earliest_ns, self._latest_ns = td_limits_ns
        self._turn = 0
        self._try = 1
        self._state = _IDLE
        self._heard = bytearray()
        self._last_answer = b""
        self._turned = 0  # bits, when this request was made
        self._stray = False
        self._begun_ns: int | None = None  # the answer's first byte began
        self._end_ns = 0  # the request's last byte was complete
        self._timer: Cancel | None = None
        line.settings(baud, parity)
        line.on_byte = self._on_byte

    def start(self) -> None:
        self._choose()

    # --- asking

    def _choose(self) -> None:
        self._item = self._items[self._turn % len(self._items)]
        self._turn += 1
        self._try = 1
        self._name = self._rng.choice(self._forms)
        self._form = FORMS[self._name]
        self._ask()

    def _ask(self) -> None:
        if self._stray:
            self._stray = False
            self._unexpected("bytes after an answer")
        case = Case(self._rng, request(self._item)[4:], self._last_answer)
        self._sending = self._form.make(case)
        self._turned = self._errors.turned
        self._heard.clear()
        if self._sending.prelude:
            self._state = _PRELUDE
            self._send(self._sending.prelude, self._prelude_sent)
        else:
            self._ask_now()

    def _ask_now(self) -> None:
        self._heard.clear()
        self._begun_ns = None
        self._state = _SENDING
        self._send(self._sending.pieces, self._asked)

    def _send(self, pieces: Pieces, sent: Callable[[], None]) -> None:
        """Piece by piece, each after its rest; then sent(), when the last byte is complete."""
        if not pieces:
            sent()
            return
        (rest_ns, data), *rest = pieces
        span_ns = len(data) * self._byte_ns

        def go() -> None:
            self._line.send(self._errors.bytes(data))
            self._end_ns = self._clock.now_ns + span_ns
            self._wait(span_ns, lambda: self._send(rest, sent))

        if rest_ns:
            self._wait(rest_ns, go)
        else:
            go()

    def _wait(self, span_ns: int, then: Callable[[], None]) -> None:
        if self._timer:
            self._timer()
        self._timer = self._clock.call_later(span_ns, then)

    def _prelude_sent(self) -> None:
        self._state = _QUIET
        self._wait(_QUIET_NS, self._prelude_over)

    def _prelude_over(self) -> None:
        heard, right = bytes(self._heard), 0
        while frame := find_frame(heard):
            heard = heard[heard.index(frame) + len(frame) :]
            try:
                right += self._truth(self._item, answer_field(self._item, frame))
            except Refused:
                right = len(self._heard)  # no such answer was asked for
        spoilt = self._errors.turned != self._turned
        if not spoilt and (
            right > self._sending.answers or (self._heard and not self._sending.answers)
        ):
            self._unexpected("bytes in a prelude")
        self._ask_now()

    def _asked(self) -> None:
        if self._heard:
            self._unexpected("bytes within a request")
            self._heard.clear()
        if not self._form.answered:
            self._state = _SILENCE
            self._wait(_QUIET_NS, self._silence_over)
            return
        self.result.requests += 1
        self._state = _ANSWER
        self._wait(self._latest_ns + _LATE_NS, self._answer_over)

    # --- hearing

    def _on_byte(self, byte: int) -> None:
        byte = self._errors.byte(byte)
        if self._state == _IDLE:
            self._stray = True
            return
        if len(self._heard) < _MOST_HEARD:
            self._heard.append(byte)
            if self._state == _QUIET:
                self._wait(_QUIET_NS, self._prelude_over)
            elif self._state == _SILENCE:
                self._wait(_QUIET_NS, self._silence_over)  # a long answer is heard out
        if self._state != _ANSWER:
            return
        if self._begun_ns is None:
            self._begun_ns = self._clock.now_ns - self._byte_ns
        frame = find_frame(self._heard)
        if frame is None and len(self._heard) > _LONGEST_ANSWER:
            self._failed("endless answer")
        elif frame is None:
            self._wait(LONGEST_GAP_NS + self._byte_ns, self._answer_over)
        else:
            self._judge(frame)

    def _silence_over(self) -> None:
        # What a bit error made of the request may well be one that is to be answered: a frame
        # within a frame whose own checksum is wrong by then.
        if self._errors.turned == self._turned:
            self.result.silences += 1
            if self._heard:
                self._unexpected(f"an answer to {self._name}")
            else:
                self.result.kept += 1
        self._rest(self._choose)

    def _answer_over(self) -> None:
        self._failed("damaged answer" if self._heard else "no answer")

    def _judge(self, frame: bytes) -> None:
        td_ns = self._begun_ns - self._end_ns
        self.result.timed(td_ns)
        before = self._heard[: self._heard.index(frame)]
        try:
            field = answer_field(self._item, frame)
        except Refused as refused:
            self._failed(str(refused))
            return
        if td_ns < self._earliest_ns:
            self.result.early += 1
            self._failed("too early")
        elif td_ns > self._latest_ns:
            self.result.late += 1
            self._failed("too late")
        elif len(before) > 4 or (not self._errors.rate and before.strip(b"\xfe")):
            self._failed("other bytes than 0 to 4 FE before the answer")
        elif not self._truth(self._item, field):
            self._count(right=False, wrong=True)
        else:
            self._last_answer = bytes(self._heard)
            self._count(right=True)

    # --- counting

    def _unexpected(self, fault: str) -> None:
        self.result.unexpected += 1
        self.result.faults[fault] += 1

    def _failed(self, fault: str) -> None:
        self.result.faults[fault] += 1
        if self._try < self.result.plan.tries:
            self._try += 1
            self._rest(self._ask)
        else:
            self._count(right=False)

    def _count(self, *, right: bool, wrong: bool = False) -> None:
        for tally in self.result.tallies(self._name, self._item.name):
            tally.asked += 1
            tally.right += right
            tally.wrong += wrong
            if right:
                tally.at_try[self._try] += 1
        self.result.bits_turned = self._errors.turned
        self._rest(self._choose)
        if self.on_read:
            self.on_read(self.result)

    def _rest(self, then: Callable[[], None]) -> None:
        self._state = _IDLE
        if self.result.done:
            then = self._stop
        self._wait(self._rng.randrange(30, 200) * NS_PER_MS, then)

    def _stop(self) -> None:
        if self._stray:
            self._stray = False
            self._unexpected("bytes after an answer")
        self.finished = True
