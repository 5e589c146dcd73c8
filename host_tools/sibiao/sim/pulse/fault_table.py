"""The table of faults: what is required of a wiring, the judge of a run, the page for people.

python -m sibiao.sim.pulse.fault_table prints the page.
"""

from __future__ import annotations

from collections.abc import Collection

from sibiao.sim.pulse.fault_cells import GUARDED, NORMALLY_CLOSED, SAMPLED, TABLE, Outcome
from sibiao.sim.pulse.faults import FAULTS
from sibiao.sim.pulse.story import Story
from sibiao.sim.pulse.wiring import SINGLE, WIRINGS, Wiring

_PLAY = 1  # pulses by which an exact register may differ: the wheel stands within a turn


def complaints(story: Story, register: int, events: Collection[str]) -> list[str]:
    """What is wrong with a register and events after a story; nothing, if all is as it must be."""
    must = outcome(story.fault, story.wiring)
    missing, extra = must.bound(story)
    wrong = []
    if not -missing - _PLAY <= register - story.dial <= extra + _PLAY:
        wrong.append(
            f"register {register}, dial {story.dial}: {must.kind}, up to {missing} missing and "
            f"{extra} extra"
        )
    if must.event and must.event not in events:
        wrong.append(f"no event {must.event}")
    wrong += [f"event {e}" for e in sorted(set(events) - must.allowed - {must.event})]
    return [f"{story.fault} on {story.wiring.kind}, seed {story.seed}: {w}" for w in wrong]


def outcome(fault: str, wiring: Wiring) -> Outcome:
    cell = fault, wiring.kind
    must = TABLE[cell]
    if wiring.active:
        must = NORMALLY_CLOSED.get(cell, must)
    if wiring.sampled:
        must = SAMPLED.get(cell, must)
    return GUARDED.get(cell, must) if wiring.guarded else must


def markdown() -> str:
    """The table for people, one row a fault."""
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    reasons: dict[str, int] = {}
    for fault, told in FAULTS.items():
        cells = [_cell(TABLE[fault, kind], reasons) for kind in WIRINGS]
        variants = [_variants(fault, name, changed, reasons) for name, changed in _VARIANTS]
        told_as = f"`{fault}`: {told.__doc__}"
        lines.append(_line([told_as, *cells, "; ".join(v for v in variants if v)]))
    notes = [f"{n}. {why}" for why, n in reasons.items()]
    return "\n".join([*lines, "", *notes])


_HEAD = ["fault", *WIRINGS, "otherwise"]
_VARIANTS = (
    ("sampled", SAMPLED),
    ("normally closed", NORMALLY_CLOSED),
    ("with cable loop and cover contact", GUARDED),
)


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _variants(fault: str, name: str, changed: dict, reasons: dict[str, int]) -> str:
    cells = {
        kind: _cell(changed[fault, kind], reasons) for kind in WIRINGS if (fault, kind) in changed
    }
    if len(cells) == len(WIRINGS) and len(set(cells.values())) == 1:
        return f"{name}: {cells[SINGLE]}"
    return "; ".join(f"{kind} {name}: {cell}" for kind, cell in cells.items())


def _cell(cell: Outcome, reasons: dict[str, int]) -> str:
    parts = [f"{cell.kind} {cell.event}".rstrip()]
    parts += [f"up to {n} extra a {what}" for what, n in cell.extra.items()]
    parts += [f"up to {n} missing a {what}" for what, n in cell.missing.items()]
    parts += [f"{event} possible" for event in sorted(cell.allowed)]
    note = f" ({reasons.setdefault(cell.why, len(reasons) + 1)})" if cell.why else ""
    return ", ".join(parts) + note


if __name__ == "__main__":
    print(markdown())
