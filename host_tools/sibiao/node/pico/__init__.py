"""The emulated Pico: `EmulatedPico` is the bench's node of kind "pico"."""

from sibiao.node.pico import native

# Before anything imports the emulator.
accelerated = native.install()

from sibiao.node.pico.node import EmulatedPico  # noqa: E402
from sibiao.node.pico.rawrepl import DeviceError  # noqa: E402

__all__ = ["DeviceError", "EmulatedPico", "accelerated"]
