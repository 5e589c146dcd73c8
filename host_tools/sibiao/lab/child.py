"""One module tested in a process of its own: what happens goes through a pipe, as it happens."""

from __future__ import annotations

import os
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

from sibiao.errors import SibiaoError
from sibiao.lab.play import Plan, play
from sibiao.lab.plugin import Heard
from sibiao.lab.record import ModuleFacts, Step
from sibiao.lab.stands.under_test import UnderTest


@dataclass(frozen=True)
class Opened:
    name: str
    facts: ModuleFacts


@dataclass(frozen=True)
class Began:
    step: str


@dataclass(frozen=True)
class Progressed:
    step: str
    done: float
    total: float


@dataclass(frozen=True)
class Done:
    """`broken`: why it ended before all steps were done, else ""."""

    broken: str
    logs: dict[str, bytes] = field(default_factory=dict)


Event = Opened | Began | Progressed | Step | Done


def main(pipe: Connection, under_test: UnderTest, plan: Plan) -> None:
    if hasattr(os, "setsid"):
        os.setsid()  # Ctrl-C reaches the parent alone, which passes it on once
    try:
        with under_test.opened() as stand:
            pipe.send(Opened(stand.name, stand.facts()))
            broken, said = play(stand, plan, _heard(pipe.send))
        pipe.send(Done(broken, {"pytest.txt": said.encode()}))
    except SibiaoError as error:
        pipe.send(Done(str(error)))
    except KeyboardInterrupt:
        pipe.send(Done("broken off"))
    except Exception as error:
        logs = {"traceback.txt": traceback.format_exc().encode()}
        pipe.send(Done(f"the bench itself failed ({type(error).__name__}: {error})", logs))


def _heard(send: Any) -> Heard:
    return Heard(
        began=lambda name: send(Began(name)),
        progress=lambda name, done, total: send(Progressed(name, done, total)),
        ended=send,
    )
