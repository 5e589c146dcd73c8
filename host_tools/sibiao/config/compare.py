"""What really differs between communities: effective values, not words, and never identity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

from sibiao.config.load import Loaded
from sibiao.config.schema.community import Point
from sibiao.config.values import in_toml, values

# What a unit is called and where it counts from; names of files say nothing that their values
# would not.
_FILES = ("board", "uplink")
_IDENTITY = ("schema", "title", "serial", "production_date", "address", *_FILES)
_NO_TRAITS = ("schema", "title", "include")
_OF_POINTS = ("max_flow_m3_per_h", "max_power_kw", "line")
ABSENT = "-"


@dataclass(frozen=True)
class Traits:
    """`values`: by key, in TOML; `files`: names of the board and the uplink; `points`: how many
    there are of each kind."""

    name: str
    values: dict[str, str]
    files: dict[str, str]
    points: Counter

    @property
    def key(self) -> tuple:
        """The same for communities of one variant: how many points there are is none of it."""
        return tuple(sorted(self.values.items())), tuple(sorted(self.points))


@dataclass(frozen=True)
class Difference:
    key: str
    a: str
    b: str


@dataclass(frozen=True)
class Variants:
    """`groups` of names; `keys` that differ, each with its value in every group; a few of them
    that suffice to tell every group from every other."""

    groups: list[list[str]]
    keys: dict[str, list[str]]
    telling: list[str]


def traits(loaded: Loaded) -> Traits:
    """Of a community that was read from files."""
    held = {
        value.key: value.text
        for value in values(loaded)
        if value.value is not None and _is_trait(value.key)
    }
    files = {key: in_toml(getattr(loaded.community, key)) for key in _FILES}
    kinds = Counter(_kind(loaded, point) for point in loaded.community.points)
    return Traits(loaded.name, held, files, kinds)


def differences(a: Traits, b: Traits) -> list[Difference]:
    rows = _rows([a, b])
    found = [Difference(key, *told) for key, told in rows.items()]
    found += [
        Difference(f"points: {kind}", str(a.points[kind]), str(b.points[kind]))
        for kind in sorted({*a.points, *b.points})
        if a.points[kind] != b.points[kind]
    ]
    return found


def variants(communities: Iterable[Loaded]) -> Variants:
    """Largest group first."""
    groups: dict[tuple, list[Traits]] = {}
    for loaded in communities:
        found = traits(loaded)
        groups.setdefault(found.key, []).append(found)
    ordered = sorted(groups.values(), key=lambda group: (-len(group), group[0].name))
    firsts = [group[0] for group in ordered]
    rows = _rows(firsts)
    for kind in sorted({kind for first in firsts for kind in first.points}):
        held = ["yes" if kind in first.points else ABSENT for first in firsts]
        if ABSENT in held:
            rows[f"points: {kind}"] = held
    return Variants([[one.name for one in group] for group in ordered], rows, _telling(rows))


def _telling(rows: dict[str, list[str]]) -> list[str]:
    """Always the key that tells most of the pairs apart that none has told yet."""
    pairs = {
        key: {(a, b) for a, b in combinations(range(len(told)), 2) if told[a] != told[b]}
        for key, told in rows.items()
    }
    left = set().union(*pairs.values())
    chosen = []
    while left:
        best = max(pairs, key=lambda key: len(pairs[key] & left))
        chosen.append(best)
        left -= pairs[best]
    return chosen


def _is_trait(key: str) -> bool:
    first, _, rest = key.partition(".")
    if first == "points" or key in _IDENTITY:
        return False
    return rest.rpartition(".")[2] not in _NO_TRAITS


def _kind(loaded: Loaded, point: Point) -> str:
    """A point by all that makes it another than its neighbour but where it is and what it is
    called: its meter, its bus, what it has of its own."""
    meter = loaded.meters[point.meter]
    words = [point.meter]
    if meter.link != "pulse":
        words.append(f"on {point.wired_to}")
        if point.secondary_address:
            words.append("by secondary address")
    words += [f"with {name}" for name in ("tamper", "cable") if getattr(point, name)]
    for key in _OF_POINTS:
        own = getattr(point, key)
        if own is not None:
            said = own.model_dump() if key == "line" else own
            words.append(f"{key} = {in_toml(said)}")
    return ", ".join(words)


def _rows(those: list[Traits]) -> dict[str, list[str]]:
    """The keys that differ. A table that only some have is one row."""
    of_each = [each.values for each in those]
    rows = {key: told for key in _FILES if len(set(told := _same_files(key, those))) > 1}
    keys = dict.fromkeys(key for held in of_each for key in held)
    for key in sorted(keys, key=lambda key: key.partition(".")[0]):
        told = [held.get(key, ABSENT) for held in of_each]
        if len(set(told)) == 1:
            continue
        whole = _absent_whole(key, of_each)
        if whole is None:
            rows[key] = told
        else:
            rows[whole] = ["yes" if _has(whole, held) else ABSENT for held in of_each]
    return rows


def _same_files(key: str, those: list[Traits]) -> list[str]:
    """Names of files; those that say the same have the name of the first."""
    inside = [_inside(key, each.values) for each in those]
    return [those[inside.index(each)].files[key] for each in inside]


def _absent_whole(key: str, of_each: list[dict[str, str]]) -> str | None:
    """The largest table about the key that some lack, where all that have it agree."""
    parts = key.split(".")
    for end in range(2, len(parts)):
        whole = ".".join(parts[:end])
        those = [_inside(whole, held) for held in of_each if _has(whole, held)]
        if len(those) < len(of_each) and all(each == those[0] for each in those):
            return whole
    return None


def _has(whole: str, held: dict[str, str]) -> bool:
    return any(key.startswith(f"{whole}.") for key in held)


def _inside(whole: str, held: dict[str, str]) -> dict[str, str]:
    return {key: text for key, text in held.items() if key.startswith(f"{whole}.")}
