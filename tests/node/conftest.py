"""A converter of the sample community at work: on the VM, and on the emulated Pico."""

import functools

import pytest
from sibiao.config.load import load
from sibiao.firmware.slot import image_files
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode
from sibiao.node.vm.virtual import VirtualNode

from tests.node.asking import at_work
from tests.node.kinds import PICO, VM


@pytest.fixture(scope="session")
def sample():
    return load("sample")


@pytest.fixture(scope="session")
def pico_at_work(sample, pico_image):
    """Started once; tests work on forked copies."""
    from sibiao.node.pico import EmulatedPico

    return at_work(EmulatedPico(pico_image, image_files(sample)))


def _runner(make, sample):
    def run(body, files=None):
        with make(files or image_files(sample)) as node:
            return body(at_work(node) if files is None else node)

    return run


@pytest.fixture
def on_vm(sample):
    """on_vm(body, files=…): body(node) on a fresh VM node in virtual time, which waits for
    nobody and is the same on every machine; its value comes back."""
    return _runner(VirtualNode, sample)


@pytest.fixture
def on_live_vm(sample):
    """The same in real time, for what has its own: sockets and other programs."""
    return _runner(functools.partial(VmNode, vm_binary()), sample)


@pytest.fixture(params=[VM, PICO])
def run_on(request, on_vm):
    """run_on(body): body(node) on a node at work, of each kind."""
    if request.param == "vm":
        return on_vm
    from sibiao.node.pico.fork import run_forked

    return functools.partial(_on_copy, run_forked, request.getfixturevalue("pico_at_work"))


def _on_copy(run_forked, node, body):
    return run_forked(body, node)


def _at_prompt(body):
    with VirtualNode({"/main.py": b""}) as node:
        return body(node)


@pytest.fixture
def board():
    """board(main, **files) starts a board with that main.py."""
    nodes = []

    def start(main="", **options):
        files = {"/main.py": main.encode()} | options.pop("files", {})
        nodes.append(VmNode(vm_binary(), files, **options))
        return nodes[-1]

    yield start
    for node in nodes:
        node.close()


_OWN_TIME = [
    pytest.param("virtual", marks=pytest.mark.vm),
    pytest.param("pico", marks=pytest.mark.pico),
]


@pytest.fixture(params=[pytest.param("vm", marks=pytest.mark.vm), *_OWN_TIME])
def on_board(request, board):
    """on_board(body): body(node) on a node at its prompt, of each kind."""
    return (lambda body: body(board())) if request.param == "vm" else _prompts(request.param)


@pytest.fixture(params=_OWN_TIME)
def on_timed_board(request):
    """The same, of each kind whose time does not depend on what else the computer does."""
    return _prompts(request.param)


def _prompts(kind):
    if kind == "virtual":
        return _at_prompt
    from tests.node.pico_board import booted

    return booted().forked
