"""What the tests of flashing and of slots share: boards behind a port, and their files."""

import threading
from dataclasses import replace

from sibiao.config.build import firmware_sources, image_files, slot_files
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode
from sibiao.node.vm.serve import ConsolePty

from tests.node import asking
from tests.node.asking import WATER, S

PULSES = 12
INDEX = 123450 + PULSES  # of the sample's water meter after them
TOTAL = "/state/total1"


def changed(loaded, **what):
    """The community with other values, as an edited TOML would give them."""
    return replace(loaded, community=loaded.community.model_copy(update=what))


def board_files(loaded, other=None, state=None, **notes):
    """Slot a confirmed with `loaded`; slot b as `other` (files of a slot) says."""
    files = image_files(loaded) | (state or {})
    files |= {f"/b/{name}": data for name, data in (other or {}).items()}
    return files | {f"/slots/{name}": text.encode() for name, text in notes.items()}


def slot_with(loaded, path, old, new):
    """A slot's files whose firmware differs in one place."""
    sources = firmware_sources()
    assert sources[path].count(old) == 1, f"{path} has changed"
    return slot_files(loaded, sources | {path: sources[path].replace(old, new)})


def count_pulses(node):
    """Pulses, and the time until they are committed. The records of it."""
    asking.pulses(node, PULSES)
    node.run(3 * S)  # more than commit_every_pulses; then a second, and the quiet
    return {TOTAL: node.flash_files()[TOTAL]}


def run_beside(node, function, *args, limit_ns=120 * S):
    """Let the node live while function(*args) uses its port; what it returns or raises."""
    outcome = []

    def work():
        try:
            outcome.append((function(*args), None))
        except BaseException as error:
            outcome.append((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert node.run_until(lambda: not thread.is_alive(), limit_ns), "the tool did not end"
    result, error = outcome[0]
    if error:
        raise error
    return result


class VmBoard:
    """A VM node behind a port. `run(function, *args)` lets it live meanwhile."""

    def __init__(self, files):
        self.node = VmNode(vm_binary(), files)
        self.port = ConsolePty(self.node)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.port:
            self.port.close()
        self.node.close()

    @property
    def path(self):
        return self.port.path

    def run(self, function, *args):
        return run_beside(self.node, function, *args)

    def pull_cable(self):
        """Port and supply gone; afterwards there is no port."""
        self.port.close()
        self.port = None
        self.node.power_cut()

    def plug_in(self):
        self.port = ConsolePty(self.node)

    def files(self):
        return self.node.flash_files()

    def report(self):
        """What the running node says of itself, asked on a console without a port."""
        if self.port:
            self.port.close()
            self.port = None
        return asking.report(self.node, 10 * S)

    def index(self):
        return asking.read(self.node, WATER, "00010000")
