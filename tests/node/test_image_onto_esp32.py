"""MicroPython itself onto an ESP32 by the real esptool: the chip speaks as its loader does, and
starts as a MicroPython VM that says it is an ESP32."""

import random

import pytest
from sibiao.board.image import bring
from sibiao.errors import SibiaoError
from sibiao.micropython.runtime import version_text, version_tuple
from sibiao.micropython.vm import probe
from sibiao.node.vm.binary import vm_binary

from tests.host.test_image import esp_image, on_chip
from tests.node.esp_rom import EspRom
from tests.node.tray import TrayBoard
from tests.node.usb_bus import UsbBus

pytestmark = pytest.mark.vm

SIZE, AT = 70_000, 0x1000


@pytest.fixture
def image(tmp_path):
    version = version_text(version_tuple(probe(vm_binary())))
    head = esp_image(banner=f"MicroPython v{version} on 2025-04-15".encode())
    path = tmp_path / "image.bin"
    path.write_bytes(head + random.Random(1).randbytes(SIZE - len(head)))
    return path


def test_written_verified_and_started(tmp_path, image):
    port, boards, said = tmp_path / "ttyUSB0", [], []

    def say(text):
        said.append(text)
        if "Hard resetting" in text:
            port.unlink()
            chip = {"platform": "esp32", "machine": "Simulated board with ESP32"}
            boards.append(TrayBoard(port, UsbBus(), {}, 1, chip=chip))

    with EspRom() as rom:
        port.symlink_to(rom.path)
        try:
            assert bring(str(port), on_chip("esp32"), image, say) == str(port)
        finally:
            for board in boards:
                board.close()
    assert rom.flash[AT : AT + SIZE] == image.read_bytes()
    assert set(rom.flash[:AT]) == set(rom.flash[AT + SIZE :]) == {0xFF}
    assert "MicroPython: Hash of data verified." in said
    assert all(text.startswith("MicroPython: ") for text in said)


def test_flash_that_keeps_something_else(image):
    with EspRom(corrupt=True) as rom, pytest.raises(SibiaoError) as failed:
        bring(rom.path, on_chip("esp32"), image, lambda text: None)
    said = str(failed.value)
    assert "MD5" in said and rom.path in said and "\n" not in said
