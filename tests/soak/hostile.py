"""A strict and hostile electricity meter at the whole node in virtual time: the plan that proves
99.9 %, other lengths beside it, and a sound line while records are saved."""

from __future__ import annotations

from collections.abc import Sequence

from sibiao.config.load import Loaded, load
from sibiao.node.vm.virtual import VirtualNode
from sibiao.node.vm.virtual.board import posed
from sibiao.sim.hostile.items import (
    longer_of_community,
    of_community,
    with_a_clock_of_community,
)
from sibiao.sim.hostile.meter import HostileMeter
from sibiao.sim.hostile.result import HostileResult, Plan
from sibiao.sim.hostile.run import measured
from sibiao.sim.pulse.meter import PulseMeter
from sibiao.sim.uplink.dlt645_reading import ReadItem, made_frame

from tests.soak.million_pulses import four_inputs

S = 1_000_000_000
ERRORS = 1e-4
_FOREVER_NS = 10**18
_SHORT = 20  # data bytes
_LITRES, _FLOW = 10, 720_000  # 20 pulses a second
_UPLINK = 0
_SAMPLE = load("sample")


def quiet_node(loaded: Loaded, sources=None, **options) -> VirtualNode:
    """Started, its contacts open."""
    node = posed(loaded, sources, **options)
    for pin in loaded.board.pulse_inputs.values():
        node.set_pin(pin.gpio, 1)
    node.run(3 * S)
    return node


def at_rest(plan: Plan, items: Sequence[ReadItem] | None = None, **options) -> HostileResult:
    """`items`: else the single values of up to 20 data bytes."""
    items = items or [item for item in of_community(_SAMPLE) if 4 + item.size <= _SHORT]
    with quiet_node(_SAMPLE, sources=options.pop("sources", None)) as node:
        if any(item in with_a_clock_of_community(_SAMPLE) for item in items):
            # Just before a settlement day; what it froze is on the record some seconds later.
            node.line(_UPLINK).settings(2400, "E")
            node.line(_UPLINK).send(made_frame("99" * 6, 0x08, bytes.fromhex("505923310126")))
            node.run(30 * S)

        def run_until(done):
            assert node.run_until(done, _FOREVER_NS)

        return measured(run_until, node.clock, node.line(_UPLINK), items, plan, **options)


def while_saving(
    reads: int, seed: int = 1, forms: Sequence[str] = ("plain",)
) -> tuple[HostileResult, dict]:
    """Four inputs at 20 Hz, a commit of each every second, flash that takes its time, a sound
    line. A value is true when it lies between the last one and the dial."""
    loaded = four_inputs()
    last: dict[str, int] = {}
    meters: dict[str, PulseMeter] = {}

    def true(item: ReadItem, field: bytes) -> bool:
        value = int(field[::-1].hex())
        before, last[item.name] = last.get(item.name, 0), value
        # Interrupts are off while the flash is erased, so pulses are lost: how many the soak of
        # the pulses says. None is ever invented.
        return before <= value <= meters[item.address].dial.at(-2, "m3").value

    with quiet_node(loaded, flash_time=True) as node:
        for point in loaded.community.points:
            pin = loaded.board.pulse_inputs[point.wired_to]
            base_l = int(float(point.base_reading) * 1000)
            meters[point.address] = PulseMeter(
                node, pin.gpio, litres_per_pulse=_LITRES, flow_l_per_h=_FLOW, base_reading_l=base_l
            )
            meters[point.address].start()
        items = [i for i in of_community(loaded) if i.address in meters]
        meter = HostileMeter(
            node.clock,
            node.line(_UPLINK),
            items,
            true,
            Plan(reads, tries=2),
            seed=seed,
            forms=forms,
        )
        meter.start()
        assert node.run_until(lambda: meter.finished, _FOREVER_NS)
    return meter.result, node.report


def figures(reads: int = 1000) -> tuple[list[str], list[str]]:
    """(lines for the record, faults)."""
    plan = Plan.proving(allowed=1)
    proof = at_rest(plan, errors=ERRORS)
    single = [item for item in of_community(_SAMPLE) if 4 + item.size > _SHORT]
    long = at_rest(Plan(reads), single + longer_of_community(_SAMPLE), errors=ERRORS)
    told = at_rest(Plan(reads), with_a_clock_of_community(_SAMPLE), errors=ERRORS)
    clean = at_rest(plan)
    saving, board = while_saving(reads)
    faults = []
    if proof.verdict != "proved":
        faults.append(f"hostile meter: {proof.as_json()}")
    if clean.reads.at_try != {1: clean.reads.asked} or clean.verdict != "proved":
        faults.append(f"hostile meter on a sound line: {clean.as_json()}")
    if saving.reads.failed or not saving.conforms:
        faults.append(f"hostile meter while saving: {saving.as_json()}")
    proving = (
        f"- **Hostile electricity meter** (whole node in virtual time, seed {proof.seed}; "
        f"{plan.reads} reads with at most {plan.allowed} failure was the plan; single values of "
        f"up to {_SHORT} data bytes, bit-error rate {ERRORS:g}, 3 tries)"
    )
    longer = (
        "- **The same, longer values**, reported (a text of 32 characters, the block of texts, "
        "and one of freezes with what follows)"
    )
    while_saved = (
        "- **While records are being saved** (pulses at 20 Hz on four inputs, flash that takes "
        f"its time, {board['commits']} commits, {board['erases']} erases; plain requests on a "
        "sound line, one repeat allowed)"
    )
    lines = [
        f"{proving}: {_said(proof)}.",
        f"{longer}: {_said(long)}. {_of_items(long)}.",
        f"- **The same of a settled index and of value times**, reported: {_said(told)}.",
        f"- **The same on a sound line**: {_said(clean)}.",
        f"{while_saved}: {_said(saving)}.",
    ]
    return lines, faults


def _of_items(r: HostileResult) -> str:
    at = {item.name: 4 + item.size for item in longer_of_community(_SAMPLE)}
    each = (
        f"{name.split(' ', 1)[1]} ({at[name]} bytes) {tally.right} of {tally.asked}"
        for name, tally in r.items.items()
        if name in at
    )
    return "Of them " + ", ".join(each)


def _said(r: HostileResult) -> str:
    at = ", ".join(f"{n} at try {k}" for k, n in sorted(r.reads.at_try.items()))
    return (
        f"{r.reads.right} of {r.reads.asked} right ({at}), {r.reads.wrong} wrong values, "
        f"at least {100 * r.bound:.3f} % at 95 % confidence; {r.kept} of {r.silences} silences "
        f"kept, {r.unexpected} unexpected, {r.early} early, {r.late} late, answers after "
        f"{r.shortest_ns / 1e6:.1f} to {r.longest_ns / 1e6:.1f} ms"
    )
