"""Small functions as a person would ask for them by example, and what each must be.

`reference` is the intended rule: a body counts as solved when it gives the reference's
values on inputs that no example shows.
"""

import math
from collections.abc import Callable
from typing import Any, NamedTuple


class Case(NamedTuple):
    request: str
    reference: Callable[..., Any]
    fresh: tuple[tuple[Any, ...], ...]


def _shown(name: str, rule: Callable[..., Any], *rows: tuple[Any, ...]) -> str:
    def call(row: tuple[Any, ...]) -> str:
        return f"{name}({', '.join(map(repr, row))}) is {rule(*row)!r}"

    return ", ".join(call(row) for row in rows) + "."


def case(
    name: str,
    rule: Callable[..., Any],
    shown: list[tuple[Any, ...]],
    fresh: list[tuple[Any, ...]],
    prose: str = "",
) -> Case:
    return Case(f"{prose} {_shown(name, rule, *shown)}", rule, tuple(fresh))


def _tax(income: float) -> float:
    return income * 0.1 if income <= 10_000 else 1000 + (income - 10_000) * 0.2


def _leverage(confidence: float, volatility: float, most: float) -> float:
    if confidence <= 0.5:
        return 1.0
    return 1 + (confidence - 0.5) * 2 * (most - 1) / (1 + 10 * volatility)


def _fizz(n: int) -> str:
    return "Fizz" * (n % 3 == 0) + "Buzz" * (n % 5 == 0) or str(n)


def _grade(score: int) -> str:
    return "A" if score >= 90 else "B" if score >= 80 else "C"


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


