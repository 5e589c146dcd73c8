"""The emulated Pico's flash: the time it takes, and what a power cut leaves of it."""

import pytest
from sibiao.node.pico.fork import in_fork
from sibiao.node.pico.nor import FlashTiming

from tests.node.pico_board import MS, S, booted, start

pytestmark = pytest.mark.pico


@in_fork
def test_a_flash_write_takes_the_time_the_part_takes():
    board = booted()
    operations = []
    board.flash.on_operation = operations.append
    write = (
        "t=time.ticks_us()\nf=open('/t','wb')\nf.write(bytes(5000))\nf.close()\n"
        "print(time.ticks_diff(time.ticks_us(),t))"
    )
    quick_us = int(board.exec_raw(write))
    busy_ns = sum(operation.busy_ns for operation in operations)
    assert operations and quick_us * 1000 > busy_ns
    assert board.flash.erases and board.flash.programs
    del operations[:]
    board.flash.timing = FlashTiming(program_ns=3 * MS, sector_erase_ns=400 * MS)
    slow_us = int(board.exec_raw(write))
    assert slow_us * 1000 > sum(operation.busy_ns for operation in operations) > 400 * MS
    # What the processor itself does is the same in both: the difference is the part's.
    assert slow_us - quick_us > 300_000


@in_fork
def test_an_erase_deafens_the_uart_when_more_comes_than_the_fifo_holds():
    board = booted()
    board.exec_raw("u=machine.UART(1,9600,tx=machine.Pin(4),rx=machine.Pin(5),rxbuf=256)")
    board.flash.timing = FlashTiming(sector_erase_ns=100 * MS)
    line = board.line(1)
    line.settings(9600, "N")
    begun = []
    board.flash.on_operation = lambda o: (
        o.kind == "erase"
        and not begun
        and (
            begun.append(o),
            line.send(bytes(range(80))),
        )
    )
    board.exec_raw("f=open('/t','wb')\nf.write(bytes(5000))\nf.close()\ntime.sleep_ms(200)")
    assert begun
    assert int(board.exec_raw("print(u.any())")) < 80


@in_fork
def test_a_file_that_was_closed_survives_a_power_cut():
    board = booted()
    board.exec_raw("f=open('/kept','w')\nf.write('12345')\nf.close()\nx=1")
    board.power_cut()
    assert (
        board.exec_raw(
            "import machine\nprint(open("
            "'/kept').read(),machine.reset_cause()==machine.PWRON_RESET,"
            "'x' in globals())"
        )
        == "12345 True False\n"
    )
    assert board.files() == {"/kept": b"12345"}


@in_fork
def test_power_can_fail_at_any_instant():
    board = booted()
    cut_ns = board.clock.now_ns + 3_333_333
    board.clock.call_later(3_333_333, board.power_cut)
    start(board, "while True: pass\n")
    assert board.run_until(lambda: board.resets == 1, S)
    assert 0 <= board.clock.now_ns - cut_ns < 1000
    board.boot()
    assert board.exec_raw("print('up')") == "up\n"


@in_fork
@pytest.mark.parametrize("kind", ["program", "erase"])
def test_a_write_cut_in_the_middle_is_torn(kind):
    board = booted()
    wanted = {"program": 1, "erase": 1}
    seen = []

    def heard(operation):
        if operation.kind == kind and not seen:
            before = bytes(board.flash._last[1])
            seen.append((operation, before))
            board.clock.call_later(operation.busy_ns // 2, board.power_cut)

    board.flash.on_operation = heard
    start(board, "f=open('/t','wb')\nf.write(bytes(range(256))*20)\nf.close()\n")
    assert board.run_until(lambda: board.resets == wanted[kind], 5 * S)
    operation, before = seen[0]
    after = board.flash_bytes()[operation.address : operation.address + operation.size]
    assert after != before
    if kind == "program":
        assert all(new & ~old == 0 for old, new in zip(before, after, strict=True))
    else:
        assert after != b"\xff" * operation.size
    board.flash.on_operation = None
    assert board.exec_raw("import os\nprint('mounted', len(os.listdir('/')) <= 1)") == (
        "mounted True\n"
    )


@in_fork
def test_the_supply_fails_in_the_nth_write():
    board = booted()
    board.flash.cut_at(3)
    before = board.flash.operations
    start(board, "for i in range(20):\n f=open('/c','w')\n f.write(str(i))\n f.close()\n")
    assert board.run_until(lambda: board.resets == 1, 5 * S)
    assert board.flash.operations == before + 3
    assert board.exec_raw("print(open('/c').read() in ('0','1','2'))") == "True\n"


@in_fork
def test_a_program_torn_by_a_watchdog_goes_on_because_the_flash_keeps_its_supply():
    board = booted()
    board.flash.timing = FlashTiming(sector_erase_ns=400 * MS)
    erased = []
    board.flash.on_operation = lambda o: o.kind == "erase" and erased.append(o)
    start(board, "w=machine.WDT(timeout=60)\nf=open('/t','wb')\nf.write(bytes(5000))\nf.close()\n")
    assert board.run_until(lambda: board.resets == 1, 2 * S)
    operation = erased[-1]
    assert board.clock.now_ns >= operation.start_ns + operation.busy_ns, "boot waits for it"
    sector = board.flash_bytes()[operation.address : operation.address + operation.size]
    assert sector == b"\xff" * operation.size
    board.flash.on_operation = None
    assert board.exec_raw("import machine\nprint(machine.reset_cause()==machine.WDT_RESET)") == (
        "True\n"
    )
