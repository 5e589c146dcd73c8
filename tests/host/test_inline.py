"""Constants put where they are used: the meaning of the code must not change."""

from sibiao.firmware.inline import inline_constants
from sibiao.firmware.slot import firmware_sources

SOURCES = {
    "p/codes.py": "from micropython import const\nA = const(7)\nB = const(0x10)\n",
    "p/mixed.py": "from micropython import const\nC = const(3)\n_D = const(4)\nE = (C, _D)\n",
    "p/user.py": (
        "from p import codes, mixed\nfrom p.mixed import C as three, E\n"
        "def f(x):\n    return codes.A + codes.B + x.A + mixed.C + three + len(E) + mixed.E[0]\n"
    ),
}


def test_uses_become_numbers():
    out = inline_constants(SOURCES)
    assert "7 + 16 + x.A + 3 + 3" in out["p/user.py"]
    assert "codes" not in out["p/user.py"]
    assert "from p import mixed" in out["p/user.py"]  # still needed for E
    assert "from p.mixed import E" in out["p/user.py"]


def test_definitions_go_and_empty_modules_with_them():
    out = inline_constants(SOURCES)
    assert "p/codes.py" not in out
    assert "C =" not in out["p/mixed.py"]
    assert "E = (3, _D)" in out["p/mixed.py"]


def test_the_firmware_keeps_no_public_constant_and_every_import_resolves():
    sources = {p: s for p, s in firmware_sources().items() if s.strip()}
    out = inline_constants(sources)
    assert len(out) < len(sources)
    for path, source in out.items():
        for line in source.splitlines():
            assert not (line[:1].isupper() and "= const(" in line), (path, line)
            words = line.split()
            if words[:1] == ["from"] and words[1].startswith("converter."):
                there = {p.removesuffix(".py").replace("/", ".") for p in out}
                for name in line.partition(" import ")[2].split(", "):
                    name = name.partition(" as ")[0]
                    assert words[1] in there or f"{words[1]}.{name}" in there, (path, line)
