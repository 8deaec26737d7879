"""ZIP files record by record, so that a test can make any of them wrong."""

import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_END_64 = struct.Struct("<4sQ2H2I4Q")
_LOCATOR_64 = struct.Struct("<4sIQI")

Changes = Mapping[str, int | bytes]


@dataclass(frozen=True)
class RawEntry:
    """One entry; right unless told otherwise.

    `local` and `central` replace fields of the two headers (`name`, `version`, `flags`,
    `method`, `crc`, `compressed`, `expanded`, `extra`; the central one also
    `comment`, `disk`, `offset`). `compressed_data` replaces the data,
    `after` follows it (a data descriptor, or bytes that should not be there).
    """

    name: bytes
    data: bytes = b""
    method: int = 8
    flags: int = 0
    mode: int = 0o100644
    local: Changes = field(default_factory=dict)
    central: Changes = field(default_factory=dict)
    compressed_data: bytes | None = None
    after: bytes = b""

    @property
    def compressed(self) -> bytes:
        if self.compressed_data is not None:
            return self.compressed_data
        if self.method != 8:
            return self.data
        deflater = zlib.compressobj(wbits=-15)
        return deflater.compress(self.data) + deflater.flush()

    def fields(self, changes: Changes) -> dict[str, int | bytes]:
        fields: dict[str, int | bytes] = {
            "name": self.name,
            "version": 20,
            "flags": self.flags,
            "method": self.method,
            "crc": zlib.crc32(self.data),
            "compressed": len(self.compressed),
            "expanded": len(self.data),
            "extra": b"",
            "comment": b"",
            "disk": 0,
        }
        return fields | dict(changes)


def raw_zip(
    entries: Sequence[RawEntry],
    *,
    prefix: bytes = b"",
    before_directory: bytes = b"",
    end: Changes | None = None,
    zip64: Changes | None = None,
    trailer: bytes = b"",
) -> bytes:
    """The bytes of a ZIP file.

    `end` replaces fields of the end record (`disk`, `start_disk`, `disk_count`,
    `count`, `size`, `offset`, `comment`). `zip64`, even empty, adds the ZIP64
    records and replaces their fields (those, and `stated`, `locator_disk`,
    `locator_offset`, `locator_disks`).
    """
    content = prefix
    directory = b""
    for entry in entries:
        offset = len(content)
        content += _local(entry) + entry.compressed + entry.after
        directory += _central(entry, offset)
    content += before_directory
    values: dict[str, int | bytes] = {
        "disk": 0,
        "start_disk": 0,
        "disk_count": len(entries),
        "count": len(entries),
        "size": len(directory),
        "offset": len(content),
        "comment": b"",
    }
    content += directory
    if zip64 is not None:
        content += _zip64_records(values | dict(zip64), len(content))
    return content + _end(values | dict(end or {})) + trailer


def zip64_extra(*values: int) -> bytes:
    """A ZIP64 extra field with these values."""
    return struct.pack(f"<2H{len(values)}Q", 1, 8 * len(values), *values)


def descriptor(entry: RawEntry, *, signature: bool = True, wide: bool = False) -> bytes:
    """The data descriptor of an entry, with sizes of 64 bits where `wide`."""
    sizes = (zlib.crc32(entry.data), len(entry.compressed), len(entry.data))
    return (b"PK\x07\x08" if signature else b"") + struct.pack("<IQQ" if wide else "<III", *sizes)


def _local(entry: RawEntry) -> bytes:
    f = entry.fields(entry.local)
    header = _LOCAL.pack(
        b"PK\x03\x04", f["version"], f["flags"], f["method"], 0, 33, f["crc"], f["compressed"],
        f["expanded"], len(f["name"]), len(f["extra"]),
    )  # fmt: skip
    return header + f["name"] + f["extra"]


def _central(entry: RawEntry, offset: int) -> bytes:
    f = {"offset": offset} | entry.fields(entry.central)
    header = _CENTRAL.pack(
        b"PK\x01\x02", 0x0314, f["version"], f["flags"], f["method"], 0, 33, f["crc"],
        f["compressed"], f["expanded"], len(f["name"]), len(f["extra"]), len(f["comment"]),
        f["disk"], 0, entry.mode << 16, f["offset"],
    )  # fmt: skip
    return header + f["name"] + f["extra"] + f["comment"]


def _zip64_records(values: Changes, position: int) -> bytes:
    v = {"stated": 44, "locator_disk": 0, "locator_offset": position, "locator_disks": 1} | values
    record = _END_64.pack(
        b"PK\x06\x06", v["stated"], 45, 45, v["disk"], v["start_disk"], v["disk_count"],
        v["count"], v["size"], v["offset"],
    )  # fmt: skip
    locator = (b"PK\x06\x07", v["locator_disk"], v["locator_offset"], v["locator_disks"])
    return record + _LOCATOR_64.pack(*locator)


def _end(v: Changes) -> bytes:
    numbers = (v["disk"], v["start_disk"], v["disk_count"], v["count"], v["size"], v["offset"])
    return _END.pack(b"PK\x05\x06", *numbers, len(v["comment"])) + v["comment"]
