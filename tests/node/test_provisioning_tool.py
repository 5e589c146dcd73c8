"""`sibiao provision`, `exchange`, `restore` at the whole node: console a PTY, uplink by TCP."""

import json
import shutil

import pytest
from sibiao.config.load import directory, load
from sibiao.config.units.unit import template
from sibiao.firmware.slot import image_files
from sibiao.ledger.file import Ledger
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode
from sibiao.node.vm.serve import ConsolePty
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of

from tests.node import asking
from tests.node.asking import CONVERTER, WATER
from tests.node.bridge import Bridge
from tests.node.flashing import run_beside
from tests.node.tool import said

pytestmark = [pytest.mark.vm, pytest.mark.takes(60)]

SAMPLE = ("--community", "sample")
PASSWORD = "000000"


class Site:
    """A running converter, and the tool beside it."""

    def __init__(self, folder, files=None, pulses=0):
        self.path = folder / "ledger.jsonl"
        self.node = VmNode(vm_binary(), files or image_files(load("sample")))
        asking.at_work(self.node)
        asking.pulses(self.node, pulses)

    def __enter__(self):
        self.console, self.bridge = ConsolePty(self.node), Bridge(self.node)
        return self

    def __exit__(self, *_):
        self.bridge.close()
        self.console.close()
        self.node.close()

    def tool(self, name, *arguments, typed=None):
        keeps = () if name in ("read", "write") else ("--ledger", str(self.path), "--by", "test")
        port = (self.bridge.url if name in ("read", "write") else self.console.path,)
        if name == "commission":
            port = ("--console", *port)
        return run_beside(
            self.node, lambda: said(name, *port, *SAMPLE, *keeps, *arguments, typed=typed),
            beside=self.bridge.pass_on,
        )  # fmt: skip

    def rows(self):
        return Ledger(self.path).rows()


def other_addresses(folder):
    """A CSV whose unit is the sample's with other station addresses."""
    header, row = template(load("sample"))
    changed = dict(zip(header, row, strict=True)) | {
        "address": "000000000801", "water-301.address": "000000000802",
        "heat-301.address": "000000000803",
    }  # fmt: skip
    path = folder / "units.csv"
    path.write_text(",".join(header) + "\n" + ",".join(changed[k] for k in header) + "\n")
    return ("--units", str(path), "--unit", "SB26000001")


def test_addresses_clock_and_dials(tmp_path):
    with Site(tmp_path) as site:
        units = other_addresses(tmp_path)
        code, _, sentence = site.tool("provision", *units)
        assert code == 1 and "give --uplink, over which it is written" in sentence
        code, output, sentence = site.tool(
            "provision", *units, "--uplink", site.bridge.url, "--tries", "1", "--dial",
            "water-301=99.07", typed=f"{PASSWORD}\n" * 3,
        )  # fmt: skip
        assert (code, sentence) == (0, ""), sentence
        assert "unit SB26000001 is in" in output
        assert asking.read(site.node, "000000000802", "00010000") == 9907
        told = site.tool("read", *units, "--json", "converter", "address")[1]
        assert json.loads(told)["value"] == "000000000801"
        failed, row = site.rows()
        assert failed.data["steps"]["clock"] and "give --uplink" in failed.data["error"]
        assert row.data["error"] == "" and row.data["address"] == "000000000801"
        assert row.data["steps"]["address heat-301"] == "written"
        assert row.data["points"]["water-301"] == {
            "address": "000000000802", "dial": "99.07", "dial_before": "1234.50",
        }  # fmt: skip
        # Again: nothing is written that holds already, so no password is asked for.
        code, _, sentence = site.tool(
            "provision", *units, "--uplink", site.bridge.url, "--tries", "1"
        )
        assert "shows 99.07 m3: the unit's base reading 1234.50 would wipe that" in sentence
        code, _, sentence = site.tool("provision", *units, "--uplink", site.bridge.url, "--tries",
                                      "1", "--dial", "water-301=99.07")  # fmt: skip
        assert code == 0, sentence
        assert site.rows()[-1].data["steps"]["address converter"] == "proved"


