"""Methods that are written once for both clients: decorators, and base classes that turn them into functions.

A class that combines decorated functions with SyncResource or AsyncResource receives functions when it is created. They
have the signature and the docstring of the source, for `inspect`, `help` and mocks. To type checkers,
the decorators change nothing: these and editors read the methods from the stubs that `tools/write_stubs.py` writes.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Coroutine
from types import FunctionType
from typing import Any, TypeVar, cast

from .effects import AsyncDriver, Driver, Flow
from .flow import run, run_async

T = TypeVar("T")

Function = Callable[..., Any]
F = TypeVar("F", bound=Function)


class Method:
    """A function that is written once and becomes a method of both clients.

    Args:
        function: the function.
        sync: makes the method of the synchronous client from the function.
        asynchronous: makes the method of the asynchronous client from the function.
        depth: nesting depth of the type of the result in the return annotation, such as 1 for `Flow[File]`.
        results: return annotations of the two methods, with `{}` for that type.

    Attributes:
        function, depth, results: the arguments.
    """

    def __init__(
        self,
        function: Function,
        *,
        sync: Callable[[Function], Function],
        asynchronous: Callable[[Function], Function],
        depth: int = 1,
        results: tuple[str, str] = ("{}", "{}"),
    ) -> None:
        self.function = function
        self._sync = sync
        self._asynchronous = asynchronous
        self.depth = depth
        self.results = results

    def bound(self, owner: type, *, asynchronous: bool) -> Function:
        """Return the function that a class receives."""
        function = self.function
        result = self.results[asynchronous].format(type_argument(function.__annotations__["return"], self.depth))
        # `inspect` reads the signature from the wrapped function when it is needed. Building all signatures at import
        # would take milliseconds. So the wrapped function is a copy with the return annotation of this client.
        wrapped = FunctionType(function.__code__, function.__globals__, function.__name__, function.__defaults__)
        wrapped.__doc__ = function.__doc__
        wrapped.__kwdefaults__ = function.__kwdefaults__
        wrapped.__annotations__ = {**function.__annotations__, "return": result}
        wrapped.__module__ = owner.__module__
        wrapped.__qualname__ = f"{owner.__qualname__}.{function.__name__}"
        make = self._asynchronous if asynchronous else self._sync
        return functools.update_wrapper(make(function), wrapped)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is not None:
            raise TypeError("this class derives from neither SyncResource nor AsyncResource")
        # Tools that document a class, such as pydoc, also inspect its bases.
        return self.function


def type_argument(annotation: str, depth: int) -> str:
    """Return the type argument at a nesting depth of an annotation, such as `File` for 2 and `Flow[TaskSpec[File]]`."""
    node = ast.parse(annotation, mode="eval").body
    for _ in range(depth):
        node = cast("ast.Subscript", node).slice
    return annotation[node.col_offset : node.end_col_offset]


class SyncResource:
    """A resource of the synchronous client. Its operations return results."""

    _driver: Driver

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _bind_methods(cls, asynchronous=False)


class AsyncResource:
    """A resource of the asynchronous client. Its operations are coroutine functions."""

    _driver: AsyncDriver

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _bind_methods(cls, asynchronous=True)


def _bind_methods(cls: type, *, asynchronous: bool) -> None:
    members: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        members.update(vars(base))
    for name, member in members.items():
        if isinstance(member, Method):
            setattr(cls, name, member.bound(cls, asynchronous=asynchronous))


def operation(flow: F) -> F:
    """Decorate a flow that becomes a method of both clients: `f(...) -> T` and `async f(...) -> T`."""
    return cast("F", Method(flow, sync=_returns, asynchronous=_awaits))


def _returns(flow: Callable[..., Flow[T]]) -> Callable[..., T]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> T:
        return run(self._driver, flow(self, *args, **kwargs))

    return method


def _awaits(flow: Callable[..., Flow[T]]) -> Callable[..., Coroutine[Any, Any, T]]:
    async def method(self: AsyncResource, *args: Any, **kwargs: Any) -> T:
        return await run_async(self._driver, flow(self, *args, **kwargs))

    return method
