"""Running the programs that fetch and build, their whole output kept in a log file."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sibiao.errors import SibiaoError


def run(
    argv: Sequence[str | Path],
    what: str,
    log: Path,
    *,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
) -> str:
    """Run `argv` to its end and return what it printed. Failing, `what` names it in the error."""
    printed: list[str] = []
    with open(log, "a", encoding="utf-8") as log_stream:
        log_stream.write(f"\n$ {' '.join(map(str, argv))}\n")
        log_stream.flush()
        try:
            process = subprocess.Popen(
                [str(word) for word in argv],
                cwd=cwd,
                env={**os.environ, "LC_ALL": "C", **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
            )
        except OSError as error:
            raise SibiaoError(f"{what}: cannot start {argv[0]} ({error.strerror})") from error
        try:
            for line in process.stdout:
                printed.append(line)
                log_stream.write(line)
                if on_line:
                    on_line(line)
        except BaseException:
            process.kill()
            raise
        finally:
            process.wait()
    if process.returncode:
        reason = _first_error(printed)
        raise SibiaoError(
            f"{what} failed with exit code {process.returncode}: {reason} (all of it: {log})"
        )
    return "".join(printed)


def _first_error(printed: list[str]) -> str:
    """The line that says why: apt and compilers go on printing after it."""
    lines = [line.strip() for line in printed if line.strip()]
    of_apt = [line for line in lines if line.startswith("E:")]
    of_compilers = [line for line in lines if "error:" in line.lower()]
    return next(iter([*of_apt, *of_compilers, *lines[-1:]]), "it printed nothing")
