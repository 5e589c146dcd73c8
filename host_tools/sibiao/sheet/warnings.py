"""What an installer is to know before beginning: the warnings of the check, and what the wiring of
this community asks for."""

from __future__ import annotations

from collections.abc import Iterator

from sibiao.config.check.every import problems
from sibiao.config.device.life import PICO_FLASH
from sibiao.config.device.pulses import COUNT_ON, wires_of
from sibiao.config.load import Loaded


def warnings(loaded: Loaded) -> list[str]:
    told = [problem.sentence for problem in problems(loaded) if not problem.is_error]
    return [*told, *_proof(loaded), *_inputs(loaded), *_missed(loaded), *_flash(loaded)]


def _proof(loaded: Loaded) -> Iterator[str]:
    if loaded.board.verified == "emulated":
        yield f"the board ran on an emulated {loaded.chip.title} only, never on a real one"


def _inputs(loaded: Loaded) -> Iterator[str]:
    board, chip = loaded.board, loaded.chip
    pulses = [p for p in loaded.community.points if loaded.meters[p.meter].link == "pulse"]
    used = {name for p in pulses for name in (*wires_of(p), p.tamper, p.cable) if name}
    for name in sorted(used):
        pin = board.pulse_inputs[name]
        if pin.gpio in chip.no_pull:
            where = f"{name}: GPIO {pin.gpio} of an {chip.title} has no pull-up"
            yield f"{where}; fit one of 10 kOhm to 3V3"
        if pin.source == "counter":
            yield (
                f"{name}: the counter needs a MicroPython image of {board.counter_since} or "
                "later; an older one counts by interrupt instead, and says so by an event"
            )


def _missed(loaded: Loaded) -> Iterator[str]:
    erase_ms = (loaded.board.flash or PICO_FLASH).erase_ms[0]
    for point in loaded.community.points:
        meter = loaded.meters[point.meter]
        if meter.link != "pulse":
            continue
        shortest_ms = min(meter.shortest_active_ms, meter.shortest_idle_ms)
        for name in wires_of(point):
            source = loaded.board.pulse_inputs[name].source
            if source not in COUNT_ON and shortest_ms < erase_ms:
                yield (
                    f"{name} ({source}) counts nothing while the flash is erased, {erase_ms:g} ms "
                    f"each time: a pulse of {point.name}, {shortest_ms:g} ms at the shortest, may "
                    f"be missed then; an input by {' or '.join(COUNT_ON)} misses none"
                )


def _flash(loaded: Loaded) -> Iterator[str]:
    if loaded.board.flash is None and loaded.board.fram is None:
        yield "the times of the board's flash are not told: life is reckoned as on a Pico"
