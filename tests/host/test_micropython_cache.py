"""The cache: an entry is there as a whole or not at all, whatever happens to the run."""

import os
import signal
import subprocess
import sys
import textwrap

import pytest
from sibiao.errors import SibiaoError
from sibiao.micropython.cache import arriving, cache_root, cached, filling, scratch

SLOW_FILL = """
    import sys, time
    from sibiao.micropython.cache import arriving, cached, filling
    with filling("thing", lambda message: print(message, flush=True)):
        if cached("thing"):
            print("found", flush=True)
        else:
            with arriving("thing") as folder:
                (folder / "half").write_text("half")
                print("half", flush=True)
                sys.stdin.read()
                (folder / "whole").write_text("whole")
"""


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SIBIAO_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def start_slow_fill():
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(SLOW_FILL)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )


def fill(text):
    with filling("thing", print), arriving("thing") as folder:
        (folder / "whole").write_text(text)


def hidden(cache):
    return sorted(path.name for path in cache.iterdir() if path.name.startswith("."))


def test_entry_arrives_and_is_replaced(cache):
    assert cached("thing") is None
    fill("first")
    assert (cached("thing") / "whole").read_text() == "first"
    fill("second")
    assert (cached("thing") / "whole").read_text() == "second"
    assert hidden(cache) == []


def test_failed_run_leaves_nothing(cache):
    with (
        pytest.raises(ZeroDivisionError),
        filling("thing", print),
        scratch("thing"),
        arriving("thing"),
    ):
        raise ZeroDivisionError
    assert cached("thing") is None
    assert hidden(cache) == []


def test_failed_run_leaves_what_was_there():
    fill("first")
    with pytest.raises(ZeroDivisionError), filling("thing", print), arriving("thing") as folder:
        (folder / "whole").write_text("second")
        raise ZeroDivisionError
    assert (cached("thing") / "whole").read_text() == "first"


def test_killed_run_leaves_no_half_entry_and_the_next_sweeps_up(cache):
    with start_slow_fill() as run:
        assert run.stdout.readline() == "half\n"
        run.send_signal(signal.SIGKILL)
    assert cached("thing") is None
    assert len(hidden(cache)) == 1
    fill("first")
    assert hidden(cache) == []
    assert (cached("thing") / "whole").read_text() == "first"


def test_second_run_waits_and_finds_what_the_first_got():
    with start_slow_fill() as first:
        assert first.stdout.readline() == "half\n"
        with start_slow_fill() as second:
            assert "waiting for another sibiao" in second.stdout.readline()
            assert cached("thing") is None
            first.stdin.close()
            assert second.stdout.readline() == "found\n"
    assert sorted(path.name for path in cached("thing").iterdir()) == ["half", "whole"]


def test_default_place_is_the_users_cache_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("SIBIAO_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    root = cache_root()
    assert root.name == "sibiao" and tmp_path in root.parents


def test_cache_that_cannot_be_made(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SIBIAO_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(SibiaoError, match="set SIBIAO_CACHE to a folder that can be written"):
        fill("first")
