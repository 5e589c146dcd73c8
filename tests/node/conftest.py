"""A converter of the sample community at work: on the VM, and on the emulated Pico."""

import functools

import pytest
from sibiao.config.build import image_files
from sibiao.config.load import load
from sibiao.errors import SibiaoError
from sibiao.micropython import find_pico_image
from sibiao.node.vm.binary import vm_binary
from sibiao.node.vm.node import VmNode

from tests.node.asking import at_work


@pytest.fixture(scope="session")
def sample():
    return load("sample")


@pytest.fixture(scope="session")
def pico_image():
    try:
        return find_pico_image(build=False).path
    except SibiaoError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def pico_at_work(sample, pico_image):
    """Started once; tests work on forked copies."""
    from sibiao.node.pico import EmulatedPico

    return at_work(EmulatedPico(pico_image, image_files(sample)))


@pytest.fixture
def on_vm(sample):
    """on_vm(body, files=…): body(node) on a fresh VM node; its value comes back."""

    def run(body, files=None):
        with VmNode(vm_binary(), files or image_files(sample)) as node:
            return body(at_work(node) if files is None else node)

    return run


@pytest.fixture(
    params=[
        pytest.param("vm", marks=pytest.mark.vm),
        pytest.param("pico", marks=pytest.mark.pico),
    ]
)
def run_on(request, on_vm):
    """run_on(body): body(node) on a node at work, of each kind."""
    if request.param == "vm":
        return on_vm
    from sibiao.node.pico.fork import run_forked

    return functools.partial(_on_copy, run_forked, request.getfixturevalue("pico_at_work"))


def _on_copy(run_forked, node, body):
    return run_forked(body, node)


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


@pytest.fixture(
    params=[
        pytest.param("vm", marks=pytest.mark.vm),
        pytest.param("pico", marks=pytest.mark.pico),
    ]
)
def on_board(request, board):
    """on_board(body): body(node) on a node at its prompt, of each kind."""
    if request.param == "pico":
        from tests.node.pico_board import booted

        return booted().forked
    return lambda body: body(board())
