"""`sibiao meter serve` in real time, and pyMeterBus, which we did not write, as its master."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import time
from decimal import Decimal

import meterbus
import pytest
import serial
from click.testing import CliRunner
from converter.link import cjt188 as link
from sibiao.commands.meter import command
from sibiao.config import load
from sibiao.config.device.layouts import ask
from sibiao.errors import SibiaoError
from sibiao.explain.auto import explain
from sibiao.sim.bus.cjt188 import find_frame
from sibiao.sim.bus.meter import Bus
from sibiao.sim.bus.named import meter_of
from sibiao.sim.serve import PortLine, PtyPort, TcpPort, WallClock, serve

from tests.host.mbus_bench import WATER

pytestmark = pytest.mark.takes(30)

FAST = "baud=38400,delay=3"


@contextlib.contextmanager
def served(*arguments):
    """The port's name, as the command prints it; it must end at Ctrl-C by itself."""
    run = [sys.executable, "-m", "sibiao", "meter", "serve", *arguments]
    with subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as one:
        try:
            yield one.stdout.readline().strip()
        finally:
            one.send_signal(signal.SIGINT)
            code = one.wait(10)
        assert code == 0 and one.stderr.read() == "stopped\n"


@pytest.fixture
def water_file(tmp_path):
    path = tmp_path / "water.hex"
    path.write_text(WATER.hex())
    return str(path)


def opened(name, baud=38400):
    parity = {} if name.startswith("socket") else {"baudrate": baud}
    return serial.serial_for_url(name, timeout=0.15, **parity)


def scanned(port, mask="F" * 8 + "FFFF" + "FF" + "FF", at=0):
    """Secondary addresses, found as pyMeterBus' frames and parsers hear them."""
    meterbus.send_select_frame(port, mask)
    heard = meterbus.recv_frame(port, 1)
    if heard is None:
        return []
    rest = port.read(300)
    if heard == b"\xe5" and not rest:
        meterbus.send_request_frame(port, meterbus.ADDRESS_NETWORK_LAYER)
        frame = meterbus.recv_frame(port, meterbus.FRAME_DATA_LENGTH)
        if frame:
            return [meterbus.load(frame).secondary_address]
    port.read(300)
    found = []
    for digit in "0123456789":
        found += scanned(port, mask[:at] + digit + mask[at + 1 :], at + 1)
    return found


@pytest.mark.parametrize("where", [["--pty"], ["--tcp", "0"]], ids=["pty", "tcp"])
def test_pymeterbus_scans_and_reads(water_file, where):
    numbers = ["12345678", "12945678", "82345678"]
    meters = [f"{water_file}@{k}/{n},volume={k}.5 m3,{FAST}" for k, n in enumerate(numbers, 1)]
    with served(*meters, *where) as name, opened(name) as port:
        found = scanned(port)
        assert sorted(f[:8] for f in found) == numbers
        assert {f[8:] for f in found} == {"24400107"}
        meterbus.send_select_frame(port, found[1])
        assert meterbus.recv_frame(port, 1) == b"\xe5"
        meterbus.send_request_frame(port, meterbus.ADDRESS_NETWORK_LAYER)
        told = meterbus.load(meterbus.recv_frame(port, meterbus.FRAME_DATA_LENGTH))
        assert told.secondary_address == found[1]
        for k in range(1, 4):
            meterbus.send_ping_frame(port, k)
            assert isinstance(meterbus.load(meterbus.recv_frame(port, 1)), meterbus.TelegramACK)
            meterbus.send_request_frame(port, k)
            told = meterbus.load(meterbus.recv_frame(port, meterbus.FRAME_DATA_LENGTH))
            assert told.header.aField.parts == [k]
            assert Decimal(str(told.records[0].value)) == Decimal(f"{k}.5")
        meterbus.send_ping_frame(port, 77)
        assert meterbus.recv_frame(port, 1) is None


