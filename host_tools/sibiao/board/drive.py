"""The drive of an RP2's bootloader: found by what it says of itself, and an image copied onto it.

RP2040 datasheet 2.8.4, RP2350 datasheet 5.5: each block is written to flash when it arrives, and
after the last one the board starts it and the drive is gone.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sibiao.errors import SibiaoError

Progress = Callable[[int, int], None]  # bytes written, bytes in all

_INFO = "INFO_UF2.TXT"
_INFO_BYTES = 4096
_FILE = "sibiao.uf2"
# Durable piece by piece, so that a drive that goes away is noticed when it does.
_PIECE_BYTES = 64 * 1024
_FAT = {"vfat", "msdos", "fat", "fuseblk"}
_REFUSED = {errno.EROFS, errno.EACCES, errno.EPERM}
AGAIN = "hold its BOOTSEL button, plug it in again and repeat"


def board_id(drive: Path) -> str | None:
    """What the bootloader says that it is; None where there is none."""
    try:
        with (drive / _INFO).open("rb") as file:
            text = file.read(_INFO_BYTES).decode("ascii", "replace")
    except OSError:
        return None
    found = re.search(r"^Board-ID:\s*(\S+)", text, re.MULTILINE)
    return found[1] if found else None


def drives(wanted: str) -> list[Path]:
    """Drives that are mounted now whose bootloader says `wanted`."""
    return [path for path in _mounted() if board_id(path) == wanted]


def copy(image: bytes, drive: Path, progress: Progress) -> None:
    """All of it, or a SibiaoError. That it arrived is seen when the board comes back."""
    written = 0
    try:
        with (drive / _FILE).open("wb", buffering=0) as file:
            while written < len(image):
                _check_there(drive)
                written += file.write(image[written : written + _PIECE_BYTES])
                progress(written, len(image))
                os.fsync(file.fileno())
    except OSError as error:
        # With the last block the board starts, and takes its drive with it.
        if written < len(image):
            raise SibiaoError(_why_not(drive, error, written, len(image))) from error


def usb_socket(drive: Path) -> str | None:
    """Which socket of which hub it is plugged into, as Linux and pyserial name it: 1-1.2."""
    with suppress(OSError):
        for device, path, _ in _linux_mounts():
            if path == drive.resolve():
                system = Path("/sys/class/block", Path(device).name).resolve()
                named = re.findall(r"/(\d+-[\d.]+)(?=/)", system.as_posix())
                return named[-1] if named else None
    return None


def unmounted(wanted: str) -> str:
    """What to do about a drive that is attached, but that nobody has mounted."""
    device = f"/dev/disk/by-label/{wanted}"
    if os.path.exists(device):
        return f"it is there, but not mounted: `udisksctl mount -b {device}`, and repeat"
    return f"mount the drive {wanted} if your system has not, and repeat"


def _check_there(drive: Path) -> None:
    if not (drive / _INFO).exists():
        raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))


def _why_not(drive: Path, error: OSError, written: int, size: int) -> str:
    if error.errno == errno.ENOSPC:
        return (
            f"the drive {drive} is full after {written} of {size} bytes: is it a bootloader's? "
            f"Unplug the board, {AGAIN}"
        )
    if error.errno in _REFUSED and not written:
        return (
            f"the drive {drive} cannot be written ({error.strerror}): "
            "mount it writable for your account, and repeat"
        )
    return (
        f"the drive {drive} went away after {written} of {size} bytes ({error.strerror}), and the "
        f"board has no MicroPython now, but still its bootloader: {AGAIN}"
    )


def _mounted() -> list[Path]:
    if sys.platform == "win32":
        letters = map(chr, range(ord("D"), ord("Z") + 1))
        return [Path(f"{letter}:\\") for letter in letters]
    if sys.platform == "darwin":
        return sorted(Path("/Volumes").iterdir())
    return [path for _, path, kind in _linux_mounts() if kind in _FAT]


def _linux_mounts() -> list[tuple[str, Path, str]]:
    # (device, where, kind); spaces and the like stand as octal numbers.
    rows = []
    with suppress(OSError):
        for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
            device, where, kind, *_ = line.split(" ")
            plain = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), where)
            rows.append((device, Path(plain), kind))
    return rows
