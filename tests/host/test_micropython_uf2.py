"""Pico images: what is accepted, and what is said of those that are not."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sibiao.errors import SibiaoError
from sibiao.micropython import check_pico_image
from sibiao.micropython.uf2 import RP2040, read_uf2

FLASH = 0x10000000
BANNER = b"MicroPython v1.25.0 on 2025-04-15; "
RP2350 = 0xE48BFF59


def block(number, count, address, content=b"", *, family=RP2040, flags=0x2000, size=256):
    head = struct.pack("<8I", 0x0A324655, 0x9E5D5157, flags, address, size, number, count, family)
    return head + content.ljust(476, b"\0") + struct.pack("<I", 0x0AB16F30)


def image(addresses=None, *, banner=BANNER, **fields):
    """A UF2 file with a page for each address, the first page with the banner."""
    addresses = addresses or [FLASH + 256 * page for page in range(40)]
    return b"".join(
        block(number, len(addresses), address, banner if not number else b"page", **fields)
        for number, address in enumerate(addresses)
    )


@pytest.fixture
def check(tmp_path):
    def run(raw):
        path = tmp_path / "image.uf2"
        path.write_bytes(raw)
        return check_pico_image(path)

    return run


def test_whole_image_gives_its_version(check):
    assert check(image()) == "1.25.0"


def test_preview_of_a_newer_version_is_taken(check):
    assert check(image(banner=b"MicroPython v1.27.0-preview.42.gabc on 2025-10-01")).startswith(
        "1.27.0"
    )


def test_pages_land_where_they_belong(tmp_path):
    path = tmp_path / "image.uf2"
    path.write_bytes(image([FLASH, FLASH + 256, FLASH + 4096]))
    flash = read_uf2(path).flash(8192)
    assert flash.startswith(BANNER)
    assert flash[256:260] == b"page" and flash[4096:4100] == b"page"
    assert flash[512:4096] == b"\xff" * (4096 - 512)


def test_image_larger_than_the_flash(tmp_path):
    path = tmp_path / "image.uf2"
    path.write_bytes(image([FLASH, FLASH + 4096]))
    with pytest.raises(SibiaoError, match="does not fit 4096 bytes"):
        read_uf2(path).flash(4096)


@given(length=st.integers(min_value=512, max_value=40 * 512 - 1))
def test_every_truncation_is_seen(tmp_path_factory, length):
    path = tmp_path_factory.mktemp("uf2") / "image.uf2"
    path.write_bytes(image()[:length])
    with pytest.raises(SibiaoError, match=f"truncated: {length} bytes of 20480"):
        read_uf2(path)


@given(missing=st.integers(min_value=0, max_value=39))
def test_a_missing_block_is_seen(tmp_path_factory, missing):
    path = tmp_path_factory.mktemp("uf2") / "image.uf2"
    raw = image()
    # As long as it should be, with one block lost and another there twice.
    raw = raw[: missing * 512] + raw[(missing + 1) * 512 :] + raw[:512]
    path.write_bytes(raw)
    with pytest.raises(SibiaoError, match=f"block {missing} of 40 is missing"):
        read_uf2(path)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "it is empty"),
        (b"<html>not found</html>", "not a UF2 file"),
        (b"\x7fELF" + bytes(1020), "not a UF2 file"),
        (image() + bytes(512), "too long"),
        (image()[: 512 * 3] + bytes(512) + image()[512 * 4 :], "block 3 of 40 has no UF2 mark"),
        (image(family=RP2350), "another chip .family 0xe48bff59, RP2350"),
        (image(flags=0), "another chip .*none named"),
        (image(size=128), "block 0 is no flash page"),
        (image([FLASH, FLASH + 100]), "block 1 is no flash page"),
        (image([FLASH, 0x20000000]), "block 1 goes to 0x20000000, outside the flash"),
        (image([FLASH, FLASH + 256, FLASH + 256]), "writes flash address 0x10000100 again"),
        (image([FLASH, FLASH + 256, FLASH + 768]), "a hole at 0x10000200"),
        (image([FLASH + 4096]), "nothing in it goes to the start of the flash"),
        (image(banner=b"blink"), "no MicroPython in it"),
        (image(banner=b"MicroPython v1.24.1 on 2024-11-29"), "1.25 or newer is needed"),
    ],
)
def test_what_is_wrong_is_said(check, raw, said):
    with pytest.raises(SibiaoError, match=said):
        check(raw)


def test_blocks_that_are_not_for_the_flash_are_passed_over(check):
    beside = block(2, 3, 0, flags=0x2001)
    raw = b"".join(
        block(number, 3, FLASH + 256 * number, BANNER if not number else b"")
        for number in range(2)
    )
    assert check(raw + beside) == "1.25.0"


def test_image_of_an_rp2350_with_its_block_of_erratum_e10(tmp_path):
    path = tmp_path / "image.uf2"
    before = block(0, 2, 0x10FFFF00, b"\xef" * 256, family=0xE48BFF57)
    path.write_bytes(before + image(family=RP2350))
    assert check_pico_image(path, RP2350) == "1.25.0"
    assert min(read_uf2(path, RP2350).pages) == FLASH
    with pytest.raises(SibiaoError, match=r"another chip .*RP2350; RP2040 wanted"):
        read_uf2(path)
    path.write_bytes(before + image(family=RP2350)[:-512])
    with pytest.raises(SibiaoError, match="truncated: 19968 bytes of 20480"):
        read_uf2(path, RP2350)


def test_file_that_is_not_there(tmp_path):
    with pytest.raises(SibiaoError, match=r"none\.uf2 cannot be read: No such file"):
        check_pico_image(tmp_path / "none.uf2")
