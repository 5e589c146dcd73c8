"""Published telegrams too many to stand in a test: found through SIBIAO_VECTORS, else skipped."""

import json
import os
from pathlib import Path

import pytest


def published(name):
    """The list in `name` (for instance "cjt188.json")."""
    folder = os.environ.get("SIBIAO_VECTORS")
    if not folder:
        pytest.skip("SIBIAO_VECTORS is not set: no published telegrams")
    return json.loads((Path(folder) / name).read_text(encoding="utf-8"))
