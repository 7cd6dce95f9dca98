"""Memory for columns, which goes back to the system bar by bar as they are read."""

import ctypes
import mmap

import numpy as np
from numpy.typing import NDArray

FLOAT = 8  # bytes
PRIVATE = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
MMAP_THRESHOLD = -3  # glibc's name for it, in malloc.h
LARGE = 4 * 2**20  # bytes


class Room:
    """`series` columns of `bars` floats, at least one each, in memory of their own.

    Other memory stays with the process until all that lies above it is free, too.
    """

    def __init__(self, series: int, bars: int) -> None:
        self._held = mmap.mmap(-1, series * bars * FLOAT, flags=PRIVATE)
        whole: NDArray[np.float64] = np.frombuffer(self._held)
        self.columns = whole.reshape(series, bars)
        self._passed = 0

    def pass_by(self, bars: int) -> None:
        """The first `bars` of every column are not read again: whole pages of them read
        as zeros from now on."""
        number, long = self.columns.shape
        for begin in range(0, number * long * FLOAT, long * FLOAT):
            first = max(begin + mmap.PAGESIZE - 1, begin + self._passed * FLOAT)
            first, end = map(_page, (first, begin + bars * FLOAT))
            if end > first:
                self._held.madvise(mmap.MADV_DONTNEED, first, end - first)
        self._passed = bars


def give_back_at_once() -> None:
    """Let what is made on the way to large columns go back to the system when it goes.

    After each large array glibc keeps the room of the next, up to 32 MB of it. Other
    libraries have no such setting, and need none.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(MMAP_THRESHOLD, LARGE)


def _page(at: int) -> int:
    """Where the page begins that byte `at` lies in."""
    return at // mmap.PAGESIZE * mmap.PAGESIZE
