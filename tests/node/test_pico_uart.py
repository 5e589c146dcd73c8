"""The emulated Pico's UARTs under MicroPython's own driver."""

import itertools

import pytest
from sibiao.node.pico.fork import in_fork

from tests.node.pico_board import MS, S, booted, printed, start

pytestmark = pytest.mark.pico

BIT_2400_NS = 1_000_000_000 / 2400
OPEN = (
    "u=machine.UART(1,2400,bits=8,parity=0,stop=1,tx=machine.Pin(4),rx=machine.Pin(5),rxbuf=256)\n"
)
REQUEST = bytes.fromhex("105b015c16")


def heard(board, line):
    """What the far end hears: [(when it was complete, byte)]."""
    got = []
    line.on_byte = lambda byte: got.append((board.clock.now_ns, byte))
    return got


@in_fork
def test_a_stream_reader_on_the_device_echoes_what_the_line_sends():
    board = booted()
    line = board.line(1)
    line.settings(2400, "E")
    got = heard(board, line)
    start(
        board,
        "import asyncio\n" + OPEN + "async def echo():\n"
        " r=asyncio.StreamReader(u)\n"
        " print('ready')\n"
        " for _ in range(3):\n"
        "  d=await r.readexactly(5)\n"
        "  r.write(bytes(reversed(d))); await r.drain()\n"
        "asyncio.run(echo())\n",
    )
    printed(board, b"ready")
    board.run(20 * MS)
    sent = [bytes((i, i ^ 0xFF, 0, 0x68, 0x16)) for i in range(3)]
    for telegram in sent:
        before = len(got)
        line.send(telegram)
        assert board.run_until(lambda: len(got) == before + 5, S)  # noqa: B023
    assert bytes(byte for _, byte in got) == b"".join(t[::-1] for t in sent)


@in_fork
def test_each_character_takes_eleven_bits_of_emulated_time():
    board = booted()
    line = board.line(1)
    line.settings(2400, "E")
    got = heard(board, line)
    spent_us = int(
        board.exec_raw(
            OPEN + "d=bytes(range(40))\nt=time.ticks_us()\nu.write(d)\nu.flush()\n"
            "print(time.ticks_diff(time.ticks_us(),t))"
        )
    )
    assert bytes(byte for _, byte in got) == bytes(range(40))
    for (earlier_ns, _), (later_ns, _) in itertools.pairwise(got):
        assert abs(later_ns - earlier_ns - 11 * BIT_2400_NS) < 2
    assert abs(spent_us * 1000 - 40 * 11 * BIT_2400_NS) < BIT_2400_NS


@in_fork
def test_received_characters_take_their_time_too():
    board = booted()
    board.exec_raw(OPEN)
    line = board.line(1)
    line.settings(2400, "E")
    start(board, "while not u.any(): pass\nprint('first')\n")
    board.run(20 * MS)
    begun_ns = board.clock.now_ns
    line.send(b"\x55")
    printed(board, b"first")
    # 10.5 bits to the middle of the stop bit, then 32 bits of silence raise the time-out.
    waited = (board.clock.now_ns - begun_ns) / BIT_2400_NS
    assert 10.5 <= waited < 10.5 + 32 + 3


@in_fork
def test_the_receive_time_out_comes_32_bits_after_the_last_character():
    board = booted()
    board.exec_raw(OPEN)
    line = board.line(1)
    line.settings(2400, "E")
    uart = board.chip.uarts[1]
    line.send(REQUEST)
    board.run(round((5 * 11 - 0.5 + 31.9) * BIT_2400_NS))
    assert len(uart._rx) == 1, "the driver's trigger level is 4; the fifth waits"
    board.run(round(0.2 * BIT_2400_NS))
    assert not uart._rx, "the driver took them at the time-out"


@in_fork
def test_what_nobody_takes_out_of_the_fifo_overruns():
    board = booted()
    board.exec_raw("v=machine.UART(0,19200,tx=machine.Pin(0),rx=machine.Pin(1),rxbuf=256)")
    line = board.line(0)
    line.settings(19200, "N")
    start(
        board,
        "print('go')\ns=machine.disable_irq()\nt=time.ticks_us()\n"
        "while time.ticks_diff(time.ticks_us(),t)<40000: pass\n"
        "machine.enable_irq(s)\ntime.sleep_ms(5)\nprint(v.read())\n",
    )
    printed(board, b"go")
    board.run(MS)
    line.send(bytes(range(60)))
    assert board.run_until(lambda: len(board.chip.uarts[0]._rx) == 32, S)
    text = printed(board, b"\x04")
    kept = eval(text[text.index("b") :].split("\n")[0])
    assert kept == bytes(range(32)), "the FIFO's 32; the rest is lost"


@in_fork
def test_a_parity_error_is_flagged_and_the_driver_passes_the_byte_on():
    board = booted()
    board.exec_raw(OPEN)
    line = board.line(1)
    line.settings(2400, "E")
    words = []
    uart = board.chip.uarts[1]
    take = uart._read_data
    uart._read_data = lambda: words.append(take()) or words[-1]
    line.send(b"\x01")
    line.send_noise(b"\x02", parity_error=True)
    line.send_noise(b"\x03", framing_error=True)
    line.send(b"\x04")
    board.run(200 * MS)
    assert words == [0x001, 0x202, 0x103, 0x004]
    assert eval(board.exec_raw("print(u.read())")) == b"\x01\x02\x03\x04"


@in_fork
@pytest.mark.parametrize(("baud", "parity"), [(2400, "N"), (1200, "E"), (9600, "E")])
def test_wrong_settings_are_not_heard_as_what_was_sent(baud, parity):
    board = booted()
    line = board.line(1)
    line.settings(baud, parity)
    got = heard(board, line)
    wrong = []
    line.on_error = wrong.append
    board.exec_raw(OPEN + f"u.write({REQUEST!r})\nu.flush()")
    board.run(50 * MS)
    assert bytes(byte for _, byte in got) != REQUEST
    assert wrong or got


@in_fork
def test_the_rate_comes_from_the_divisor_and_the_peripheral_clock():
    board = booted()
    for baud in (1200, 2400, 9600, 115200):
        board.exec_raw(f"machine.UART(0,{baud},tx=machine.Pin(0),rx=machine.Pin(1))")
        assert abs(board.chip.uarts[0].baud / baud - 1) < 0.002


@in_fork
def test_a_uart_without_pins_reaches_nobody():
    board = booted()
    line = board.line(0)
    line.settings(9600, "N")
    got = heard(board, line)
    board.exec_raw(
        "v=machine.UART(0,9600,tx=machine.Pin(0),rx=machine.Pin(1))\nv.write(b'a')\nv.flush()"
    )
    board.exec_raw("machine.Pin(0,machine.Pin.IN)\nv.write(b'b')\nv.flush()")
    assert bytes(byte for _, byte in got) == b"a"
