"""The ledger's file: rows are only ever put behind the last one, by one writer at a time."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from filelock import FileLock, Timeout

from sibiao.errors import SibiaoError
from sibiao.ledger.row import FIRST, Fault, Row, checked, opened, sealed

_LOCK_S = 30
_TAIL_BYTES = 1 << 16
_KEYS = ("schema", "n", "time", "kind", "serial", "operator")


class Ledger:
    def __init__(self, path: Path):
        self.path = path

    def append(self, kind: str, serial: str, operator: str, data: dict[str, Any]) -> Row:
        """The row as it now stands in the file, durably."""
        with self._alone():
            last = self._last()
            return self._put(kind, serial, operator, data, last)

    def append_if(
        self,
        kind: str,
        operator: str,
        wanted: Callable[[list[Row]], tuple[str, dict[str, Any]] | None],
    ) -> Row | None:
        """The row (serial, data) that wanted(all rows) asks for; nobody puts one in between."""
        with self._alone():
            row = wanted(self.rows())
            return row and self._put(kind, row[0], operator, row[1], self._last())

    def ready(self) -> None:
        """SibiaoError when nothing could be put behind it: asked before something is done that
        must be kept."""
        with self._alone():
            self._last()

    @contextmanager
    def keeping(
        self, kind: str, serial: str, operator: str, data: dict[str, Any]
    ) -> Iterator[None]:
        """A row about what is done within, also when that fails half-way: then `error` says how.
        `data` may be filled meanwhile."""
        self.ready()
        try:
            yield
        except BaseException as failed:
            error = str(failed) or "broken off"
            row = self.append(kind, serial, operator, data | {"error": error})
            if isinstance(failed, SibiaoError):
                raise SibiaoError(
                    f"{failed} (row {row.n} of {self.path} says what was done before)"
                ) from failed
            raise
        self.append(kind, serial, operator, data | {"error": ""})

    def rows(self) -> list[Row]:
        """All of them; SibiaoError if one was changed, removed or moved."""
        found = list(self.check())
        for each in found:
            if isinstance(each, Fault):
                raise SibiaoError(
                    f"{self.path}:{each.line} {each.what}; `sibiao ledger check` tells all"
                )
        return found

    def check(self) -> Iterator[Row | Fault]:
        data = self._bytes()
        *lines, tail = data.split(b"\n")
        yield from checked(lines)
        if tail:
            what = f"was not written to its end ({len(tail)} bytes): sibiao ledger repair"
            yield Fault(len(lines) + 1, what)

    def repair(self, operator: str) -> Row | None:
        """Take a last line that has no end away, into a file of its own; a row says so. None if
        there is none. Rows within the file are never touched."""
        with self._alone():
            data = self._bytes()
            tail = data[data.rfind(b"\n") + 1 :]
            if not tail:
                return None
            kept = self._aside(tail)
            whole = isinstance(opened(tail), Row)
            with self.path.open("r+b") as file:
                file.truncate(len(data) - len(tail))
                os.fsync(file.fileno())
            said = {"bytes": len(tail), "kept_in": kept.name, "was_whole": whole}
            return self._put("repaired", "", operator, said, self._last())

    def export(self, out: TextIO) -> int:
        """CSV: a column for each thing that a row of any kind says. How many rows."""
        rows = self.rows()
        flat = [dict(_flat(row.data)) for row in rows]
        columns = list(dict.fromkeys(name for each in flat for name in each))
        table = csv.writer(out, lineterminator="\n")
        table.writerow([*_KEYS, *columns, "sha256"])
        for row, each in zip(rows, flat, strict=True):
            told = row.model_dump(by_alias=True)
            table.writerow(
                [*(told[k] for k in _KEYS), *(each.get(c, "") for c in columns), row.sha256]
            )
        return len(rows)

    def _put(self, kind, serial, operator, data, last: Row | None) -> Row:
        row = Row(
            n=last.n + 1 if last else 1,
            time=datetime.now().astimezone().isoformat(timespec="seconds"),
            kind=kind,
            serial=serial,
            operator=operator,
            data=data,
            before=last.sha256 if last else FIRST,
        )
        line = sealed(row)
        with self.path.open("ab", buffering=0) as file:
            file.write(line + b"\n")
            os.fsync(file.fileno())
        return opened(line)

    def _last(self) -> Row | None:
        data = self._end()
        if not data:
            return None
        if not data.endswith(b"\n"):
            raise SibiaoError(
                f"the last row of {self.path} was not written to its end: nothing is put behind "
                "it; see `sibiao ledger check`, then `sibiao ledger repair`"
            )
        row = opened(data[data.rfind(b"\n", 0, -1) + 1 : -1])
        if isinstance(row, str):
            raise SibiaoError(
                f"the last row of {self.path} {row}: nothing is put behind it; "
                "see `sibiao ledger check`"
            )
        return row

    def _end(self) -> bytes:
        """At least the last row: a ledger grows for years, and each row is put in quickly."""
        span = _TAIL_BYTES
        while True:
            data = self._bytes(-span)
            if data.count(b"\n") > 1 or len(data) < span:
                return data
            span *= 2

    def _bytes(self, at: int = 0) -> bytes:
        """From there on, or so many at the end."""
        try:
            with self.path.open("rb") as file:
                size = file.seek(0, os.SEEK_END)
                file.seek(max(0, size + at) if at < 0 else at)
                return file.read()
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise SibiaoError(f"ledger {self.path} cannot be read: {error.strerror}") from error

    def _aside(self, tail: bytes) -> Path:
        for number in range(1, 1000):
            kept = self.path.with_name(f"{self.path.name}.broken-{number}")
            if not kept.exists():
                kept.write_bytes(tail)
                return kept
        raise SibiaoError(f"there are a thousand {self.path.name}.broken files: look at them")

    def _alone(self):
        return _Alone(self.path)


class _Alone:
    """Between processes, too. SibiaoError when another one holds the ledger for long."""

    def __init__(self, path: Path):
        self._path = path
        self._lock = FileLock(f"{path}.lock", timeout=_LOCK_S)

    def __enter__(self) -> None:
        try:
            self._lock.acquire()
        except Timeout as error:
            raise SibiaoError(
                f"ledger {self._path} is held by another program for {_LOCK_S} s: end it, repeat"
            ) from error
        except OSError as error:
            raise SibiaoError(
                f"ledger {self._path} cannot be written: {error.strerror}"
            ) from error

    def __exit__(self, *_) -> None:
        self._lock.release()


def _flat(data: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", json.dumps(value) if isinstance(value, list) else value
