"""Modules joined to a few: the meaning of the code must not change."""

import ast
import sys
import types

import pytest
from sibiao.firmware.inline import module_name
from sibiao.firmware.joined import joined
from sibiao.firmware.slot import firmware_sources

BUILD = 'from converter.app import seldom\nseldom.once("app.build", "build")\n'
SOURCES = {
    "config.py": "KIND = 'one'\n",
    "converter/app/node.py": '"""Its root."""\n' + BUILD,
    "converter/app/seldom.py": (
        "def once(name, what, *args):\n"
        "    module = __import__('converter.' + name, None, None, (what,))\n"
        "    return getattr(module, what)(*args)\n"
    ),
    "converter/app/build.py": (
        "import config\nfrom converter.model import record, total as sums\n"
        "from converter.model.total import Total\nfrom converter.hal import handed\n"
        "def build():\n"
        "    from converter.model.gap import close as shut\n"
        "    kind = __import__('converter.hal.kind_' + config.KIND, None, None, ('Kind',))\n"
        "    return (Total(5).doubled(), sums.close(1), record.close(1), shut(1),\n"
        "            kind.Kind(handed).told, record.count())\n"
    ),
    "converter/model/total.py": (
        "import struct\nfrom converter.model import record\n"
        "from converter.model.gap import close as shut\n"
        "_SIZE = struct.calcsize('<I')\n"
        "def _twice(close):\n    return close * 2\n"
        "def close(n):\n    return [shut(n) for n in (n + 1, _SIZE)][0] + _SIZE\n"
        "class Total(record.Record):\n"
        "    shift = _SIZE\n    close = staticmethod(record.close)\n"
        "    def doubled(self):\n"
        "        return _twice(self.n), record.close(self.n), self.close(2), self.shift\n"
    ),
    "converter/model/record.py": (
        "_SIZE = 100\n_count = 0\n"
        "def _twice(n):\n    return n * 3\n"
        "def close(n):\n    return n + _SIZE\n"
        "def count():\n    global _count\n    _count += _twice(1)\n    return _count\n"
        "class Record:\n    def __init__(self, n):\n        self.n = n\n"
    ),
    "converter/model/gap.py": "def close(n):\n    return n - 1\n",
    "converter/hal/handed.py": "FIELDS = 7\n",
    "converter/hal/kind_one.py": (
        "from converter.model.gap import close\n"
        "class Kind:\n    def __init__(self, other):\n        self.told = close(other.FIELDS)\n"
    ),
    "converter/app/later.py": (
        "from converter.model import gap\nfrom converter.model.total import Total, close\n"
        "def later(gap_s):\n    return gap.close(gap_s), close(gap_s), Total(1).shift\n"
    ),
}  # fmt: skip
EXPECTED = ((10, 105, 102, 4), 5, 101, 0, 6, 6)  # counted twice: the root builds, too


@pytest.fixture
def run(monkeypatch):
    """Puts modules in place as a board does, and gives a function that imports one."""

    def run(sources):
        for name in [n for n in sys.modules if n == "config" or n.split(".")[0] == "converter"]:
            monkeypatch.delitem(sys.modules, name)
        finder = _Finder({module_name(path): source for path, source in sources.items()})
        monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
        return lambda name: __import__(name, None, None, ("x",))

    held = {n: m for n, m in sys.modules.items() if n == "config" or n.startswith("converter")}
    yield run
    for name in [n for n in sys.modules if n == "config" or n.split(".")[0] == "converter"]:
        del sys.modules[name]
    sys.modules.update(held)


class _Finder:
    def __init__(self, sources):
        self._sources = sources

    def find_spec(self, name, path=None, target=None):
        from importlib.machinery import ModuleSpec

        if name in self._sources:
            return ModuleSpec(name, self)
        if any(each.startswith(name + ".") for each in self._sources):
            return ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return types.ModuleType(spec.name)

    def exec_module(self, module):
        exec(self._sources.get(module.__name__, ""), module.__dict__)


@pytest.mark.parametrize("change", [lambda s: s, lambda s: joined(s, s["config.py"])])
def test_what_is_joined_does_what_it_did(run, change):
    load = run(change(SOURCES))
    load("converter.app.node")
    assert load("converter.app.build").build() == EXPECTED
    assert load("converter.app.later").later(9) == (8, 13, 4)


def test_what_every_start_loads_is_joined_and_nothing_else():
    out = joined(SOURCES, SOURCES["config.py"])
    alone = {"config", "app/node", "app/build", "app/later", "hal/handed", "hal/kind_one"}
    expected = {"config.py"} | {f"converter/{each}.py" for each in alone - {"config"}}
    assert set(out) == expected | {"converter/part0.py"}
    assert "import converter.part0" in out["converter/app/node.py"]


def test_parts_find_what_they_import_in_those_before(monkeypatch, run):
    monkeypatch.setattr("sibiao.firmware.joined._MOST_NAMES", 8)
    out = joined(SOURCES, SOURCES["config.py"])
    parts = sorted(path for path in out if "part" in path)
    assert len(parts) > 2
    for n, path in enumerate(parts):
        for node in ast.walk(ast.parse(out[path])):
            if isinstance(node, ast.ImportFrom) and "part" in node.module:
                assert int(node.module[-1]) < n
    load = run(out)
    load("converter.app.node")
    assert load("converter.app.build").build() == EXPECTED


def test_a_module_that_is_run_twice_is_never_joined():
    """Code for one call or for the start is let go of: joined, it would stay."""
    out = joined(
        {path: source for path, source in firmware_sources().items() if source.strip()}
        | {"config.py": "KIND = 'pulse_irq'\n"},
        "KIND = 'pulse_irq'\n",
    )
    text = {p for p in out if p.startswith("converter/app")}
    for name in ("node_build", "records", "changes", "commands", "boot_report", "meter_ways"):
        assert f"converter/app/{name}.py" in text


def test_the_firmware_imports_and_changes_names_as_joining_expects():
    """`from … import`, and what a function assigns with `global` is nobody else's."""
    for path, source in firmware_sources().items():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                assert not [a for a in node.names if a.name.startswith("converter")], path
            elif isinstance(node, ast.Global):
                assert all(name.startswith("_") for name in node.names), path
