"""Ten thousand reads through framer and station on the 32-bit VM: the heap must stay flat."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from pathlib import Path

from sibiao.config.constants import config_source
from sibiao.config.load import load

_FIRMWARE = Path(__file__).parents[2] / "firmware"

# Runs on the VM. A request of the heat point's energy and one of an unknown identifier, in turn.
_PROGRAM = """
import gc, json
import config
from converter.link import dlt645
from converter.link.framer import Framer
from converter.model.point import MeteringPoint
from converter.station.dlt645 import Station

points = [MeteringPoint("converter", config.ADDRESS, b"", 0)]
points += [MeteringPoint(*p) for p in config.POINTS]
points[2].publish(2, 3638493, 1, 1, 0)
station = Station(points, config.IDENTIFIERS, config.SERIAL, config.BOUND)
framer = Framer(dlt645.frame_len, dlt645.MAX_FRAME + 16)
out = bytearray(dlt645.MAX_FRAME)


def request(di):
    frame = b"\\x68" + points[2].address + b"\\x68\\x11\\x04" + bytes((b + 0x33) & 255 for b in di)
    return b"\\xfe\\xfe\\xfe\\xfe" + frame + bytes((sum(frame) & 255, 0x16))


requests = request(b"\\x00\\x00\\x01\\x00"), request(b"\\x00\\x00\\x02\\x00")
heap = [0] * (READS // STEP + 1)
for n in range(READS + 1):
    if n % STEP == 0:
        gc.collect()
        heap[n // STEP] = gc.mem_alloc()
    data = requests[n & 1]
    room = framer.get_buffer()
    room[: len(data)] = data
    framer.buffer_updated(len(data))
    length = station.handle(framer.next_frame(False), out)
    if length != (20, 13)[n & 1]:
        raise ValueError(length)
print(json.dumps(heap))
"""


def heap_bytes(vm: Path, reads: int = 10_000, step: int = 1_000) -> list[int]:
    """Bytes in use after collection, at every `step` reads."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.py").write_text(config_source(load("sample")), encoding="utf-8")
        program = Path(folder, "reads.py")
        program.write_text(f"READS, STEP = {reads}, {step}\n{_PROGRAM}", encoding="utf-8")
        path = f"{folder}:{_FIRMWARE}:.frozen"
        done = subprocess.run(
            [str(vm), "-X", "heapsize=200K", str(program)],
            env=os.environ | {"MICROPYPATH": path},
            capture_output=True,
            text=True,
            check=True,
        )
    return json.loads(done.stdout)
