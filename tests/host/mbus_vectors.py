"""libmbus' frames and other published M-Bus telegrams, where SIBIAO_VECTORS has them."""

import os
from pathlib import Path

import pytest


def libmbus(kind):
    """Paths of the frames of a kind: test-frames, error-frames or unsupported-frames."""
    folder = os.environ.get("SIBIAO_VECTORS")
    if not folder:
        pytest.skip("SIBIAO_VECTORS is not set: no published telegrams")
    return sorted((Path(folder) / "libmbus" / kind).glob("*.hex"))


def frame(path):
    return bytes.fromhex(path.read_text())
