"""Take keys and passwords out of a text before it is written anywhere.

Two nets: the values this process knows to be secret, and the shapes that keys have. Pure
functions; what comes out contains none of the given secrets, and redacting it again
changes nothing.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

HIDDEN = "[redacted]"
SHORTEST = 6  # a shorter "secret" would blank ordinary words

_NAME = (
    r"[A-Za-z0-9_.-]*(?:api[_-]?key|api[_-]?secret|secret|passw(?:or)?d|authorization"
    r"|(?:access|refresh|auth|bot|bearer)[_-]?token)[A-Za-z0-9_-]*"
)
# Mixed like chance mixes it: a hash in hex, a long word or a path is not.
_MIXED = (
    r"(?=(?:[A-Za-z+/_-]*[0-9]){2})(?=(?:[a-z0-9+/_-]*[A-Z]){4})"
    r"(?=(?:[A-Z0-9+/_-]*[a-z]){4})(?!(?:[A-Za-z0-9+_-]*/){7})"
)
_ALONE, _ENDED = r"(?<![A-Za-z0-9+/_.-])", r"(?![A-Za-z0-9+/_=-])"
_SHAPES = (
    (
        re.compile(
            r"(?s)-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----.*?"
            r"(?:-----END [A-Z ]*PRIVATE KEY( BLOCK)?-----|\Z)"
        ),
        HIDDEN,
    ),
    (re.compile(r"\b(?:gsk|hf)_[A-Za-z0-9]{20,}"), HIDDEN),
    (re.compile(r"\bxai-[A-Za-z0-9_-]{20,}"), HIDDEN),
    (re.compile(r"\bAIza[A-Za-z0-9_-]{35}"), HIDDEN),
    (re.compile(r"\bsk-[A-Za-z0-9_-]{12,}"), HIDDEN),
    (
        re.compile(r"\b(?:ghp|gho|github_pat|xox[abp]|glpat)[-_][A-Za-z0-9_-]{12,}"),
        HIDDEN,
    ),
    (re.compile(r"\bAKIA[0-9A-Z]{16}\b"), HIDDEN),
    (re.compile(r"\b\d{8,10}:[A-Za-z0-9_-]{35}\b"), HIDDEN),
    (re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{86}=="), HIDDEN),
    (
        re.compile(r"(?i)\b(bearer|basic)\s+(?!\[)[A-Za-z0-9._~+/=-]{8,}"),
        rf"\1 {HIDDEN}",
    ),
    (re.compile(r"(://[^\s/:@'\"]*):(?!\[)[^\s/@'\"]+@"), rf"\1:{HIDDEN}@"),
    (
        re.compile(rf"(?i)\b({_NAME}[\"']?\s*[=:]\s*[\"']?)(?!\[)[^\s\"',;}}]{{6,}}"),
        rf"\1{HIDDEN}",
    ),
    # Kraken's: an API key of 56 characters, a secret of 88, padding included
    (re.compile(rf"{_ALONE}{_MIXED}[A-Za-z0-9+/]{{56}}{_ENDED}"), HIDDEN),
    (
        re.compile(
            rf"{_ALONE}{_MIXED}(?:[A-Za-z0-9+/_-]{{88}}|[A-Za-z0-9+/_-]{{87}}="
            rf"|[A-Za-z0-9+/_-]{{86}}==){_ENDED}"
        ),
        HIDDEN,
    ),
)
_SECRET_NAME = re.compile(rf"(?i)^{_NAME}$")


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` without the given secrets and without anything shaped like a key."""
    worth = {s for s in secrets if len(s) >= SHORTEST and s not in HIDDEN}
    known = sorted(worth, key=len, reverse=True)
    for secret in known:
        text = text.replace(secret, HIDDEN)
    for shape, instead in _SHAPES:
        text = shape.sub(instead, text)
    return text


def redact_value(value: Any, secrets: Iterable[str] = ()) -> Any:
    """The same for a JSON value: every text in it, and what stands under a key's name."""
    known = tuple(secrets)
    if isinstance(value, str):
        return redact(value, known)
    if isinstance(value, Mapping):
        return {k: _under(str(k), v, known) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [redact_value(item, known) for item in value]
    return value


def _under(name: str, value: Any, secrets: tuple[str, ...]) -> Any:
    if isinstance(value, str) and value and _SECRET_NAME.match(name):
        return HIDDEN
    return redact_value(value, secrets)
