"""Shipped configurations with a word changed, and what they compile to."""

from sibiao.config import constants, load


def edit(base, kind, name, *changes):
    path = base / kind / f"{name}.toml"
    text = path.read_text(encoding="utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    path.write_text(text, encoding="utf-8")


def compiled(base):
    values = {}
    exec(constants.config_source(load.load("sample", base)), values)
    return values


def with_meter(base, name, address='meter_address = "17"'):
    """Another profile for the sample's meter on the bus."""
    edit(
        base,
        "communities",
        "sample",
        ("heat-cjt188-1f90", name),
        ('meter_address = "11110017312151"', address),
    )
