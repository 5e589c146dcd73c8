"""The NOR model and the board's file system on the host; no firmware involved."""

import pytest
from rp2040py.clock.simulation_clock import SimulationClock
from rp2040py.peripherals import ssi
from sibiao.errors import SibiaoError
from sibiao.node.pico import files as littlefs
from sibiao.node.pico.nor import FlashTiming, NorFlash

PAGE = bytes(range(256))


class Pin:
    value = 0

    def add_listener(self, listener): ...


class Chip:
    def __init__(self):
        self.clock = SimulationClock()
        self.qspi = [Pin(), Pin()]
        self.flash = bytearray(b"\xff" * 65536)


class Bench:
    def __init__(self, seed=0):
        self.chip = Chip()
        self.clock = self.chip.clock
        self.cuts = []
        self.flash = NorFlash(self.chip, self.clock, self._advance, self._cut, seed)

    def _advance(self, until_ns):
        if until_ns > self.clock.nanos:
            self.clock.tick(until_ns - self.clock.nanos)

    def _cut(self):
        self.cuts.append(self.clock.nanos)
        self.flash.power_cut()

    def command(self, *data):
        answers = [self.flash._shift_byte(byte) for byte in data]
        self.flash._apply_command()
        return answers

    def write(self, opcode, address, data=b""):
        self.command(ssi.CMD_WRITE_ENABLE)
        self.command(opcode, *address.to_bytes(3, "big"), *data)

    def program(self, address, data):
        self.write(ssi.CMD_PAGE_PROGRAM, address, data)

    def wait(self):
        return self.command(ssi.CMD_READ_STATUS_1, 0)[1]


def test_a_write_keeps_the_part_busy_for_its_time():
    bench = Bench()
    bench.program(0, PAGE)
    bench.wait()
    assert bench.clock.nanos == bench.flash.timing.program_ns
    bench.flash.timing = FlashTiming(sector_erase_ns=400_000_000)
    bench.write(ssi.CMD_SECTOR_ERASE, 0)
    bench.wait()
    assert bench.clock.nanos == 700_000 + 400_000_000


def test_a_program_clears_bits_and_an_erase_sets_a_whole_sector():
    bench = Bench()
    bench.program(0x1100, b"\xf0" * 256)
    bench.program(0x1100, b"\x3c" * 256)
    assert set(bench.chip.flash[0x1100:0x1200]) == {0x30}
    bench.write(ssi.CMD_SECTOR_ERASE, 0x1234)
    assert set(bench.chip.flash) == {0xFF}


def test_nothing_is_written_without_write_enable():
    bench = Bench()
    bench.command(ssi.CMD_PAGE_PROGRAM, 0, 0, 0, 1, 2, 3)
    assert set(bench.chip.flash) == {0xFF} and not bench.flash.operations


def test_programs_and_erases_are_counted_by_sector():
    bench = Bench()
    for sector in (2, 2, 5):
        bench.write(ssi.CMD_SECTOR_ERASE, sector * 4096)
    bench.write(ssi.CMD_BLOCK_ERASE, 0)
    bench.program(0, PAGE)
    assert (bench.flash.programs, bench.flash.erases) == (1, 4)
    assert bench.flash.block_erases == dict.fromkeys(range(16), 1) | {2: 3, 5: 2}


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_torn_program_has_only_cleared_bits_that_were_to_be_cleared(part):
    bench = Bench(seed=7)
    bench.flash.cut_at(2, part)
    bench.program(0, b"\x0f" * 256)
    bench.wait()
    bench.program(256, PAGE)
    bench.clock.tick(1_000_000)
    assert bench.cuts == [700_000 + part * 700_000]
    torn = bytes(bench.chip.flash[256:512])
    assert torn not in (PAGE, b"\xff" * 256)
    assert all(kept & wanted == wanted for kept, wanted in zip(torn, PAGE, strict=True))
    assert bytes(bench.chip.flash[:256]) == b"\x0f" * 256


def test_a_torn_erase_loses_what_was_there_and_is_not_clean():
    bench = Bench(seed=7)
    bench.chip.flash[:4096] = PAGE * 16
    early, late = bytes(PAGE * 16), b"\xff" * 4096
    bench.flash.cut_at(1, 0.25)
    bench.write(ssi.CMD_SECTOR_ERASE, 0)
    bench.clock.tick(60_000_000)
    torn = bytes(bench.chip.flash[:4096])
    assert torn not in (early, late)
    assert all(now & ~before & 0xFF == 0 for now, before in zip(torn, early, strict=True))


def test_a_write_that_had_ended_is_not_torn():
    bench = Bench()
    bench.program(0, PAGE)
    bench.wait()
    bench.flash.power_cut()
    assert bytes(bench.chip.flash[:256]) == PAGE


def test_the_same_seed_tears_the_same_way():
    def torn(seed):
        bench = Bench(seed)
        bench.flash.cut_at(1)
        bench.program(0, bytes(256))
        bench.clock.tick(1_000_000)
        return bytes(bench.chip.flash[:256])

    assert torn(1) == torn(1) != torn(2)


def test_files_come_back_out_of_the_image_they_went_into():
    files = {"/main.py": b"print(1)\n", "/a/b/c.mpy": bytes(range(256)) * 40, "/empty": b""}
    image = littlefs.build_littlefs(files)
    assert len(image) == 352 * 4096
    assert littlefs.read_littlefs(image) == files


def test_what_does_not_fit_or_is_no_file_system_is_said_so():
    with pytest.raises(SibiaoError, match="/big"):
        littlefs.build_littlefs({"/big": bytes(2_000_000)})
    with pytest.raises(SibiaoError, match="no readable file system"):
        littlefs.read_littlefs(b"\xff" * 352 * 4096)
