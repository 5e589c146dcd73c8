"""Runs the project's unit tests on the MicroPython VM: the same files that CPython runs.

One VM process serves all tests, asked for one by one; one that dies or hangs costs the test it
was in, and the next test gets a new one.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sibiao.errors import SibiaoError

DEVICE = Path(__file__).with_name("device")
_OWN_FRAME = re.compile(r'^ +File "[^"]*device/unit(test|_worker)\.py".*\n', re.MULTILINE)


@dataclass(frozen=True)
class Result:
    """Outcome of one test: passed, failed or skipped; why; and what the test printed."""

    outcome: str
    text: str
    printed: str


class UnitTestVM:
    """The VM with `search_path` as its MICROPYPATH (this package's unittest and the built-in
    modules come after it). `heap` is MicroPython's `-X heapsize`, for instance "250K"."""

    def __init__(
        self,
        vm: Path,
        search_path: list[Path],
        heap: str | None = None,
        time_limit_s: float = 30.0,
    ):
        self._command = [
            str(vm),
            *(["-X", f"heapsize={heap}"] if heap else []),
            str(DEVICE / "unit_worker.py"),
        ]
        folders = [str(p.absolute()) for p in search_path]
        self._path = ":".join([*folders, str(DEVICE), ".frozen"])
        self._time_limit_s = time_limit_s
        self._process: subprocess.Popen[bytes] | None = None
        # A file, not a pipe: nobody reads it until the VM has died.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._rest = b""

    def run(self, module: str, class_name: str, method: str) -> Result:
        process = self._process or self._start()
        request = f"{module} {class_name} {method}\n".encode()
        try:
            process.stdin.write(request)
            process.stdin.flush()
        except BrokenPipeError:
            return self._died("", "before the test")
        printed = []
        deadline = time.monotonic() + self._time_limit_s
        while (line := self._read_line(process, deadline)) is not None:
            if not line.endswith(b"\n"):
                return self._died("".join(printed) + line.decode(errors="replace"), "in the test")
            # A test may leave an unfinished line before the report.
            before, mark, report = line.partition(b"\x1e")
            printed.append(before.decode(errors="replace"))
            if mark:
                answer = json.loads(report)
                text = _OWN_FRAME.sub("", answer["text"])
                return Result(answer["outcome"], text, "".join(printed))
        process.kill()
        return self._died("".join(printed), f"in the test, stopped after {self._time_limit_s:g} s")

    def close(self) -> None:
        if self._process:
            self._process.stdin.close()
            self._end()
        self._errors.close()

    def _start(self) -> subprocess.Popen[bytes]:
        self._errors.seek(0)
        self._errors.truncate()
        self._rest = b""
        try:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                env={**os.environ, "MICROPYPATH": self._path},
            )
        except OSError as error:
            raise SibiaoError(
                f"the MicroPython VM {self._command[0]} does not start: {error}."
            ) from error
        return self._process

    def _read_line(self, process: subprocess.Popen[bytes], deadline: float) -> bytes | None:
        """One line, what is left at the end of the output, or None when the time is up."""
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._rest:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    return None
                data = os.read(process.stdout.fileno(), 65536)
                if not data:
                    break
                self._rest += data
        line, end, self._rest = self._rest.partition(b"\n")
        return line + end

    def _died(self, printed: str, when: str) -> Result:
        code = self._end()
        self._errors.seek(0)
        errors = self._errors.read().decode(errors="replace")
        return Result(
            "failed", f"the MicroPython VM ended {when}, exit code {code}\n{errors}", printed
        )

    def _end(self) -> int:
        process, self._process = self._process, None
        try:
            code = process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        process.stdin.close()
        process.stdout.close()
        return code
