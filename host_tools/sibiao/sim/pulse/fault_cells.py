"""What a converter must make of each named fault on each wiring: the cells of the table.

A cell says what is required of a register and its events. What no wiring of this kind can tell
stands here with its bound, so that nobody promises it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sibiao.sim.pulse.story import Story
from sibiao.sim.pulse.wiring import SEQUENCE, SINGLE, WIRINGS

EXACT = "exact"
EXACT_WITH_EVENT = "exact with an event"
BOUNDED_WITH_EVENT = "an event, and a bounded error"  # what passed unseen nobody can know
NOT_DISTINGUISHABLE = "not distinguishable"


@dataclass(frozen=True)
class Outcome:
    """What the register and the events must be.

    `extra` and `missing`: pulses too many and too few, at most, for each time that something is
    told to have happened (the names are those of `Story.counts`).
    """

    kind: str
    event: str = ""  # must be raised
    extra: dict[str, int] = field(default_factory=dict)
    missing: dict[str, int] = field(default_factory=dict)
    allowed: frozenset[str] = frozenset()  # events that may be raised as well
    why: str = ""

    def bound(self, story: Story) -> tuple[int, int]:
        """Pulses (missing, extra) that the register may be off by, without the wheel's play."""
        return _times(self.missing, story), _times(self.extra, story)


def _times(rates: dict[str, int], story: Story) -> int:
    return sum(rate * story.counts.get(what, 0) for what, rate in rates.items())


def _row(fault: str, single: Outcome, namur=None, quadrature=None, sequence=None) -> dict:
    cells = (single, namur or single, quadrature or single, sequence or single)
    return {(fault, kind): cell for kind, cell in zip(WIRINGS, cells, strict=True)}


def _unknown(why: str, allowed: tuple[str, ...] = (), missing=None, **extra: int) -> Outcome:
    named = {name.replace("_", " "): rate for name, rate in extra.items()}
    return Outcome(NOT_DISTINGUISHABLE, "", named, missing or {}, frozenset(allowed), why)


def _told(event: str, why: str = "", *allowed: str) -> Outcome:
    return Outcome(EXACT_WITH_EVENT, event, allowed=frozenset(allowed), why=why)


def _told_bounded(event: str, extra: dict[str, int], why: str, *allowed: str) -> Outcome:
    return Outcome(BOUNDED_WITH_EVENT, event, extra, _UNSEEN, frozenset(allowed), why)


def _across(what: str, *allowed: str) -> Outcome:
    why = "there is no filter: across an edge of the other contact it is a turn back"
    return Outcome(NOT_DISTINGUISHABLE, "", {}, {what: 1}, frozenset(allowed), why)


_UNSEEN = {"pulse unseen": 1}
_exact = Outcome(EXACT)
_jumps = Outcome(EXACT, allowed=frozenset(("MAGNET",)), why="both contacts jump at once")
_no_way = _unknown("one contact does not tell the way", pulse_back=2)
_stuck = _unknown("a contact that stays closed is a wheel that stands", missing=_UNSEEN)
_blind = _unknown("what passes meanwhile nobody sees", missing=_UNSEEN, magnet=1)
_cut = _unknown("a cut wire is an open contact", cut=1)
_cut_blind = _unknown("a cut wire is an open contact", missing=_UNSEEN, cut=1)
_short = _unknown("a short wire is a closed contact", short=1)
_short_blind = _unknown("a short wire is a closed contact", missing=_UNSEEN, short=1)
_between_looks = "what lies between two looks is not seen, and false levels join"
_two_ways = ("BACKFLOW", "MAGNET")

