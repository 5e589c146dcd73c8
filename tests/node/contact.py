"""Contacts wired to pulse sources at the prompt of an emulated Pico."""

import functools

from sibiao.firmware.slot import FIRMWARE, compile_mpy
from sibiao.node.pico import EmulatedPico

from tests.node.pico_board import S, image

US = 1000
A, B, ADC0 = 12, 13, 26
PIN = 15
MODULES = (
    "chip",
    "level_filter",
    "pulse_irq",
    "pulse_namur",
    "pulse_pio",
    "pulse_poll",
    "pair_irq",
    "pair_pio",
)


@functools.cache
def booted():
    """At its prompt, with the sources that these tests make; contacts open."""
    files = {}
    for name in MODULES:
        source = (FIRMWARE / "converter" / "hal" / f"{name}.py").read_text()
        files[f"/converter/hal/{name}.mpy"] = compile_mpy(source, name, lines=True)
    board = EmulatedPico(image(), files=files)
    board.boot()
    board.exec_raw("import gc, machine, time\nfrom converter.hal import pulse_pio, pair_pio")
    return board


class Contact:
    """A pulse source at the prompt and the contact wired to it."""

    def __init__(self, active_us, idle_us, active=0, closed=False, gpio=PIN, kind="pio"):
        self.board = booted()
        self.gpio = gpio
        self.active = active
        self.name = f"s{gpio}"
        self.board.set_pin(gpio, active if closed else 1 - active)
        self.board.exec_raw(
            f"from converter.hal import pulse_{kind}\n"
            f"{self.name}=pulse_{kind}.PulseSource({gpio},{active},True,{active_us},{idle_us})"
        )

    def close(self, for_ns):
        self.board.set_pin(self.gpio, self.active)
        self.board.run(for_ns)

    def open(self, for_ns):
        self.board.set_pin(self.gpio, 1 - self.active)
        self.board.run(for_ns)

    def train(self, widths_ns):
        """Closed, open, closed, ... each for its width; the contact ends open."""
        levels = (self.active, 1 - self.active)
        delays = [0, *widths_ns[:-1]]
        edges = [(delay, levels[i % 2]) for i, delay in enumerate(delays)]
        train = self.board.edges(self.gpio, edges)
        assert self.board.run_until(lambda: train.finished, sum(widths_ns) + S)
        self.board.run(widths_ns[-1])

    def take(self):
        return int(self.board.exec_raw(f"print({self.name}.take())"))

    def level(self):
        return int(self.board.exec_raw(f"print({self.name}.level())"))


def pair_at(board, a, b, active=0, kind="pio"):
    board.set_pin(a, 1 - active)
    board.set_pin(b, 1 - active)
    board.exec_raw(
        f"from converter.hal import pair_{kind}\np=pair_{kind}.PairSource({a},{b},{active},True)"
    )


def turn(board, a, b, active, steps, gap_ns, bounce=0):
    """Quarter steps, forward or (negative) reverse, each edge with its bounce."""
    forward = ((a, 1), (b, 1), (a, 0), (b, 0))
    for step in range(abs(steps)):
        if steps > 0:
            gpio, closed = forward[step % 4]
        else:
            gpio, closed = ((b, 1), (a, 1), (b, 0), (a, 0))[step % 4]
        level = active if closed else 1 - active
        for _ in range(bounce):
            board.set_pin(gpio, level)
            board.run(50 * US)
            board.set_pin(gpio, 1 - level)
            board.run(50 * US)
        board.set_pin(gpio, level)
        board.run(gap_ns)
