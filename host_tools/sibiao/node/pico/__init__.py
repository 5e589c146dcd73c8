"""The emulated Pico: `EmulatedPico` is the bench's node of kind "pico"."""

from sibiao.node.pico.node import EmulatedPico
from sibiao.node.pico.rawrepl import DeviceError

__all__ = ["DeviceError", "EmulatedPico"]
