"""Which MicroPython VM is taken, and what is said of those that are passed over."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sibiao.errors import SibiaoError
from sibiao.micropython import find_vm, find_vm32, private_apt, vm
from sibiao.micropython.cache import arriving, filling

GOOD = "echo '[\"micropython\", [1, 26, 1], 64, []]'"


@pytest.fixture(autouse=True)
def nothing_here(tmp_path, monkeypatch):
    """An empty cache, and a PATH that leads nowhere but to the shell's programs."""
    monkeypatch.setenv("SIBIAO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    (tmp_path / "path").mkdir()


def program(folder, text):
    folder.mkdir(exist_ok=True)
    path = folder / "micropython"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_good_one_on_path_is_taken(tmp_path):
    path = program(tmp_path / "path", GOOD)
    runtime = find_vm(download=False)
    assert (runtime.path, runtime.version, runtime.origin) == (path, "1.26.1", "on PATH")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("echo '[\"micropython\", [1, 24, 1], 64, []]'", "is micropython 1.24.1, older than 1.25"),
        (
            'echo \'["micropython", [1, 25, 0], 64, ["cryptolib", "vfs.VfsLfs2"]]\'',
            "was built without cryptolib, vfs.VfsLfs2",
        ),
        (f'exec {sys.executable} "$@"', "does not run MicroPython code .it said: .*Error"),
        ("echo no such option >&2; exit 2", "it said: no such option"),
        ("kill -9 $$", "it said: nothing"),
    ],
)
def test_bad_one_on_path_is_passed_over_with_the_reason(tmp_path, text, said):
    path = program(tmp_path / "path", text)
    told = []
    with pytest.raises(SibiaoError, match=said) as caught:
        find_vm(told.append, download=False)
    assert str(path) in str(caught.value)
    assert len(told) == 1 and told[0].startswith("passed over: ")


def test_one_that_hangs_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setattr(vm, "_ANSWER_LIMIT_S", 0.2)
    program(tmp_path / "path", "exec /bin/sleep 60")
    with pytest.raises(SibiaoError, match=r"did not answer within 0\.2 s"):
        find_vm(download=False)


def test_file_that_is_no_program_is_passed_over(tmp_path):
    path = tmp_path / "path/micropython"
    path.write_bytes(b"\0\1\2\3")
    path.chmod(0o755)
    with pytest.raises(SibiaoError, match=r"does not start .Exec format error"):
        find_vm(download=False)


def test_next_one_on_path_is_tried(tmp_path, monkeypatch):
    program(tmp_path / "old", "exit 1")
    good = program(tmp_path / "new", GOOD)
    monkeypatch.setenv("PATH", f"{tmp_path / 'old'}:{tmp_path / 'none'}:{tmp_path / 'new'}")
    assert find_vm(download=False).path == good


def test_one_in_the_cache_is_taken_where_path_has_none():
    name = vm_entry()
    with filling(name, print), arriving(name) as folder:
        program(folder, GOOD)
        (folder / "origin").write_text("tests")
    runtime = find_vm(download=False)
    assert (runtime.version, runtime.origin) == ("1.26.1", "tests")


def test_broken_one_in_the_cache_is_not_taken():
    name = vm_entry()
    with filling(name, print), arriving(name) as folder:
        program(folder, "exit 1")
        (folder / "origin").write_text("tests")
    told = []
    with pytest.raises(SibiaoError, match="none is in the cache"):
        find_vm(told.append, download=False)
    assert told[0].startswith("getting it anew: ")


def vm_entry():
    return f"vm-{vm.platform.machine()}"


def test_machine_without_apt_is_told_what_to_do():
    with pytest.raises(SibiaoError, match=r"no apt.*Put a micropython 1\.25 or newer"):
        find_vm()


def test_machine_without_a_debian_mirror_is_told_what_was_found(tmp_path, monkeypatch):
    (tmp_path / "sources.list").write_text("deb http://mirror.example/ubuntu noble main\n")
    for name, text in (
        ("apt-get", "exit 1"),
        ("apt-config", f"echo \"LIST='{tmp_path}/sources.list'\"; echo \"PARTS='{tmp_path}/d'\""),
    ):
        program(tmp_path / "path", text).rename(tmp_path / "path" / name)
    with pytest.raises(SibiaoError, match=r"names no Debian mirror .its suites: noble"):
        find_vm()


def test_vm_with_words_of_the_wrong_size_is_no_32_bit_vm(tmp_path):
    path = program(tmp_path / "path", GOOD)
    with pytest.raises(SibiaoError, match="has 64-bit words, not 32"):
        vm.probe(path, bits=32)


def test_32_bit_vm_is_not_built_unasked():
    with pytest.raises(SibiaoError, match="build it with `sibiao micropython vm32`"):
        find_vm32(build=False)


@pytest.mark.vm
def test_real_vm_arrives_in_an_empty_cache(tmp_path, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("SIBIAO_CACHE", str(tmp_path / "cache"))
    try:
        private_apt.machine_mirrors()
    except SibiaoError as error:
        pytest.skip(str(error))
    monkeypatch.setattr(vm, "_on_path", lambda: [])
    lists = Path("/var/lib/apt/lists")
    before = sorted((path, path.stat().st_mtime_ns) for path in lists.rglob("*"))
    runtime = find_vm(print)
    assert runtime.version.startswith("1.")
    assert tmp_path in runtime.path.parents
    assert sorted((path, path.stat().st_mtime_ns) for path in lists.rglob("*")) == before
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == [
        "lock",
        "log",
        vm_entry(),
    ]
    # It finds its libraries from its own place: moved, and with nothing on PATH, it still runs.
    moved = shutil.move(runtime.path.parent, tmp_path / "else where")
    asked = "import sys; print(sys.implementation[0], 6 * 7)"
    words = [Path(moved) / "micropython", "-c", asked]
    answer = subprocess.run(words, capture_output=True, text=True, check=True, env={"PATH": "/"})
    assert answer.stdout == "micropython 42\n"
