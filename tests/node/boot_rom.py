"""An emulated Pico together with the drive of its boot ROM, which the emulator has not: a
directory. RP2040 datasheet 2.8: the ROM writes each block, and starts when it has all of them."""

import multiprocessing
import shutil
import struct
import time
from contextlib import contextmanager

from sibiao.node.pico import EmulatedPico
from sibiao.node.pico.node import FLASH_SIZE
from sibiao.node.pico.served import ConsoleServer

INFO = "UF2 Bootloader v3.0\r\nModel: Raspberry Pi RP2\r\nBoard-ID: RPI-RP2\r\n"
# Datasheet 2.8.1.1: with this in scratch register 4 the ROM starts elsewhere than in flash;
# machine.bootloader() has it start the ROM's own USB drive.
_ELSEWHERE = 0xB007C0D3
_FLASH = 0x10000000
_SLICE_S = 0.02


@contextmanager
def board_with_drive(image, port, drive, pico=None):
    """Its console is at `port` (a link), its drive at `drive`, each while the board has it;
    without `pico` the board waits in its bootloader, with nothing in its flash."""
    stop = multiprocessing.get_context("fork").Event()
    life = multiprocessing.get_context("fork").Process(
        target=_live, args=(image, port, drive, pico, stop.is_set)
    )
    life.start()
    try:
        yield life
    finally:
        stop.set()
        life.join(20)
        assert life.exitcode == 0


def come(path):
    """Wait until the board has it."""
    while not path.exists():
        time.sleep(_SLICE_S)


def _live(image, port, drive, pico, stop):
    flash = bytearray(b"\xff" * FLASH_SIZE)
    while not stop():
        if pico:
            _at_port(pico, port, lambda pico=pico: stop() or _in_bootloader(pico))
            flash = bytearray(pico.flash_bytes())
        if not stop():
            _at_drive(drive, flash, stop)
        pico = EmulatedPico(image, flash=bytes(flash))


def _in_bootloader(pico):
    return pico.chip.mcu.watchdog.scratch_data[4] == _ELSEWHERE


def _at_port(pico, port, until):
    pico.boot()
    server = ConsoleServer(pico)
    port.symlink_to(server.address)
    server.serve(until)
    port.unlink()
    server.close()


def _at_drive(drive, flash, stop):
    whole = drive.with_name(f"{drive.name}.whole")
    whole.mkdir()
    (whole / "INFO_UF2.TXT").write_text(INFO)
    whole.rename(drive)
    came = set()
    while not stop():
        time.sleep(_SLICE_S)
        for file in drive.glob("*.uf2"):
            raw = file.read_bytes()
            for at in range(0, len(raw) - 511, 512):
                _, _, _, address, size, number, count, _ = struct.unpack_from("<8I", raw, at)
                if number not in came:
                    start = address - _FLASH
                    flash[start : start + size] = raw[at + 32 : at + 32 + size]
                    came.add(number)
            if raw and len(came) == count:
                shutil.rmtree(drive)
                return
