"""Small functions that were right once, each with the slip that spoiled it."""

from typing import Any, NamedTuple

from wick.subject import Case, Subject


class Slip(NamedTuple):
    """The function, what is written wrong in it, and calls; the first few are shown."""

    source: str
    right: str
    wrong: str
    calls: tuple[tuple[Any, ...], ...]
    shown: int = 5

    @property
    def name(self) -> str:
        return self.source.partition("(")[0].removeprefix("def ")

    @property
    def subject(self) -> Subject:
        assert self.right in self.source
        names = self.source.partition("(")[2].partition(")")[0].split(", ")
        source = self.source.replace(self.right, self.wrong)
        return Subject(self.name, source, tuple(names))

    @property
    def cases(self) -> list[Case]:
        space: dict[str, Any] = {}
        exec(self.source, space)
        return [called(space[self.name], call) for call in self.calls]


def called(function: Any, call: tuple[Any, ...]) -> Case:
    try:
        return Case(call, expected=function(*call))
    except ValueError as error:
        return Case(call, raises=type(error).__name__)


LARGEST = """def largest(xs):
    if not xs:
        return None
    best = xs[0]
    for x in xs[1:]:
        if x > best:
            best = x
    return best"""
ROWS = (([3, 9, 2],), ([],), ([-5, -2, -7],), ([4],), ([1, 8, 8, 3],), ([-1, 0],))
COUNTED = """def counted(words):
    found = {}
    for word in words:
        key = word.lower()
        found[key] = found.get(key, 0) + 1
    return found"""
WORDS = ((["a", "A", "b"],), ([],), (["x"],), (["Go", "go", "GO"],), (["q", "r"],))
CLAMPED = """def clamped(x, low, high):
    if low > high:
        raise ValueError('bounds')
    return max(low, min(x, high))"""
TRIPLES = ((5, 0, 3), (-1, 0, 3), (2, 0, 3), (1, 4, 3), (9, 9, 9), (7, 2, 8), (0, 1, 1))
DIGITS = """def digits(n):
    if n < 10:
        return n
    return n % 10 + digits(n // 10)"""
WHOLE = ((7,), (123,), (90,), (10,), (4321,), (0,))
MERGED = """def merged(spans):
    out = []
    for start, end in sorted(spans):
        if out and start <= out[-1][1]:
            out[-1][1] = max(out[-1][1], end)
        else:
            out.append([start, end])
    return out"""
SPANS = (
    ([[1, 3], [2, 5]],), ([[5, 6], [1, 2]],), ([],), ([[1, 9], [2, 3]],),
    ([[1, 3], [5, 8], [6, 9]],), ([[4, 7], [0, 5], [6, 6]],),
)  # fmt: skip
SLIPS = {
    "comparison": Slip(LARGEST, "x > best", "x < best", ROWS),
    "start": Slip(LARGEST, "best = xs[0]", "best = 0", ROWS),
    "missing guard": Slip(LARGEST, "    if not xs:\n        return None\n", "", ROWS),
    "missing update": Slip(
        LARGEST, "            best = x\n", "            pass\n", ROWS
    ),
    "missing call": Slip(COUNTED, "word.lower()", "word", WORDS),
    "missing name": Slip(COUNTED, "    found = {}\n", "", WORDS),
    "constant": Slip(COUNTED, "key, 0) + 1", "key, 1) + 1", WORDS),
    "swapped call": Slip(CLAMPED, "max(low, min(x", "min(low, min(x", TRIPLES, 6),
    "missing error": Slip(
        CLAMPED,
        "    if low > high:\n        raise ValueError('bounds')\n",
        "",
        TRIPLES,
        7,
    ),
    "base case": Slip(DIGITS, "    if n < 10:\n        return n\n", "", WHOLE),
    "operator": Slip(DIGITS, "% 10 +", "% 10 *", WHOLE),
    "missing sort": Slip(MERGED, "sorted(spans)", "spans", SPANS, 6),
    "index": Slip(MERGED, "start <= out[-1][1]", "start <= out[0][1]", SPANS, 6),
    "two edits": Slip(
        LARGEST,
        "    best = xs[0]\n    for x in xs[1:]:\n        if x > best:",
        "    best = xs[1]\n    for x in xs[1:]:\n        if x < best:",
        ROWS,
        6,
    ),
}
