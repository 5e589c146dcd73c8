"""A full file system is an event: nothing counted is lost, and the register is right."""

import pytest
from sibiao.config.build import image_files
from sibiao.errors import SibiaoError
from sibiao.node.pico.files import BLOCK_COUNT, BLOCK_SIZE, build_littlefs

from tests.node import asking
from tests.node.asking import WATER, S
from tests.node.commanding import command, events
from tests.node.communities import sample

COMMIT_FAILED = 5
NO_ROOM = (28, 36)  # littlefs says the second where a new name finds no room


def _filled(files):
    """With one more file, as large as fits."""
    blocks = BLOCK_COUNT
    while blocks:
        blocks -= 1
        whole = files | {"/full": bytes(blocks * BLOCK_SIZE)}
        try:
            build_littlefs(whole)
        except SibiaoError:
            continue
        return whole
    raise AssertionError("nothing fits")


def _life(node):
    asking.at_work(node)
    asking.pulses(node, 12)
    node.run(6 * S)
    asking.pulses(node, 12)
    node.run(6 * S)
    return (
        asking.read(node, WATER, "00010000"),
        command(node, "point 1"),
        [event[:2] for event in events(node)],
        asking.report(node)["ended"],
    )


@pytest.mark.vm
def test_counting_goes_on(on_vm):
    index, point, seen, ended = on_vm(_life, _filled(image_files(sample())))
    assert index == 123450 + 24
    assert point["forward"] == 24 and point["uncommitted"] > 0
    assert any(code == COMMIT_FAILED and detail in NO_ROOM for code, detail in seen)
    assert seen.count(next(e for e in seen if e[0] == COMMIT_FAILED)) <= 2, (
        "a failing commit must not flood the events"
    )
    assert ended == 0
