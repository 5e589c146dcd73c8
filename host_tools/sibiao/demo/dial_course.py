"""What the dial showed at every moment of a story of faults."""

from __future__ import annotations

from sibiao.sim.pulse.faults import FAULTS
from sibiao.sim.pulse.story import Story, Teller
from sibiao.sim.pulse.train import TURN, Train, train, whole_turns


def dial_course(told: Story, pulses: int, rate_hz: float) -> Train:
    """(time_ns, pulses since the beginning), of a story told with `pulses` and `rate_hz`.

    The dial moves where the wheel closes contact A, which is when a pulse is to be counted.
    """
    wiring = told.wiring
    is_closed = told.wires["a"][0][1] == wiring.active
    start = wiring.middle_of_a - TURN if is_closed else 0
    witness = _Witness(wiring, pulses, rate_hz, told.seed, start)
    FAULTS[told.fault](witness)
    if witness.told(told.fault) != told:
        raise ValueError(f"{told.fault} was not told with {pulses} pulses at {rate_hz} Hz")
    knots = [(0, wiring.contacts["a"].closes - TURN), (0, start), *witness.places]
    changes = []
    for n, (at_ns, _) in enumerate(knots, 1):
        forward, back = whole_turns(knots[:n])
        changes.append((at_ns, forward - back))
    return train(changes)


class _Witness(Teller):
    """Tells the story once more, and writes down where the wheel stood."""

    def __init__(self, *told):
        self.places: list[tuple[int, int]] = []  # time_ns, position
        super().__init__(*told)

    def move(self, parts: int, span_ns: int) -> None:
        super().move(parts, span_ns)
        self.places.append((self.now_ns, self.position))