CASES = [
    case("add", lambda a, b: a + b, [(2, 3)], [(10, 7), (-4, 1), (0, 0)]),
    case("subtract", lambda a, b: a - b, [(9, 4), (2, 7)], [(0, 3), (5, 5)]),
    case("multiply", lambda a, b: a * b, [(2, 2), (3, 5)], [(7, 8), (-2, 4)]),
    case("ratio", lambda a, b: a / b, [(6, 3), (9, 2), (1, 4)], [(7, 2), (10, 8)]),
    case("double", lambda x: 2 * x, [(4,), (7,)], [(0,), (-3,), (50,)]),
    case("square", lambda x: x * x, [(3,), (5,), (-2,)], [(7,), (0,)]),
    case("cube", lambda x: x**3, [(2,), (3,), (-1,)], [(4,), (0,)]),
    case("average", lambda a, b: (a + b) / 2, [(2, 4), (1, 2), (10, 20)], [(3, 9)]),
    case("mean3", lambda a, b, c: (a + b + c) / 3,
         [(1, 2, 3), (3, 3, 9), (0, 0, 1)], [(4, 5, 9), (10, 0, 2)]),
    case("area", lambda w, h: w * h, [(2.5, 4.0), (3.0, 3.0)], [(1.5, 8.0)]),
    case("perimeter", lambda w, h: 2 * (w + h), [(2, 3), (5, 1), (4, 4)], [(7, 2)]),
    case("fahrenheit", lambda c: c * 9 / 5 + 32,
         [(0,), (100,), (37.5,)], [(-40,), (20,)]),
    case("celsius", lambda f: (f - 32) * 5 / 9,
         [(32,), (212,), (50,), (-40,)], [(68,), (0,)]),
    case("percent_change", lambda old, new: (new - old) / old * 100,
         [(100, 110), (50, 25), (80, 100)], [(200, 250), (10, 9)]),
    case("discount", lambda price, percent: price * (1 - percent / 100),
         [(100.0, 10.0), (50.0, 20.0), (80.0, 25.0)], [(200.0, 5.0), (30.0, 50.0)]),
    case("total", lambda price, count, fee: price * count + fee,
         [(2.5, 4, 1.0), (10.0, 3, 0.5), (1.0, 1, 2.0)], [(3.0, 7, 1.5)]),
    case("spread", lambda bid, ask: (ask - bid) / ((ask + bid) / 2),
         [(99.0, 101.0), (9.0, 11.0), (40.0, 60.0), (30.0, 50.0), (7.0, 9.0)], [(10.0, 30.0)]),
    case("distance", lambda a, b: abs(a - b), [(2, 5), (9, 4), (-3, 3)], [(0, 8), (7, 7)]),
    case("hypotenuse", lambda a, b: math.sqrt(a * a + b * b),
         [(3.0, 4.0), (5.0, 12.0), (8.0, 15.0)], [(6.0, 8.0), (20.0, 21.0)]),
    case("clamp", lambda x: max(0.0, min(1.0, x)),
         [(-5.0,), (0.25,), (0.5,), (7.0,), (2.0,), (-0.5,)], [(0.75,), (1.5,), (-9.0,)]),
    case("clamp_between", lambda x, low, high: max(low, min(high, x)),
         [(5, 0, 10), (-3, 0, 10), (12, 0, 10), (4, 5, 9), (8, 1, 6)], [(7, 2, 9), (1, 2, 9)]),
    case("relu", lambda x: max(0, x), [(-2,), (3,), (0,), (9,)], [(-7,), (5,)]),
    case("sign", lambda x: -1 if x < 0 else 1 if x > 0 else 0,
         [(-9,), (-2,), (0,), (3,), (12,), (-1,), (1,)], [(-40,), (7,), (0,)]),
    case("is_even", lambda n: n % 2 == 0,
         [(2,), (3,), (7,), (10,), (0,), (9,)], [(44,), (13,)]),
    case("is_adult", lambda age: age >= 18, [(17,), (18,), (4,), (30,)], [(20,), (10,)]),
    case("in_range", lambda x: 10 <= x <= 20,
         [(9,), (10,), (20,), (21,), (15,), (0,), (40,), (12,)], [(11,), (30,), (-4,)]),
    case("is_larger", lambda a, b: a > b,
         [(2, 1), (1, 2), (3, 3), (9, 4), (0, 5)], [(7, 6), (6, 7)]),
    case("both", lambda a, b: a and b,
         [(True, True), (True, False), (False, True), (False, False)], [(True, True)]),
    case("either_not_both", lambda a, b: a != b,
         [(True, True), (True, False), (False, True), (False, False)], [(True, False)]),
    case("leap", _leap,
         [(n,) for n in (1900, 2000, 2004, 2001, 2100, 2400, 1996, 1999, 2023, 2024)],
         [(1800,), (1600,), (2012,), (2014,)],
         prose="A year is leap when divisible by 4, but not by 100 unless by 400."),
    case("grade", _grade, [(95,), (90,), (89,), (80,), (79,), (12,)], [(100,), (85,), (50,)]),
    case("fizz", _fizz, [(n,) for n in (1, 2, 3, 5, 6, 7, 10, 15, 30, 9, 4)],
         [(45,), (8,), (12,), (20,)]),
    case("tax", _tax, [(1000,), (5000,), (10000,), (20000,), (30000,), (50000,)],
         [(8000,), (15000,), (100000,)]),
    case("shipping", lambda total: 0 if total >= 50 else 5,
         [(10,), (49,), (50,), (80,), (20,)], [(30,), (60,)]),
    case("overtime", lambda hours, rate: hours * rate if hours <= 40
         else 40 * rate + (hours - 40) * rate * 1.5,
         [(38.0, 10.0), (40.0, 20.0), (42.0, 10.0), (50.0, 20.0), (10.0, 8.0), (60.0, 12.0)],
         [(44.0, 15.0), (20.0, 9.0)], prose="Hours above 40 count 1.5 times."),
    case("leverage", _leverage,
         [(0.9, 0.0, 5.0), (0.4, 0.1, 5.0), (1.0, 0.1, 5.0), (0.75, 0.0, 9.0),
          (0.5, 0.0, 3.0), (0.8, 0.1, 11.0), (0.6, 0.3, 21.0)],
         [(0.7, 0.2, 4.0), (0.3, 0.5, 9.0)],
         prose="From 1 at confidence 0.5 rise to the maximum at confidence 1; divide the"
               " rise by 1 + 10 × volatility. At confidence 0.5 or less, use 1."),
    case("compound", lambda amount, rate, years: amount * (1 + rate) ** years,
         [(100.0, 0.5, 2), (200.0, 0.1, 1), (80.0, 0.25, 3)], [(50.0, 0.2, 2)]),
    case("position_size", lambda equity, risk, entry, stop: equity * risk / (entry - stop),
         [(1000.0, 0.01, 100.0, 95.0), (2000.0, 0.02, 50.0, 40.0), (500.0, 0.1, 20.0, 18.0),
          (800.0, 0.05, 10.0, 6.0)], [(3000.0, 0.01, 60.0, 50.0)]),
    case("triangle", lambda n: n * (n + 1) // 2, [(1,), (2,), (3,), (4,), (7,)], [(10,), (20,)]),
    case("last_digit", lambda n: n % 10, [(17,), (230,), (9,), (45,)], [(88,), (101,)]),
    case("minutes", lambda h, m: h * 60 + m, [(1, 5), (2, 30), (0, 45)], [(3, 3), (10, 0)]),
    case("quadratic", lambda x: x * x + 2 * x + 1,
         [(0,), (1,), (2,), (3,), (-1,)], [(5,), (10,)]),
    case("total_of", lambda xs: sum(xs), [([1, 2, 3],), ([5],), ([],)], [([4, 4],), ([9, 0, 1],)]),
    case("largest", lambda xs: max(xs), [([1, 7, 3],), ([5, 2],), ([4],)], [([9, 10],)]),
    case("spread_of", lambda xs: max(xs) - min(xs),
         [([1, 7, 3],), ([5, 2],), ([4],)], [([9, 10, 2],)]),
    case("mean_of", lambda xs: sum(xs) / len(xs),
         [([1.0, 2.0, 3.0],), ([5.0, 10.0],), ([4.0],)], [([9.0, 10.0, 2.0],)]),
    case("double_all", lambda xs: [2 * x for x in xs], [([1, 2],), ([5],)], [([7, 0, 3],)]),
    case("positives", lambda xs: [x for x in xs if x > 0],
         [([1, -2, 3],), ([-5, 4],), ([0, 2, -1],)], [([8, -8, 1],)]),
    case("sum_of_squares", lambda xs: sum(x * x for x in xs),
         [([1, 2, 3],), ([4],), ([2, 2],)], [([5, 1],)]),
    case("count_above", lambda xs, bar: len([x for x in xs if x > bar]),
         [([1, 5, 9], 4), ([2, 2], 2), ([7, 8, 9], 0), ([1, 2, 3], 1)], [([4, 6, 1], 3)]),
    case("dot", lambda a, b: sum(x * y for x, y in zip(a, b, strict=True)),
         [([1, 2], [3, 4]), ([2], [5]), ([1, 0, 2], [4, 9, 3])], [([3, 3], [1, 2])]),
    case("scale_all", lambda xs, k: [x * k for x in xs],
         [([1, 2], 3), ([5], 2), ([4, 0], 7)], [([2, 9], 5)]),
    case("ordered", lambda xs: sorted(xs), [([3, 1, 2],), ([5, 4],)], [([9, 1, 5],)]),
    case("backwards", lambda xs: xs[::-1], [([3, 1, 2],), ([5, 4],), ([1, 2, 3],)], [([9, 1],)]),
    case("gain", lambda xs: xs[-1] - xs[0], [([3, 1, 9],), ([5, 4],), ([2, 8, 8],)], [([1, 2, 7],)]),
    case("greet", lambda name: f"Hello, {name}!", [("Bob",), ("Al",)], [("Eve",)]),
    case("initials", lambda first, last: first[0] + last[0],
         [("Ada", "Lovelace"), ("Bob", "Stone")], [("Eve", "Kay")]),
    case("shout", lambda s: s.upper() + "!", [("hey",), ("go on",)], [("abc",)]),
    case("is_palindrome", lambda s: s == s[::-1],
         [("abba",), ("abc",), ("x",), ("noon",), ("moon",), ("ab",)], [("level",), ("open",)]),
    case("full_name", lambda first, last: f"{first} {last}",
         [("Ada", "Lovelace"), ("Bob", "Stone")], [("Eve", "Kay")]),
    case("tip", lambda bill: round(bill * 0.15, 2), [(10.0,), (33.33,), (47.15,), (81.27,)],
         [(20.4,), (100.0,)], prose="Rounded to 2 decimals, a tip of 15%."),
]  # fmt: skip
