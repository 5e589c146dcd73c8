"""Frames that the station handles on a host, as a ratio to the server of the PyPI package
`dlt645`: the same request to both, from bytes to bytes.

Rounds alternate, in processor time; the medians are compared. Its logging is off.
"""

from __future__ import annotations

import gc
import logging
import statistics
import time
from collections.abc import Callable

from converter.link import dlt645 as link
from converter.link.framer import Framer
from converter.model import quantity, unit
from converter.model.point import MeteringPoint
from converter.station import address, read
from converter.station.dlt645 import Station
from dlt645.protocol.protocol import DLT645Protocol
from dlt645.service.serversvc.server_service import MeterServerService
from sibiao.config.device.services import services

from tests.bench import bench_node
from tests.bench.figure import Figure, figure
from tests.node.asking import WATER, frame

_GROUP = "host"
_REQUEST = frame(WATER, 0x11, bytes.fromhex("00000100"))
_FRAMES = 500
_AIM = 1  # the station is made for a small machine: at least as fast


class _Home:
    def __init__(self, points):
        self.points = points

    def now_s(self):
        return 1000

    time_s = now_s


def measure(rounds: int) -> list[Figure]:
    handled = _ours(), _theirs()
    answers = [handle(_REQUEST) for handle in handled]
    if answers[0] != answers[1].lstrip(b"\xfe"):
        raise AssertionError(f"they answer differently: {[a.hex() for a in answers]}")
    ours, theirs = [], []
    for _ in range(rounds):
        for rates, handle in zip((ours, theirs), handled, strict=True):
            rates.append(_frames_per_s(handle))
    how = (
        f"a read of one value, {_FRAMES} times a round, {rounds} alternating rounds of each, "
        "processor time, medians; from the request's bytes to those of the same answer"
    )
    ratio = statistics.median(ours) / statistics.median(theirs)
    return [
        figure(_GROUP, "frames a second, times those of the server of PyPI dlt645", "", [ratio],
               how, at_least=_AIM),
        figure(_GROUP, "frames a second of the station under CPython", "1/s", ours, how),
    ]  # fmt: skip


def _ours() -> Callable[[bytes], bytes]:
    water = MeteringPoint(bytes.fromhex(WATER)[::-1], bytes((quantity.VOLUME,)), 0)
    water.publish(quantity.VOLUME, 123450, -2, unit.M3, 1000)
    home = _Home([MeteringPoint(b"\x01" + bytes(5), b"", 0), water])
    rows = dict(services(bench_node.sample()))["read"]
    station = Station(home.points, 0, [address.Service(home), read.Service(home, *rows)])
    framer = Framer(link.frame_len, link.MAX_FRAME + 16, station.is_ours)
    out = memoryview(bytearray(link.MAX_FRAME))

    def handle(request: bytes) -> bytes:
        framer.get_buffer()[: len(request)] = request
        framer.buffer_updated(len(request))
        return bytes(out[: station.handle(framer.next_frame(True), out)])

    return handle


def _theirs() -> Callable[[bytes], bytes]:
    logging.disable(logging.CRITICAL)
    server = MeterServerService.new_rtu_server("none", 8, 1, 2400, "E", 1)
    server.set_address(bytearray.fromhex(WATER)[::-1])
    server.set_00(0x00010000, 1234.50)
    return lambda request: bytes(
        server.handle_request(DLT645Protocol.deserialize_with_remaining(request)[1])
    )


def _frames_per_s(handle: Callable[[bytes], bytes]) -> float:
    gc.collect()
    start = time.process_time()
    for _ in range(_FRAMES):
        handle(_REQUEST)
    return _FRAMES / (time.process_time() - start)
