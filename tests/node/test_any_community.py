"""Whatever community the check accepts is built, fits the board's memory, starts on the simulated
board with its chip, and answers."""

import shutil

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sibiao.config import load
from sibiao.config.check import heap
from sibiao.config.check.every import problems
from sibiao.config.new import Wish, community
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import slot_files
from sibiao.node.vm.virtual.board import posed

from tests.node import asking
from tests.node.asking import S

pytestmark = [pytest.mark.vm, pytest.mark.takes(20)]

_EXAMPLES = 8
_METERS = [
    name for name in load.names("meters") if load.read("meters", name).link != "transparent"
]
_KEYS = {
    "poll_every_s": st.integers(1, 3600),
    "poll_jitter_s": st.integers(0, 60),
    "poll_tries": st.integers(1, 3),
    "settlement": st.builds(
        "{{ day = {}, hour = {} }}".format, st.integers(1, 28), st.integers(0, 23)
    ),
}


@st.composite
def texts(draw):
    """A community as `config new` writes it, with a policy and other keys of its own."""
    meters = draw(st.lists(st.sampled_from(_METERS), min_size=1, max_size=5))
    wish = Wish(
        name="any",
        title="Any",
        board=draw(st.sampled_from(load.names("boards"))),
        uplink=draw(st.sampled_from(load.names("uplinks"))),
        serial="SB26000009",
        address="000000000900",
        meters=meters,
    )
    try:
        text = community(wish, load.directory())
    except SibiaoError:
        assume(False)
    policy = draw(st.fixed_dictionaries({}, optional=_KEYS))
    lines = [line for line in text.splitlines() if line.split(" ")[0] not in policy]
    at = lines.index("[policy]") + 1
    lines[at:at] = [f"{key} = {value}" for key, value in policy.items()]
    if len(meters) == 1 and draw(st.booleans()):
        lines.insert(at - 1, 'bind = "point"')
    return "\n".join(lines) + "\n"


@settings(
    max_examples=_EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
@given(texts())
def test_what_is_accepted_starts(tmp_path_factory, text):
    base = tmp_path_factory.mktemp("any") / "configs"
    shutil.copytree(load.directory(), base)
    path = base / "communities" / "any.toml"
    path.write_text(text, encoding="utf-8")
    try:
        loaded = load.load(str(path))
    except SibiaoError:
        assume(False)
    assume(not [each for each in problems(loaded) if each.severity == "error"])
    assert "config.mpy" in slot_files(loaded)
    if loaded.chip.heap_bytes:
        assert heap.estimate_bytes(loaded) < loaded.chip.heap_bytes
    line = {"uart": loaded.board.uarts["uplink"].uart, "baud": loaded.uplink.line.baud}
    bound = loaded.community.points[0] if loaded.community.bind == "point" else loaded.community
    with posed(loaded) as node:
        node.run(3 * S)
        found = asking.exchange(node, asking.frame("aaaaaaaaaaaa", 0x13), **line)
        assert found[:2] == (0x93, bound.address)
        node.run(20 * S)
        assert isinstance(asking.read(node, loaded.community.address, "E0002300", **line), int)
        assert node.starts == ["power"], node.console_read()
