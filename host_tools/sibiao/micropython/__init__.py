"""Real MicroPython for the desk: the VM (Unix port) and the Pico's image, found, fetched or built.

Each finder answers with a `Runtime` that was checked, or raises `SibiaoError`. Nothing prints:
what takes long is told to `say`.
"""

from sibiao.micropython.runtime import Runtime, Say
from sibiao.micropython.vm import find_vm

__all__ = ["Runtime", "Say", "find_vm"]
