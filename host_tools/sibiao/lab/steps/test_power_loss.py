"""DB37/T 5104, 4.5 and 5.7: what is kept when the supply goes."""

from sibiao.lab.measures.contact import pulse_points
from sibiao.lab.measures.power_cuts import clock_over_outage, cut
from sibiao.lab.plugin import clause
from sibiao.lab.record import CannotDo, Cut, CutMap

CUTS = {True: 2, False: 60}  # quick, full
OUTAGE_S = 600
# The clock is told in whole seconds, and read within one.
CLOCK_ERROR_S = 2


@clause("4.5/5.7", "power loss")
def test_totals_are_kept(stand, measure, plot, rng, quick, progress):
    """The supply is cut while pulses come; no total is below the last commit or above the dial."""
    points = [of.point.name for of in pulse_points(stand.loaded)]
    if not points:
        raise CannotDo("the community counts no pulses")
    seeds = [(rng.getrandbits(32),) for _ in range(CUTS[quick])]
    lives = stand.on_copies(cut, seeds, progress)
    for number, name in enumerate(points):
        seen = [each[number] for each in lives]
        plot(CutMap([Cut(c.at_s, c.sound, c.lost, c.bound) for c in seen], name))
        measure(f"{name}: power cuts", len(seen), "", len(seen))
        measure(
            f"{name}: starts without a total", _count(c.restored is None for c in seen), "", 0, 0
        )
        measure(
            f"{name}: below the last commit", max(c.below_commit for c in seen), "pulses", 0, 0
        )
        measure(f"{name}: above the dial", max(c.above_truth for c in seen), "pulses", 0, 0)
        measure(
            f"{name}: index is not base and pulses",
            _count(not c.index_true for c in seen),
            "",
            0,
            0,
        )
        measure(
            f"{name}: most lost in a cut",
            max(c.lost or 0 for c in seen),
            "pulses",
            0,
            seen[0].bound,
        )


@clause("4.5/5.7", "power loss")
def test_clock_is_kept(stand, measure):
    """Where a clock chip is fitted the time goes on over an outage; where none is, it is told as
    unknown, and so is that it was lost."""
    (seen,) = stand.on_copies(clock_over_outage, [(OUTAGE_S,)])
    measure("clock chips fitted", int(seen.fitted), "")
    if seen.fitted:
        error_s = seen.error_s
        measure(
            f"clock after {OUTAGE_S} s without supply", error_s, "s", -CLOCK_ERROR_S, CLOCK_ERROR_S
        )
        measure("clock said to be lost", int(seen.lost_alarm), "", 0, 0)
    else:
        told = int(seen.error_s is not None)
        measure("clock not fitted: times told after an outage", told, "", 0, 0)
        measure("clock not fitted: said to be lost", int(seen.lost_alarm), "", 1, 1)


def _count(those) -> int:
    return sum(map(bool, those))
