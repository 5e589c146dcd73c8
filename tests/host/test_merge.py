"""Merging as an algebra: associative, and no value without the place that set it."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sibiao.config.files.document import Document
from sibiao.config.files.merge import merge
from sibiao.config.files.tree import document, tree
from sibiao.config.problems import Origin

_numbers = st.integers(0, 9)
_flat = st.dictionaries(st.sampled_from(("x", "y", "z")), _numbers, max_size=3)
_points = st.lists(st.sampled_from("ABC"), unique=True, max_size=3).flatmap(
    lambda names: st.tuples(*(_flat.map(lambda t, n=n: {"name": n} | t) for n in names)).map(list)
)
_files = st.fixed_dictionaries(
    {},
    optional={
        "a": _numbers,
        "list": st.lists(_numbers, max_size=3),
        "table": st.fixed_dictionaries({}, optional={"b": _numbers, "deep": _flat}),
        "points": _points,
        "identifiers": st.lists(_flat, max_size=3),
    },
)


def paths(data, key=()):
    """Of every value, those in tables and lists included."""
    if key:
        yield key
    items = data.items() if isinstance(data, dict) else enumerate(data)
    for name, value in items if isinstance(data, dict | list) else ():
        if isinstance(value, dict | list):
            yield from paths(value, (*key, name))
        else:
            yield (*key, name)


def at(data, key):
    for name in key:
        data = data[name]
    return data


def made(number, data):
    """A document in which each value stands on a line of its own."""
    path = Path(f"{number}.toml")
    keys = list(paths(data))
    return Document(path, data, {key: Origin(path, n) for n, key in enumerate(keys, 1)})


def merged(*documents):
    problems = []
    whole, *rest = map(tree, documents)
    for each in rest:
        whole = merge(whole, each, problems)
    assert not problems
    return whole


@given(_files, _files, _files)
def test_it_does_not_matter_which_two_are_merged_first(a, b, c):
    one, two, three = (made(n, data) for n, data in enumerate((a, b, c)))
    later = document(Path("x"), merged(two, three))
    assert merged(one, two, three).held == merged(one, later).held


@given(_files, _files)
def test_each_value_has_the_place_that_set_it(a, b):
    sources = [made(0, a), made(1, b)]
    whole = document(Path("x"), merged(*sources))
    assert set(whole.origins) == set(paths(whole.data))
    for key, origin in whole.origins.items():
        source = sources[int(origin.file.stem)]
        there = next(k for k, place in source.origins.items() if place == origin)
        value = at(whole.data, key)
        # A table is where the later file has it, and holds what the earlier one says, too.
        if not isinstance(value, dict | list):
            assert at(source.data, there) == value
        assert there[-1] == key[-1] or isinstance(key[-1], int)


@given(_files, _files)
def test_the_later_file_goes_first_and_nothing_of_it_is_lost(a, b):
    whole = document(Path("x"), merged(made(0, a), made(1, b))).data
    assert whole.get("a") == b.get("a", a.get("a"))
    assert whole.get("list") == b.get("list", a.get("list"))
    assert whole.get("identifiers", []) == a.get("identifiers", []) + b.get("identifiers", [])
    was, own, now = ({p["name"]: p for p in d.get("points", [])} for d in (a, b, whole))
    assert now == {name: was.get(name, {}) | own.get(name, {}) for name in (*was, *own)}
    assert len(whole.get("points", [])) == len(now)


@given(_files)
def test_nothing_extended_by_nothing_changes_nothing(a):
    empty = made(1, {})
    assert merged(made(0, a), empty).held == tree(made(0, a)).held
    assert merged(empty, made(0, a)).held == tree(made(0, a)).held


def test_a_table_and_a_number_clash():
    problems = []
    merge(tree(made(0, {"t": {"x": 1}})), tree(made(1, {"t": 5})), problems)
    assert [str(each) for each in problems] == [
        (
            "1.toml:1:1: t is 5, and a table in 0.toml:1:1, which this extends; both must be of "
            'one kind; or take it out of the base: without = ["t"]'
        )
    ]
