"""Short names that stand in the image: the meaning must not change, and they must stand there."""

import ast
import types

from sibiao.firmware.flash_names import NAMES, in_flash
from sibiao.micropython.uf2 import read_uf2

SOURCES = {
    "a.py": (
        "_a = 1\n"
        "def _b(_0, acos):\n    global _a\n    _a += _0\n    return _a + acos\n"
        "class _c:\n    asinh = 4\n    def __init__(self):\n        self._a = _b(2, 3)\n"
        "    def told(self):\n        return self._a, self.asinh, getattr(self, 'atan', 5)\n"
    ),
    "b.py": "from a import _c as _d\nimport math\ndef told():\n    return _d().told(), math.sin\n",
}


def test_the_meaning_stays():
    out = in_flash(SOURCES)
    assert not any(f"_{letter}" in out["a.py"] for letter in "abc0")
    module = types.ModuleType("a")
    exec(out["a.py"], module.__dict__)
    space = {}
    head, _, rest = out["b.py"].partition("\n")
    name = ast.parse(head).body[0].names[0]
    space[name.asname] = getattr(module, name.name)
    exec(rest, space)
    values, sine = space["told"]()
    assert values == (6, 4, 5) and sine(0) == 0


def test_what_is_used_is_left_alone():
    out = in_flash({"a.py": "acos = 1\n_a = acos"})["a.py"]
    named = {node.id for node in ast.walk(ast.parse(out)) if isinstance(node, ast.Name)}
    assert named == {"acos", "acosh"}


def test_each_name_is_in_the_image_once(pico_image):
    flash = read_uf2(pico_image).content
    assert len(set(NAMES)) == len(NAMES)
    assert [name for name in NAMES if name.encode() + b"\0" not in flash] == []