def test_pymeterbus_reads_a_reading_of_two_telegrams(water_file):
    with served(f"{water_file}@5,pages=2,{FAST}") as name, opened(name) as port:
        meterbus.send_ping_frame(port, 5)
        assert meterbus.recv_frame(port, 1) == b"\xe5"
        meterbus.send_request_frame_multi(port, 5)
        first = meterbus.load(meterbus.recv_frame(port, meterbus.FRAME_DATA_LENGTH))
        assert first.more_records_follow
        request = meterbus.send_request_frame_multi(None, 5)
        request.header.cField.parts = [request.header.cField.parts[0] ^ 0x20]
        meterbus.send_request_frame_multi(port, req=request)
        second = meterbus.load(meterbus.recv_frame(port, meterbus.FRAME_DATA_LENGTH))
        assert not second.more_records_follow
        assert len(first.records) + len(second.records) >= 3


def test_pymeterbus_hears_a_wrong_checksum(water_file):
    with served(f"{water_file},{FAST},fault=wrong-checksum") as name, opened(name) as port:
        meterbus.send_request_frame(port, 2)
        assert meterbus.recv_frame(port, meterbus.FRAME_DATA_LENGTH) is False


BUSES = [n for n in load.names("meters") if load.read("meters", n).link in ("cjt188", "mbus")]


def asked(port, request, wait_s=2.0):
    port.write(request)
    heard, end = b"", time.monotonic() + wait_s
    while time.monotonic() < end and not explain(heard or b"\0").valid:
        heard += port.read(300)
    return heard


def test_every_profile_is_served_side_by_side():
    """All of them on one bus, each at an address of its own, read by `sibiao decode`."""
    typed, wanted = [], {}
    for k, name in enumerate(BUSES, 1):
        cjt = load.read("meters", name).link == "cjt188"
        address = f"{k:014d}" if cjt else str(k)
        typed.append(f"{name}@{address},baud=38400,delay=3")
        wanted[name] = address
    with served(*typed, "--tcp", "0") as port_name, opened(port_name) as port:
        for k, (name, address) in enumerate(wanted.items(), 1):
            profile = load.read("meters", name)
            if profile.link == "mbus":
                heard = asked(port, bytes((0x10, 0x5B, k, 0x5B + k & 0xFF, 0x16)))
                assert explain(heard, "mbus").valid, name
                continue
            wire = bytes.fromhex(address)
            wire = wire if profile.dialect.address_order == "high first" else wire[::-1]
            out = bytearray(32)
            kind = int(profile.request.type, 16)
            n = link.read_request(out, kind, wire, ask(profile), 9)
            heard = asked(port, bytes(out[:n]))
            at, end = find_frame(heard)
            told = explain(heard[at:end], "cjt188", name)
            assert told.valid and heard[at + 2 : at + 9] == wire, name
            volume = profile.golden[0].values.get("volume", "unknown")
            if volume.endswith("m3"):
                got = next(r for r in told.records if r.quantity == "volume" and not r.storage)
                assert Decimal(got.value) == Decimal(volume.split()[0]), name


def test_bytes_take_their_time_on_a_pty():
    with served("water-cjt188-901f@00000000000001") as name, opened(name, 2400) as port:
        request = bytes.fromhex("681001000000000000010390" + "1F0000")
        request = request[:-1] + bytes((sum(request[:-1]) & 0xFF, 0x16))
        began = time.monotonic()
        heard = asked(port, request, 3)
        took_s = time.monotonic() - began
        assert explain(heard).valid and took_s >= 0.06 + len(heard) * 11 / 2400


