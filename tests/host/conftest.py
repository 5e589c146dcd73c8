import shutil

import pytest
from sibiao.config import load


@pytest.fixture
def configs(tmp_path):
    """A copy of all shipped configurations, to be changed."""
    base = tmp_path / "configs"
    shutil.copytree(load.directory(), base)
    return base
