"""Which node the demonstration runs on: the emulated Pico, else the MicroPython VM, and why."""

from __future__ import annotations

import os

from sibiao.config.load import Loaded
from sibiao.errors import SibiaoError
from sibiao.firmware.slot import image_files
from sibiao.micropython import Say, find_pico_image, find_vm
from sibiao.node.contract import Node


def open_pico(loaded: Loaded, say: Say) -> tuple[Node, str]:
    """With an image that is at hand or soon downloaded; to build one takes too long here."""
    image = find_pico_image(say, build=False)
    from sibiao.node.pico import EmulatedPico

    say(f"compiling {loaded.name} and starting the emulated Pico")
    node = EmulatedPico(image.path, image_files(loaded))
    return node, f"emulated Pico (RP2040), MicroPython {image.version}"


def open_vm(loaded: Loaded, say: Say) -> tuple[Node, str]:
    vm = find_vm(say)
    from sibiao.node.vm.node import VmNode

    say(f"compiling {loaded.name} and starting the MicroPython VM")
    node = VmNode(vm.path, image_files(loaded))
    return node, f"MicroPython VM {vm.version}, simulated machine"


def open_posed(loaded: Loaded, say: Say) -> tuple[Node, str]:
    """The VM as any board's chip, in virtual time."""
    vm = find_vm(say)
    from sibiao.node.vm.virtual.board import posed

    say(f"compiling {loaded.name} and starting the MicroPython VM as {loaded.board.mcu}")
    return posed(loaded), f"MicroPython VM {vm.version} as {loaded.board.mcu}, virtual time"


def open_best(loaded: Loaded, say: Say) -> tuple[Node, str]:
    """The Pico; without an image the VM, announced, unless SIBIAO_REQUIRE_PICO forbids that."""
    try:
        return open_pico(loaded, say)
    except SibiaoError as why:
        if os.environ.get("SIBIAO_REQUIRE_PICO"):
            raise
        say(f"On the MicroPython VM instead of the emulated Pico: {why}")
    return open_vm(loaded, say)
