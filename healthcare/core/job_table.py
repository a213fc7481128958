"""Which jobs does each queue carry, and which verb does each call? Read from the code; `manage.py queues --jobs` prints it."""

import inspect
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

from healthcare.core import jobs
from healthcare.core.job_queues import JOB_QUEUES

HEAD = ("| queue | group | job → verb |", "|---|---|---|")


def lines() -> list[str]:
    """The table in Markdown, one row a queue."""
    return [*HEAD, *(f"| {q.name} | {q.group} | {_jobs_of(q.name)} |" for q in JOB_QUEUES)]


def _jobs_of(queue: str) -> str:
    found = sorted((work.name, verbs(work.run)) for work in jobs.registered().values() if work.queue == queue)
    return "<br>".join(f"`{name}` → {', '.join(verb)}" for name, verb in found)


def verbs(run: Callable[..., Any]) -> list[str]:
    """The services' functions that a job's function calls; its own name where it calls none."""
    return sorted(set(_called(run))) or [_short(run)]


def _called(run: Callable[..., Any]) -> Iterator[str]:
    names, known = set(run.__code__.co_names), run.__globals__
    for name in names & set(known):
        thing = known[name]
        if isinstance(thing, ModuleType) and ".services" in thing.__name__:
            yield from (_short(getattr(thing, part)) for part in names if inspect.isfunction(getattr(thing, part, None)))
        elif inspect.isfunction(thing) and ".services" in thing.__module__:
            yield _short(thing)


def _short(function: Callable[..., Any]) -> str:
    return f"{function.__module__.replace('.services', '')}.{function.__name__}"
