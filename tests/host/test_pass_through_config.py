"""Uplinks that pass frames through: what the files say becomes what the firmware is given."""

from dataclasses import replace

import pytest
from pydantic import ValidationError
from sibiao.config import load, schema
from sibiao.config.constants import config_source

SAMPLE = load.load("sample")


def compiled(uplink):
    values = {}
    community = SAMPLE.community.model_copy(update={"uplink": "changed"})
    exec(config_source(replace(SAMPLE, community=community, uplink=uplink)), values)
    return values


def changed(name, **keys):
    table = load.read("uplinks", name).model_dump(by_alias=True, exclude_unset=True) | keys
    return schema.Uplink.model_validate(table)


@pytest.mark.parametrize(
    ("name", "given"),
    [("virtual-meter", None), ("clou-2016", b""), ("collector", b"BSPR\x25\x11\x26\x01\x00")],
)
def test_who_asks_meters(name, given):
    assert compiled(load.read("uplinks", name))["JOBS"] == given


def test_the_valve_alone_asks_meters():
    services = ["address", "read", "valve", "write"]
    values = compiled(changed("virtual-meter", services=services))
    assert values["JOBS"] == b""
    assert [row[0] for row in values["SELDOM"]] == ["valve", "write"]


@pytest.mark.parametrize(("crc", "polynomial"), [("off", 0), ("8005", 0xA001), ("1021", 0x8408)])
def test_polynomials(crc, polynomial):
    values = compiled(changed("clou-2016", archive_crc=crc))
    assert dict(values["SERVICES"])["pass_through"] == (polynomial,)


@pytest.mark.parametrize(
    ("name", "keys", "why"),
    [
        ("virtual-meter", {"archive_crc": "8005"}, "for the service 'pass_through'"),
        ("clou-2016", {"archive_crc": "4129"}, "archive_crc"),
        ("virtual-meter", {"services": ["read", "write", "valve"]}, "stands before 'write'"),
        ("virtual-meter", {"services": ["read", "valve"]}, "stands before 'write'"),
        ("collector", {"collector": {"vendor": "S"}}, "collector"),
    ],
)
def test_what_is_refused(name, keys, why):
    with pytest.raises(ValidationError, match=why):
        changed(name, **keys)
