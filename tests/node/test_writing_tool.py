"""`sibiao write` at the whole node in virtual time: what it refuses, writes and reads back."""

from datetime import datetime

import pytest

from tests.node import asking
from tests.node.asking import CONVERTER, MS, WATER
from tests.node.communities import sample
from tests.node.tool import at_uplink, said
from tests.soak.hostile import quiet_node

pytestmark = pytest.mark.vm

BUTTON = {"gpio": 21, "active": "low", "pull_up": True}
SAMPLE = ("--community", "sample")
WRONG = "987654"
RIGHT = "000000"


@pytest.fixture
def node():
    with quiet_node(sample(board={"button": BUTTON})) as node:
        node.set_pin(BUTTON["gpio"], 1)
        yield node


def press(node):
    node.set_pin(BUTTON["gpio"], 0)
    node.run(1200 * MS)
    node.set_pin(BUTTON["gpio"], 1)


def write(node, *arguments, typed=f"{RIGHT}\n", yes=True):
    more = ("--yes",) if yes else ()
    return at_uplink(node, ("write", *SAMPLE, *more, *arguments), typed=typed)[0]


def test_clock_and_what_a_wrong_password_is_told(node):
    code, output, sentence = write(node, "date_time", "now", typed=f"{WRONG}\n")
    assert code == 1 and f"{CONVERTER} refuses (error 04): not authorised" in sentence
    assert WRONG not in output + sentence
    code, output, sentence = write(node, "date_time", "now")
    assert (code, sentence) == (0, ""), sentence
    assert output.startswith("date_time of converter: unknown before, ")
    assert RIGHT not in output
    told = datetime.fromisoformat(output.split()[-2])
    assert abs((datetime.now() - told).total_seconds()) < 20


def test_the_dial_in_the_window(node):
    dial = ("--point", "water-301", "dial", "3456.78", "--reason", "exchanged")
    assert "window is closed" in write(node, *dial)[2]
    press(node)
    code, output, _ = write(node, *dial)
    assert (code, output) == (0, "dial of water-301: 1234.50 before, 3456.78 now\n")
    assert asking.read(node, WATER, "00010000") == 345678


def test_an_address_is_read_back_under_the_new_one(node):
    press(node)
    code, output, _ = write(node, "address", "000000000777")
    assert (code, output) == (0, f"address of converter: {CONVERTER} before, 000000000777 now\n")


def test_it_asks_before_it_writes(node):
    settlement = ("settlement", "1205")
    code, output, _ = write(node, *settlement, typed="n\n", yes=False)
    assert code == 1 and "now" not in output
    code, output, _ = write(node, *settlement, typed=f"y\n{RIGHT}\n", yes=False)
    assert code == 0
    assert output == "settlement of converter: day 01, 00:00 before, day 12, 05:00 now\n"


def test_password_and_services(node):
    code, output, _ = write(node, "password", typed=f"{RIGHT}\n654321\n654321\n")
    assert code == 0 and "654321" not in output
    assert write(node, "clear_events", typed=f"{RIGHT}\n")[0] == 1
    assert write(node, "clear_events", typed="654321\n")[0] == 0
    assert "other error" in write(node, "freeze")[2]  # without a clock
    assert write(node, "broadcast_time")[0] == 0
    assert write(node, "freeze")[1].startswith("freeze: acknowledged")


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("valve", "open"), "lets nobody write 'valve'; by 14H can be written: date, time"),
        (("dail", "1"), "did you mean 'dial'?"),
        (("dial", "1"), "which point?"),
        (("--point", "heat-301", "dial", "1"), "a meter on a bus, which tells by itself"),
        (("--point", "water-301", "dial", "1.001"), "does not fit the dial of water-301: 7"),
        (("--point", "water-301", "date", "now"), "leave --point out"),
        (("--point", "water-302", "dial", "1"), "has no point 'water-302'; there are: converter"),
        (("address", "999999999999"), "is no station address"),
        (("settlement", "3100"), "day 01 to 28"),
        (("date", "25.11.2026"), "write now, or as in 20"),
        (("--point", "water-301", "alarms", "0"), "can only be cleared"),
        (("--operator", "1", "date", "now"), "it has 8 digits"),
        (("freeze", "now"), "takes no value"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_opened(arguments, words):
    code, _, sentence = said("write", "/nowhere", *SAMPLE, *arguments)
    assert code == 1 and words in sentence and "\n" not in sentence
