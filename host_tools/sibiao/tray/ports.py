"""The ports of a run: the way to each also after its board restarts, and its uplink."""

from __future__ import annotations

import os
from pathlib import Path

from sibiao.errors import SibiaoError

# Where Linux names serial ports by the socket that they are plugged into.
_BY_PATH = Path("/dev/serial/by-path")


def ways(ports: list[str]) -> dict[str, str]:
    """Each port and its path. Boards that restart at once may come back with their numbers
    exchanged; names by socket stay. macOS and Windows number ports by the board itself."""
    stable = {os.path.realpath(link): str(link) for link in _links()}
    return {port: stable.get(os.path.realpath(port), port) for port in ports}


def uplinks(texts: tuple[str, ...], ports: list[str]) -> dict[str, str]:
    """PORT=UPLINK each, or for one board its uplink's alone."""
    found = {}
    for text in texts:
        port, equals, uplink = text.partition("=")
        if not equals and len(ports) == 1:
            port, uplink = ports[0], text
        if port not in ports or not uplink or port in found:
            raise SibiaoError(
                f"--uplink {text!r}: write PORT=UPLINK, one for each board of {', '.join(ports)}"
            )
        found[port] = uplink
    return found


def _links() -> list[Path]:
    try:
        # udev gives some ports two such names; the shorter one is the older way to say it.
        return sorted(_BY_PATH.iterdir(), key=lambda path: (-len(path.name), path.name))
    except OSError:
        return []
