"""Imports point one way, and pure packages stay pure: the package is walked, not trusted."""

import ast
import graphlib
from pathlib import Path

import pytest
from sibiao.firmware.slot import firmware_sources

ROOT = Path(__file__).parents[2]
CONVERTER = ROOT / "firmware" / "converter"
GENERATOR = ROOT / "firmware" / "generator"
HOST = ROOT / "host_tools" / "sibiao"

# Package -> packages of ours that it may import, besides itself.
MAY_IMPORT = {
    "codec": set(),
    "link": {"codec"},
    "model": {"codec"},
    "meters": {"link", "model", "codec"},
    "store": {"codec", "model"},
    "station": {"model", "link", "codec"},
    "hal": set(),
    "uplink": {"station", "link", "model", "codec"},
    "app": {"uplink", "station", "meters", "store", "model", "link", "codec", "hal"},
}
PURE = {"codec", "link", "model", "meters", "store", "station"}
PURE_MAY_IMPORT = {"struct", "binascii", "array", "micropython"}
# `hal` alone touches hardware and files.
HARDWARE = {"machine", "rp2", "esp32", "pyb", "os", "vfs"}

MODULES = sorted(CONVERTER.rglob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


def names_imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def calls(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield node.func.id


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(CONVERTER)))
def test_direction(path):
    parts = path.relative_to(CONVERTER).parts
    if len(parts) == 1:
        assert not list(imported(path))
        return
    room = parts[0]
    for name in imported(path):
        first, _, rest = name.partition(".")
        if first == "converter":
            target = rest.partition(".")[0]
            assert target in {"", room} | MAY_IMPORT[room], f"{room} imports {name}"
        else:
            if room in PURE:
                assert first in PURE_MAY_IMPORT, f"pure {room} imports {name}"
            if room != "hal":
                assert first not in HARDWARE, f"{room} imports {name}"
    if room in PURE:
        assert "open" not in set(calls(path))


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("host_tools/sibiao/sim/bus/*.py")), ids=lambda p: p.name
)
def test_a_simulated_bus_meter_shares_nothing_with_the_converter(path):
    # Else an error of our codec would cancel itself.
    assert not [name for name in imported(path) if name.partition(".")[0] == "converter"]


# Of the pulse generator, these touch its pins; the others run on the host, too.
ON_ITS_PICO = {"main", "serve", "player", "edges"}


@pytest.mark.parametrize("path", sorted(GENERATOR.glob("*.py")), ids=lambda p: p.name)
def test_the_generator_shares_nothing_with_the_converter(path):
    firsts = {name.partition(".")[0] for name in imported(path)}
    assert "converter" not in firsts
    if path.stem not in ON_ITS_PICO:
        assert firsts <= PURE_MAY_IMPORT | {"generator", "json"}


def test_the_converter_knows_no_generator():
    assert not [
        path
        for path in MODULES
        if "generator" in {name.partition(".")[0] for name in imported(path)}
    ]
    assert all(path.startswith("converter/") for path in firmware_sources())


def test_every_room_is_known():
    rooms = {p.name for p in CONVERTER.iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert rooms == set(MAY_IMPORT)


# What is not a room of its own: the VM's and the board's side of a node run MicroPython.
ON_THE_BOARD = {HOST / "node/vm/device", HOST / "node/vm/virtual/device"}
FOLDERS = sorted(
    {path.parent for path in HOST.rglob("*.py") if not ON_THE_BOARD & set(path.parents)}
)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda p: str(p.relative_to(HOST.parent)))
def test_no_way_on_the_host_turns_back(folder):
    # The rooms of a folder: its modules, and its folders as a whole.
    name = ".".join(folder.relative_to(HOST.parent).parts)
    uses = {}
    for path in folder.rglob("*.py"):
        if path.name == "__init__.py" or ON_THE_BOARD & set(path.parents):
            continue
        room = path.relative_to(folder).parts[0].removesuffix(".py")
        for used in names_imported(path):
            if used.startswith(f"{name}."):
                target = used.removeprefix(f"{name}.").partition(".")[0]
                uses.setdefault(room, set()).update({target} - {room})
    graphlib.TopologicalSorter(uses).prepare()  # CycleError tells the way


def test_no_module_is_crowded():
    crowded = {p.name: n for p in MODULES if (n := len(p.read_text().splitlines())) > 300}
    assert not crowded