TABLE: dict[tuple[str, str], Outcome] = {
    **_row("clean", _exact),
    **_row("bounce_closing", _exact),
    **_row("bounce_opening", _exact),
    **_row("slow_edges", _exact),
    **_row("narrow_active", _exact),
    **_row("narrow_idle", _exact),
    **_row("first_after_pause", _exact),
    **_row("closed_at_start", _exact),
    **_row("closed_stop", _exact),
    **_row("read_at_closed_stop", _exact),
    **_row("button_shift", _exact),
    **_row("disturbances", _exact, quadrature=_across("disturbance")),
    **_row("emi_burst", _exact, quadrature=_across("burst", "MAGNET")),
    **_row(
        "skewed_spikes",
        _exact,
        quadrature=_unknown(
            "A, B, A, B in a millisecond is a turn of the wheel", _two_ways, {"spike": 1}, spike=1
        ),
    ),
    **_row("mains_pickup", _exact, quadrature=_across("mains cycle", "MAGNET")),
    **_row("pulses_in_transmission", _exact),
    **_row("vibration_at_edge", _exact),
    **_row(
        "swing_at_edge",
        _unknown("a swing slower than the filter is a pulse", swing=1),
        quadrature=_exact,
        sequence=_exact,
    ),
    **_row(
        "water_hammer",
        _unknown("one contact does not tell the way", blow=2),
        quadrature=_exact,
        sequence=_unknown("back over both contacts and forth again is a pulse", blow=1),
    ),
    **_row("backflow", _no_way, quadrature=_told("BACKFLOW")),
    **_row("stuck_closed", _stuck, sequence=_unknown(_stuck.why, ("MAGNET",), _UNSEEN)),
    **_row(
        "magnet_at_rest",
        _unknown("a magnet closes the contact as the wheel does", magnet=1),
        quadrature=_unknown(
            "a magnet that comes from one side is a turn", _two_ways, {"magnet": 1}, magnet=1
        ),
        sequence=_told("MAGNET"),
    ),
    **_row(
        "magnet_in_flow",
        _blind,
        quadrature=_unknown(_blind.why, _two_ways, {**_UNSEEN, "magnet": 1}, magnet=1),
        sequence=_told_bounded("MAGNET", {"magnet": 1}, _blind.why),
    ),
    **_row(
        "cable_cut_at_rest", _cut, namur=_told("CABLE_CUT"), quadrature=_jumps, sequence=_exact
    ),
    **_row(
        "cable_cut_in_flow",
        _cut_blind,
        namur=_told_bounded("CABLE_CUT", {"cut": 1}, _blind.why),
        quadrature=_unknown(_cut.why, _two_ways, {**_UNSEEN, "cut": 1}, cut=1),
        sequence=_cut_blind,
    ),
    **_row(
        "cable_short_at_rest",
        _short,
        namur=_told("CABLE_SHORT"),
        quadrature=_jumps,
        sequence=_told("MAGNET"),
    ),
    **_row(
        "cable_short_in_flow",
        _short_blind,
        namur=_told_bounded("CABLE_SHORT", {"short": 1}, _blind.why),
        quadrature=_unknown(_short.why, _two_ways, {**_UNSEEN, "short": 1}, short=1),
        sequence=_told_bounded("MAGNET", {"short": 1}, _blind.why),
    ),
    **_row("cover_opened", _unknown("no wire goes to the cover; the count is exact")),
}

# Where contacts that open for a pulse change a cell.
NORMALLY_CLOSED: dict[tuple[str, str], Outcome] = {
    ("cable_cut_at_rest", SEQUENCE): _told("MAGNET"),
    ("cable_cut_in_flow", SEQUENCE): _told_bounded("MAGNET", {"cut": 1}, _blind.why),
    ("cable_short_at_rest", SEQUENCE): _exact,
    ("cable_short_in_flow", SEQUENCE): _short_blind,
}

# Where sampling every 5 ms instead of interrupts changes a cell.
SAMPLED: dict[tuple[str, str], Outcome] = {
    ("slow_edges", SINGLE): _unknown(_between_looks, slow_edge=1),
    ("vibration_at_edge", SINGLE): _unknown(_between_looks, tremble=1),
}

# Where a wire through the cable and a contact under the cover change a cell.
GUARDED: dict[tuple[str, str], Outcome] = {
    **_row(
        "cable_cut_at_rest",
        Outcome(BOUNDED_WITH_EVENT, "CABLE_CUT", {"cut": 1}, why=_cut.why),
        namur=_told("CABLE_CUT"),
        quadrature=_told("CABLE_CUT", "", "MAGNET"),
        sequence=_told("CABLE_CUT", "", "MAGNET"),
    ),
    **_row(
        "cable_cut_in_flow",
        _told_bounded("CABLE_CUT", {"cut": 1}, _blind.why),
        quadrature=Outcome(
            BOUNDED_WITH_EVENT,
            "CABLE_CUT",
            {"cut": 1},
            {**_UNSEEN, "cut": 1},
            frozenset(_two_ways),
            _blind.why,
        ),
        sequence=_told_bounded("CABLE_CUT", {"cut": 1}, _blind.why, "MAGNET"),
    ),
    **_row("cover_opened", _told("TAMPER")),
}
