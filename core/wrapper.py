"""The one way into a module: validate, run, validate, invariants, reflect.

Light on purpose (the standard library and `core.contract`): a process that only runs
modules pays for nothing else. A failure is made durable first; then the caller gets
the spec's fallback, or `ModuleFailed`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import update_wrapper
from pathlib import Path
from time import perf_counter_ns, time_ns
from typing import Any, NoReturn

from core.calls import Host
from core.contract import Contract, compile_contract
from core.contract.exactness import Violation
from core.engines import (
    BodyFailed,
    Engine,
    Prepared,
    body_line,
    checked_host,
    native_engine,
    sandbox_engine,
)
from core.errors import ConfigError, ModuleFailed
from core.records import FAILED, FALLBACK, Memory, Origin, Reflection, Sink

__all__ = [
    "Call",
    "Memory",
    "ModuleFailed",
    "Reflection",
    "Runnable",
    "Runtime",
    "Wrapped",
    "bind",
    "module",
]
Call = Callable[..., dict[str, Any]]
QUARANTINED = "Quarantined"  # how the remark of a call that was not run begins
_SCALARS = frozenset({float, int, str, bool, type(None)})


class ContractBroken(Exception):
    """A value at a module's door breaks its contract; `kind` says which door."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Runnable:
    """A module ready to be bound: its contract, its source, and may it run native.

    `source` is the whole function (`function_source`), `first` how many of its lines
    come before the body. `certified` is true only when a passed certificate holds this
    very body hash, spec and contract and the body is bounded; `sandboxed` says why not.
    """

    module: str
    version: int
    contract: Contract
    source: str
    first: int
    certified: bool = False
    sandboxed: str = ""
    quarantined: str = ""

    @property
    def name(self) -> str:
        """The function's name."""
        return self.module.rpartition(".")[2]


@dataclass(frozen=True)
class Runtime:
    """How the modules of one run are run.

    `engine` "native" is honoured only for certified bodies; `seal` is called before
    the first native body is compiled, and closes the settings' secrets. `prepare`
    readies a sandboxed call. `notice` hears of each failure once it is durable.
    """

    sink: Sink
    engine: str = "sandbox"
    run_id: str = ""
    prepare: Callable[[Runnable, Mapping[str, Host]], Prepared] | None = None
    seal: Callable[[], None] | None = None
    capabilities: Mapping[str, Host] = field(default_factory=dict)
    notice: Callable[[Reflection], None] | None = None


def bind(target: Runnable, runtime: Runtime) -> Call:
    """The module as a function of keyword arguments that returns its outputs.

    The call raises ModuleFailed when the module fails and its spec has no fallback,
    and StoreError when a failure cannot be made durable. A module in quarantine is
    not run: its fallback answers.
    """
    if target.quarantined:
        return _barred(_Settling(target, runtime))
    (run, take), contract = _engine(target, runtime), target.contract
    doors, settle = compile_contract(contract), _Settling(target, runtime)
    inputs_valid, outputs_valid = doors.inputs_valid, doors.outputs_valid
    assumed = doors.broken_assumption if contract.assumes else None
    invariant = doors.broken_invariant if contract.invariants else None
    keep, origin = runtime.sink.keep, settle.origin
    # A dict of scalars is its own from the start; what nests is shared until copied.
    given_nests = any(map(nests, contract.parameter_schemas.values()))
    made_nests = any(map(nests, contract.result_schemas.values()))

    def call(**inputs: Any) -> dict[str, Any]:
        start, held = perf_counter_ns(), inputs
        try:
            if not inputs_valid(inputs):
                _refuse("InputsInvalid", doors.explain_inputs(inputs))
            if assumed and (rule := assumed(inputs)) is not None:
                _refuse_rule("AssumptionBroken", rule, inputs)
            if given_nests:
                held = _own(inputs)
            outputs: dict[str, Any] = run(**inputs)
            if not outputs_valid(outputs):
                _refuse("OutputsInvalid", doors.explain_outputs(outputs))
            if invariant and (rule := invariant(inputs, outputs)) is not None:
                _refuse_rule("InvariantBroken", rule, outputs)
        except Exception as error:  # noqa: BLE001  a body may fail in any way
            elapsed, calls = perf_counter_ns() - start, take() if take else ()
            if held is inputs:
                held = _own(inputs)
            return settle.failure(start, elapsed, held, calls, error)
        elapsed, calls = perf_counter_ns() - start, take() if take else ()
        if made_nests:  # an output may well be an input, or an answer of the host
            keep((origin, start, elapsed, held, copied(outputs), calls))
            return _own(outputs)
        keep((origin, start, elapsed, held, outputs, calls))
        return outputs.copy()

    return call


def _barred(settle: _Settling) -> Call:
    """What a module in quarantine answers; durably told with the first call only."""
    remark = f"{QUARANTINED}: {settle.target.quarantined}"
    keep = iter([settle.runtime.sink.keep_failure])

    def call(**inputs: Any) -> dict[str, Any]:
        at, held = time_ns(), _own(inputs)
        return settle.answer((at, 0, held, ()), remark, next(keep, None))

    return call


def nests(schema: Mapping[str, Any]) -> bool:
    """Whether a value of this schema may hold others."""
    kinds = schema.get("type", "object")
    return bool({"array", "object"} & ({kinds} if isinstance(kinds, str) else {*kinds}))


def copied(value: Any) -> Any:
    """JSON values of its own; several times quicker than `copy.deepcopy`."""
    if isinstance(value, dict | Mapping):
        return {
            name: part if type(part) in _SCALARS else copied(part)
            for name, part in value.items()
        }
    if isinstance(value, list):
        return [part if type(part) in _SCALARS else copied(part) for part in value]
    return value


