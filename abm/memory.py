"""Memory of large cities: what a year lets go is kept for the next, instead of being handed back and fetched anew.

The C library's malloc gives blocks of 32 MB and more straight back to the system, and each fresh block costs a page fault
for every 4 kB (2 MB with huge pages), which the system must also blank. With ten million households whole columns are that
large, and a third of a year's time went there. Smaller cities never come to it.
"""

import contextlib
import ctypes

LARGE = 2_000_000  # pupils whose columns of 64 bits are about 16 MB
_A_PUPIL = 150  # bytes free at the end of the heap that are kept, about what a year comes and goes with
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # numbers of glibc's <malloc.h>
_MOST = 2**31 - 1


def keep_for(pupils: int) -> None:
    """Let malloc reuse large blocks, for a city of so many pupils. Once it is gone, memory does go back to the system.

    Where the C library isn't glibc nothing is done: results do not depend on it.
    """
    if pupils < LARGE:
        return
    with contextlib.suppress(OSError, AttributeError, TypeError):
        malloc = ctypes.CDLL(None).mallopt
        malloc(_MMAP_THRESHOLD, _MOST)
        malloc(_TRIM_THRESHOLD, min(_A_PUPIL * pupils, _MOST))
