"""A unit's points one after another, each signed as soon as it is judged."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click
from rich.console import Console

from sibiao.board.console import Commands
from sibiao.commission.entry import Entries
from sibiao.commission.judge import GOOD
from sibiao.commission.run import Asked, Proof, as_base, say
from sibiao.commission.seen import ConsoleSource, Source, UplinkSource
from sibiao.commission.shown import table
from sibiao.commission.signed import KIND, signed, told
from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point
from sibiao.ledger.file import Ledger
from sibiao.provision.node import Dials
from sibiao.reader.client import Client

_BASED = ("", "wrong base")  # causes with which a base reading may be set


class Work:
    """`client` or `commands`, or both: the count is read over the client where there is one."""

    def __init__(
        self,
        loaded: Loaded,
        client: Client | None,
        commands: Commands | None,
        ledger: Ledger,
        by: str,
        entries: Entries,
        asked: Asked,
    ):
        self._loaded, self._client, self._commands = loaded, client, commands
        self._ledger, self._by = ledger, by
        self._entries, self._asked = entries, asked
        self._screen = Console(stderr=True)

    def all(self, points: Iterable[tuple[int, Point]], again: bool, as_json: bool) -> list[str]:
        """The names of those that are not in order."""
        self._ledger.ready()
        serial = self._loaded.community.serial
        before = {} if again else signed(self._ledger.rows(), serial)
        done: dict[str, dict[str, str]] = {}
        for number, point in points:
            if row := before.get(point.name):
                when = f"by {row.operator} on {row.time} (row {row.n})"
                self._say(f"{point.name}: signed as good {when}; --again proves it anew")
                continue
            n, said = self._one(number, point)
            done[point.name] = said
            if as_json:
                click.echo(json.dumps({"row": n, "point": point.name} | said))
        if done and not as_json:
            Console().print(table(done))
        return [name for name, said in done.items() if said["verdict"] != GOOD]

    def _one(self, number: int, point: Point) -> tuple[int, dict[str, str]]:
        source = self._source(number, point)
        proof = Proof(self._loaded, point, source, self._entries, self._asked, self._screen)
        proof.run()
        said = told(proof.draw, proof.judged, source.name, proof.weight)
        if self._asked.set_base and proof.weight is not None:
            said |= self._based(number, point, proof)
        community = self._loaded.community
        every: dict[str, dict[str, Any]] = {
            p.name: {"address": p.address} for p in community.points
        }
        every[point.name] |= said
        data = {"community": self._loaded.name, "address": community.address, "points": every}
        row = self._ledger.append(KIND, community.serial, self._by, data | {"error": ""})
        self._say(f"{point.name}: {said['verdict']}, row {row.n} of {self._ledger.path}")
        return row.n, said

    def _source(self, number: int, point: Point) -> Source:
        if self._client:
            return UplinkSource(self._client, self._loaded, point, self._asked.quantity)
        return ConsoleSource(self._commands, self._loaded, number)

    def _based(self, number: int, point: Point, proof: Proof) -> dict[str, str]:
        """What is signed of it when the dial was entered as base; nothing when it was not."""
        if proof.judged.cause not in _BASED:
            self._say(f"{point.name}: no base is set where the count is wrong")
            return {}
        dials = Dials(self._loaded, self._commands)
        text = as_base(self._loaded, point, proof.draw.dials[1])
        shown = dials.read(number).text
        question = f"{point.name} shows {shown} m3. Enter {text} m3 as its base?"
        sure = self._asked.once or (
            shown != text and click.confirm(question, err=True, default=True)
        )
        if shown == text or not sure:
            return {}
        after = dials.enter(number, text, "commissioned").text
        said = f"{proof.judged.said} {after} m3 was entered as its base; it had shown {shown} m3."
        return {"verdict": GOOD, "cause": "", "todo": "", "said": said, "dial": after}

    def _say(self, text: str) -> None:
        say(self._screen, text)
