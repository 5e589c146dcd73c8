"""A million pulses at 20 Hz on four inputs, in virtual time on the MicroPython VM: none lost, none
extra, while registers are read and totals committed; and what flash that takes its time costs."""

from __future__ import annotations

import dataclasses

from sibiao.config.load import Loaded, load
from sibiao.node.vm.virtual import Result, run

PULSES = 1_000_000
_WITH_FLASH_TIME = 100_000


def four_inputs() -> Loaded:
    """A community of four pulse meters on a Pico, its inputs by interrupt: the VM has no PIO."""
    loaded = load("four-water")
    inputs = {
        name: pin.model_copy(update={"source": "irq"})
        for name, pin in loaded.board.pulse_inputs.items()
    }
    changes = {"pulse_inputs": inputs, "rtc": None, "supply": None}
    save = loaded.community.policy.save.model_copy(
        update={"every_pulses": 10, "at_most_every_s": 1, "at_least_every_s": 5}
    )
    policy = loaded.community.policy.model_copy(update={"save": save})
    return dataclasses.replace(
        loaded,
        board=loaded.board.model_copy(update=changes),
        community=loaded.community.model_copy(update={"policy": policy}),
    )


def faults(result: Result) -> list[str]:
    """What is not as it must be when flash takes no time; nothing, in a sound node."""
    r = result
    found = {
        f"it ended by {r.ended}": r.ended != "finished",
        f"{r.lost} pulses lost, {r.extra} extra: {r.counted}": r.counted != r.emitted,
        f"after a power cut {r.restored}": r.restored != r.emitted,
        "an index differs from its pulses": not r.indexes_true,
        f"{r.reads_tried - r.reads_answered} reads unanswered": r.reads_answered < r.reads_tried,
        f"{r.reads_unsound} unsound answers": r.reads_unsound > 0,
        f"{r.reads_above_truth} values above truth": r.reads_above_truth > 0,
        f"{r.reads_backwards} values went backwards": r.reads_backwards > 0,
        # A pulse is counted 10 ms after its edge and taken within 100 ms; an answer takes 120 ms.
        f"a value was {r.most_pulses_behind} pulses behind": r.most_pulses_behind > 8,
        # DL/T 645-2007, clause 5.3.3.
        f"an answer after {r.shortest_turnaround_us} us": r.shortest_turnaround_us < 20_000,
        f"an answer after {r.longest_turnaround_us} us only": r.longest_turnaround_us > 500_000,
        f"{r.overruns} bytes not received": r.overruns > 0,
        # Each total was committed at least every 5 s of its life.
        f"{r.commits} commits": r.commits < len(r.emitted) * r.virtual_us // 6_000_000,
    }
    return [text for text, wrong in found.items() if wrong]


def figures(pulses: int = PULSES, seed: int = 1) -> tuple[list[str], list[str]]:
    """(lines for the record, faults): some minutes of one core for a million pulses."""
    community = four_inputs()
    whole = run(community, pulses, seed)
    slow = run(community, min(pulses, _WITH_FLASH_TIME), seed, flash_time=True)
    found = faults(whole)
    if slow.extra or slow.reads_above_truth:
        found.append(f"with flash that takes its time {slow.extra} pulses extra")
    return [_whole_line(whole, seed), _slow_line(slow)], found


def _whole_line(r: Result, seed: int) -> str:
    return (
        f"- **Pulses in virtual time** (MicroPython VM, seed {seed}): {sum(r.emitted)} pulses at "
        f"20 Hz on {len(r.emitted)} inputs, 1 ms bounce, {r.edges} edges, {r.interrupts} "
        f"interrupts, {r.virtual_us // 1_000_000} s: {r.lost} lost, {r.extra} extra. Meanwhile "
        f"{r.reads_answered} of {r.reads_tried} reads answered, at most {r.most_pulses_behind} "
        f"pulses behind and {r.reads_above_truth} times above truth, "
        f"{r.shortest_turnaround_us / 1000:.1f} to {r.longest_turnaround_us / 1000:.1f} ms after "
        f"the request; {r.commits} commits, {r.programs} page programs, {r.erases} erases, all in "
        f"no time; after a power cut {sum(n or 0 for n in r.restored)} pulses restored."
    )


def _slow_line(r: Result) -> str:
    return (
        f"- **The same with flash that takes its time** (0.7 ms a page, 60 ms an erase, "
        f"interrupts off, sources by interrupt): {r.lost} of {sum(r.emitted)} pulses lost, "
        f"{r.extra} extra, in {r.erases} erases and {r.programs} page programs."
    )
