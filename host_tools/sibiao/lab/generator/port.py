"""The pulse generator on a port: trains go out to the microsecond, however busy this machine is.

A train is fed by a thread of its own, as the generator has room. What it says at the end is held
against what was asked for: a train that ran dry is an error, and so is a closing that the wire did
not show.
"""

from __future__ import annotations

import binascii
import json
import random
import threading
import time
from collections.abc import Iterator

from generator import lines
from generator.words import BLOCK_WORDS, CHANNELS, VERSION

from sibiao.board.port import PORT_ERRORS, open_port
from sibiao.errors import SibiaoError
from sibiao.lab.generator.trains import Words

_ANSWER_S = 1.0  # a block of words takes a tenth of it
_TRIES = 3
_LOOK_S = 0.02
_SPARE_S = 5.0
_PLAYING = "playing"


class Generator:
    """All contacts are open at first, and the module's supply is not cut. `answer_s`: how long an
    answer is waited for, three times."""

    def __init__(self, port: str, answer_s: float = _ANSWER_S):
        self.name = port
        self._answer_s = answer_s
        self._con = open_port(port)
        self._lock = threading.Lock()
        self._number = random.randrange(1 << 16)
        self._heard = b""
        self.closed = 0  # contacts, by what was asked for last
        try:
            self.facts = self._hello()
            self.abort()
            self.cut(False)
        except BaseException:
            self._con.close()
            raise

    def __enter__(self) -> Generator:
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Whatever was going on: contacts open, the supply back."""
        try:
            self.abort()
            self.cut(False)
        finally:
            self._con.close()

    # --- what it does

    def state(self) -> dict:
        return self.ask("state")

    def abort(self) -> dict:
        """Whatever plays ends, and all contacts are open. How far it came."""
        self.closed = 0
        return self.ask("abort")

    def hold(self, closed: int) -> None:
        """These channels' contacts closed (bits), the others open."""
        self.ask("hold", closed)
        self.closed = closed

    def cut(self, on: bool) -> None:
        """The relay takes the module's supply away, or gives it back."""
        self.ask("cut", int(on))

    def play(self, train: Words) -> Playing:
        """It begins at once, and its last contacts stay; `wait()` on what comes back."""
        self.ask("train", train.count)
        feeding = self._feed(train)
        next(feeding)
        self.ask("go")
        self.closed = train.last
        return Playing(self, train, feeding)

    def _feed(self, train: Words) -> Iterator[None]:
        # Yields when the last room is taken, and at the end.
        for number, block in enumerate(train.blocks()):
            text = binascii.b2a_base64(block, newline=False).decode()
            if not self.ask("data", number, text)["free"]:
                yield
        yield

    # --- lines

    def ask(self, *said) -> dict:
        """The answer. SibiaoError when it refuses, or says nothing."""
        with self._lock:
            self._number = (self._number + 1) % (1 << 16)
            number, text = self._number, " ".join(map(str, said))
            try:
                answer = self._asked(f"{number} ", text)
            except PORT_ERRORS as error:
                raise SibiaoError(
                    f"the generator on {self.name} went away ({error}): check the cable"
                ) from error
        verdict, _, rest = answer.partition(" ")
        if verdict != "ok":
            raise SibiaoError(f"the generator on {self.name} refuses `{said[0]}`: {rest}")
        return json.loads(rest)

    def _asked(self, number: str, text: str) -> str:
        # The same line again where it or its answer was damaged: it is not done twice.
        for _ in range(_TRIES):
            self._con.write(lines.framed((number + text).encode()))
            end = time.monotonic() + self._answer_s
            while time.monotonic() < end:
                answer = self._line()
                if answer is None:
                    continue
                if answer.startswith(number):
                    return answer.removeprefix(number)
                if answer.startswith("?"):
                    break
        raise SibiaoError(
            f"no generator answers on {self.name}: is this its port? `sibiao generator install` "
            "makes a Pico one"
        )

    def _line(self) -> str | None:
        self._heard += self._con.read(max(1, self._con.in_waiting))
        line, end, rest = self._heard.partition(b"\n")
        if not end:
            return None
        self._heard = rest
        said = lines.said(line)
        return None if said is None else said.decode(errors="replace")

    def _hello(self) -> dict:
        facts = self.ask("hello")
        wanted = {"generator": VERSION, "channels": CHANNELS, "block": BLOCK_WORDS}
        if {key: facts.get(key) for key in wanted} != wanted:
            raise SibiaoError(
                f"the generator on {self.name} has another firmware than this tool: "
                "`sibiao generator install` puts the right one on it"
            )
        return facts


class Playing:
    """A train on its way out. Use it as `with`, or call `wait` or `abort`: what went wrong is
    told there."""

    def __init__(self, generator: Generator, train: Words, feeding: Iterator[None]):
        self.train = train
        self.state: dict = {"state": _PLAYING}
        self._generator = generator
        self._feeding = feeding
        self._error: SibiaoError | None = None
        self._leave = threading.Event()
        self._has_wires = True
        self._until_s = time.monotonic() + train.span_us / 1e6
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def __enter__(self) -> Playing:
        return self

    def __exit__(self, kind, *_) -> None:
        if kind is None:
            self.wait()
        else:
            self.abort()

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    @property
    def left_s(self) -> float:
        """Of the train."""
        return max(0.0, self._until_s - time.monotonic())

    def wait(self) -> None:
        """Until the train is out. SibiaoError when not every edge of it came out in its time."""
        self._thread.join(self.left_s + _SPARE_S)
        if not self.over:
            self.abort()
            raise SibiaoError(f"{self._who} plays on {_SPARE_S:.0f} s after the end of its train")
        if self._error:
            raise self._error
        if self.state["state"] != "done":
            raise SibiaoError(_why_not(self._who, self.state))
        if not self._has_wires:
            return
        shown = tuple(self.state["closings"])
        for channel, (wire, asked) in enumerate(zip(shown, self.train.closings, strict=True)):
            if wire != asked:
                raise SibiaoError(
                    f"{self._who} closed contact {channel} {asked} times, and its wire fell "
                    f"{wire} times: is the wire pulled up, and nothing else connected to it?"
                )

    def without_wires(self) -> None:
        """What the wires showed is no longer judged: whoever pulls them up is without supply."""
        self._has_wires = False

    def abort(self) -> dict:
        """The contacts open. How far it came."""
        self._leave.set()
        self._thread.join()
        if self.state["state"] == _PLAYING:
            self.state = self._generator.abort()
        return self.state

    @property
    def _who(self) -> str:
        return f"the generator on {self._generator.name}"

    def _run(self) -> None:
        try:
            fed = False
            while self.state["state"] == _PLAYING and not self._leave.wait(_LOOK_S):
                self.state = self._generator.state()
                if self.state["free"] and not fed:
                    fed = next(self._feeding, True) or False
        except SibiaoError as error:
            self._error = self._reason(error)

    def _reason(self, error: SibiaoError) -> SibiaoError:
        # A train that ran dry takes no more words: that it ran dry is the reason.
        try:
            self.state = self._generator.state()
        except SibiaoError:
            return error
        ran_dry = self.state["state"] == "underrun"
        return SibiaoError(_why_not(self._who, self.state)) if ran_dry else error


def _why_not(who: str, state: dict) -> str:
    if state["state"] == "underrun":
        return (
            f"{who} ran out of words after {state['played']} of {state['words']}: this machine or "
            "the cable is too slow for so many edges a second; close other programs and repeat"
        )
    return f"{who} ended a train as {state['state']} after {state['played']} words"