def _own(values: Mapping[str, Any]) -> dict[str, Any]:
    """A deep copy of named values."""
    return {name: copied(value) for name, value in values.items()}


def _engine(target: Runnable, runtime: Runtime) -> Engine:
    hosts = _granted(target, runtime)
    if runtime.engine == "native" and target.certified:
        if runtime.seal:
            runtime.seal()
        return native_engine(target.source, target.name, hosts)
    if runtime.prepare is None:
        raise ConfigError(
            f"{target.module} may run in the sandbox only, and this run has none"
            + (f" ({target.sandboxed})" if target.sandboxed else ""),
            field="engine",
            value=runtime.engine,
            remedy="give the run a sandbox, or gate the module first",
        )
    return sandbox_engine(runtime.prepare(target, hosts))


def _granted(target: Runnable, runtime: Runtime) -> dict[str, Host]:
    """The host functions the contract declares; ConfigError if one is not served."""
    declared, offered = target.contract.capabilities, runtime.capabilities
    if absent := sorted(set(declared) - set(offered)):
        raise ConfigError(
            f"{target.module} needs {', '.join(absent)}, which this run does not serve",
            field="capabilities",
            value=absent,
            remedy="run it where these capabilities are offered",
        )
    return {name: checked_host(declared[name], offered[name]) for name in declared}


def _refuse(kind: str, violation: Violation | None) -> NoReturn:
    if violation is None:
        raise ContractBroken(kind, "the value does not fit its schema")
    shown = f"{violation.field} is {violation.value!r:.200}"
    raise ContractBroken(kind, f"{shown}: {violation.rule}")


def _refuse_rule(kind: str, rule: str, values: Any) -> NoReturn:
    raise ContractBroken(kind, f"{rule} does not hold with {values!r:.500}")


@dataclass(frozen=True)
class _Settling:
    """What happens after a failure: durable record first, then fallback or error."""

    target: Runnable
    runtime: Runtime

    @property
    def origin(self) -> Origin:
        return Origin(self.runtime.run_id, self.target.module, self.target.version)

    def failure(
        self,
        start: int,
        elapsed: int,
        inputs: dict[str, Any],
        calls: Sequence[Any],
        error: Exception,
    ) -> dict[str, Any]:
        """Record the failed call and give the fallback; ModuleFailed without one."""
        at = time_ns() - (perf_counter_ns() - start)
        called, remark = (at, elapsed, inputs, calls), self._remark(error)
        return self.answer(called, remark, self.runtime.sink.keep_failure, error)

    def answer(
        self,
        called: tuple[int, int, dict[str, Any], Sequence[Any]],
        remark: str,
        keep: Callable[[Reflection], None] | None,
        error: Exception | None = None,
    ) -> dict[str, Any]:
        """`called` is when, how long (ns), with which inputs and capability calls."""
        at, elapsed, inputs, calls = called
        outputs = self._fallback(inputs)
        outcome = FAILED if outputs is None else FALLBACK
        when = (self.runtime.sink.next_id(), *self.origin, at, elapsed)
        failed = Reflection(*when, inputs, outputs, calls, outcome, remark)
        if keep:
            keep(failed)
        if self.runtime.notice:
            self.runtime.notice(failed)
        if outputs is None:
            raise self._module_failed(inputs, remark) from error
        return _own(outputs)

    def _remark(self, error: Exception) -> str:
        if isinstance(error, ContractBroken):
            return f"{error.kind}: {error}"
        if isinstance(error, BodyFailed):
            kind, line = error.error, error.line
        else:
            kind = type(error).__name__
            line = body_line(error, self.target.name, self.target.first)
        return f"{kind}: {error}" + (f" (line {line})" if line else "")

    def _fallback(self, inputs: Mapping[str, Any]) -> dict[str, Any] | None:
        """The spec's fallback, with state left as it was."""
        contract = self.target.contract
        if contract.fallback is None:
            return None
        kept = {
            name: inputs.get(f"previous_{name}", each.initial)
            for name, each in contract.state.items()
        }
        return _own({**kept, **contract.fallback})

    def _module_failed(self, inputs: Mapping[str, Any], remark: str) -> ModuleFailed:
        return ModuleFailed(
            f"{self.target.module}@{self.target.version} failed: {remark}",
            field=self.target.module,
            value=_own(inputs),
            remedy=f"`asza quarantine {self.target.module} --lift` lets it run again"
            if self.target.quarantined
            else f"see `asza reflections {self.target.module}`; a spec with a "
            "fallback would have answered with it",
        )


class Wrapped:
    """A module as its file defines it: call it by keyword, or import it and look.

    The stack runner binds modules itself. Called alone it runs in the sandbox, since
    a file proves nothing about its own body.
    """

    def __init__(self, function: Callable[..., Any], module: str, version: str) -> None:
        update_wrapper(self, function)
        self.function = function
        self.module = module
        self.version = version
        self._call: Call | None = None

    def __call__(self, *args: Any, **inputs: Any) -> dict[str, Any]:
        """The module's outputs for these inputs."""
        if self._call is None:
            self._call = self._open()
        return self._call(**(self._named(args) | inputs))

    def bind_to(self, call: Call) -> None:
        """Answer calls with this bound call from now on."""
        self._call = call

    def _named(self, args: Sequence[Any]) -> dict[str, Any]:
        return dict(
            zip(inspect.signature(self.function).parameters, args, strict=False)
        )

    def _open(self) -> Call:
        from core.runtimes import open_alone  # only a call made by hand needs it

        return open_alone(self.module, Path(inspect.getfile(self.function)))


def module(name: str, *, version: str) -> Callable[[Callable[..., Any]], Wrapped]:
    """Mark a generated function as the module `stack.name` with this body hash."""
    return lambda function: Wrapped(function, name, version)
