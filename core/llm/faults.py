"""What an endpoint can do to us, in one vocabulary for every SDK.

An adapter turns whatever its SDK raises into an `EndpointError` of one `Fault`; the retry
policy and the budget read nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from types import ModuleType
from typing import Any

from core.errors import ModelError


class Fault(StrEnum):
    """The classes of failure that are treated differently."""

    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    RATE_LIMITED = "rate limited"
    SERVER = "server error"
    OVERLOADED = "overloaded"
    CUT_OFF = "answer cut off"
    MALFORMED = "malformed answer"
    UNAUTHORISED = "not authorised"
    NO_CREDIT = "no credit"
    BAD_REQUEST = "request refused"


LONGEST_ANSWER = 4_000_000  # characters: a server that never stops is cut off


@dataclass
class Partial:
    """What had arrived when a call broke. `started`: the server had begun to answer.

    `counted`: the tokens are the provider's final count of the whole call.
    """

    pieces: list[str] = field(default_factory=list)
    characters: int = 0
    started: bool = False
    counted: bool = False
    input_tokens: int = 0
    output_tokens: int = 0

    @property
    def text(self) -> str:
        """The answer so far."""
        return "".join(self.pieces)

    def add(self, piece: str) -> None:
        """Keep a piece; an answer without end is cut off."""
        self.pieces.append(piece)
        self.characters += len(piece)
        if self.characters > LONGEST_ANSWER:
            raise cut_off("the answer does not end", self)


class EndpointError(ModelError):
    """A call that gave no usable answer: its fault, and what it may have cost.

    `retry_after` is the server's own wish in seconds.
    """

    def __init__(
        self,
        fault: Fault,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        partial: Partial | None = None,
    ) -> None:
        super().__init__(message, remedy=REMEDIES[fault], field="endpoint")
        self.fault = fault
        self.status = status
        self.retry_after = retry_after
        self.partial = partial or Partial()

    @property
    def billed(self) -> bool:
        """Whether the provider may bill the call although nothing of it is usable.

        Free is only what never reached it, and what it refused by an HTTP status.
        """
        if self.fault is Fault.TIMEOUT or self.partial.started:
            return True
        refused = self.status is not None and self.status >= 400
        return self.fault is not Fault.UNREACHABLE and not refused


REMEDIES: Mapping[Fault, str] = {
    Fault.UNREACHABLE: "check the network and the address (LLM_API_URL, or the base URL)",
    Fault.TIMEOUT: "try again later, or raise LLM_TIMEOUT",
    Fault.RATE_LIMITED: "wait, or lower the number of parallel calls",
    Fault.SERVER: "try again later, or name another model",
    Fault.OVERLOADED: "try again later, or name another model",
    Fault.CUT_OFF: "check the network, or try again; the call is counted in the budget",
    Fault.MALFORMED: "check that the address speaks the API it is configured for",
    Fault.UNAUTHORISED: "check the key in .env: OPENAI_API_KEY, ANTHROPIC_API_KEY or LLM_API_KEY",
    Fault.NO_CREDIT: "add credit to the provider's account, or use LLM_WRITER=offline",
    Fault.BAD_REQUEST: "check the model's name in .env",
}

_BY_STATUS: Mapping[int, Fault] = {
    401: Fault.UNAUTHORISED,
    402: Fault.NO_CREDIT,
    403: Fault.UNAUTHORISED,
    408: Fault.TIMEOUT,
    429: Fault.RATE_LIMITED,
    504: Fault.TIMEOUT,
    529: Fault.OVERLOADED,
}

# Both providers name the cause in the body as well; inside a stream that is all there is.
_BY_CODE: Mapping[str, Fault] = {
    "insufficient_quota": Fault.NO_CREDIT,
    "billing_error": Fault.NO_CREDIT,
    "rate_limit_error": Fault.RATE_LIMITED,
    "rate_limit_exceeded": Fault.RATE_LIMITED,
    "overloaded_error": Fault.OVERLOADED,
    "timeout_error": Fault.TIMEOUT,
    "authentication_error": Fault.UNAUTHORISED,
    "permission_error": Fault.UNAUTHORISED,
}


def fault_of(status: int | None, codes: tuple[str, ...] = ()) -> Fault:
    """The class of an error answer, by the code in its body first, then by its status."""
    for code in codes:
        if code in _BY_CODE:
            return _BY_CODE[code]
    if status is None or status < 400:
        return Fault.SERVER
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    return Fault.SERVER if status >= 500 else Fault.BAD_REQUEST


def error_codes(body: object) -> tuple[str, ...]:
    """The `type` and `code` of a provider's error body, wherever it keeps them."""
    if not isinstance(body, Mapping):
        return ()
    inner = body.get("error")
    source = inner if isinstance(inner, Mapping) else body
    found = (source.get("code"), source.get("type"))
    return tuple(code for code in found if isinstance(code, str))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by `retry-after-ms` or a numeric `retry-after` header, if given."""
    for name, scale in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value) / scale
    return None


@contextmanager
def translated(sdk: ModuleType, name: str, partial: Partial) -> Iterator[None]:
    """Inside, whatever `openai` or `anthropic` raises becomes an `EndpointError`."""
    import httpx2

    try:
        yield
    except sdk.APIStatusError as error:
        raise _from_status(error, name, partial) from error
    except (sdk.APITimeoutError, httpx2.TimeoutException) as error:
        # A call that was never connected costs nothing; one that was sent may.
        if _unsent(error.__cause__ or error):
            message = f"{name} could not be reached in time"
            raise _broken(Fault.UNREACHABLE, message, partial) from error
        raise _broken(
            Fault.TIMEOUT, f"{name} did not answer in time", partial
        ) from error
    except (sdk.APIConnectionError, httpx2.TransportError) as error:
        reason = error.__cause__ or error
        if not _unsent(reason):
            raise cut_off(f"{name} hung up: {reason}", partial) from error
        message = f"{name} could not be reached: {reason}"
        raise _broken(Fault.UNREACHABLE, message, partial) from error
    except (sdk.APIResponseValidationError, json.JSONDecodeError) as error:
        message = f"{name} sent something that is not its API: {error}"
        raise _broken(Fault.MALFORMED, message, partial) from error
    except sdk.APIError as error:
        raise _from_stream(error, name, partial) from error


def _unsent(reason: BaseException) -> bool:
    """Whether a call failed before any of it was sent."""
    import httpx2

    return isinstance(
        reason,
        httpx2.ConnectError
        | httpx2.ConnectTimeout
        | httpx2.PoolTimeout
        | httpx2.ProxyError
        | httpx2.UnsupportedProtocol
        | httpx2.LocalProtocolError,
    )


def _from_status(error: Any, name: str, partial: Partial) -> EndpointError:
    fault = fault_of(error.status_code, error_codes(error.body))
    message = f"{name} answered {error.status_code}: {_sentence(error)}"
    return EndpointError(
        fault,
        message,
        status=error.status_code,
        retry_after=retry_after(error.response.headers),
        partial=partial,
    )


def _from_stream(error: Any, name: str, partial: Partial) -> EndpointError:
    fault = fault_of(None, error_codes(error.body))
    message = f"{name} reported an error inside its answer: {_sentence(error)}"
    return EndpointError(fault, message, partial=partial)


def _sentence(error: Any) -> str:
    return str(error.message).strip()[:300]


def _broken(fault: Fault, message: str, partial: Partial) -> EndpointError:
    if not partial.started:
        return EndpointError(fault, message, partial=partial)
    return cut_off(message, partial)


def cut_off(message: str, partial: Partial) -> EndpointError:
    """Half a stream, or none: unusable, but what had been produced is billed."""
    text = f"{message} (after {partial.characters} characters of the answer)"
    return EndpointError(Fault.CUT_OFF, text, partial=partial)


def keeping(
    partial: Partial, on_text: Callable[[str], None] | None
) -> Callable[[str], None]:
    """A sink for pieces of text: kept in `partial`, and passed on to whoever watches."""

    def sink(piece: str) -> None:
        partial.add(piece)
        if on_text is not None:
            on_text(piece)

    return sink
