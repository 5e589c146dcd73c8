"""What is no mistake and should be known all the same, of a board and how it is used: warnings."""

from __future__ import annotations

from sibiao.config.load import Loaded
from sibiao.config.problems import Problem
from sibiao.config.pulses import wires_of


def remarks(loaded: Loaded) -> list[Problem]:
    """Whether the board ever ran, and what its wiring asks for."""
    return [*_proof(loaded), *_wiring(loaded), *_flash(loaded)]


def _proof(loaded: Loaded) -> list[Problem]:
    board, chip = loaded.community.board, loaded.chip.title
    if loaded.board.verified is True:
        return []
    if loaded.board.verified == "emulated":
        text = f"board {board!r} ran on an emulated {chip} only, never on a real one"
    else:
        text = f"board {board!r} never ran on its chip, {chip} (verified = false)"
    return [_warning(loaded, text, "try it on the bench before it goes on site", "verified")]


def _wiring(loaded: Loaded) -> list[Problem]:
    chip, inputs = loaded.chip, loaded.board.pulse_inputs
    pulses = [p for p in loaded.community.points if loaded.meters[p.meter].link == "pulse"]
    found = []
    used = {w for p in pulses for w in (*wires_of(p), p.tamper, p.cable) if w in inputs}
    for name in sorted(used):
        pin = inputs[name]
        if pin.gpio in chip.no_pull:
            text = f"input {name!r}: GPIO {pin.gpio} of an {chip.title} has no pull-up"
            hint = "one of 10 kOhm to 3V3 outside"
            found.append(_warning(loaded, text, hint, "pulse_inputs", name))
        if pin.gpio in chip.strapping:
            text = f"input {name!r}: the level of GPIO {pin.gpio} at reset chooses how it starts"
            hint = "a contact that is closed then may keep it from starting; wire it elsewhere"
            found.append(_warning(loaded, text, hint, "pulse_inputs", name))
        if pin.source == "counter" and loaded.board.counter_since:
            since = loaded.board.counter_since
            text = f"input {name!r}: machine.Counter needs MicroPython {since}"
            hint = "an older image counts by interrupt instead, and says so by an event"
            found.append(_warning(loaded, text, hint, "pulse_inputs", name))
    return found


def _flash(loaded: Loaded) -> list[Problem]:
    if loaded.board.flash or loaded.board.fram:
        return []
    text = f"board {loaded.community.board!r}: the flash's times are not told"
    return [_warning(loaded, text, "life and loss are reckoned as on a Pico's", "flash")]


def _warning(loaded: Loaded, text: str, hint: str, *keys: str) -> Problem:
    return Problem(loaded.board_at(*keys), text, hint=hint, severity="warning")
