"""How many of something, as a person says it: one without the plural's ending."""


def counted(count: int, one: str, many: str = "") -> str:
    """`1 trade`, `2,000 trades`; `many` where it is more than `one` and an s."""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
