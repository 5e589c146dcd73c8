"""libmbus' test frames: its values are ours, but for the differences that a table explains."""

import re
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree

from sibiao.explain.mbus import explain

from tests.host.mbus_vectors import frame, libmbus

TABLE = Path(__file__).parents[2] / "docs" / "mbus-differences.md"
FUNCTIONS = {
    "Instantaneous value": "instantaneous",
    "Actual value": "instantaneous",
    "Maximum value": "maximum",
    "Minimum value": "minimum",
    "Value during error state": "error",
}
# What libmbus lists as records, and we as the manufacturer's data and a flag of the telegram.
NO_RECORDS = ("Manufacturer specific", "More records follow")
# Units that libmbus words otherwise, with the power of ten between them.
UNITS = {"kWh": ("Wh", 3), "l": ("m3", -3), "-": ("", 0)}
HISTORIC = "reserved but historic"


def telegrams():
    return libmbus("test-frames")


def read(path):
    return explain(frame(path))


def norm(path):
    # The files say ISO-8859-1 and hold UTF-8.
    text = path.with_suffix(".norm.xml").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text.partition("?>")[2])
    records = [{c.tag: c.text or "" for c in record} for record in root.iter("DataRecord")]
    header = {c.tag: c.text or "" for c in root.find("SlaveInformation")}
    return header, [r for r in records if r.get("Function") not in NO_RECORDS]


def theirs(record, before):
    """libmbus' value and unit, in ours."""
    unit, shift = UNITS.get(record["Unit"], (record["Unit"].replace("^", ""), 0))
    if record["Unit"] == HISTORIC:
        # The unit of the counter before it (EN 13757-3, fixed structure, unit code 3E).
        unit, shift = UNITS[before["Unit"]]
    if unit == "Reserved":
        unit = ""
    value = record["Value"]
    if re.fullmatch(r"-?\d+(\.\d+)?", value):
        number = Decimal(value).scaleb(shift)
        return number.quantize(Decimal(1)) if number == int(number) else number.normalize(), unit
    return value.removesuffix("Z"), unit


def shown(value, unit):
    return f"{'-' if value is None else value} {unit}".strip()


def is_same(their, unit, record):
    if record.unit != unit:
        return False
    if isinstance(their, str) or record.value is None:
        return their == (record.value or "")
    return abs(their - Decimal(record.value)) <= Decimal("0.0000005") + abs(their) / 10**15


def differences(path):
    _, records = norm(path)
    ours = read(path).records
    assert len(ours) == len(records), path.stem
    before = None
    for k, (record, mine) in enumerate(zip(records, ours, strict=True)):
        if not record:
            continue  # libmbus gave up on this one; the test below says which
        their, unit = theirs(record, before)
        before = record
        assert FUNCTIONS[record["Function"]] == mine.function
        is_historic = record["Unit"] == HISTORIC
        assert int(record.get("StorageNumber", 0)) + is_historic == mine.storage
        assert int(record.get("Tariff", 0)) == mine.tariff
        assert int(record.get("Device", 0)) == mine.subunit
        if not is_same(their, unit, mine):
            yield (path.stem, str(k), shown(their, unit), shown(mine.value, mine.unit))


def explained():
    rows = re.findall(r"^\| ([^|]+) \| (\d+) \| ([^|]+) \| ([^|]+) \|", TABLE.read_text(), re.M)
    return [tuple(cell.strip() for cell in row) for row in rows]


def test_every_difference_is_explained_and_every_explanation_needed():
    seen = [row for path in telegrams() for row in differences(path)]
    assert len(telegrams()) >= 42
    assert sorted(seen) == sorted(explained())


def test_headers_are_the_same():
    for path in telegrams():
        header, _ = norm(path)
        frame = read(path).frame
        assert frame["id"].lstrip("0") == header["Id"]
        assert frame["access"] == int(header["AccessNumber"])
        assert frame["status"] == header["Status"]
        if "Manufacturer" in header:
            assert frame["manufacturer"] == header["Manufacturer"]
            assert frame["version"] == int(header["Version"])
            assert frame["signature"] == header["Signature"]


def test_manufacturers_data_and_more_records():
    for path in telegrams():
        root = ElementTree.parse(path.with_suffix(".norm.xml")).getroot()
        last = {c.tag: c.text or "" for c in root.findall("DataRecord")[-1]}
        frame = read(path).frame
        is_last = last.get("Function") in NO_RECORDS
        assert frame.get("manufacturer_data", None) == (
            last["Value"].replace(" ", "") if is_last else None
        )
        assert frame.get("more_follows", False) == (last.get("Function") == NO_RECORDS[1])


def test_what_libmbus_left_empty_is_unknown_with_its_bytes():
    (path,) = (p for p in telegrams() if p.stem == "sen_pollutherm")
    record = read(path).records[2]
    assert (record.quantity, record.raw) == ("unknown", "0C7B02030000")


ERRORS = {
    "buffer_too_long": "application error: buffer too long",
    "premature_end_of_data2": "ends within the record (record at byte 29)",
    "premature_end_of_dif1": "ends within the record (record at byte 29)",
    "premature_end_of_dif2": "ends within the record (record at byte 29)",
    "too_long_var_vif": "plain-text VIF is longer than the telegram (record at byte 41)",
    "too_many_dife": "more than 10 DIFEs (record at byte 29)",
    "too_many_difes": "application error: more than 10 DIFEs",
    "too_many_vife": "more than 10 VIFEs (record at byte 29)",
    "too_many_vifes": "application error: more than 10 VIFEs",
    "unimplemented_ci": "application error: unimplemented CI field",
    "invalid_length": "L = 00",
    "invalid_length2": "shorter than its header and counters",
    "manual_frame4": "a command of the master",
    "manual_frame6": "a command of the master",
}


def test_faulty_frames_end_in_a_clear_error():
    paths = libmbus("error-frames") + libmbus("unsupported-frames")
    assert sorted(p.stem for p in paths) == sorted(ERRORS)
    for path in paths:
        told = read(path)
        assert ERRORS[path.stem] in told.error, path.stem
        assert not told.records
        # A meter's error telegram and a master's command are sound frames; the rest is not.
        assert told.valid == ("application" in told.error or "command" in told.error)
