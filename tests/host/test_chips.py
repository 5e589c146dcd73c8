"""Chips as data: the shipped boards keep to them, and the firmware is built for each of them."""

import ast
from types import SimpleNamespace

import pytest
from sibiao.config import load
from sibiao.firmware import chip_code
from sibiao.firmware.inline import inline_constants
from sibiao.firmware.slot import FIRMWARE, compile_mpy, firmware_sources

CHIPS = load.names("chips")
BOARDS = load.names("boards")
MAIN = (FIRMWARE / "main.py").read_text(encoding="utf-8")
POWER_ON, WATCHDOG, REQUESTED, MAINTENANCE = 1, 2, 3, 4
HARD_RESET = 2  # what an ESP32 or STM32 calls the end of machine.reset()


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_asks_of_its_chip_only_what_it_can(name):
    board = load.read("boards", name)
    chip = load.chip_of(board)
    wired = [board.led]
    for uart in board.uarts.values():
        assert uart.uart in chip.free_uarts
        assert chip.reaches("uarts", uart.uart, "tx", uart.tx)
        assert chip.reaches("uarts", uart.uart, "rx", uart.rx)
        wired += [uart.tx, uart.rx, *(p for p in (uart.direction, uart.supply) if p is not None)]
    used = {}
    for part in filter(None, (board.rtc, board.fram)):
        assert chip.reaches("i2cs", part.i2c, "scl", part.scl)
        assert chip.reaches("i2cs", part.i2c, "sda", part.sda)
        used |= {part.scl: "bus", part.sda: "bus"}
    for pin in board.pulse_inputs.values():
        wired.append(pin.gpio)
        assert pin.source != "namur" or pin.gpio in chip.adc
        assert not (pin.pull_up and pin.gpio in chip.no_pull)
        assert pin.gpio not in chip.strapping
    kinds = [pin.source for pin in board.pulse_inputs.values()]
    assert kinds.count("pio") <= chip.pio_machines and kinds.count("counter") <= chip.counters
    wired += [part.gpio for part in (board.supply, board.button) if part]
    assert len({uart.uart for uart in board.uarts.values()}) == len(board.uarts)
    assert len(set(wired)) == len(wired) and not set(wired) & set(used)
    for gpio in (*wired, *used):
        assert chip.has(gpio) and gpio not in chip.reserved, gpio


@pytest.mark.parametrize("name", BOARDS)
def test_the_edges_of_a_board_are_pins_of_its_chip_each_once(name):
    board = load.read("boards", name)
    if board.edges is None:
        return
    pins = [p for p in (*board.edges.left, *board.edges.right) if isinstance(p, int)]
    assert len(set(pins)) == len(pins) and all(map(load.chip_of(board).has, pins))


@pytest.mark.parametrize("name", CHIPS)
def test_no_pin_of_a_table_is_one_that_the_chip_has_not(name):
    chip = load.read("chips", name)
    for kind in ("uarts", "i2cs", "spis"):
        for peripheral in getattr(chip, kind).values():
            pins = [p for role in type(peripheral).model_fields for p in getattr(peripheral, role)]
            assert len(set(pins)) == len(pins) and all(map(chip.has, pins))
    listed = [*chip.adc, *chip.input_only, *chip.strapping, *chip.reserved]
    assert all(map(chip.has, listed))


def test_the_firmware_as_it_stands_is_the_rp2040s():
    chip = load.read("chips", "rp2040")
    assert chip_code.main_source(chip, MAIN) == MAIN
    source = firmware_sources()[chip_code.CHIP]
    made = chip_code.chip_source(chip, source)
    same = [ast.dump(ast.parse(text)) for text in (source, made)]
    assert same[0] == same[1]


@pytest.mark.parametrize("name", CHIPS)
def test_main_and_power_compile_for_each_chip(name):
    chip = load.read("chips", name)
    assert compile_mpy(chip_code.main_source(chip, MAIN), "main.py")


class Board:
    """A chip's registers and memory over its resets, and its `hal.power` after each."""

    def __init__(self, name):
        self.chip = load.read("chips", name)
        self.words = {}
        self.memory = b""
        self.resets = 0

    def start(self, cause):
        if cause == 1:
            self.words, self.memory = {}, b""
        kept = self.chip.retained
        self.machine = SimpleNamespace(
            PWRON_RESET=1,
            WDT_RESET=3,
            reset_cause=lambda: cause,
            reset=self._reset,
            mem32=None if kept == "rtc-memory" else _Registers(self.words, kept),
            RTC=lambda: SimpleNamespace(memory=self._memory),
        )
        sources = firmware_sources()
        wanted = (chip_code.CHIP, "converter/hal/power.py", "converter/hal/rtc_memory.py")
        sources = {path: sources[path] for path in wanted}
        sources[chip_code.CHIP] = chip_code.chip_source(self.chip, sources[chip_code.CHIP])
        made = inline_constants(sources)
        words = {"machine": self.machine, "const": lambda n: n}
        if self.chip.retained == "rtc-memory":
            exec(_bare(made["converter/hal/rtc_memory.py"]), words)
        exec(_bare(made["converter/hal/power.py"]), words)
        self.power = SimpleNamespace(**words)
        return self.power.start_cause()

    def note_of_main(self, number):
        """What main.py does before it resets: 1, or when it opens the prompt: 2."""
        lines = chip_code.main_source(self.chip, MAIN).splitlines()
        place = [k for k, line in enumerate(lines) if "as hal.power" in line][number - 1]
        exec(lines[place].strip(), {"machine": self.machine})

    def _reset(self):
        self.resets += 1

    def _memory(self, data=None):
        if data is None:
            return self.memory
        self.memory = bytes(data)


class _Registers(dict):
    def __init__(self, words, allowed):
        super().__init__()
        self._words, self._allowed = words, allowed

    def __getitem__(self, address):
        assert address in self._allowed
        return self._words.get(address, 0)

    def __setitem__(self, address, word):
        assert address in self._allowed
        self._words[address] = word


def _bare(source):
    """Without its imports: what they bring is given."""
    tree = ast.parse(source)

    class Drop(ast.NodeTransformer):
        def visit_Import(self, node):
            return ast.Pass()

        visit_ImportFrom = visit_Import

    return ast.unparse(Drop().visit(tree))


@pytest.mark.parametrize("name", CHIPS)
def test_why_it_starts_outlives_a_reset_on_each_chip(name):
    board = Board(name)
    by_itself = 3 if board.chip.platform == "rp2" else HARD_RESET
    assert board.start(1) == (POWER_ON, 0, False)
    board.power.running(4)
    assert board.start(3) == (WATCHDOG, 4, False)
    board.power.unkept(True)
    board.power.reset()
    assert board.resets == 1 and board.start(by_itself) == (REQUESTED, 0, True)
    board.power.running(2)
    board.power.unkept(True)
    board.note_of_main(1)
    assert board.start(by_itself) == (REQUESTED, 0, True)
    board.note_of_main(2)
    assert board.start(by_itself) == (MAINTENANCE, 0, False)
    board.power.running(5)
    assert board.start(1) == (POWER_ON, 0, False)
    if board.chip.platform != "rp2":
        board.power.running(5)
        assert board.start(HARD_RESET) == (POWER_ON, 0, False)  # its button
