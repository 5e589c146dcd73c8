"""What the tests of flashing and of slots share: boards behind a port, and their files."""

import multiprocessing
import posixpath
import struct
import threading
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace

from littlefs import LittleFS
from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import image_files, slot_files
from sibiao.micropython import find_pico_image
from sibiao.node.vm import flash
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode
from sibiao.node.vm.serve import ConsolePty
from sibiao.node.vm.virtual.board import posed

from tests.node import asking
from tests.node.asking import MS, WATER, S

PULSES = 12
INDEX = 123450 + PULSES  # of the sample's water meter after them
TOTAL = "/state/total1"
_AT_ONCE = 8


def changed(loaded, **what):
    """The community with other values, as an edited TOML would give them."""
    return replace(loaded, community=loaded.community.model_copy(update=what))


def board_files(loaded, other=None, state=None, **notes):
    """Slot a confirmed with `loaded`; slot b as `other` (files of a slot) says."""
    files = image_files(loaded) | (state or {})
    files |= {f"/b/{name}": data for name, data in (other or {}).items()}
    return files | {f"/slots/{name}": text.encode() for name, text in notes.items()}


def filled(files, free_blocks):
    """The files, and a big one that leaves just so much room."""
    system = LittleFS(block_size=flash.BLOCK_SIZE, block_count=flash.BLOCK_COUNT, prog_size=256)
    for path, data in files.items():
        system.makedirs(posixpath.dirname(path), exist_ok=True)
        with system.open(path, "wb") as file:
            file.write(data)
    blocks = flash.BLOCK_COUNT - system.used_block_count - free_blocks
    # Each block of a file but the first points to earlier ones: 8 bytes on the average.
    return files | {"/big": bytes(blocks * (flash.BLOCK_SIZE - 8))}


def count_pulses(node):
    """Pulses, and the time until they are committed. The records of it."""
    if isinstance(node, VmNode):
        # In real time a busy computer's edges come late, and some together: until it has them all.
        while asking.read(node, WATER, "00010000") < INDEX:
            asking.pulses(node, 1, 100 * MS, 100 * MS)
    else:
        asking.pulses(node, PULSES, 30 * MS, 30 * MS)

    def committed():
        return PULSES.to_bytes(8, "little") in node.flash_files().get(TOTAL, b"")

    assert node.run_until(committed, 10 * S)
    return {TOTAL: node.flash_files()[TOTAL]}


def counted_before(loaded):
    """The records of a board that has counted, made in virtual time."""
    with posed(loaded) as node:
        return count_pulses(asking.at_work(node))


def counted(files):
    """(pulses, base reading) of the total's record: each start writes it anew, for the gap."""
    return struct.unpack_from("<12xQQ", files[TOTAL])


def run_beside(node, function, *args, beside=lambda: None, limit_ns=120 * S):
    """Let the node live while function(*args) uses its port; what it returns or raises.

    beside() is called again and again where the node may be touched.
    """
    outcome = []

    def work():
        try:
            outcome.append((function(*args), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()

    def ended():
        beside()
        return not thread.is_alive()

    assert node.run_until(ended, limit_ns), "the tool did not end"
    result, error = outcome[0]
    if error:
        raise error
    return result


def at_once(scenarios):
    """For a fixture: name -> future of each scenario (function, arguments), in processes of their
    own. Boards on the VM live in real time and do little but wait, so some wait together."""
    slot_files(load("sample"))  # once, and not in each of them
    with ProcessPoolExecutor(_AT_ONCE, multiprocessing.get_context("fork")) as pool:
        yield {name: pool.submit(*scenario) for name, scenario in scenarios.items()}


def on_pico(request, scenario):
    """{scenario: …} for `at_once` if this module's Pico tests are to run and there is an image."""
    items = [
        item for item in request.session.items if getattr(item, "module", None) is request.module
    ]
    if not any(item.get_closest_marker("pico") for item in items):
        return {}
    try:
        image = find_pico_image(build=False).path
    except SibiaoError:
        return {}  # the test asks for the image, too, and says so
    return {scenario: (scenario, load("sample"), image)}


class VmBoard:
    """A VM node behind a port. `run(function, *args)` lets it live meanwhile."""

    def __init__(self, files):
        self.node = VmNode(vm_binary(), files)
        self.port = ConsolePty(self.node)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.port:
            self.close_port()
        self.node.close()

    @property
    def path(self):
        return self.port.path

    def run(self, function, *args):
        return run_beside(self.node, function, *args)

    def close_port(self):
        self.port.close()
        self.port = None

    def open_port(self):
        self.port = ConsolePty(self.node)

    def files(self):
        return self.node.flash_files()

    def report(self):
        """What the running node says of itself, asked without a port."""
        if self.port:
            self.close_port()
        return asking.report(self.node, 10 * S)

    def index(self):
        return asking.read(self.node, WATER, "00010000")
