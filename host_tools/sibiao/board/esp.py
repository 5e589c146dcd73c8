"""An image onto an ESP32 by Espressif's esptool, which is an optional extra."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sibiao.board.prompt import BRINGING
from sibiao.config.schema.chip import Esptool
from sibiao.errors import SibiaoError
from sibiao.micropython.runtime import version_in

_MAGIC = 0xE9  # ESP-IDF: image header, byte 0; the chip's id in bytes 12 and 13
_HEADER_BYTES = 24
_BAUD = 460800
_FATAL = "A fatal error occurred: "


def check(path: Path, chip: Esptool) -> str:
    """The MicroPython version of an image; SibiaoError with what is wrong with it."""
    try:
        image = path.read_bytes()
    except OSError as error:
        raise SibiaoError(f"the image {path} cannot be read: {error.strerror}") from error
    if len(image) < _HEADER_BYTES or image[0] != _MAGIC:
        raise SibiaoError(f"{path} is no image for an ESP32 (it does not begin with 0xE9)")
    chip_id = int.from_bytes(image[12:14], "little")
    if chip_id != chip.chip_id:
        raise SibiaoError(
            f"{path} is for another chip (id {chip_id}; {chip.name} has {chip.chip_id}): "
            "take the one for the board's chip"
        )
    return version_in(path, image)


def write(port: str, chip: Esptool, image: Path, say: Callable[[str], None]) -> None:
    """Written and verified by esptool; files on the board stay."""
    if importlib.util.find_spec("esptool") is None:
        raise SibiaoError(
            f"MicroPython comes onto the {chip.name} on {port} by esptool, which is not "
            "installed: pip install 'sibiao[esp32]', and repeat"
        )
    # A process of its own: it prints, and keeps one state for all ports.
    command = [sys.executable, "-m", "esptool", "--chip", chip.name, "--port", port]
    command += ["--baud", str(_BAUD), "write-flash", hex(chip.at), str(image)]
    lines = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    ) as tool:
        for line in filter(None, map(str.strip, tool.stdout)):
            say(f"{BRINGING}{line}")
            lines.append(line)
    if tool.returncode:
        fatal = [line.partition(_FATAL)[2] for line in lines if _FATAL in line]
        why = (fatal or lines[-1:] or [f"exit code {tool.returncode}"])[0].rstrip(".")
        raise SibiaoError(
            f"esptool could not write the {chip.name} on {port} ({why}): hold its BOOT button "
            "while it connects, check the cable, and repeat"
        )
