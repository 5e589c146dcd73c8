"""From an unknown bus to a converter that reads it, and the scan through that converter."""

import shutil

import pytest
from sibiao.bus.draft import draft
from sibiao.bus.scan import Wanted, scan
from sibiao.bus.wire_node import NodeWire
from sibiao.config import load
from sibiao.firmware.slot import image_files
from sibiao.node.vm.virtual import VirtualNode
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.host.sim_bus_wire import SimWire
from tests.host.test_scan import Watched
from tests.node import asking
from tests.node.asking import BUS, MS, S

pytestmark = pytest.mark.vm

CYBLE, FALCON = "water-mbus-itron-cyble", "water-mbus-elster-falcon"
# Three that share a primary address, one with another, and one of the other link.
TYPED = (
    f"{CYBLE}@0/11111111,volume=1.5 m3",
    f"{CYBLE}@0/61112222,volume=2.5 m3",
    f"{FALCON}@0/71112222,volume=3.5 m3",
    f"{FALCON}@5/81112222,volume=4.5 m3",
    "water-cjt188-1f90@00000000000812,volume=5.5 m3",
)
VOLUMES = [150, 250, 350, 450, 550]


class Console:
    """A `Console` of a node on the bench, which lives while it is read."""

    def __init__(self, node):
        self._node = node

    def write(self, data):
        self._node.console_write(data)

    def read(self):
        self._node.run(10 * MS)
        return self._node.console_read()

    def now_ms(self):
        return self._node.clock.now_ns // MS


@pytest.fixture
def drafted(tmp_path):
    """The community that a scan drafts, loaded from its file as a person would have it."""
    at_home = Wanted(bauds=(2400,), parities=("E",))
    report = scan(SimWire(*TYPED), at_home, Watched())
    shutil.copytree(load.directory(), tmp_path / "board_configs")
    path = tmp_path / "board_configs" / "communities" / "found.toml"
    path.write_text(draft(report, "pico", "virtual-meter", "bus"), encoding="utf-8")
    return load.load(str(path)), report


def test_the_draft_is_read_and_the_node_finds_the_same(drafted):
    loaded, report = drafted
    assert len(report.meters) == len(TYPED)
    with VirtualNode(image_files(loaded)) as node:
        Bus(node.clock, node.line(BUS), [meter_of(text) for text in TYPED])
        node.run(9 * S)
        volumes = [
            asking.read(node, point.address, "00010000") for point in loaded.community.points
        ]
        assert sorted(volumes) == VOLUMES
        wire = NodeWire(Console(node), "the node", 0)
        wanted = Wanted(links=("mbus",), bauds=(2400,), parities=("E",), primaries=[4, 5], tries=1)
        again = scan(wire, wanted, Watched())
    assert again.complete
    assert {(m.secondary, m.primary, m.best.profile) for m in again.meters} == {
        (m.secondary, m.primary, m.best.profile) for m in report.meters if m.link == "mbus"
    }
