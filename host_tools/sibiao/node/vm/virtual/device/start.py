"""What the VM runs: becomes the board and the world that SIBIAO_WORLD (JSON) describes, runs the
board's main.py until the world ends, and prints what came of it as one JSON line."""

# ruff: noqa: E402, I001
# asyncio takes its ticks from the first and its tasks from the last.
import time
import sys
import _tasks

sys.modules["_asyncio"] = _tasks

# Before the board's parts, which build on it.
import _pose
import machine
import _bench
import _chip
import _clock
import _flash
import _line
import _micropython
import _os
import _pin
import _uart
import binascii
import builtins
import json
import os
import random
import _prompt
from _outside import Outside
from _reader import Reader, Register
from _timed_flash import TimedFlash
from _train import Train

# The first edges come when the node has long been up.
_FIRST_EDGE_US = 1000000
_opened = 0


def _counted(open_file):
    def open(path, mode="r", *rest):
        global _opened
        if "w" in mode or "a" in mode or "+" in mode:
            _opened += 1
        return open_file(path, mode, *rest)

    return open


def _trains(world):
    trains = []
    start_us = _clock.START_US + _FIRST_EDGE_US
    for source in world["trains"]:
        trains.append(
            Train(
                _pin._pad(source["gpio"]),
                source["active"],
                source["period_us"],
                start_us + random.getrandbits(20) % source["period_us"],
                source["pulses"],
                world["bounce_us"],
            )
        )
    return trains


def main():
    if sys.maxsize < 1 << 40:
        print("virtual time needs a 64-bit VM: its microseconds must be small integers")
        raise SystemExit(1)
    world = json.loads(os.getenv("SIBIAO_WORLD"))
    random.seed(world["seed"])
    if "chip" in world:
        _pose.become(world["chip"])
        _pose.uarts = {int(n): pins for n, pins in _pose.uarts.items()}
        _pose.i2cs = {int(n): pins for n, pins in _pose.i2cs.items()}
    import _sys

    if _pose.pio_machines:
        import rp2

        sys.modules["rp2"] = rp2
    if _pose.counters:
        from _counter import Counter

        machine.Counter = Counter
    _chip.attach()
    _chip.handler_us = world["handler_us"]
    _clock.look_us = world["look_us"]
    lines = _line.connect(sorted(_pose.uarts), _uart)
    machine.attach(
        world.get("reset_cause", machine.PWRON_RESET),
        binascii.unhexlify(world.get("unique_id", "00" * 8)),
        world.get("scratch", [0, 0, 0, 0]),
    )
    time.rtc_offset_ns = world.get("rtc_offset_ns", time.rtc_offset_ns)
    _flash.Flash = TimedFlash
    _flash.mount(world["flash"], *world["geometry"])
    flash = TimedFlash.made
    flash.takes_time = world["flash_time"]
    sys.modules["micropython"] = _micropython
    sys.modules["os"] = _os
    sys.modules["sys"] = _sys
    sys.path[:] = ["", ".frozen", "/lib"]
    builtins.open = _counted(open)
    # Within the VM, which is quicker, or on the host.
    trains = reader = None
    if "outside" in world:
        _chip.outside = Outside(lines, *world["outside"])
    else:
        trains = _trains(world)
        registers = [Register(*row) for row in world["registers"]]
        reader = Reader(
            lines[world["uplink"]],
            registers,
            trains,
            world["before"],
            world["settle_us"],
            world["gap_us"],
        )
    try:
        if reader:
            with open("/main.py") as file:
                source = file.read()
            exec(compile(source, "/main.py", "exec"), {"__name__": "__main__"})
        else:
            _clock.look()  # pins, before the program
            _prompt.run(world["raw"])
    except SystemExit:
        print("MPY: soft reboot\r")
        _clock.end("soft")
    except _bench.Gone:
        pass
    if _chip.outside:
        _chip.outside.report()  # what it did last, of which nothing more is asked
    outcome = _board(flash, lines)
    if reader:
        outcome.update(_seen(reader, trains))
    print("\x1e" + json.dumps(outcome))


def _board(flash, lines):
    return {
        "ended": _clock.ended,
        "virtual_us": _clock.now_us - _clock.START_US,
        "interrupts": _chip.interrupts,
        "overruns": sum(line.overruns for line in lines.values()),
        "commits": _opened,
        "programs": flash.programs,
        "erases": flash.erases,
        "flash_us": flash.stopped_us,
    }


def _seen(reader, trains):
    return {
        "emitted": [train.emitted for train in trains],
        "edges": sum(train.edges for train in trains),
        "final": reader.final,
        "reads_tried": reader.tried,
        "reads_answered": reader.answered,
        "reads_unsound": reader.unsound,
        "reads_above_truth": reader.above,
        "reads_backwards": reader.backwards,
        "most_pulses_behind": reader.behind,
        "shortest_turnaround_us": reader.shortest_us,
        "longest_turnaround_us": reader.longest_us,
    }


main()
