"""The reference a conventional stack would be: validate, log and trace every call.

`pydantic.validate_call` on the arguments, a validated result, a line in a loguru file
sink, and an OpenTelemetry span that nobody exports: the cheap end of what is usual.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from loguru import logger
from opentelemetry.sdk.trace import TracerProvider
from pydantic import Field, TypeAdapter, validate_call
from typing_extensions import TypedDict

Ratio = Annotated[float, Field(ge=0, le=1)]
Leverage = Annotated[float, Field(ge=1, le=50)]


class Outputs(TypedDict):
    """What the function returns, validated like its arguments."""

    leverage: Leverage


def conventional(function: Callable[..., Any], log: Path) -> Callable[..., Any]:
    """`function` behind pydantic, loguru and OpenTelemetry, as is usual."""
    logger.remove()
    logger.add(log, format="{time} {level} {message}", level="INFO")
    tracer = TracerProvider().get_tracer("bench")
    outputs = TypeAdapter(Outputs)

    @validate_call
    def validated(
        confidence: Ratio, volatility: Ratio, max_leverage: Leverage
    ) -> Outputs:
        with tracer.start_as_current_span("leverage_manager"):
            result = outputs.validate_python(
                function(confidence, volatility, max_leverage)
            )
            logger.info("leverage_manager {}", result)
            return result

    return validated
