"""What do tests of jobs begin with? Work of their own, and a broker that only notes."""

import pytest

from healthcare.core import jobs, tasks


@pytest.fixture
def work(monkeypatch):
    """Registers jobs for one test, on the queue `service` unless said otherwise."""
    monkeypatch.setattr(jobs, "_work", dict(jobs._work))

    def register(name, function, **kwargs):
        return jobs.job(name, **{"queue": "service", **kwargs})(function)

    return register


@pytest.fixture
def sent(monkeypatch):
    """What would go to the broker: the queue's name for each job that is told of."""
    messages = []
    monkeypatch.setattr(
        tasks.work_one, "apply_async", lambda args, queue, **_: messages.extend([queue] * (args[1:] or [1])[0]), raising=False
    )
    return messages
