"""TOML with positions: what it reads is what tomllib reads, and it refuses what that refuses."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sibiao.config.files.document import parse
from sibiao.config.load import directory
from sibiao.config.problems import Origin, Refused

SHIPPED = sorted(directory().glob("*/*.toml"))

_names = st.sampled_from(("a", "b", "c", '"a"', '"é.d"'))
_keys = st.lists(_names, min_size=1, max_size=3).map(".".join)
_scalars = st.sampled_from(
    ("1", "-0", "0x1F", "01", "1_0", "1__0", "2.5", "inf", "true", "'l'", '"q\\n"', '"\\q"', '"é"',
     "2026-01-02", "2026-13-01", '"""m\n  n"""', "[1, 2]", "[\n# c\n1,]", "[1", "{}", "")
)  # fmt: skip
_inline = st.lists(st.tuples(_keys, _scalars), max_size=2).map(
    lambda pairs: "{ " + ", ".join(f"{key} = {value}" for key, value in pairs) + " }"
)
_lines = st.one_of(
    st.builds("{} = {}".format, _keys, st.one_of(_scalars, _scalars, _inline)),
    _keys.map("[{}]".format),
    _keys.map("[[{}]]".format),
    st.just("# comment é"),
)


def write(folder, text):
    path = Path(folder, "file.toml")
    path.write_bytes(text.encode())
    return path


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_a_shipped_file_is_what_tomllib_reads(path):
    assert parse(path).data == tomllib.loads(path.read_text(encoding="utf-8"))


@given(st.lists(_lines, max_size=7).map("\n".join))
def test_it_takes_and_refuses_what_tomllib_does(tmp_path_factory, text):
    path = write(tmp_path_factory.getbasetemp(), text)
    try:
        wanted = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        with pytest.raises(Refused):
            parse(path)
    else:
        assert parse(path).data == wanted


def test_every_value_is_found_where_it_stands(tmp_path):
    text = '"é" = 1\n"ü" = [ 1, { x = 2 } ]\n[t]\nu.v = 3\n[[p]]\nn = 4\n[[p]]\nn = 5\n'
    document = parse(write(tmp_path, text))
    places = {
        ("é",): (1, 1),
        ("ü",): (2, 1),
        ("ü", 0): (2, 9),
        ("ü", 1): (2, 12),
        ("ü", 1, "x"): (2, 14),
        ("t",): (3, 2),
        ("t", "u"): (4, 1),
        ("t", "u", "v"): (4, 3),
        ("p",): (5, 3),
        ("p", 0): (5, 1),
        ("p", 0, "n"): (6, 1),
        ("p", 1): (7, 1),
        ("p", 1, "n"): (8, 1),
    }
    assert {k: (o.line, o.column) for k, o in document.origins.items()} == places
    assert document.origin("p", 1, "missing") == Origin(document.path, 7, 1)
    assert document.origin("missing") == Origin(document.path, 1, 1)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a = 1\nb = \n", "2:5: not TOML: invalid value"),
        ("a = 1\nb = [1\nc = 2\n", "3:1: not TOML: unclosed array"),
        ("[t]\na = 1\na = 2\n", "3:1: t.a is set twice; it was set in line 2; leave one of them"),
        ("[t]\n[t]\n", "2:2: t is set twice; it was set in line 1; leave one of them"),
        ("a = 01\n", "1:6: not TOML: expected newline or end of document after a statement"),
        ("a = 2026-02-30\n", "1:5: not TOML: 2026-02-30 is no value"),
    ],
)
def test_what_is_no_toml_says_where_and_why(tmp_path, text, line):
    path = write(tmp_path, text)
    with pytest.raises(Refused) as refused:
        parse(path)
    assert str(refused.value) == f"{path}:{line}"


def test_a_file_of_another_encoding_is_refused(tmp_path):
    path = tmp_path / "file.toml"
    path.write_bytes("a = 1\nb = 'é'\n".encode("latin-1"))
    with pytest.raises(Refused, match=r":2:1: not UTF-8 text; save the file as UTF-8"):
        parse(path)
