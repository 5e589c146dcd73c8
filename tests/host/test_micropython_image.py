"""Where the Pico's image is taken from, and what the command says."""

import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import time

import pytest
from sibiao.errors import SibiaoError
from sibiao.micropython import build_tools, find_pico_image, pico_image
from sibiao.micropython.cache import arriving, cache_root, filling
from sibiao.micropython.debian_source import percent_teller

from tests.host.test_micropython_uf2 import image


@pytest.fixture(autouse=True)
def nothing_here(tmp_path, monkeypatch):
    monkeypatch.setenv("SIBIAO_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SIBIAO_PICO_IMAGE", raising=False)


@pytest.fixture
def maker(monkeypatch):
    """The maker's site, on this machine: it answers with what the test puts in `answers`."""
    answers = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            status, body, length = answers.pop(0)
            self.send_response(status)
            self.send_header("Content-Length", str(length or len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setattr(pico_image, "_MAKER", f"http://127.0.0.1:{server.server_port}/pico.uf2")
    yield answers
    server.shutdown()
    thread.join()
    server.server_close()


def put_in_cache(entry, raw, origin):
    with filling(entry, print), arriving(entry) as folder:
        (folder / "RPI_PICO.uf2").write_bytes(raw)
        (folder / "origin").write_text(origin)


def test_the_users_file_comes_first(tmp_path, monkeypatch):
    put_in_cache("pico-image-built", image(), "built")
    (tmp_path / "mine.uf2").write_bytes(image())
    monkeypatch.setenv("SIBIAO_PICO_IMAGE", str(tmp_path / "mine.uf2"))
    runtime = find_pico_image()
    assert (runtime.path, runtime.origin) == (tmp_path / "mine.uf2", "SIBIAO_PICO_IMAGE")


def test_a_bad_file_of_the_user_is_an_error_and_no_reason_to_take_another(tmp_path, monkeypatch):
    put_in_cache("pico-image-built", image(), "built")
    (tmp_path / "mine.uf2").write_bytes(image()[:5000])
    monkeypatch.setenv("SIBIAO_PICO_IMAGE", str(tmp_path / "mine.uf2"))
    with pytest.raises(SibiaoError, match="truncated: 5000 bytes of 20480"):
        find_pico_image()


def test_the_cache_is_asked_before_anything_is_fetched(maker):
    put_in_cache("pico-image-downloaded", image(), "downloaded")
    assert find_pico_image().origin == "downloaded"


def test_nothing_is_fetched_unasked(maker):
    with pytest.raises(SibiaoError, match=r"none is in the cache.*SIBIAO_PICO_IMAGE="):
        find_pico_image(download=False, build=False)


def test_download_is_checked_and_kept(maker):
    maker.append((200, image(), None))
    runtime = find_pico_image(build=False)
    assert runtime.version == "1.25.0" and cache_root() in runtime.path.parents
    assert find_pico_image(download=False, build=False) == runtime


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((404, b"", None), "could not be downloaded .Not Found"),
        ((200, b"<html>please log in</html>", None), "not a UF2 file"),
        ((200, image()[:9000], 20480), "downloaded .*9000 bytes read|truncated: 9000 bytes"),
    ],
)
def test_bad_download_is_not_kept(maker, answer, said):
    maker.append(answer)
    with pytest.raises(SibiaoError, match=said):
        find_pico_image(build=False)
    assert sorted(path.name for path in cache_root().iterdir()) == ["lock"]


def test_site_that_is_not_reached_costs_no_time(monkeypatch):
    monkeypatch.setattr(pico_image, "_MAKER", "http://127.0.0.1:1/pico.uf2")
    started_s = time.monotonic()
    with pytest.raises(SibiaoError, match=r"could not be downloaded .*refused"):
        find_pico_image(build=False)
    assert time.monotonic() - started_s < pico_image._CONNECT_TIMEOUT_S


def test_broken_image_in_the_cache_is_got_anew(maker):
    put_in_cache("pico-image-downloaded", image()[:600], "cut off")
    maker.append((200, image(), None))
    told = []
    assert find_pico_image(told.append, build=False).origin == "downloaded from micropython.org"
    assert "truncated" in told[0]


def test_build_without_tools_names_the_command(tmp_path, monkeypatch):
    (tmp_path / "path").mkdir()
    for name in ("gcc", "make", "dpkg-source"):
        (tmp_path / "path" / name).symlink_to(shutil.which("false") or "/bin/false")
    monkeypatch.setenv("PATH", str(tmp_path / "path"))
    with pytest.raises(SibiaoError, match=r"sudo apt-get install --yes .*gcc-arm-none-eabi"):
        find_pico_image(download=False)


def test_tools_are_not_installed_where_root_is_not_to_be_had(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", str(tmp_path))
    (tmp_path / "apt-get").symlink_to("/bin/false")
    (tmp_path / "sudo").symlink_to("/bin/false")
    tool = build_tools.Tool("a-tool", lambda: False)
    with pytest.raises(SibiaoError, match=r"sudo would ask for a password; run: .* a-tool"):
        build_tools.require((tool,), "the test", tmp_path / "log", print, install=True)


def test_progress_is_told_by_tenths():
    told = []
    on_line = percent_teller(told.append, "compiling")
    for step in range(1, 41):
        on_line(f"[{step}/40] Building C object\n")
    assert told == [f"compiling: {percent} %" for percent in range(10, 101, 10)]


def sibiao(*words, **env):
    return subprocess.run(
        [sys.executable, "-m", "sibiao", "micropython", *words],
        capture_output=True,
        text=True,
        env={**os.environ, **env},
        check=False,
    )


def test_command_says_in_one_line_that_an_image_is_truncated(tmp_path):
    (tmp_path / "mine.uf2").write_bytes(image()[:5000])
    done = sibiao("image", SIBIAO_PICO_IMAGE=str(tmp_path / "mine.uf2"))
    assert done.returncode == 1 and done.stdout == ""
    assert len(done.stderr.splitlines()) == 1 and "truncated" in done.stderr


def test_command_copies_the_image_and_prints_where(tmp_path):
    (tmp_path / "mine.uf2").write_bytes(image())
    copy = tmp_path / "copy.uf2"
    done = sibiao(
        "image", "--json", "--output", str(copy), SIBIAO_PICO_IMAGE=str(tmp_path / "mine.uf2")
    )
    assert json.loads(done.stdout)["path"] == str(copy) and copy.read_bytes() == image()
    nowhere = tmp_path / "none/copy.uf2"
    done = sibiao("image", "--output", str(nowhere), SIBIAO_PICO_IMAGE=str(tmp_path / "mine.uf2"))
    assert done.returncode == 1 and "cannot write the image" in done.stderr


def test_command_where_gets_nothing(tmp_path):
    put_in_cache("pico-image-built", image(), "built")
    done = sibiao("where", "--json", PATH=str(tmp_path))
    answers = json.loads(done.stdout)
    assert answers["image"]["origin"] == "built"
    assert "error" in answers["vm"] and "error" in answers["vm32"]
