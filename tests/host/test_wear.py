"""What a commit costs the flash: config/device/wear.py against the Pico's littlefs."""

import os
from collections import Counter
from functools import cache

import pytest
from sibiao.config.device.wear import (
    BLOCK,
    WORST_ERASES,
    WORST_PROGRAMS,
    erases_per_commit,
    life_years,
    programs_per_commit,
)
from sibiao.node.pico.files import BLOCK_COUNT

from tests.host.cut_flash import LittlefsKeeper
from tests.unit.chips import Nor

COMMITS = 400
HISTORY, EVENTS = 540, 540


class Counted(Nor):
    """Counts the erases of each block."""

    def __init__(self, *rest):
        super().__init__(*rest)
        self.of_block = Counter()

    def erase(self, address):
        self.of_block[address // self.SECTOR] += 1
        return super().erase(address)


def board(records):
    """The Pico's file system, with two slots of firmware and these records in /state."""
    chip = Counted(BLOCK_COUNT, _with_firmware())
    keeper = LittlefsKeeper(chip)
    for name, size in records.items():
        keeper.commit(f"state/{name}", bytes(size))
    return chip, keeper


@cache
def _with_firmware():
    chip = Counted(BLOCK_COUNT)
    keeper = LittlefsKeeper(chip, fresh=True)
    for folder in ("a", "b", "state"):
        keeper.mkdir(folder)
    for n in range(40):
        keeper.commit(f"{'ab'[n % 2]}/module{n}.mpy", bytes(3000))
    chip.sound()
    return bytes(chip.contents)


def of_a_node(total=48, history=HISTORY, events=EVENTS):
    totals = {f"total{n}": total for n in range(1, 5)}
    return totals | {"events": events} | {f"history{n}": history for n in range(6)}


def measured(records, name, commits=COMMITS):
    """Programs and erases a commit, over whole periods: from one erase to another."""
    chip, keeper = board(records)

    def commit():
        before = chip.erases
        keeper.commit(f"state/{name}", os.urandom(records[name]))
        return chip.erases - before

    own = 0 if records[name] <= 512 else 1
    while commit() <= own:
        pass
    programs, erases, done, seen = chip.programs, chip.erases, 0, None
    for n in range(1, commits):
        if commit() > own:
            done, seen = n, (chip.programs - programs, chip.erases - erases)
    chip.sound()
    return seen[0] / done, seen[1] / done


def others(records, name):
    return [size for other, size in records.items() if other != name]


@pytest.mark.parametrize("size", [28, 48, 76, 140, 200, 300, 480, 490, 512, 513, 540, 1000])
def test_alone(size):
    programs, erases = measured({"record": size}, "record")
    assert programs_per_commit(size) == pytest.approx(programs, rel=0.05)
    assert erases_per_commit(size) == pytest.approx(erases, rel=0.05)


@pytest.mark.parametrize("size", [48, 76, 140, 300, 540])
def test_among_the_records_of_a_node(size):
    records = of_a_node() | {"total1": size}
    beside = others(records, "total1")
    programs, erases = measured(records, "total1")
    assert programs_per_commit(size, beside) == pytest.approx(programs, rel=0.05)
    assert erases_per_commit(size, beside) == pytest.approx(erases, rel=0.05)


@pytest.mark.parametrize("size", [48, 140, 300])
def test_a_crowded_folder_is_bounded(size):
    records = of_a_node(history=500, events=500) | {"total1": size}
    _, erases = measured(records, "total1")
    assert erases <= erases_per_commit(size, others(records, "total1")) <= 2 * erases


def test_erases_are_spread_over_the_free_blocks():
    # A hundred erases of a block, then another takes its turn: no block is far ahead of that.
    chip, keeper = board(of_a_node())
    chip.of_block.clear()
    commits = Counter()
    for n in range(6_000):
        before = chip.programs, chip.erases
        if n % 47:
            keeper.commit(f"state/total{1 + n % 4}", os.urandom(48))
        else:
            keeper.commit(f"state/history{n // 47 % 6}", os.urandom(HISTORY))
        commits[chip.programs - before[0], chip.erases - before[1]] += 1
    visited = [count for count in chip.of_block.values() if count > 1]
    assert max(visited) <= 110 and len(visited) >= 4
    assert max(programs for programs, _ in commits) <= WORST_PROGRAMS
    assert max(erases for _, erases in commits) == WORST_ERASES


def test_life():
    # Four totals committed every two minutes, history once an hour, 250 free blocks.
    records = of_a_node()
    an_hour = 4 * 30 * erases_per_commit(48, others(records, "total1"))
    an_hour += erases_per_commit(HISTORY, others(records, "history0"))
    assert 300 < life_years(an_hour, 250) < 330
    assert life_years(an_hour, 250, 10_000) == pytest.approx(life_years(an_hour, 250) / 10)
    assert BLOCK == Nor.SECTOR
