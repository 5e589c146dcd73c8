"""Ten thousand reads on the 32-bit VM: does the station's side of a read keep any memory?

The VM's objects are as large as the RP2040's. Framer and station run alone, as the firmware's own
sources.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import tempfile
from pathlib import Path

from sibiao.errors import SibiaoError
from sibiao.firmware.slot import FIRMWARE
from sibiao.micropython import find_vm32

from tests.bench.figure import Figure, figure, not_measured
from tests.bench.reads import HEAP

_NAME = "growth over {} reads, framer and station"
PICO_HEAP = "246080"
DEVICE = Path(__file__).with_name("device")
_STEPS = 10
_LIMIT_S = 600


def measure(reads: int) -> list[Figure]:
    name = _NAME.format(reads)
    try:
        vm = find_vm32(build=False)
    except SibiaoError as error:
        return [not_measured(HEAP, name, "bytes", str(error))]
    used = heap_after_reads(vm.path, reads)
    return [
        figure(
            HEAP, name, "bytes", [after - before for before, after in itertools.pairwise(used)],
            f"32-bit MicroPython VM {vm.version} ({vm.origin}), heap of {PICO_HEAP} bytes; "
            f"gc.mem_alloc() after a collection at {_STEPS} steps: {sorted(set(used))}",
            at_least=0, at_most=0,
        )
    ]  # fmt: skip


def heap_after_reads(vm: Path, reads: int) -> list[int]:
    """Bytes in use after each tenth of the reads."""
    script = DEVICE / "station_reads.py"
    return [int(line) for line in printed(vm, str(script), str(reads), str(_STEPS)).split()]


def printed(vm: Path, *arguments: str, config: str = "") -> str:
    """What a run of the VM printed, its heap the Pico's. It finds the firmware, the scripts of
    `device/` and this module `config`."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.py").write_text(config, encoding="utf-8")
        done = subprocess.run(
            [str(vm), "-X", f"heapsize={PICO_HEAP}", *arguments],
            env={**os.environ, "MICROPYPATH": f"{folder}:{DEVICE}:{FIRMWARE}:.frozen"},
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
    if done.returncode:
        raise SibiaoError(f"the run on the VM ended early: {done.stderr.strip()}")
    return done.stdout
