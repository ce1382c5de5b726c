"""A sample of families that is the same in every year and in both futures, and its packing into few bytes.

Packed: the keys of all families of the sample once, rising, as uint32; then for each frame its families by rising key in
columns: the step from the last family's number among the keys, place, school, flags, each in the narrowest unsigned
integers that hold them (the largest school number: none). Behind them the local school of each address point, int32, once
for all frames that share it. page/packed.js reads it.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from experiments.app.frames import MARK

FAMILIES = 8000  # drawn in the year of most families


class Frame(NamedTuple):
    """A year's families as frames.py packs them, by rising key."""

    year: int
    key: np.ndarray  # (family,) uint32
    place: np.ndarray  # (family,) uint32
    school: np.ndarray  # (family,) int32, -1: none
    flags: np.ndarray  # (family,) uint8


def read(frame: bytes) -> Frame:
    """The columns of a packed year."""
    mark, n, year, _ = (int(v) for v in np.frombuffer(frame, "<u4", 4))
    if mark != MARK:
        raise ValueError("not a frame")
    key, place = (np.frombuffer(frame, "<u4", n, 16 + 4 * n * k) for k in (0, 1))
    school = np.frombuffer(frame, "<i4", n, 16 + 8 * n)
    flags = np.frombuffer(frame, "u1", n, 16 + 12 * n)
    order = np.argsort(key, kind="stable")
    return Frame(year, key[order], place[order], school[order], flags[order])


def thin(frames: Sequence[Frame], families: int = FAMILIES) -> list[Frame]:
    """``families`` of the largest frame and their like of the others: those with a low hash of their key, so that a family is in or out for good."""
    largest = max(frames, key=lambda frame: frame.key.size, default=None)
    if largest is None or largest.key.size <= families:
        return list(frames)
    limit = np.partition(_hash(largest.key), families)[families]
    return [_keep(frame, _hash(frame.key) < limit) for frame in frames]


def _keep(frame: Frame, mask: np.ndarray) -> Frame:
    return Frame(frame.year, *(column[mask] for column in frame[1:]))


def _hash(key: np.ndarray) -> np.ndarray:
    """A number below 2**32 of each key that has nothing to do with its place on the map, which is another hash of it."""
    x = key.astype(np.uint64)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x = ((x ^ (x >> np.uint64(shift))) * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    return x ^ (x >> np.uint64(16))


def pack(frames: Sequence[Frame]) -> tuple[bytes, dict[str, Any]]:
    """All frames in one block, and what its reader must know: sizes in bytes of each column, families of each frame."""
    keys = np.unique(np.concatenate([frame.key for frame in frames])) if frames else np.empty(0, np.uint32)
    spots = [np.searchsorted(keys, frame.key) for frame in frames]
    steps = [np.diff(spot, prepend=0) for spot in spots]
    largest = [
        max((int(column.max()) for column in columns if column.size), default=0)
        for columns in (steps, [f.place for f in frames], [f.school + 1 for f in frames], [f.flags for f in frames])
    ]
    widths = [next(size for size in (1, 2, 4) if value < 256**size) for value in largest]
    parts = [keys.astype("<u4")]
    for frame, step in zip(frames, steps, strict=True):
        none = 256 ** widths[2] - 1
        school = np.where(frame.school < 0, none, frame.school)
        columns = (step, frame.place, school, frame.flags)
        parts += [column.astype(f"<u{size}") for column, size in zip(columns, widths, strict=True)]
    about = {"keys": int(keys.size), "widths": widths, "families": [int(f.key.size) for f in frames], "mark": MARK}
    return b"".join(part.tobytes() for part in parts), about | {"years": [f.year for f in frames]}


def local_schools(tables: Sequence[np.ndarray]) -> tuple[bytes, dict[str, Any]]:
    """The local schools of all address points, each different table once, and which one belongs to each frame."""
    packed = [np.asarray(table).astype("<i4").tobytes() for table in tables]
    once = list(dict.fromkeys(packed))
    places = len(tables[0]) if tables else 0
    return b"".join(once), {"places": int(places), "of": [once.index(table) for table in packed]}
