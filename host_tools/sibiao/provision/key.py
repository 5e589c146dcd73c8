"""Keys of sealed requests, each in a file of its own that only its owner may read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sibiao.errors import SibiaoError


def make_key(path: Path) -> None:
    """Into a new file."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise SibiaoError(
            f"{path} exists: a key is never overwritten; give it as --key-file"
        ) from error
    except OSError as error:
        raise SibiaoError(f"key file {path} cannot be written: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_hex(16) + "\n")
