"""Which Debian mirrors this machine's own apt uses, read from its `.list` and `.sources` files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_DEBIAN = re.compile(
    r"(bullseye|bookworm|trixie|forky|duke|(old)*stable|testing|sid|unstable)"
    r"(-updates|-backports|-proposed-updates)?$"
)
# A mirror's own ways of being trusted go with it; the rest (architectures, languages) does not.
_KEPT_OPTIONS = ("signed-by", "trusted", "check-valid-until", "check-date")


@dataclass(frozen=True)
class Mirror:
    """One base address and the options apt needs to trust it."""

    uri: str
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Entry:
    types: list[str]
    uris: list[str]
    suites: list[str]
    components: list[str]
    options: dict[str, str]


def debian_mirrors(source_list: Path, source_parts: Path) -> list[Mirror]:
    """The mirrors that carry Debian's main archive, the one most used by this machine first."""
    uses: Counter[Mirror] = Counter()
    for entry in _entries(source_list, source_parts):
        suites = [suite for suite in entry.suites if _DEBIAN.match(suite)]
        if not suites or "main" not in entry.components:
            continue
        options = tuple(
            (name, entry.options[name]) for name in _KEPT_OPTIONS if name in entry.options
        )
        for uri in entry.uris:
            if not uri.startswith("cdrom:"):
                uses[Mirror(uri, options)] += len(suites)
    return [mirror for mirror, _ in uses.most_common()]


def suites_in_use(source_list: Path, source_parts: Path) -> list[str]:
    """Every suite the machine's apt names, for telling a user what was found instead."""
    return sorted({s for e in _entries(source_list, source_parts) for s in e.suites})


def _entries(source_list: Path, source_parts: Path) -> Iterator[_Entry]:
    files = [source_list] if source_list.is_file() else []
    if source_parts.is_dir():
        files += sorted(source_parts.glob("*.list")) + sorted(source_parts.glob("*.sources"))
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        yield from _deb822(text) if file.suffix == ".sources" else _one_line(text)


def _one_line(text: str) -> Iterator[_Entry]:
    for line in text.splitlines():
        found = re.match(r"\s*(deb|deb-src)\s+(?:\[([^]]*)\]\s+)?([^#]+)", line)
        if not found:
            continue
        kind, options, rest = found.groups(default="")
        uri, *words = rest.split()
        if not words:
            continue
        pairs = (word.partition("=") for word in options.split())
        yield _Entry([kind], [uri], words[:1], words[1:], {k.lower(): v for k, _, v in pairs})


def _deb822(text: str) -> Iterator[_Entry]:
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    for stanza in re.split(r"\n[ \t]*\n", "\n".join(lines)):
        fields: dict[str, str] = {}
        name = ""
        for line in stanza.splitlines():
            if line[:1] in (" ", "\t"):
                # A key may stand in the file itself, over many lines.
                fields[name] = f"{fields.get(name, '')}\n{line}"
            elif ":" in line:
                name, _, value = line.partition(":")
                name = name.strip().lower()
                fields[name] = value.strip()
        if fields.get("enabled", "yes").lower() in ("no", "false", "0", "off"):
            continue
        types, uris, suites, components = (
            fields.pop(key, "").split() for key in ("types", "uris", "suites", "components")
        )
        yield _Entry(types, uris, suites, components, fields)
