"""The bus that a tray's ports share: its limit, and whose turn it was."""

import threading
import time

from tests.node import usb_bus
from tests.node.usb_bus import PACKETS_A_FRAME, Turns, UsbBus


def test_all_ports_together_get_no_more_than_a_bus_has():
    bus, granted = UsbBus(), [0] * 4
    begun_ns = time.monotonic_ns()

    def port(number):
        while time.monotonic_ns() - begun_ns < 50_000_000:
            granted[number] += bus.take(5)

    threads = [threading.Thread(target=port, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    frames = (time.monotonic_ns() - begun_ns) // usb_bus.FRAME_NS + 2
    assert PACKETS_A_FRAME <= sum(granted) <= frames * PACKETS_A_FRAME


def test_a_turn_is_from_the_first_byte_asked_to_the_last_answered():
    times_ms = iter((10, 30, 50, 90, 1000, 1500))
    turns = Turns(lambda: next(times_ms) * 1_000_000)
    turns.went(3)  # what nobody asked for
    turns.came(64)  # at 10 ms
    turns.came(64)
    turns.went(1)  # at 30 ms
    turns.went(7)  # at 50 ms
    turns.came(2)  # at 90 ms; ours until here
    turns.went(1)  # at 1000 ms
    turns.came(1)  # at 1500 ms
    assert (turns.to_board, turns.to_host) == (131, 12)
    assert turns.board_s(60_000_000) == 0.04
    assert turns.board_s(2_000_000_000) == 0.95