def test_a_base_reading_is_not_entered_over_what_was_counted(tmp_path):
    with Site(tmp_path, pulses=4) as site:
        code, _, sentence = site.tool("provision")
        assert code == 1 and "has counted 4 pulses and shows 1234.54 m3" in sentence
        assert asking.read(site.node, WATER, "00010000") == 123454
        assert site.rows()[-1].data["error"] in sentence
        assert "row 1 of" in sentence
        assert "does not fit the dial" in site.tool("provision", "--dial", "water-301=1.001")[2]
        assert "no pulse point 'heat-301'" in site.tool("provision", "--dial", "heat-301=1")[2]
        assert "it takes no key" in site.tool("provision", "--new-key", str(tmp_path / "k"))[2]


def test_exchange(tmp_path):
    with Site(tmp_path, pulses=3) as site:
        arguments = ("water-301", "1234.55", "0.12")
        assert site.tool("exchange", *arguments, typed="n\n")[0] == 1
        assert asking.read(site.node, WATER, "00010000") == 123453
        code, _, sentence = site.tool("exchange", *arguments, "--yes")
        assert (code, sentence) == (0, "")
        assert asking.read(site.node, WATER, "00010000") == 12
        data = site.rows()[-1].data["points"]["water-301"]
        assert data == {
            "address": WATER, "old_dial": "1234.55", "old_converter": "1234.53", "dial": "0.12",
            "dial_less_converter": "0.02",
        }  # fmt: skip
        # What cannot be kept is not done.
        whole = site.path.read_bytes()
        site.path.write_bytes(whole[:-1])
        assert "sibiao ledger repair" in site.tool("exchange", *arguments, "--yes")[2]
        assert asking.read(site.node, WATER, "00010000") == 12
        assert "say the new one's address" in site.tool("exchange", "heat-301", "1", "2")[2]


def test_exchange_on_the_bus(tmp_path):
    old, new = "11110017312151", "11110017319999"
    profile = "heat-cjt188-1f90"
    with Site(tmp_path) as site:
        meters = [meter_of(f"{profile}@{a},energy={n} kWh") for a, n in ((old, 8714), (new, 3))]
        Bus(site.node.clock, site.node.line(asking.BUS), meters)
        site.node.run(5 * asking.S)
        assert asking.read(site.node, asking.HEAT, "00010000") == 871400
        for arguments, words in (
            (("8715", "3", "--meter-address", "1"), "needs its meter_address (14 digits)"),
            (("8715", "3", "--meter-address", "11110017318888"), "no meter answers at that"),
            (("8715", "4.5", "--meter-address", new), "shows 3.00 kWh, and not 4.5 kWh"),
            (("8715", "3", "--meter-address", new, "--dial-unit", "m3"), "--dial-unit kWh"),
            (("8,7", "3", "--meter-address", new), "is no dial reading"),
        ):
            code, _, sentence = site.tool("exchange", "heat-301", *arguments, "--yes")
            assert code == 1 and words in sentence, sentence
        assert "there are: heat-301" in site.tool(
            "exchange", "water-301", "1", "2", "--meter-address", new)[2]  # fmt: skip
        assert not site.path.exists()
        arguments = ("heat-301", "8714", "3", "--meter-address", new)
        code, _, sentence = site.tool("exchange", *arguments, typed="y\n")
        assert (code, sentence) == (0, ""), sentence
        assert site.rows()[-1].data["points"]["heat-301"] == {
            "address": asking.HEAT, "meter_address": new, "old_dial": "8714 kWh",
            "new_dial": "3 kWh", "old_converter": "8714.00 kWh", "new_converter": "3.00 kWh",
        }  # fmt: skip
        site.node.run(4 * asking.S)
        assert asking.read(site.node, asking.HEAT, "00010000") == 300