class SlowStart(WallClock):
    """A machine that is busy while bytes are queued: each call is due a little earlier."""

    def call_later(self, delay_ns, callback):
        self.late_ns = getattr(self, "late_ns", 10**7) - 10**5
        return super().call_later(delay_ns // 1000 + self.late_ns, callback)


def test_bytes_keep_their_order_on_a_busy_machine():
    clock, end = SlowStart(), PtyPort()
    line = PortLine(clock, end)
    with opened(end.name) as port:
        line.send(bytes(range(50)))
        until = time.monotonic() + 0.1
        serve(clock, end, line, lambda: time.monotonic() > until)
        assert port.read(50) == bytes(range(50))
    end.close()


def test_strict_baud_is_deaf_to_another_rate():
    with served("water-cjt188-901f,baud=4800", "--strict-baud") as name:
        request = bytes.fromhex("6810AAAAAAAAAAAAAA0103901FAA7B16")
        for baud, hears in [(2400, False), (4800, True), (9600, False)]:
            with opened(name, baud) as port:
                assert explain(asked(port, request, 0.7) or b"\0").valid is hears


def test_baud_switch_over_a_pty_and_the_way_back(water_file):
    nke = bytes.fromhex("1040024216")
    with (
        served(f"{water_file},baud=2400,fall-back=1", "--strict-baud") as name,
        opened(name, 2400) as port,
    ):
        port.write(bytes.fromhex("680303685302BD1216"))  # CI BD: 9600
        time.sleep(0.2)
        assert port.read(9) == b"\xe5"
        port.write(nke)
        assert port.read(9) == b""
        port.baudrate = 9600
        port.write(nke)
        assert port.read(9) == b"\xe5"
        time.sleep(1.2)
        port.write(nke)
        assert port.read(9) == b""
        port.baudrate = 2400
        port.write(nke)
        assert port.read(9) == b"\xe5"


def test_on_a_serial_port():
    near, far = os.openpty()
    try:
        with served("water-cjt188-901f,volume=77 m3,parity=N", "--port", os.ttyname(far)) as name:
            assert name == os.ttyname(far)
            os.write(near, bytes.fromhex("6810AAAAAAAAAAAAAA0103901FAA7B16"))
            heard, until = b"", time.monotonic() + 3
            while time.monotonic() < until and not explain(heard or b"\0").valid:
                heard += os.read(near, 300) if select.select([near], [], [], 0.1)[0] else b""
            assert explain(heard).records[0].value == "77"
        result = CliRunner().invoke(
            command, ["serve", "water-cjt188-901f", "--port", os.ttyname(far)]
        )
        assert "does not take 2400 baud with parity E" in str(result.exception)
    finally:
        os.close(near)
        os.close(far)


def test_the_next_master_takes_the_tcp_line_over():
    clock, end = WallClock(), TcpPort(0)
    line = PortLine(clock, end)
    Bus(clock, line, [meter_of("water-cjt188-901f,baud=38400")], any_rate=True)
    request = bytes.fromhex("6810AAAAAAAAAAAAAA0103901FAA7B16")

    def live(span_s):
        until = time.monotonic() + span_s
        serve(clock, end, line, lambda: time.monotonic() > until)

    with serial.serial_for_url(end.name, timeout=0):
        live(0.1)
        with serial.serial_for_url(end.name, timeout=0) as second:
            live(0.1)
            second.write(request)
            live(0.3)
            assert explain(second.read(300)).valid
    end.close()


@pytest.mark.parametrize(
    "arguments, words",
    [
        (["nobody"], "no meter named"),
        (["water-reed-10l"], "has no bus"),
        (["water-cjt188-901f@12"], "14 digits"),
        (["water-cjt188-901f,volume"], "NAME=VALUE"),
        (["water-cjt188-901f,volume=2"], "unit"),
        (["water-cjt188-901f,golden=9"], "published telegrams"),
        (["water-cjt188-901f,fault=loud"], "no fault"),
        (["water-cjt188-901f,parity=X"], "N, E or O"),
        (["water-cjt188-901f,delay=soon"], "number"),
        (["missing.hex"], "no file"),
        (["water-cjt188-901f", "--pty", "--tcp", "0"], "only one"),
        (["water-cjt188-901f", "--tcp", "0", "--strict-baud"], "needs --pty"),
        (["water-cjt188-901f", "--port", "/dev/none"], "cannot be opened"),
    ],
)
def test_what_cannot_be_served_is_said(arguments, words):
    result = CliRunner().invoke(command, ["serve", *arguments])
    assert isinstance(result.exception, SibiaoError) and words in str(result.exception)


def test_names_lists_profiles_faults_and_options():
    told = CliRunner().invoke(command, ["names"]).output
    assert all(word in told for word in ("heat-cjt188-guangda", "wrong-checksum", "fall-back"))
