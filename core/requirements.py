"""What a value must be, in plain words, from what pydantic says of one that is not."""

from collections.abc import Mapping
from typing import Any

VALUE_ERROR = "Value error, "
KINDS: Mapping[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "decimal": "a number",
    "finite": "a finite number",
    "bool": "true or false",
    "string": "text",
    "dict": "a table",
    "mapping": "a table",
    "model": "a table",
    "list": "a list",
    "tuple": "a list",
    "path": "a path",
}
"""By the first word of pydantic's name for what is wrong: int_parsing, int_from_float."""
FORMS: Mapping[str, str] = {
    "greater_than": "must be above {gt}",
    "greater_than_equal": "must be {ge} or more",
    "less_than": "must be below {lt}",
    "less_than_equal": "must be {le} or less",
    "too_short": "must have {min_length} or more parts",
    "too_long": "must have {max_length} parts at most",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "string_pattern_mismatch": "has another form than it must have",
    "missing": "is missing",
}


def requirement(problem: Mapping[str, Any]) -> str:
    """One of `ValidationError.errors()` as the end of a sentence: "must be a number"."""
    kind, context = str(problem["type"]), problem.get("ctx", {})
    if form := FORMS.get(kind):
        return form.format_map({name: _short(one) for name, one in context.items()})
    if known := KINDS.get(kind.partition("_")[0]):
        return f"must be {known}"
    words = str(problem["msg"]).removeprefix(VALUE_ERROR)
    return words.replace("Input should be", "must be", 1)


def _short(value: Any) -> str:
    """A bound as a person writes it: 0, not 0.0."""
    return str(value).removesuffix(".0")
