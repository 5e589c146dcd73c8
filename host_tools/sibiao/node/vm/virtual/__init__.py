"""The whole node on the MicroPython VM in virtual time: hours of pulses, reads and commits in
minutes, in one process and the same every time."""

from sibiao.node.vm.virtual.node import VirtualNode
from sibiao.node.vm.virtual.simulation import Result, run

__all__ = ["Result", "VirtualNode", "run"]
