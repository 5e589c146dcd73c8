"""`sibiao` as it is, in a process that can be told to note its own events and to die at one.

TRAY (JSON): `confirm_s`: how long a silent board is waited for; `kill`: (port, number of its event
or how that begins); `events`: the file they go to, a line each: port, bytes done, when (ns of the
monotonic clock), what.
"""

import json
import os
import signal
import time
from collections import Counter

from sibiao import cli
from sibiao.board import proof
from sibiao.tray import run


def watched(told, kill, events):
    seen = Counter()

    def tell(port, what, done, total):
        if events:
            with open(events, "a", encoding="utf-8") as file:
                file.write(f"{port}\t{done}\t{time.monotonic_ns()}\t{what}\n")
        seen[port] += 1
        if kill and kill[0] == port:
            at = kill[1]
            if seen[port] == at if isinstance(at, int) else what.startswith(at):
                os.kill(os.getpid(), signal.SIGKILL)
        return told(port, what, done, total)

    return tell


if __name__ == "__main__":
    wanted = json.loads(os.environ["TRAY"])
    proof._CONFIRM_S = wanted["confirm_s"]
    run.Told = watched(run.Told, wanted["kill"], wanted["events"])
    cli.main()
