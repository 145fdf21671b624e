"""Everything that asks or changes the database, found by looking at the code, and something to call it with."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import bot

TOUCHES = re.compile(r"store\.(reading|transaction|rows|change|add|remove|insert_new)\(|_engine\b|\.engine\b")
# What is about a whole database on purpose, makes a connection, or is what everything else is made of.
OF_THE_DATABASE = frozenset(
    {
        "backup", "restore", "check", "postgresql_engine", "sqlite_engine", "BoundEngine.begin", "BoundEngine.connect",
        "Store.ready", "Store.migrate",
        "Store.for_school", "Store.schools", "Store.transaction", "Store.reading", "Store.on_commit", "Store.only_worker", "Store.close",
    }
)  # fmt: skip
# What draws a page for a request, and is called by what is called here.
OF_A_REQUEST = frozenset({"Site.of", "Site.problem", "Site.stranger"})


def everything() -> dict[str, tuple[type | None, Callable[..., Any]]]:
    """By name ("Register.read", "purge"): the class, if there is one, and the public function or method."""
    found: dict[str, tuple[type | None, Callable[..., Any]]] = {}
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        for name, thing in vars(importlib.import_module(module.name)).items():
            if getattr(thing, "__module__", None) != module.name or name.startswith("_") or not touches(thing):
                continue
            if inspect.isfunction(thing):
                found[name] = (None, thing)
            else:
                found |= {f"{name}.{method}": (thing, function) for method, function in methods(thing)}
    return {name: one for name, one in found.items() if name not in OF_THE_DATABASE | OF_A_REQUEST}


def touches(thing: Any) -> bool:
    """Whether a class or function works on the database."""
    return (inspect.isclass(thing) or inspect.isfunction(thing)) and bool(TOUCHES.search(inspect.getsource(thing)))


def methods(made: type) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The public methods that a class has of its own."""
    for name, one in vars(made).items():
        function = one.__func__ if isinstance(one, classmethod | staticmethod) else one
        if not name.startswith("_") and inspect.isfunction(function):
            yield name, function


def arguments(function: Callable[..., Any], known: dict[str, Any], own: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """What to call it with: by its own values, else by the names of its parameters. KeyError where one is new here."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if name == "self":
            continue
        value = own[name] if name in own else known[name]
        if parameter.kind is parameter.VAR_POSITIONAL:
            given += value
        elif parameter.kind is parameter.VAR_KEYWORD:
            named |= value
        elif parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = value
        else:
            given.append(value)
    return given, named
