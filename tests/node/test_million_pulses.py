"""Pulses by the ten thousand on the VM in virtual time, and proof that a fault would be seen.

The whole million is part of `make soak`; here it is 20 000 and the same code."""

import dataclasses

import pytest
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import firmware_sources
from sibiao.node.vm.virtual import run

from tests.soak.million_pulses import faults, four_inputs

pytestmark = [pytest.mark.vm, pytest.mark.takes(20)]

PULSE_IRQ = "converter/hal/pulse_irq.py"
PULSE_TASK = "converter/app/pulse_task.py"


@pytest.fixture(scope="module")
def community():
    return four_inputs()


def spoilt(path, *changes):
    """The firmware's sources with (old, new) changes in one of them."""
    sources = firmware_sources()
    source = sources[path]
    for old, new in changes:
        assert source.count(old) == 1, f"{path} has changed: {old!r} is not there once"
        source = source.replace(old, new)
    return sources | {path: source}


def test_none_lost_none_extra(community):
    result = run(community, 20_000, seed=1)
    assert faults(result) == []
    assert sum(result.emitted) == 20_000
    assert result.edges > 8 * 20_000  # it bounced
    assert result.printed == ""


def test_interrupts_that_merge_lose_nothing(community):
    result = run(community, 2000, seed=2, handler_us=400)
    assert faults(result) == []
    assert result.interrupts < 0.8 * result.edges


def test_same_seed_same_life(community):
    lives = [run(community, 400, seed=3) for _ in range(2)]
    first, again = (dataclasses.replace(life, wall_s=0) for life in lives)
    assert first == again
    assert run(community, 400, seed=4).edges != first.edges


def test_flash_that_takes_its_time_costs_pulses_and_never_invents_any(community):
    result = run(community, 2000, seed=1, flash_time=True)
    # An erase of 60 ms hides a period of 50 ms from every input.
    assert 0 < result.lost <= 2 * len(result.emitted) * result.erases
    assert result.extra == result.reads_above_truth == 0
    assert result.restored == result.counted
    assert result.flash_us == 700 * result.programs + 60_000 * result.erases


def test_filter_without_its_comparison_is_seen(community):
    comparison = " and self._ticks_diff(now, self._since_us) >= self._min_us[ended]"
    sources = spoilt(PULSE_IRQ, (comparison, ""))
    result = run(community, 400, seed=1, sources=sources)
    assert result.extra > 400
    assert result.reads_above_truth > 0
    # Without bounce such a filter is as good as any: it is the bounce that was counted.
    assert faults(run(community, 400, seed=1, sources=sources, bounce_us=0)) == []


def test_interrupt_between_two_steps_of_the_program_is_seen(community):
    # The age of a level, taken in two steps: sound as long as no interrupt comes between them.
    two_steps = (
        "self._ticks_diff(self._ticks_us(), self._since_us)",
        "-self._ticks_diff(self._since_us, self._ticks_us())",
    )
    off = "state = machine.disable_irq()\n"
    on = off + "        machine.enable_irq(state)\n"
    sound = run(community, 2000, seed=1, look_us=500, sources=spoilt(PULSE_IRQ, two_steps))
    assert faults(sound) == []
    open_door = spoilt(PULSE_IRQ, two_steps, (off, on))
    assert run(community, 2000, seed=1, look_us=500, sources=open_door).extra > 0


def test_totals_never_committed_are_seen(community):
    sources = spoilt(PULSE_TASK, ("each.commit()", "pass"))
    result = run(community, 400, seed=1, sources=sources)
    assert result.counted == result.emitted
    assert result.restored == [0, 0, 0, 0]


def test_watchdog_strikes_in_virtual_time(community):
    sources = spoilt("converter/app/supervisor.py", ("watchdog.feed()", "pass"))
    result = run(community, 2000, seed=1, sources=sources)
    assert result.ended == "watchdog"
    assert 8_000_000 <= result.virtual_us < 8_100_000


def test_program_that_loops_without_looking_is_an_error(community):
    beat = "            beat()\n"
    hang = "            while True:\n                pass\n"
    sources = spoilt(PULSE_TASK, (beat, hang))
    with pytest.raises(SibiaoError, match="did not come to its end within 3 s"):
        run(community, 400, seed=1, sources=sources, limit_s=3)
