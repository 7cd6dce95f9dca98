"""Whole and real numbers: bounds, divisors, digits, bases, calendars."""

from __future__ import annotations

from bench.repair.draws import drawn, either, one_of, real, whole


def clamp(value: int, low: int, high: int) -> int:
    """The value, held between two bounds."""
    if low > high:
        raise ValueError("low is above high")
    if value < low:
        return low
    if value > high:
        return high
    return value


def collatz_length(start: int) -> int:
    """How many halvings or 3n + 1 it takes to reach 1; -1 below 1."""
    if start < 1:
        return -1
    length = 0
    while start != 1:
        if start % 2 == 0:  # noqa: SIM108
            start = start // 2
        else:
            start = 3 * start + 1
        length += 1
    return length


def greatest_divisor(first: int, second: int) -> int:
    """The greatest common divisor, never negative."""
    first = abs(first)
    second = abs(second)
    while second:
        first, second = second, first % second
    return first


def is_prime(number: int) -> bool:
    """Whether a number has no divisor but 1 and itself."""
    if number < 2:
        return False
    divisor = 2
    while divisor * divisor <= number:
        if number % divisor == 0:
            return False
        divisor += 1
    return True


def integer_root(number: int) -> int:
    """The largest whole number whose square is not above `number`."""
    low = 0
    high = number + 1
    while high - low > 1:
        middle = (low + high) // 2
        if middle * middle <= number:
            low = middle
        else:
            high = middle
    return low


def digit_root(number: int, base: int) -> int:
    """Digits summed again and again until one is left."""
    number = abs(number)
    while number >= base:
        total = 0
        while number:
            total += number % base
            number //= base
        number = total
    return number


def round_to_step(value: float, step: float) -> float:
    """The nearest multiple of a step, halves away from zero."""
    if step <= 0:
        raise ValueError("a step is above zero")
    count = int(abs(value) / step + 0.5)
    if value < 0:
        count = -count
    return count * step


def prime_factors(number: int) -> list[int]:
    """The prime factors in rising order, each as often as it divides."""
    factors = []
    divisor = 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            factors.append(divisor)
            number //= divisor
        divisor += 1
    if number > 1:
        factors.append(number)
    return factors


def to_base(number: int, base: int) -> str:
    """A whole number written in a base up to 16, with its sign."""
    if number == 0:
        return "0"
    digits = ""
    rest = abs(number)
    while rest > 0:
        digits = "0123456789abcdef"[rest % base] + digits
        rest = rest // base
    if number < 0:
        digits = "-" + digits
    return digits


def days_in_month(year: int, month: int) -> int:
    """How many days a month has, leap years minded."""
    if month < 1 or month > 12:
        raise ValueError("no such month")
    if month == 2:
        if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
            return 29
        return 28
    if month in (4, 6, 9, 11):
        return 30
    return 31


FUNCTIONS = (
    drawn(clamp, whole(-12, 12), whole(-8, 2), whole(-3, 9)),
    drawn(collatz_length, whole(-2, 60)),
    drawn(greatest_divisor, whole(-60, 60), whole(-48, 48)),
    drawn(is_prime, whole(-3, 130)),
    drawn(integer_root, whole(0, 150)),
    drawn(digit_root, whole(-600, 4000), one_of(2, 7, 10)),
    drawn(round_to_step, real(-20, 20), one_of(0.25, 0.5, 1, 2, 5, 0)),
    drawn(prime_factors, whole(1, 200)),
    drawn(to_base, whole(-300, 300), one_of(2, 3, 8, 10, 16)),
    drawn(
        days_in_month,
        either(whole(1896, 2030), one_of(1900, 2000, 2024)),
        either(whole(0, 13), one_of(2)),
    ),
)
