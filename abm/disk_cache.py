"""Numba's disk cache of compiled kernels, made to bear damaged files, full disks and several processes at once.

Numba numbers the entries of a function, so two processes that compile it for different types at once can both write
number 1, and the list of entries then names the other's code. Here an entry's file bears a digest of its key, and holds
a checksum. Whatever cannot be read is compiled anew; whatever cannot be written is kept for the process only.
"""

import contextlib
import hashlib
import pickle
import zlib

from numba.core.caching import FunctionCache, IndexDataCacheFile

_SUM = 4  # bytes of the checksum at the head of an entry


class Entries(IndexDataCacheFile):
    """The entries of one function."""

    def save(self, key, data) -> None:
        """Store the compiled code ``data`` under ``key`` (types, processor, bytecode)."""
        digest = hashlib.blake2b(repr(key).encode(), digest_size=6).hexdigest()
        name = f"{self._index_name.removesuffix('.nbi')}.{digest}.nbc"
        with contextlib.suppress(OSError):
            self._save_data(name, data)
            self._save_index({**self._load_index(), key: name})

    def _load_index(self) -> dict:
        try:
            return super()._load_index()
        except Exception:  # a damaged pickle may raise anything
            return {}

    def _load_data(self, name: str):
        """OSError, which the caller takes for a missing file, if the file is damaged."""
        with open(self._data_path(name), "rb") as file:
            found, data = file.read(_SUM), file.read()
        if found != _checksum(data):
            raise OSError(f"{name} is damaged")
        return pickle.loads(data)

    def _save_data(self, name: str, data) -> None:
        data = self._dump(data)
        with self._open_for_write(self._data_path(name)) as file:
            file.write(_checksum(data) + data)


class KernelCache(FunctionCache):
    """The cache of one function, in :class:`Entries`."""

    def __init__(self, function):
        super().__init__(function)
        numbas = self._cache_file
        base = numbas._index_name.removesuffix(".nbi")
        self._cache_file = Entries(self._cache_path, base, numbas._source_stamp)

    def _save_overload(self, signature, data) -> None:
        with contextlib.suppress(OSError):
            super()._save_overload(signature, data)


def _checksum(data: bytes) -> bytes:
    return zlib.crc32(data).to_bytes(_SUM, "little")
