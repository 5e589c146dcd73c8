"""MicroPython itself onto a board that has none, or one that is too old. Files on it stay."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from serial.tools import list_ports
from serial.tools.list_ports_common import ListPortInfo

from sibiao.board import drive as drives
from sibiao.board import esp, slots
from sibiao.board.port import PORT_ERRORS, open_port
from sibiao.board.prompt import BRINGING, FAULTS, Prompt, quiet_prompt
from sibiao.config.load import Loaded
from sibiao.config.schema.chip import Chip, Uf2
from sibiao.errors import SibiaoError
from sibiao.micropython.pico_image import check_pico_image
from sibiao.micropython.runtime import version_tuple

_DRIVE_S = 30  # until a desktop has mounted it
_BACK_S = 60  # the last blocks into flash, the start, and a first format of the file system
_LOOK_AGAIN_S = 0.3
_NOT_BACK = (
    f"no board came back within {_BACK_S} s: unplug it, plug it in again and repeat; if its drive "
    "comes instead, repeat with that for a port"
)
# Boards in their bootloaders look alike: which drive and port are whose is seen by their coming.
_one_at_a_time = threading.Lock()

Say = Callable[[str], None]


def waiting(loaded: Loaded) -> list[str]:
    """Drives of boards that wait in their bootloader for an image, and have the chip for it."""
    uf2 = loaded.chip.uf2
    return [str(path) for path in drives.drives(uf2.board_id)] if uf2 else []


def bring(port: str, loaded: Loaded, image: Path, say: Say) -> str:
    """Put the image on the board at `port`: its serial port, or, for one that waits in its
    bootloader, its drive. The serial port at which MicroPython then answered, at its prompt.

    SibiaoError: a wrong or broken image leaves the board untouched; a copy that breaks off leaves
    it with its bootloader only, and repeating completes it.
    """
    chip = loaded.chip
    if chip.uf2:
        version = check_pico_image(image, chip.uf2.family)
        with _one_at_a_time:
            back = _by_drive(port, chip.uf2, image, say)
    elif chip.esptool:
        version = esp.check(image, chip.esptool)
        esp.write(port, chip.esptool, image, say)
        back = port
    else:
        raise SibiaoError(
            f"how MicroPython comes onto a {chip.title} is not known here: put it on the board "
            f"on {port} with its maker's tool, and repeat"
        )
    say(f"{BRINGING}waiting for its prompt")
    _prove(back, chip, version)
    return back


def _by_drive(port: str, uf2: Uf2, image: Path, say: Say) -> str:
    before = list_ports.comports()
    path = Path(port)
    named = path.is_dir()
    if named:
        socket = drives.usb_socket(path)
    else:
        path = _to_bootloader(port, uf2, say)
    told = drives.board_id(path)
    if told != uf2.board_id:
        what = f"the bootloader of a board {told}" if told else "no bootloader's drive"
        raise SibiaoError(
            f"{path} is {what}, and {uf2.board_id} is wanted: choose another drive or community"
        )
    data = image.read_bytes()
    say(f"{BRINGING}copying to {path}")
    drives.copy(data, path, lambda done, size: say(f"{BRINGING}{done} of {size} bytes copied"))
    return _new_port(before, socket) if named else _come_back(before, port)


def _to_bootloader(port: str, uf2: Uf2, say: Say) -> Path:
    before = drives.drives(uf2.board_id)
    try:
        quiet_prompt(port, say)
    except SibiaoError as error:
        raise SibiaoError(
            f"{error}; a board without MicroPython: {drives.AGAIN} with its drive for a port"
        ) from error
    say(f"{BRINGING}sending the board to its bootloader")
    with suppress(*PORT_ERRORS), open_port(port) as con:
        con.write(b"\r\x03\x02\rimport machine;machine.bootloader()\r")
        con.flush()
    end = time.monotonic() + _DRIVE_S
    while time.monotonic() < end:
        new = [path for path in drives.drives(uf2.board_id) if path not in before]
        if len(new) > 1:
            raise SibiaoError(
                f"{len(new)} bootloaders came at once: {', '.join(map(str, new))}; "
                "repeat for each with its drive for a port"
            )
        if new:
            return new[0]
        time.sleep(_LOOK_AGAIN_S)
    raise SibiaoError(
        f"the bootloader of the board on {port} showed no drive within {_DRIVE_S} s: "
        f"{drives.unmounted(uf2.board_id)} with that drive for a port"
    )


def _come_back(before: list[ListPortInfo], port: str) -> str:
    # By its serial number: the system may have given it another name.
    serial = next((p.serial_number for p in before if p.device == port), None)
    end = time.monotonic() + _BACK_S
    while True:
        same = [p.device for p in list_ports.comports() if serial and p.serial_number == serial]
        try:
            open_port((same or [port])[0]).close()
            return (same or [port])[0]
        except SibiaoError as error:
            if time.monotonic() > end:
                raise SibiaoError(f"the image was copied, and {_NOT_BACK}") from error
            time.sleep(_LOOK_AGAIN_S)


def _new_port(before: list[ListPortInfo], socket: str | None) -> str:
    known = {p.device for p in before}
    end = time.monotonic() + _BACK_S
    while time.monotonic() < end:
        new = [p for p in list_ports.comports() if p.device not in known]
        if socket and any(p.location for p in new):
            new = [p for p in new if (p.location or "").partition(":")[0] == socket]
        if len(new) > 1:
            ports = ", ".join(p.device for p in new)
            raise SibiaoError(f"{len(new)} boards came at once: repeat, with one of {ports}")
        if new:
            return new[0].device
        time.sleep(_LOOK_AGAIN_S)
    raise SibiaoError(f"the image was copied, and {_NOT_BACK}")


def _prove(port: str, chip: Chip, version: str) -> None:
    end = time.monotonic() + _BACK_S
    while True:
        try:
            quiet_prompt(port)
            break
        except SibiaoError:  # it is still starting, or making its file system
            if time.monotonic() > end:
                raise
            time.sleep(_LOOK_AGAIN_S)
    try:
        board = Prompt(port)
        found = slots.look(board)
        is_right = found.machine.split()[-1:] == [chip.machine]
        is_right &= tuple(found.version) == version_tuple(version)
        if not is_right:
            board.restart(interrupt=True)
        board.close()
    except FAULTS as error:
        raise SibiaoError(
            f"the board on {port} went away at its first prompt ({error}): repeat"
        ) from error
    if not is_right:
        raise SibiaoError(
            f"the image holds MicroPython {version} for {chip.machine}, and on {port} there is "
            f"{'.'.join(map(str, found.version))} on {found.machine}: is another board there now?"
        )
