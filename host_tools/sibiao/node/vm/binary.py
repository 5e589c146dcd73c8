"""Which MicroPython VM to run: the one named in SIBIAO_VM, else the project's own."""

import os
from functools import cache
from pathlib import Path

from sibiao.errors import SibiaoError


@cache
def vm_binary() -> Path:
    named = os.environ.get("SIBIAO_VM")
    if not named:
        from sibiao.micropython import find_vm

        return find_vm().path
    path = Path(named).absolute()
    if not os.access(path, os.X_OK):
        raise SibiaoError(
            f"SIBIAO_VM names {path}, which is not a program that can be run: "
            "let it name a MicroPython VM (Unix port), or unset it."
        )
    return path
