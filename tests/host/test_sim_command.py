"""`sibiao sim`: the hostile meter, through the module, to a station, each a process or a thread of
its own on TCP ports and pseudo-terminals."""

import contextlib
import json
import signal
import subprocess
import sys
import threading

import pytest
from click.testing import CliRunner
from sibiao.commands.sim import command
from sibiao.errors import SibiaoError
from sibiao.sim.serve import PortLine, PtyPort, TcpPort, WallClock, serve

from tests.host.stations import ADDRESS, FakeStation

pytestmark = pytest.mark.takes(30)

READ = ["--read", f"{ADDRESS}:00010000:XXXXXX.XX", "--form", "plain", "--errors", "0"]


@contextlib.contextmanager
def station(port):
    """The station of the tests in real time; its port's name."""
    clock, over = WallClock(), threading.Event()
    line = PortLine(clock, port)
    FakeStation(clock, line)
    thread = threading.Thread(target=serve, args=(clock, port, line, over.is_set))
    thread.start()
    try:
        yield port.name
    finally:
        over.set()
        thread.join()
        port.close()


def sim(*arguments):
    run = [sys.executable, "-m", "sibiao", "sim", *arguments]
    return subprocess.Popen(run, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_hostile_meter_through_the_module_to_a_station():
    with (
        station(TcpPort(0)) as name,
        sim("module", "--port", name, "--meter-tcp", "0", "--json") as module,
    ):
        try:
            assert module.stderr.readline() == f"converter {name}\n"
            place = module.stderr.readline().split()[1]
            assert module.stderr.readline() == f"bound to {ADDRESS} at 2400 baud\n"
            with sim("hostile", "--port", place, *READ, "--reads", "4", "--json") as meter:
                said = json.loads(meter.communicate(timeout=60)[0])
        finally:
            module.send_signal(signal.SIGINT)
            counts = json.loads(module.communicate(timeout=20)[0])
    assert (said["asked"], said["right"], said["verdict"]) == (4, 4, "not proved"), said
    # The module stores and forwards: what the station did in 30 ms takes it 250.
    assert 200 < said["turnaround_ms"][0] < 400 and meter.returncode == 1
    assert counts["address"] == ADDRESS and module.returncode == 0
    assert counts["forwarded"] == counts["answered"] == 7


@pytest.mark.parametrize(
    ("port", "parity"),
    [(PtyPort, ["--parity", "N"]), (lambda: TcpPort(0), [])],
    ids=["pty", "tcp"],
)
def test_ctrl_c_shows_what_was_measured(port, parity):
    with station(port()) as name, sim("hostile", "--port", name, *READ, *parity) as meter:
        # Some seconds after it has begun there is something to tell.
        assert meter.stdout.readline() == f"{name}\n"
        with contextlib.suppress(subprocess.TimeoutExpired):
            meter.wait(6)
        meter.send_signal(signal.SIGINT)
        out, err = meter.communicate(timeout=20)
    assert err == "" and out.splitlines()[-1] == "unfinished" and meter.returncode == 1
    assert "plan: 2995 reads" in out and "0 to 4 FE" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["hostile", "--pty", "--tcp", "0"], "only one of --pty, --tcp and --port"),
        (["module", "--meter-pty", "--meter-tcp", "0"], "only one of --meter-pty, --meter-tcp"),
        (["hostile", "--virtual", "--tcp", "0"], "--virtual brings its own line"),
        (["hostile", "--form", "broadcast"], "none of these forms is ever answered"),
        (["hostile", "--read", "1:2"], "write ADDRESS:DI:FORMAT"),
        (["hostile", "--read", "0301:00010000:XX"], "an address has 12 digits"),
        (["hostile", "--port", "socket://127.0.0.1:1"], "cannot be opened"),
        (["converter", "one-dwelling", "--pico"], "has an rp2040"),
        (["converter", "sample", "--pty", "--tcp", "0"], "only one of --pty, --tcp and --port"),
        (["converter", "nowhere"], "no community named 'nowhere'"),
        (["reader", "--read", "1:2"], "write ADDRESS:DI:FORMAT"),
    ],
)
def test_mistakes_are_told(arguments, said):
    result = CliRunner().invoke(command, arguments)
    assert isinstance(result.exception, SibiaoError) and said in str(result.exception)


def test_meters_are_served_here_too():
    assert "PROFILE[@ADDRESS]" in CliRunner().invoke(command, ["meters", "--help"]).output


@pytest.mark.parametrize("arguments", [[], ["--json"]])
def test_a_plain_electricity_meter(arguments):
    reads = ["--read", f"{ADDRESS}:00010000:XXXXXX.XX", "--seconds", "3"]
    with station(TcpPort(0)) as name, sim("reader", "--port", name, *reads, *arguments) as meter:
        out, err = meter.communicate(timeout=60)
    rows = [line for line in out.splitlines() if "00010000" in line]
    assert len(rows) > 2 and meter.returncode == 0
    if arguments:
        assert all(json.loads(row)["error"] is None for row in rows) and " of " in err
    else:
        assert f"{ADDRESS} 00010000 " in rows[0] and " of " in rows[-1]
