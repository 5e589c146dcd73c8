"""The firmware's sources with a text replaced in some of them, for faults that are planted."""

from sibiao.firmware.slot import firmware_sources


def changed_sources(*changes: tuple[str, str, str]) -> dict[str, str]:
    """Each (path, old text, new text); the old one stands there once."""
    sources = firmware_sources()
    for path, old, new in changes:
        if sources[path].count(old) != 1:
            raise AssertionError(f"{path} has changed: {old!r} is not in it exactly once")
        sources[path] = sources[path].replace(old, new)
    return sources
