"""Real MicroPython for the desk: the VM (Unix port) and the Pico's image, found, fetched or built.

Each finder answers with a `Runtime` that was checked, or raises `SibiaoError`. Nothing prints:
what takes long is told to `say`.
"""

from sibiao.micropython.pico_image import build_pico_image, check_pico_image, find_pico_image
from sibiao.micropython.runtime import Runtime, Say
from sibiao.micropython.vm import find_vm
from sibiao.micropython.vm32 import find_vm32

__all__ = [
    "Runtime",
    "Say",
    "build_pico_image",
    "check_pico_image",
    "find_pico_image",
    "find_vm",
    "find_vm32",
]
