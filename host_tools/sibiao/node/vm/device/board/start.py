"""What the VM runs: becomes the board the bench describes in SIBIAO_BOARD (JSON)."""

# First these two, in this order: asyncio takes its ticks from the first, and the board's parts
# build on the second.
import time  # noqa: I001
import machine
import _bench
import _console
import _flash
import _pose
import _uart
import binascii
import json
import os
import sys


def main():
    board = json.loads(os.getenv("SIBIAO_BOARD"))
    sys.argv[:] = []
    time.rtc_offset_ns = board["rtc_offset_ns"]
    _pose.become(board["chip"])
    _flash.takes_time = board["flash_time"]
    _bench.attach(board["from_bench"], board["to_bench"])
    _uart.attach(board["uarts"])
    machine.attach(board["reset_cause"], binascii.unhexlify(board["unique_id"]), board["scratch"])
    import _micropython
    import _os
    import _sys

    if _pose.pio_machines:
        import rp2

        sys.modules["rp2"] = rp2
    # From here on these names mean the board's, and "/" is the board's flash.
    sys.modules["micropython"] = _micropython
    sys.modules["os"] = _os
    sys.modules["sys"] = _sys
    _flash.mount(board["flash"], *board["geometry"])
    sys.path[:] = ["", ".frozen", "/lib"]
    _bench.pump()
    try:
        _console.run(board["raw"])
    except SystemExit:
        print("MPY: soft reboot\r")
        _bench.send(_bench.SOFT_RESET, 0, _console.is_raw())
    except _bench.Gone:
        pass


main()
