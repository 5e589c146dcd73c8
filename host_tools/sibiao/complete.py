"""Types of arguments that a shell completes: names of configuration, ports that are attached."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


class Named(click.ParamType):
    """A file of these kinds in board_configs, by its name; or any file's path."""

    name = "name"

    def __init__(self, *kinds: str):
        self._kinds = kinds

    def shell_complete(self, ctx, param, incomplete: str) -> list[CompletionItem]:
        from sibiao.config.place import directory

        if "/" in incomplete:
            return [CompletionItem(incomplete, type="file")]
        found = {path.stem for kind in self._kinds for path in (directory() / kind).glob("*.toml")}
        return [CompletionItem(name) for name in sorted(found) if name.startswith(incomplete)]


class SerialPort(click.ParamType):
    """A serial port; or what cannot be listed, such as socket://HOST:PORT."""

    name = "port"

    def shell_complete(self, ctx, param, incomplete: str) -> list[CompletionItem]:
        from serial.tools import list_ports

        found = sorted(list_ports.comports())
        return [
            CompletionItem(each.device, help=each.description)
            for each in found
            if each.device.startswith(incomplete)
        ]


COMMUNITY = Named("communities")
PROFILE = Named("uplinks", "meters")
PORT = SerialPort()
