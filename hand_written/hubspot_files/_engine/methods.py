"""Methods written once for both clients: the decorators, and the resources that turn what was written into functions.

Each class that joins a class of decorated functions with SyncResource or AsyncResource receives real functions when it
is made, with the signature and the docstring of what was written: that is what `inspect`, `help` and mocks see. As
descriptors the decorators are for type checkers only, which see the same through their overloads.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from types import FunctionType
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, overload

from .effects import Flow
from .flow import run, run_async

P = ParamSpec("P")
T = TypeVar("T")

Written = Callable[..., Any]


class Method:
    """What was written, how it becomes a function of each client, and what its return annotation becomes there."""

    def __init__(
        self,
        written: Written,
        *,
        sync: Callable[[Written], Written],
        asynchronous: Callable[[Written], Written],
        names: tuple[str, str, str],
    ) -> None:
        self.written = written
        self._wrap = {False: sync, True: asynchronous}
        self._annotations = {False: (names[0], names[1]), True: (names[0], names[2])}

    def function(self, qualname: str, *, asynchronous: bool) -> Written:
        """The function that a class receives."""
        written = self.written
        before, after = self._annotations[asynchronous]
        annotation = written.__annotations__["return"].replace(before, after, 1)
        # What is unwrapped leaves its closing bracket behind.
        annotation = annotation[: len(annotation) - (annotation.count("]") - annotation.count("["))]
        # `inspect` reads the signature off what is wrapped, and only when it is asked: fifty signatures take a
        # millisecond or three to make. So what is wrapped is a copy, with the return annotation of this client.
        shown = FunctionType(written.__code__, written.__globals__, written.__name__, written.__defaults__)
        shown.__doc__ = written.__doc__
        shown.__kwdefaults__ = written.__kwdefaults__
        shown.__annotations__ = {**written.__annotations__, "return": annotation}
        shown.__qualname__ = qualname
        return functools.update_wrapper(self._wrap[asynchronous](written), shown)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is not None:
            raise TypeError("this class joins neither SyncResource nor AsyncResource")
        # What documents a class, such as pydoc, asks its bases too.
        return self.written


class SyncResource:
    """A part of the synchronous client: its operations return results."""

    _driver: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _implant(cls, asynchronous=False)


class AsyncResource:
    """A part of the asynchronous client: its operations are coroutine functions."""

    _driver: Any

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        _implant(cls, asynchronous=True)


def _implant(cls: type, *, asynchronous: bool) -> None:
    members: dict[str, Any] = {}
    for base in reversed(cls.__mro__):
        members.update(vars(base))
    for name, member in members.items():
        if isinstance(member, Method):
            setattr(cls, name, member.function(f"{cls.__qualname__}.{name}", asynchronous=asynchronous))


class operation(Method, Generic[P, T]):  # noqa: N801 - a decorator
    """A flow that becomes `f(...) -> T` of the one client and `async f(...) -> T` of the other."""

    def __init__(self, flow: Callable[Concatenate[Any, P], Flow[T]]) -> None:
        super().__init__(flow, sync=_returns, asynchronous=_awaits, names=("Flow[", "", ""))

    if TYPE_CHECKING:

        @overload
        def __get__(self, instance: SyncResource, owner: Any = None) -> Callable[P, T]: ...
        @overload
        def __get__(self, instance: AsyncResource, owner: Any = None) -> Callable[P, Coroutine[Any, Any, T]]: ...
        def __get__(self, instance: Any, owner: Any = None) -> Any: ...


def _returns(flow: Callable[..., Flow[T]]) -> Callable[..., T]:
    def method(self: SyncResource, *args: Any, **kwargs: Any) -> T:
        return run(self._driver, flow(self, *args, **kwargs))

    return method


def _awaits(flow: Callable[..., Flow[T]]) -> Callable[..., Coroutine[Any, Any, T]]:
    async def method(self: AsyncResource, *args: Any, **kwargs: Any) -> T:
        return await run_async(self._driver, flow(self, *args, **kwargs))

    return method
