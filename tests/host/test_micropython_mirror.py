"""The machine's Debian mirror, from the ways apt's sources are written."""

from textwrap import dedent

import pytest
from sibiao.micropython.mirror import Mirror, debian_mirrors, suites_in_use

KEY = (("signed-by", "/usr/share/keyrings/debian-archive-keyring.gpg"),)


@pytest.fixture
def sources(tmp_path):
    """Write apt's files; give back where they are."""

    def write(**files):
        parts = tmp_path / "sources.list.d"
        parts.mkdir()
        for name, text in files.items():
            stem, _, ending = name.rpartition("_")
            file = tmp_path / "sources.list" if name == "main" else parts / f"{stem}.{ending}"
            file.write_text(dedent(text))
        return tmp_path / "sources.list", parts

    return write


def test_deb822(sources):
    where = sources(
        debian_sources="""\
            # the archive
            Types: deb deb-src
            URIs: http://mirror.example/debian
            Suites: bookworm bookworm-updates
            Components: main contrib
            Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

            Types: deb
            URIs: http://mirror.example/debian-security
            Suites: bookworm-security
            Components: main
            """
    )
    assert debian_mirrors(*where) == [Mirror("http://mirror.example/debian", KEY)]


def test_deb822_without_a_final_newline_and_with_odd_spelling(sources):
    where = sources(
        debian_sources="types: deb\nuris:\n  http://a.example/debian\n  http://b.example/debian\n"
        "suites: stable\ncomponents: main"
    )
    assert [mirror.uri for mirror in debian_mirrors(*where)] == [
        "http://a.example/debian",
        "http://b.example/debian",
    ]


def test_deb822_that_is_switched_off(sources):
    where = sources(
        debian_sources="""\
            Enabled: no
            Types: deb
            URIs: http://mirror.example/debian
            Suites: bookworm
            Components: main
            """
    )
    assert debian_mirrors(*where) == []


def test_key_inside_the_file_goes_along(sources):
    where = sources(
        debian_sources="""\
            Types: deb
            URIs: https://mirror.example/debian
            Suites: trixie
            Components: main
            Signed-By:
             -----BEGIN PGP PUBLIC KEY BLOCK-----
             .
             mQINBGPL0BUBEADmW5NdOOHwPIJlgPu6JDcKw/NZJPR8lsD3
             -----END PGP PUBLIC KEY BLOCK-----
            """
    )
    (mirror,) = debian_mirrors(*where)
    key = dict(mirror.options)["signed-by"]
    assert key.startswith("\n -----BEGIN") and "\n .\n mQINBG" in key


def test_one_line(sources):
    where = sources(
        main="""\
            # deb http://old.example/debian bookworm main
            deb http://mirror.example/debian/ bookworm main  # the archive
            deb-src http://mirror.example/debian/ bookworm main
            deb http://security.example/debian-security bookworm-security main
            deb [arch=all signed-by=/etc/apt/keyrings/corp.gpg] https://corp.example bookworm main
            """
    )
    assert debian_mirrors(*where) == [
        Mirror("http://mirror.example/debian/"),
        Mirror("https://corp.example", (("signed-by", "/etc/apt/keyrings/corp.gpg"),)),
    ]


def test_other_transports(sources):
    where = sources(
        main="""\
            deb cdrom:[Debian GNU/Linux 12.0.0 _Bookworm_]/ bookworm main
            deb mirror+file:/etc/apt/mirrors/debian.list bookworm main
            deb file:/srv/mirror/debian bookworm main
            """
    )
    assert [mirror.uri for mirror in debian_mirrors(*where)] == [
        "mirror+file:/etc/apt/mirrors/debian.list",
        "file:/srv/mirror/debian",
    ]


def test_the_archive_comes_before_what_others_add(sources):
    where = sources(
        board_list="deb http://maker.example/debian bookworm main\n",
        containers_list="deb https://containers.example/linux/debian bookworm stable\n",
        debian_list="""\
            deb http://mirror.example/debian bookworm main
            deb http://mirror.example/debian bookworm-updates main
            """,
        old_disabled="deb http://gone.example/debian bookworm main\n",
    )
    assert [mirror.uri for mirror in debian_mirrors(*where)] == [
        "http://mirror.example/debian",
        "http://maker.example/debian",
    ]


def test_ubuntu_has_none(sources):
    where = sources(
        ubuntu_sources="""\
            Types: deb
            URIs: http://mirror.example/ubuntu/
            Suites: noble noble-updates
            Components: main universe
            """
    )
    assert debian_mirrors(*where) == []
    assert suites_in_use(*where) == ["noble", "noble-updates"]


def test_no_files_at_all(tmp_path):
    assert debian_mirrors(tmp_path / "sources.list", tmp_path / "sources.list.d") == []