def test_restore(tmp_path):
    files = image_files(load("sample"))
    del files["/slots/born"]
    with Site(tmp_path, files) as site:
        assert "sibiao restore, not provision" in site.tool("provision")[2]
        assert "the ledger knows no dial of water-301" in site.tool("restore")[2]
        points = {"water-301": {"address": WATER, "dial": "2210.43"}}
        Ledger(site.path).append("provision", "SB26000001", "test", {"points": points})
        other = {"water-301": {"address": WATER, "dial": "1.00"}}
        Ledger(site.path).append("provision", "SB26000009", "test", {"points": other})
        code, output, sentence = site.tool("restore", "--yes")
        assert (code, sentence) == (0, "") and "1 dials restored" in output
        assert asking.read(site.node, WATER, "00010000") == 221043
        assert asking.read(site.node, WATER, "E0004200") & 16
        data = site.rows()[-1].data
        assert (
            data["restored"]
            and "from row 1 of the ledger" in data["points"]["water-301"]["source"]
        )
        assert "nothing is restored" in site.tool("restore", "--yes")[2]


def test_a_sealed_unit(tmp_path, monkeypatch):
    configs = tmp_path / "board_configs"
    shutil.copytree(directory(), configs)
    uplink = configs / "uplinks" / "virtual-meter.toml"
    uplink.write_text(
        uplink.read_text(encoding="utf-8").replace(
            "preamble_bytes = 4\n", 'preamble_bytes = 4\nsealed = "writes"\n', 1
        ),
        encoding="utf-8",
    )
    monkeypatch.setenv("SIBIAO_CONFIGS", str(configs))
    key = tmp_path / "unit.key"
    with Site(tmp_path) as site:
        code, _, sentence = site.tool(
            "provision", "--new-key", str(key), "--uplink", site.bridge.url
        )
        assert code == 0, sentence
        data = site.rows()[-1].data
        assert data["steps"]["key"] == "written, proved by a sealed read"
        assert key.read_text().strip() not in site.path.read_text()
        assert key.stat().st_mode & 0o077 == 0
        sealed = ("--key-file", str(key))
        assert "takes this sealed only" in site.tool("write", "--yes", "date_time", "now")[2]
        typed = f"{PASSWORD}\n"
        code, output, sentence = site.tool(
            "write", *sealed, "--yes", "settlement", "1205", typed=typed
        )
        assert (code, sentence) == (0, "") and "day 12, 05:00 now" in output
        code, output, _ = site.tool("read", *sealed, "--json", "water-301", "volume")
        told = json.loads(output)  # the block is too long for a seal: asked one by one
        assert (code, told["value"], told["status"], told["loss_bound"]) == (
            0,
            "1234.50",
            "0",
            "2",
        )
        wrong = tmp_path / "wrong.key"
        wrong.write_text("00" * 16)
        code, _, sentence = site.tool(
            "write", "--key-file", str(wrong), "--yes", "settlement", "0100", typed=typed
        )
        assert code == 1 and f"{CONVERTER} refuses (error 04)" in sentence
        assert "a key is never overwritten" in site.tool("provision", "--new-key", str(key))[2]


def test_another_unit_is_left_alone(tmp_path):
    header, row = template(load("sample"))
    changed = ["SB26000002" if name == "serial" else text
               for name, text in zip(header, row, strict=True)]  # fmt: skip
    path = tmp_path / "units.csv"
    path.write_text(",".join(header) + "\n" + ",".join(changed) + "\n")
    with Site(tmp_path) as site:
        units = ("--units", str(path), "--unit", "SB26000002")
        assert (
            "is unit SB26000001 of 'sample', and not SB26000002"
            in site.tool("provision", *units)[2]
        )
    assert not site.path.exists()
    code, _, sentence = said("provision", str(tmp_path / "none"), *SAMPLE)
    assert code == 1 and "there is no port" in sentence
