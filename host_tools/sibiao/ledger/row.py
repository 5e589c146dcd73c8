"""One row of the ledger as a line of JSON, and what is wrong with a line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

SCHEMA = 1
FIRST = "0" * 64  # before the first row
_SEAL = ',"sha256":"'
_END = '"}'


class Row(BaseModel):
    """`before`: the SHA-256 of the row before. Its own is the line's last key, of all bytes before
    it. `data`: what the kind of row says (docs/ledger.md)."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    version: int = Field(SCHEMA, alias="schema", ge=1, le=SCHEMA)
    n: int = Field(ge=1)
    time: str
    kind: str = Field(min_length=1)
    serial: str
    operator: str
    data: dict[str, Any]
    before: str = Field(pattern="^[0-9a-f]{64}$")
    sha256: str = Field("", pattern="^([0-9a-f]{64})?$")


@dataclass(frozen=True)
class Fault:
    """`line`: from 1."""

    line: int
    what: str


def sealed(row: Row) -> bytes:
    """Its line, without the line feed."""
    body = json.dumps(
        row.model_dump(by_alias=True, exclude={"sha256"}), separators=(",", ":"), ensure_ascii=True
    )[:-1].encode("ascii")
    return body + (_SEAL + hashlib.sha256(body).hexdigest() + _END).encode("ascii")


def opened(line: bytes) -> Row | str:
    """The row of a line, or what is wrong with it by itself."""
    body, seal, rest = line.rpartition(_SEAL.encode("ascii"))
    if not seal or len(rest) != 64 + len(_END) or not rest.endswith(_END.encode("ascii")):
        return "is no whole row"
    if hashlib.sha256(body).hexdigest().encode("ascii") != rest[:64]:
        return "was changed: its own SHA-256 does not fit"
    try:
        return Row.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        return f"is a row of another version or kind ({where}: {first['msg']})"


def checked(lines: Iterable[bytes]) -> Iterator[Row | Fault]:
    """Every row, and a fault for each line that does not follow the one before."""
    before, n = FIRST, 0
    for number, line in enumerate(lines, 1):
        row = opened(line)
        if isinstance(row, str):
            yield Fault(number, row)
            before, n = "", n + 1
            continue
        if before and (row.before, row.n) != (before, n + 1):
            yield Fault(number, _broken(row, n))
        yield row
        before, n = row.sha256, row.n


def _broken(row: Row, n: int) -> str:
    if row.n == n + 1:
        return "does not follow the row before: that one is another than when this was written"
    return f"is row {row.n}, where row {n + 1} belongs: rows are missing or out of order"
