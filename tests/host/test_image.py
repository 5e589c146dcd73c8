"""MicroPython's image on its way to a board: what is refused before, and what breaks off."""

import os
import shutil
import sys
import tempfile
import tty
from contextlib import contextmanager
from pathlib import Path

import pytest
from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo
from sibiao.board import drive as drives
from sibiao.board import image as images
from sibiao.board.image import bring, waiting
from sibiao.config import load
from sibiao.errors import SibiaoError

from tests.host.test_micropython_uf2 import RP2350, image

INFO = "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: {}\r\n"


@pytest.fixture(scope="module")
def sample():
    return load.load("sample")


def on_chip(name):
    """A community whose board has another chip."""
    return type("Loaded", (), {"chip": load.read("chips", name)})


@pytest.fixture
def drive(tmp_path, monkeypatch):
    """A directory that stands for the drive of a bootloader, and the only one."""
    folder = tmp_path / "RPI-RP2"
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text(INFO.format("RPI-RP2"))
    monkeypatch.setattr(drives, "_mounted", lambda: [folder])
    return folder


@pytest.fixture
def uf2(tmp_path):
    path = tmp_path / "image.uf2"
    path.write_bytes(image([0x10000000 + 256 * page for page in range(600)]))
    return path


def refused(port, loaded, path, say=lambda text: None):
    with pytest.raises(SibiaoError) as failed:
        bring(str(port), loaded, path, say)
    said = str(failed.value)
    assert "\n" not in said and str(port) in said
    return said


def test_the_drive_is_known_by_what_it_says(drive, sample):
    assert waiting(sample) == [str(drive)]
    assert waiting(on_chip("rp2350")) == waiting(on_chip("esp32")) == []


def test_drive_of_another_chip(drive, sample, uf2):
    (drive / "INFO_UF2.TXT").write_text(INFO.format("RP2350"))
    said = refused(drive, sample, uf2)
    assert "the bootloader of a board RP2350, and RPI-RP2 is wanted" in said
    assert os.listdir(drive) == ["INFO_UF2.TXT"]


def test_directory_that_is_no_drive(tmp_path, sample, uf2):
    assert "no bootloader's drive" in refused(tmp_path, sample, uf2)
    assert not (tmp_path / "sibiao.uf2").exists()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (image(family=RP2350), "for another chip .*RP2350; RP2040 wanted"),
        (image()[:-512], "truncated: 19968 bytes of 20480"),
        (image()[:-100], "truncated"),
        (image(banner=b"blink"), "there is no MicroPython in it"),
        (image(banner=b"MicroPython v1.24.1 on 2024-11-29"), "1.25 or newer is needed"),
    ],
)
def test_image_that_is_wrong_leaves_the_board_alone(drive, sample, tmp_path, raw, said):
    path = tmp_path / "image.uf2"
    path.write_bytes(raw)
    with pytest.raises(SibiaoError, match=said):
        bring(str(drive), sample, path, lambda text: None)
    assert os.listdir(drive) == ["INFO_UF2.TXT"]


def test_drive_that_is_full(drive, sample, uf2):
    # The system's own full device: every write to it fails for want of room.
    (drive / "sibiao.uf2").symlink_to("/dev/full")
    said = refused(drive, sample, uf2)
    assert "is full after 0 of 307200 bytes" in said and "BOOTSEL" in said


@contextmanager
def as_nobody():
    """Root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def test_drive_that_cannot_be_written(sample, uf2):
    folder = Path(tempfile.mkdtemp())
    copy = Path(tempfile.mkdtemp()) / "image.uf2"
    try:
        shutil.copyfile(uf2, copy)
        (folder / "INFO_UF2.TXT").write_text(INFO.format("RPI-RP2"))
        copy.parent.chmod(0o755)
        folder.chmod(0o555)
        with as_nobody():
            said = refused(folder, sample, copy)
        assert "cannot be written" in said and "mount it writable" in said
    finally:
        folder.chmod(0o755)
        shutil.rmtree(folder)
        shutil.rmtree(copy.parent)


def test_drive_that_goes_away_in_the_middle(drive, sample, uf2):
    def pull(text):
        if "65536 of" in text:
            shutil.rmtree(drive)

    said = refused(drive, sample, uf2, pull)
    assert "went away after 65536 of 307200 bytes (No such device)" in said
    assert "no MicroPython now, but still its bootloader" in said and "BOOTSEL" in said


def test_board_that_does_not_come_back(drive, sample, uf2, monkeypatch):
    monkeypatch.setattr(images, "_BACK_S", 0.5)
    said = []
    with pytest.raises(SibiaoError, match="the image was copied, and no board came back"):
        bring(str(drive), sample, uf2, said.append)
    assert (drive / "sibiao.uf2").read_bytes() == uf2.read_bytes()
    assert said[-1] == "MicroPython: 307200 of 307200 bytes copied"


def test_two_boards_that_come_at_once(drive, sample, uf2, monkeypatch):
    def attached():
        copied = (drive / "sibiao.uf2").exists()
        return [ListPortInfo(f"/dev/ttyACM{n}") for n in range(3 if copied else 1)]

    monkeypatch.setattr(list_ports, "comports", attached)
    with pytest.raises(SibiaoError, match=r"2 boards came at once: .*ttyACM1, /dev/ttyACM2"):
        bring(str(drive), sample, uf2, lambda text: None)


def test_places_of_mounts_are_read_as_the_system_writes_them():
    kinds = {str(path): kind for _, path, kind in drives._linux_mounts()}
    assert kinds["/proc"] == "proc"
    assert drives.usb_socket(Path("/proc")) is None


# ESP32


def esp_image(chip_id=0, banner=b"MicroPython v1.25.0 on 2025-04-15"):
    return (
        b"\xe9\x03\x02\x20".ljust(12, b"\0") + chip_id.to_bytes(2, "little") + bytes(99) + banner
    )


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (image(), "no image for an ESP32"),
        (b"", "no image for an ESP32"),
        (esp_image(5), r"for another chip \(id 5; esp32 has 0\)"),
        (esp_image(banner=b""), "there is no MicroPython in it"),
        (esp_image(banner=b"MicroPython v1.20.0 on 2023-04-26"), "1.25 or newer is needed"),
    ],
)
def test_image_that_is_wrong_for_an_esp32(tmp_path, raw, said):
    path = tmp_path / "image.bin"
    path.write_bytes(raw)
    with pytest.raises(SibiaoError, match=said):
        bring("/dev/ttyUSB97", on_chip("esp32"), path, lambda text: None)


def test_esptool_that_is_not_installed(tmp_path, monkeypatch):
    path = tmp_path / "image.bin"
    path.write_bytes(esp_image(5))
    monkeypatch.setitem(sys.modules, "esptool", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    said = refused("/dev/ttyUSB97", on_chip("esp32-c3"), path)
    assert "pip install 'sibiao[esp32]'" in said


def test_esp32_that_does_not_answer(tmp_path):
    path = tmp_path / "image.bin"
    path.write_bytes(esp_image())
    ours, theirs = os.openpty()
    tty.setraw(theirs)
    said = []
    try:
        complaint = refused(os.ttyname(theirs), on_chip("esp32"), path, said.append)
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Failed to connect to ESP32: No serial data received" in complaint
    assert "BOOT button" in complaint and any("Connecting" in text for text in said)


def test_board_that_has_a_tool_of_its_own(uf2):
    said = refused("/dev/ttyACM97", on_chip("stm32f722"), uf2)
    assert "STM32F722" in said and "its maker's tool" in said
