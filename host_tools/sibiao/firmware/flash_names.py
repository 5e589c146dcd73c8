"""Names that cost the device no RAM: those that MicroPython's image has in its flash already.

Short names (firmware/short_names.py, firmware/joining.py) become, one by one and everywhere alike,
names of the image's own modules that our firmware never uses: each saves its letters and its place
in MicroPython's table of names, which doubles when it is full.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

_SHORT = re.compile(r"_(?:[a-z]{1,2}|\d{1,2})")
# Of math, errno, framebuf, cmath, heapq, random, re, sets and strings, which every image that we
# support has; nothing that MicroPython would look up on an object of ours by itself.
_NAMES = """
acos acosh asin asinh atan atan2 atanh ceil copysign cos cosh degrees erf erfc exp expm1 fabs
floor fmod frexp gamma isfinite isinf isnan ldexp lgamma log10 log2 modf radians sin sinh sqrt
tan tanh trunc EACCES EADDRINUSE EAGAIN EALREADY EBADF ECONNABORTED ECONNREFUSED ECONNRESET
EEXIST EHOSTUNREACH EINPROGRESS EINVAL EIO EISDIR ENOBUFS ENODEV ENOENT ENOMEM ENOTCONN
EOPNOTSUPP EPERM ETIMEDOUT errorcode phase polar heapify heappush heappop isalpha isdigit
islower isspace isupper lstrip rindex rsplit rpartition center difference difference_update
intersection intersection_update isdisjoint issubset issuperset symmetric_difference
symmetric_difference_update union discard blit fill_rect hline vline pixel scroll ellipse poly
MONO_VLSB MONO_HLSB MONO_HMSB RGB565 GS4_HMSB GS2_HMSB GS8 namedtuple OrderedDict popleft
appendleft choice getrandbits randint randrange uniform
"""
NAMES = tuple(_NAMES.split())


def in_flash(sources: dict[str, str]) -> dict[str, str]:
    """Path -> source of each module that a board gets, all of them at once."""
    names = {path: _names(source) for path, source in sources.items()}
    used = frozenset().union(*names.values())
    short = sorted((name for name in used if _SHORT.fullmatch(name)), key=lambda n: (len(n), n))
    renamed = list(zip(short, (name for name in NAMES if name not in used), strict=False))
    return {
        path: _renamed(source, tuple(pair for pair in renamed if pair[0] in names[path]))
        for path, source in sources.items()
    }


@cache
def _renamed(source: str, renamed: tuple[tuple[str, str], ...]) -> str:
    tree, new = ast.parse(source), dict(renamed)
    for node in ast.walk(tree):
        for field, name in _named(node):
            setattr(node, field, new.get(name, name))
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            node.names = [new.get(name, name) for name in node.names]
    return ast.unparse(tree)


@cache
def _names(source: str) -> frozenset[str]:
    return frozenset(_walked(ast.parse(source)))


def _walked(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        yield from (name for _, name in _named(node))
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            yield from node.names
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value  # it may be asked for with getattr


def _named(node: ast.AST) -> Iterator[tuple[str, str]]:
    for field in ("attr", "id", "arg", "name", "asname"):
        name = getattr(node, field, None)
        if isinstance(name, str):
            yield field, name
