"""The simulators against the firmware's pure packages, in virtual time: no task, no hardware.

What the heat meter sends must be what the layout reads, and what the station answers must be what
the electricity meter takes, with the constants that the sample community compiles to.
"""

import json

import pytest
from converter.link import cjt188, dlt645
from converter.meters import cjt188 as layout188
from converter.model import quantity, unit
from converter.model.point import MeteringPoint
from sibiao.config.constants import config_source
from sibiao.config.load import load
from sibiao.demo.run import DemoRun
from sibiao.demo.scene import scene_of
from sibiao.demo.verdict import as_json, judge

from tests.host.fake_node import MS, FakeNode, S
from tests.unit.stations import Home, build


class PureNode(FakeNode):
    """The fake node's clockwork around the converter's own codec, layout, points and station."""

    def __init__(self, loaded, scene):
        super().__init__(scene)
        config = {}
        exec(config_source(loaded), config)
        self._own = MeteringPoint(config["ADDRESS"], b"", 0)
        self._points = [MeteringPoint(*row) for row in config["POINTS"]]
        home = Home([self._own, *self._points])
        self._station = build(home, config["BOUND"], config["SERVICES"])
        ((*_, meters),) = config["BUSES"]
        ((self._heat_number, *_, link, asked),) = meters
        assert link == "cjt188"
        self._type, self._address, self._di, self._layout, _ = asked
        ((self._water_number, _, _, weight, _, _, self._base, *_),) = config["PULSES"]
        self._weight, _, self._exponent, _ = weight
        self._request = b""
        self._ser = 0
        self.read_errors = 0

    def _poll(self):
        self._answered.clear()
        self._ser += 1
        out = bytearray(40)
        n = cjt188.read_request(out, self._type, self._address, self._di, self._ser)
        self._request = bytes(out[len(cjt188.PREAMBLE) : n])
        self._lines[self._scene.heat.uart][0].send(bytes(out[:n]))
        self.clock.call_later(2 * S, self._poll)

    def _on_bus(self, byte):
        self._answered.append(byte)
        frame = bytes(self._answered).lstrip(b"\xfe")
        if not frame or cjt188.frame_len(frame, 0, len(frame)) <= 0:
            return
        assert cjt188.accept(self._request, frame) == cjt188.SOUND
        point = self._points[self._heat_number - 1]
        assert layout188.read_values(self._layout, frame, point, self.clock.now_ns // S)

    def _answer(self, frame):
        water = self._points[self._water_number - 1]
        index = self._base + self._pulses * self._weight
        water.publish(quantity.VOLUME, index, self._exponent, unit.M3, 0)
        water.publish(quantity.PULSES, self._pulses, 0, unit.NONE, 0)
        out = bytearray(dlt645.MAX_FRAME)
        n = self._station.handle(frame, out)
        self._lines[self._scene.uplink.uart][0].send(b"\xfe" * 4 + bytes(out[:n]))


def test_the_pure_firmware_passes_the_demonstration():
    loaded = load("sample")
    scene = scene_of(loaded)
    run = DemoRun(PureNode(loaded, scene), scene, 15)
    while run.step(50 * MS):
        pass
    verdict = judge(run)
    assert verdict.reasons == ()
    points = {p["name"]: p for p in json.loads(as_json(run, verdict))["points"]}
    assert points["heat-301 energy"]["register"] > 36384.93
    assert points["heat-301 flow"]["register"] == pytest.approx(1.2, abs=0.2)
    assert points["water-301 index"]["register"] == 1234.5 + run.water.emitted / 100
