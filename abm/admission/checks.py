"""What a market must look like: every input is checked once, here, and cast to the types the kernels are compiled for.

Each error is a ValueError that says what is wrong, where, and what to do about it.
"""

import numpy as np

from abm.compiled import kernel

LARGEST = 2**31 - 1


def whole(name, values, shape, axes) -> np.ndarray:
    """``values`` as a contiguous int32 array of ``shape`` (None: any length along that axis)."""
    array = fitted(name, values, shape, axes)
    if array.dtype.kind not in "iub" and array.size:
        raise ValueError(f"{name} must hold whole numbers, not {array.dtype}: cast it with .astype(int).")
    if array.dtype != np.int32 and array.size and (array.min() < -LARGEST or array.max() > LARGEST):
        raise ValueError(f"{name} holds numbers beyond 2^31 - 1: use smaller ones.")
    return np.ascontiguousarray(array, dtype=np.int32)


def fitted(name, values, shape, axes) -> np.ndarray:
    """``values`` as an array, if its shape is ``shape``; an empty list passes for any empty shape."""
    array = np.asarray(values)
    if array.size == 0 and any(length in (0, None) for length in shape):
        fits = array.ndim == len(shape) and all(b in (None, a) for a, b in zip(array.shape, shape, strict=True))
        return array if fits else array.reshape([length or 0 for length in shape])
    if array.ndim != len(shape) or any(b not in (None, a) for a, b in zip(array.shape, shape, strict=True)):
        wanted = tuple("any" if length is None else length for length in shape)
        raise ValueError(f"{name} has shape {array.shape}: give it {axes}, here {wanted}.".replace("'", ""))
    return array


def places(values) -> np.ndarray:
    """(school,) int32 places, none negative."""
    array = whole("places", values, (None,), "(school,)")
    if array.size and array.min() < 0:
        s = int(array.argmin())
        raise ValueError(f"places of school {s} are {array[s]}: give 0 or more.")
    return array


def lists(values, schools) -> np.ndarray:
    """(student, rank) int32 lists: schools that exist, none twice, -1 only at the end."""
    array = whole("lists", values, (None, None), "(student, rank)")
    h, kind = _first_fault(array, schools)
    if kind == 0:
        return array
    said = f"the list of student {h}, {array[h].tolist()},"
    if kind == 1:
        raise ValueError(f"{said} names a school that does not exist: schools are 0 to {schools - 1}, -1 pads.")
    if kind == 2:
        raise ValueError(f"{said} names a school twice: name each once and pad with -1.")
    raise ValueError(f"{said} goes on behind a -1: move the padding to the end.")


def points(values, lists) -> np.ndarray:
    """(student, rank) int32 points of 0 or more."""
    if values is None:
        return np.zeros(lists.shape, np.int32)
    array = whole("points", values, lists.shape, "(student, rank) like lists")
    if array.size and array.min() < 0:
        if (array[lists >= 0] < 0).any():
            raise ValueError("points are negative somewhere: give 0 or more, 0 where a student has no priority.")
        array = np.where(lists >= 0, array, 0).astype(np.int32)
    return array


def classes(name, values, shape, axes, dtype=np.int32) -> np.ndarray:
    """Numbers as whole numbers from 0 of the same order and the same ties."""
    if values is None:
        return np.zeros(shape, dtype)
    array = _numbers(name, values, shape, axes)
    if array.size == 0:
        return np.zeros(shape, dtype)
    if array.dtype.kind in "iub":
        low, high = int(array.min()), int(array.max())
        if low >= 0 and high <= np.iinfo(dtype).max:
            return np.ascontiguousarray(array, dtype=dtype)
    return np.unique(array, return_inverse=True)[1].reshape(shape).astype(dtype)


def lottery(values, shape, axes) -> np.ndarray | None:
    """Lottery numbers, (student,) as given or (student, school or rank) uint32; None if none."""
    if values is None:
        return None
    array = np.asarray(values)
    if array.ndim == 2:
        return classes("lottery", array, shape, f"(student,) or {axes}", np.uint32)
    return _numbers("lottery", array, shape[:1], f"(student,) or {axes}")


def _numbers(name, values, shape, axes) -> np.ndarray:
    """``values`` as an array of numbers, none of them nan."""
    array = fitted(name, values, shape, axes)
    if array.size and array.dtype.kind not in "iubf":
        raise ValueError(f"{name} must hold numbers, not {array.dtype}.")
    if array.dtype.kind == "f" and np.isnan(array).any():
        where = tuple(int(i) for i in np.argwhere(np.isnan(array))[0])
        raise ValueError(f"{name} is nan at {where}: give a number, a low one for no priority.")
    return array


def types(values, students, reserves, quotas) -> np.ndarray:
    """(student,) int32 types; all 0 if there are neither reserves nor quotas."""
    if reserves is None and quotas is None:
        return np.zeros(students, np.int32)
    if values is None:
        raise ValueError("reserves or quotas are given without types: give types (student,), whole numbers from 0.")
    array = whole("types", values, (students,), "(student,)")
    if array.size and array.min() < 0:
        h = int(array.argmin())
        raise ValueError(f"the type of student {h} is {array[h]}: number types from 0.")
    return array


def by_type(name, values, schools, types) -> np.ndarray | None:
    """(school, type) int32 reserves or quotas, -1 where there is none."""
    if values is None:
        return None
    array = whole(name, values, (schools, None), "(school, type)")
    if types.size and array.shape[1] <= types.max() and schools:
        raise ValueError(f"a student is of type {types.max()}, but {name} has {array.shape[1]} columns: add columns.")
    if array.size and array.min() < -1:
        raise ValueError(f"{name} are below -1 somewhere: give 0 or more, or -1 for none.")
    return array


def reserves_fit(reserves, places):
    """Raise if a school reserves more places than it has."""
    over = np.flatnonzero(reserves.sum(axis=1, dtype=np.int64) > places)
    if over.size:
        s = over[0]
        raise ValueError(
            f"school {s} reserves {reserves[s].sum()} of its {places[s]} places: lower reserves or add places."
        )


def order(value) -> bool:
    """Whether open places are filled first."""
    if value not in ("reserve_first", "open_first"):
        raise ValueError(f"unknown order {value!r}: choose 'reserve_first' or 'open_first'.")
    return value == "open_first"


@kernel
def _first_fault(lists, schools):
    """(row, kind) of the first bad list: 1 no such school, 2 one twice, 3 one behind a -1; (-1, 0) if none."""
    seen = np.full(schools, -1, np.int32)  # (school,) the last student who listed it
    for h in range(lists.shape[0]):
        ended = False
        for r in range(lists.shape[1]):
            s = lists[h, r]
            if s == -1:
                ended = True
                continue
            if s < 0 or s >= schools:
                return h, 1
            if ended:
                return h, 3
            if seen[s] == h:
                return h, 2
            seen[s] = h
    return -1, 0
