"""Failpoints at every `await`, `async for` and `async with` of the digest and of delivery.

The bot has none of its own. `install` has them written into its code while a process imports it, so they are in a process that
asks for them, and in no other. A point is a place and a moment, `digest/run.py:78.48 after`: what was awaited has been done, and
nobody has heard of it yet.
"""

from __future__ import annotations

import ast
import asyncio
import inspect
import sys
from collections import Counter
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from contextvars import ContextVar, copy_context
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType, TracebackType
from typing import Any, TypeVar

T = TypeVar("T")

PACKAGES = ("bot.digest", "bot.delivery")
ROOT = Path(__file__).parents[2]


# --- a life, and its end ----------------------------------------------------------------------


class Killed(BaseException):
    """The process has died here: nothing in the bot catches it."""


class Life:
    """From a start of the bot to its end: it dies when it comes to `point` for the `nth` time (None: to any), if it does."""

    def __init__(self, point: str | None = None, nth: int = 0) -> None:
        self._point = point
        self._nth = nth
        self.passed: Counter[str] = Counter()
        """How often it has come to each point."""
        self.died = asyncio.Event()

    async def live(self, story: Coroutine[Any, Any, object]) -> None:
        """Until the story ends, or the life does. What the story itself raises is raised."""
        context = copy_context()
        context.run(_life.set, self)
        task = asyncio.create_task(story, context=context)
        death = asyncio.create_task(self.died.wait())
        await asyncio.wait((task, death), return_when=asyncio.FIRST_COMPLETED)
        death.cancel()
        if self.died.is_set():
            await asyncio.wait((task,), timeout=0.5)  # it falls by itself, unless somebody waits for a task that died
            task.cancel()
            with suppress(Killed, asyncio.CancelledError):
                await task
        else:
            await task

    def reach(self, point: str) -> None:
        """Whoever is left of a life that has ended dies at the next point, too."""
        self.passed[point] += 1
        passed = self.passed.total() if self._point is None else self.passed[self._point]
        if passed == self._nth and self._point in (None, point):
            self.died.set()
        if self.died.is_set():
            raise Killed(point)


_life: ContextVar[Life | None] = ContextVar("life", default=None)


def _reach(point: str) -> None:
    if (life := _life.get()) is not None:
        life.reach(point)


# --- what stands in the code ------------------------------------------------------------------


async def awaited(site: str, awaitable: Awaitable[T]) -> T:
    """For `await awaitable`."""
    try:
        _reach(f"{site} before")
    except Killed:
        if inspect.iscoroutine(awaitable):
            awaitable.close()
        raise
    result = await awaitable
    _reach(f"{site} after")
    return result


async def each(site: str, items: AsyncIterable[T]) -> AsyncIterator[T]:
    """For `async for … in items`."""
    iterator = aiter(items)
    while True:
        _reach(f"{site} before")
        try:
            item = await anext(iterator)
        except StopAsyncIteration:
            _reach(f"{site} after")
            return
        _reach(f"{site} after")
        yield item


class Within(AbstractAsyncContextManager[T]):
    """For `async with manager`. Who dies inside leaves it as by any other exception: a transaction is rolled back."""

    def __init__(self, site: str, manager: AbstractAsyncContextManager[T]) -> None:
        self._site = site
        self._manager = manager

    async def __aenter__(self) -> T:
        _reach(f"{self._site} entering")
        value = await self._manager.__aenter__()
        await self._reach("entered")
        return value

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        if error is None:
            await self._reach("leaving")
        suppressed = await self._manager.__aexit__(kind, error, trace)
        _reach(f"{self._site} left")
        return suppressed

    async def _reach(self, moment: str) -> None:
        try:
            _reach(f"{self._site} {moment}")
        except Killed as killed:
            await self._manager.__aexit__(Killed, killed, killed.__traceback__)
            raise


# --- how they come there ----------------------------------------------------------------------


def install() -> None:
    """For this process. To be called before the bot is imported."""
    assert not [name for name in sys.modules if name.startswith(PACKAGES)]
    sys.meta_path.insert(0, _Finder())


def sites() -> list[str]:
    """Every one there is."""
    found: list[str] = []
    for package in PACKAGES:
        for file in sorted((ROOT / package.replace(".", "/")).glob("*.py")):
            writer = _Writer(file)
            writer.visit(ast.parse(file.read_bytes()))
            found += writer.sites
    return found


class _Finder(MetaPathFinder):
    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name.rpartition(".")[0] not in PACKAGES:
            return None
        spec = PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.origin is not None
        spec.loader = _Loader(name, spec.origin)
        return spec


class _Loader(SourceFileLoader):
    """Compiles anew, and leaves nothing of it in __pycache__."""

    def get_code(self, fullname: str) -> CodeType:
        tree = ast.parse(self.get_data(self.path))
        code: CodeType = compile(ast.fix_missing_locations(_Writer(Path(self.path)).visit(tree)), self.path, "exec")
        return code

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__failpoints__"] = sys.modules[__name__]
        super().exec_module(module)


class _Writer(ast.NodeTransformer):
    """Passes what is awaited, iterated or entered through a function of this module."""

    def __init__(self, file: Path) -> None:
        self._file = f"{file.parent.name}/{file.name}"
        self.sites: list[str] = []

    def visit_Await(self, node: ast.Await) -> ast.AST:
        node.value = self._through("awaited", node.value)
        return self.generic_visit(node)

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AST:
        node.iter = self._through("each", node.iter)
        return self.generic_visit(node)

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        if node.is_async:
            node.iter = self._through("each", node.iter)
        return self.generic_visit(node)

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AST:
        for item in node.items:
            item.context_expr = self._through("Within", item.context_expr)
        return self.generic_visit(node)

    def _through(self, function: str, value: ast.expr) -> ast.expr:
        site = f"{self._file}:{value.lineno}.{value.col_offset}"
        self.sites.append(site)
        passed = ast.Attribute(ast.Name("__failpoints__", ast.Load()), function, ast.Load())
        return ast.copy_location(ast.Call(passed, [ast.Constant(site), value], []), value)
