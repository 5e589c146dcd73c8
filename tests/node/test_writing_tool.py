"""`sibiao write` at the whole node in virtual time: what it refuses, writes and reads back."""

import shutil
from datetime import datetime

import pytest
from sibiao.config.load import directory, load
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import BUS, CONVERTER, MS, WATER, S
from tests.node.commanding import command
from tests.node.communities import sample
from tests.node.tool import at_uplink, said
from tests.soak.hostile import quiet_node

pytestmark = [pytest.mark.vm, pytest.mark.takes(20)]

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


def write(node, *arguments, typed=f"{RIGHT}\n", yes=True, community=SAMPLE, **how):
    more = ("--yes",) if yes else ()
    return at_uplink(node, ("write", *community, *more, *arguments), typed=typed, **how)[0]


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


def test_a_rate_in_the_window_and_the_gateway_that_keeps_its_own(node):
    code, _, sentence = write(node, "baud", "9600")
    assert code == 1 and "window must be open: hold the button under the seal" in sentence
    press(node)

    def follows(bridge):
        bridge.baud = 9600 if bridge.asked else 2400

    code, output, sentence = write(node, "baud", "9600", meanwhile=follows)
    assert (code, sentence) == (0, "")
    assert output == "baud of converter: 9600 now, also after a restart; sibiao … --baud 9600\n"
    node.power_cut()
    node.run(3 * S)
    press(node)
    code, _, sentence = write(node, "--tries", "1", "baud", "2400", meanwhile=at_9600)
    assert code == 1
    assert "has acknowledged 2400 baud, and does not answer at it: a gateway keeps" in sentence
    assert asking.read(node, WATER, "00010000", baud=2400) == 123450


def at_9600(bridge):
    bridge.baud = 9600


def test_15h_in_the_window_answers_from_the_new_address(node):
    code, _, sentence = write(node, "--tries", "1", "write_address", "000000000777")
    assert code == 1 and f"{CONVERTER} does not take 000000000777: the programming" in sentence
    press(node)
    code, output, sentence = write(node, "write_address", "000000000777")
    assert (code, sentence) == (0, "")
    assert output.endswith(f"{CONVERTER} before, 000000000777 now\n")
    # One of its points has it.
    code, _, sentence = write(node, "--tries", "1", "write_address", WATER)
    assert code == 1 and "000000000777 does not take" in sentence


def test_a_pattern_of_freezes(node):
    assert write(node, "broadcast_time")[0] == 0
    code, _, sentence = write(node, "freeze", "99999905")
    assert code == 1 and "window must be open" in sentence
    press(node)
    code, output, sentence = write(node, "freeze", "99999905")
    assert (code, sentence) == (0, "")
    assert output == f"freeze: acknowledged by converter, {CONVERTER}\n"
    assert command(node, "write 0")["write"][0] == 9  # the pattern, in the list of writes


def test_a_sealed_station_takes_them_sealed(tmp_path):
    key = tmp_path / "unit.key"
    key.write_text("00112233445566778899AABBCCDDEEFF")
    sealed = ("--key-file", str(key))
    dwelling = ("--community", "sealed-dwelling")
    own = load("sealed-dwelling").community.address
    with quiet_node(load("sealed-dwelling")) as node:
        command(node, f"key {key.read_text()}")
        pattern = ("freeze", "99990030")
        assert "sealed only" in write(node, *pattern, community=dwelling)[2]
        code, _, sentence = write(node, *sealed, *pattern, community=dwelling)
        assert code == 1 and "window must be open" in sentence
        command(node, "window 5")
        assert write(node, *sealed, *pattern, community=dwelling)[0] == 0
        code, output, sentence = write(
            node, *sealed, "write_address", "000000000777", community=dwelling
        )
        assert (code, sentence) == (0, ""), sentence
        assert output.endswith(f"{own} before, 000000000777 now\n")


def test_a_valve_moves_behind_password_and_window(tmp_path, monkeypatch):
    configs = tmp_path / "board_configs"
    shutil.copytree(directory(), configs)
    monkeypatch.setenv("SIBIAO_CONFIGS", str(configs))
    path = configs / "communities" / "district-cjt188.toml"
    text = path.read_text(encoding="utf-8").replace('uplink = "rf"', 'uplink = "collector"')
    path.write_text(text, encoding="utf-8")
    with quiet_node(load("district-cjt188")) as node:
        meter = meter_of("water-cjt188-901f@00112026101010")
        Bus(node.clock, node.line(BUS), [meter])
        node.run(3 * S)
        district = {"community": ("--community", "district-cjt188"), "meanwhile": at_9600}
        order = ("--point", "cold-101", "valve", "close")
        code, _, sentence = write(node, *order, **district)
        assert code == 1 and "window must be open" in sentence
        command(node, "window 5")
        code, output, sentence = write(node, *order, **district)
        assert (code, sentence) == (0, "")
        assert output == "valve of cold-101: told to close, and the meter has answered\n"
        silent = ("--point", "cold-102", "valve", "close")
        code, _, sentence = write(node, *silent, **district)
        assert code == 1 and "Of a valve: the meter was silent or refused" in sentence


@pytest.mark.parametrize(
    "arguments, words",
    [
        (("valve", "open"), "has no service 'valve'; it has: broadcast_time, freeze"),
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
        (("freeze", "99320000"), "is no pattern of freezes: 99DDhhmm each month"),
        (("freeze", "99019900"), "is no pattern of freezes"),
        (("--point", "water-301", "freeze", "99999900"), "leave --point out"),
        (("baud", "300"), "is no rate of 17H: 600, 1200, 2400"),
        (("write_address", "0"), "is no station address"),
        (("clear_events", "1"), "takes no value"),
        (("baud",), "baud needs a value"),
    ],
)
def test_what_cannot_be_written_is_refused_before_anything_is_opened(arguments, words):
    code, _, sentence = said("write", "/nowhere", *SAMPLE, *arguments)
    assert code == 1 and words in sentence and "\n" not in sentence
