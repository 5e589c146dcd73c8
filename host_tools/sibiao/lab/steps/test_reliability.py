"""DB37/T 5104, 4.12 and 5.13: whether what is collected is true."""

from sibiao.lab.measures.bus_reading import failing
from sibiao.lab.measures.contact import pulse_points
from sibiao.lab.measures.hostile_reading import BIT_ERRORS, read
from sibiao.lab.measures.pulse_accuracy import count, live_through
from sibiao.lab.plugin import clause
from sibiao.lab.record import CannotDo, PulseTrain, SuccessRate
from sibiao.sim.hostile.forms import FORMS
from sibiao.sim.hostile.result import Plan
from sibiao.sim.pulse.faults import FAULTS

# Pulses of each point; a meter that loses one in a thousand must be caught.
PULSES = {True: 1100, False: 12_000}  # quick, full
PULSES_ON_PICO = 300  # quick: its emulated time is dear
STORY_PULSES = {True: 10, False: 40}
STORIES = {
    True: ("bounce_closing", "emi_burst", "swing_at_edge", "pulses_in_transmission"),
    False: tuple(FAULTS),
}
BUS_FAULTS = {
    True: ("wrong-checksum=0@0.6", "truncated=5@0.6"),
    False: ("silent", "slow", "echo", "wrong-checksum", "second", "truncated", "duplicated"),
}
BUS_ROUNDS = {True: 2, False: 12}
# Two bit errors can hide from a checksum of eight bits: what they do is told, not judged.
NOISE = "noise=0.001"
HOSTILE_READS = {True: 8, False: 400}  # on each line
TRIES = 3
# By chance alone about one read in ten thousand fails three times, or is wrong, at this rate.
FAILED_BY_BIT_ERRORS = 1


@clause("4.12/5.13", "reliability")
def test_pulse_accuracy(stand, measure, plot, rng, quick, progress):
    """A good meter's pulses, as quick as its input follows: all are counted, none besides."""
    points = _pulse_points(stand)
    pulses = PULSES_ON_PICO if quick and stand.kind == "pico" else PULSES[quick]
    work = [(of.number, pulses, rng.getrandbits(32)) for of in points]
    for seen in stand.on_copies(count, work, progress):
        plot(PulseTrain(seen.times_s, seen.told, seen.point))
        measure(f"{seen.point}: pulses", seen.given, "", pulses)
        measure(f"{seen.point}: lost", seen.lost, "pulses", 0, 0)
        measure(f"{seen.point}: extra", seen.extra, "pulses", 0, 0)
        measure(f"{seen.point}: index is base and pulses", int(seen.dial_true), "", 1, 1)


@clause("4.12/5.13", "reliability")
def test_faulty_pulse_meters(stand, measure, rng, quick, progress):
    """Stories of contacts, wheels and cables at fault: each ends as the table requires."""
    work = [
        (of.number, fault, STORY_PULSES[quick], rng.getrandbits(32))
        for of in _pulse_points(stand)
        for fault in STORIES[quick]
    ]
    lives = stand.on_copies(live_through, work, progress)
    for seen in lives:
        name = f"{seen.point}, {seen.fault}: against what the table allows"
        measure(name, len(seen.wrong), "complaints", 0, 0)
    assert not any(seen.wrong for seen in lives), "; ".join(w for s in lives for w in s.wrong)


@clause("4.12/5.13", "reliability")
def test_faulty_bus_meters(stand, measure, quick, progress):
    """Meters on a bus fail in every way: none is told as another value than it showed, and each is
    told again when it is well."""
    if not stand.bus_meters:
        raise CannotDo("no simulated meter hangs on a bus of this module")
    names = list(stand.bus_meters)[: 1 if quick else None]
    faults = BUS_FAULTS[quick] + (() if quick else (NOISE,))
    work = [(name, fault, BUS_ROUNDS[quick]) for name in names for fault in faults]
    for seen in stand.on_copies(failing, work, progress):
        name = f"{seen.point}, {seen.fault}"
        judged = 0 if seen.fault != NOISE else None
        measure(f"{name}: reads told", seen.told, "", 0, seen.asked)
        measure(f"{name}: wrong values", len(seen.wrong), "", 0, judged)
        measure(f"{name}: told again when well", int(seen.recovered), "", 1, 1)


@clause("4.12/5.13", "reliability")
def test_hostile_reader(stand, measure, plot, rng, quick, progress):
    """A hostile electricity meter gets true values, over a sound line and one with bit errors;
    wrong ones are counted apart. (When answers come is the channel's step.)"""
    plan = Plan(HOSTILE_READS[quick], tries=TRIES)
    lines = {"sound line": 0.0, f"bit errors {BIT_ERRORS:g}": BIT_ERRORS}
    work = [(plan, rng.getrandbits(32), tuple(FORMS), errors) for errors in lines.values()]
    for name, seen in zip(lines, stand.on_copies(read, work, progress), strict=True):
        is_sound = not seen.bit_error_rate
        reads = seen.reads
        plot(SuccessRate(reads.asked, reads.failed, seen.bound, f"hostile reader, {name}"))
        measure(f"{name}: reads", reads.asked, "", plan.reads)
        failed = 0 if is_sound else FAILED_BY_BIT_ERRORS
        measure(f"{name}: failed {TRIES} times, or wrong", reads.failed, "", 0, failed)
        measure(f"{name}: wrong values", reads.wrong, "", 0, 0 if is_sound else None)
        measure(f"{name}: success rate proven at 95 % confidence", 100 * seen.bound, "%")
        measure(f"{name}: bytes where none were due", seen.unexpected, "times", 0, 0)
        measure(f"{name}: silences kept", seen.kept, "", seen.silences, seen.silences)


def _pulse_points(stand):
    points = list(pulse_points(stand.loaded))
    if not points:
        raise CannotDo("the community counts no pulses")
    return points
