"""A test instrument: a pulse point of the firmware, from its sources to its alarms, on a story."""

from converter.app import pulse_reader
from converter.app.pulse_input import PulseInput
from converter.model import alarms
from converter.model.point import MeteringPoint
from converter.model.total import Total
from converter.model.watch import Watch
from converter.store.totals import KeptTotal
from sibiao.sim.pulse import wiring as w

from tests.host.contact_bench import PINS, SEC, Board

_JUDGE_LOOKS = 10  # a second
_LIMITS = (0, 0, 0, 0, 0, 0, 1)  # of all alarms of flow only backflow, from one pulse on
_NAMES = ("BACKFLOW", "TAMPER", "CABLE_CUT", "CABLE_SHORT", "MAGNET")


class _Node:
    """What a pulse input wants of the node around it."""

    def __init__(self, board):
        self._board = board

    def now_s(self):
        return self._board.now_ns // SEC

    def time_s(self):
        return 0  # no clock

    def record_event(self, *event):
        pass


def register_and_events(told, reader_of, **how):
    """The net register, and the names of alarms, after a story."""
    board = Board(told, **how)
    reader = reader_of(board, told.wiring)
    kept = KeptTotal(Total(1, 1, 0, 9), None, "total", b"\0\0\0\0", (1, 1, 1))
    point = MeteringPoint(bytes(6), b"", 0)
    guards = _guards(board) if told.wiring.guarded else []
    made = PulseInput(1, reader, kept, Watch(_LIMITS, 1, 1), 1, point, guards, _Node(board))
    looks = 0

    def look():
        nonlocal looks
        looks += 1
        made.step(100)
        if looks % _JUDGE_LOOKS == 0:
            made.judge(1)

    board.play(look, made.sample if made.polled else None)
    raised = {name for name in _NAMES if kept.alarms.latched >> getattr(alarms, name) & 1}
    return kept.total.net, raised


def _guards(board):
    # As the configuration compiles them: loop and cover contact pull to ground while all is well.
    contact = board.module("digital_input").DigitalInput
    return [
        (alarms.CABLE_CUT, contact(PINS["loop"], 0, True), 0),
        (alarms.TAMPER, contact(PINS["cover"], 0, True), 0),
    ]


def _source(board, wiring, kind, wire):
    return board.module(f"pulse_{kind}").PulseSource(
        PINS[wire], wiring.active, True, wiring.min_active_us, wiring.min_idle_us
    )


def single_irq(board, wiring):
    return pulse_reader.Single(_source(board, wiring, "irq", "a"))


def single_poll(board, wiring):
    return pulse_reader.Single(_source(board, wiring, "poll", "a"))


def sequence_irq(board, wiring):
    a, b = (_source(board, wiring, "irq", wire) for wire in "ab")
    return pulse_reader.TwoInTurn(a, b)


def namur(board, wiring):
    limits_mv = (w.CUT_BELOW_MV, w.OPEN_BELOW_MV, w.CLOSED_ABOVE_MV, w.SHORT_ABOVE_MV)
    thresholds = tuple(mv * 65535 // w.FULL_MV for mv in limits_mv)
    source = board.module("pulse_namur").PulseSource(
        PINS["a"], 1, thresholds, wiring.min_active_us, wiring.min_idle_us
    )
    return pulse_reader.Single(source)


def quadrature_irq(board, wiring):
    pair = board.module("pair_irq").PairSource(PINS["a"], PINS["b"], wiring.active, True)
    return pulse_reader.TwoOverlapping(pair)
