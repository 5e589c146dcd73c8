"""Running a program of another Debian release beside this machine's own libraries."""

from __future__ import annotations

import os
from pathlib import Path

from sibiao.errors import SibiaoError

_WRAPPER = """\
#!/bin/sh
# Made by `sibiao micropython`: the program runs with the libraries that were unpacked with it.
here=$0
if [ -h "$here" ]; then here=$(readlink -f "$here"); fi
root=${{here%/*}}/{to_root}
exec "$root/{loader}" --library-path "$root/{libraries}" "$root/{program}" "$@"
"""


def run_by_own_loader(root: Path, program: str, wrapper: Path) -> None:
    """Write `wrapper`, which runs `program` of the unpacked packages below `root`.

    It finds everything from its own place, so the folder that holds both can be moved.
    """
    loaders = sorted(root.glob("usr/lib/*-linux-gnu*/ld-linux*.so.*"))
    if not loaders:
        raise SibiaoError(f"the Debian packages unpacked in {root} hold no program loader")
    loader = loaders[0].relative_to(root)
    wrapper.write_text(
        _WRAPPER.format(
            to_root=os.path.relpath(root, wrapper.parent),
            loader=loader,
            libraries=loader.parent,
            program=program,
        )
    )
    wrapper.chmod(0o755)
