"""How is an operation attacked by its schema? In process, in the probe's clinics, each call taken back.

Right and wrong input as the schema makes it (schemathesis, all its checks), and calls aimed at things that exist, in a state in
which the operation can succeed, so that the paths behind the door are reached.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from schemathesis import GenerationMode

from accounts.roles import Role, reach
from healthcare.core.needs import OPEN, SIGNED_IN
from healthcare.probe.calls import Call, undone
from healthcare.probe.ease import at_ease
from healthcare.probe.expecting import Asked
from healthcare.probe.operations import Place
from healthcare.probe.probing import Probe
from healthcare.probe.rest import Rest
from healthcare.probe.schema import Described
from healthcare.probe.tests.ready import READY, Good, Ground
from healthcare.tests.formats import CONFIG, asked, generated

# Who tries what is for some only, if none of the roles under attack may: the first of these who may.
OTHERS = (Role.NURSE, Role.DOCTOR, Role.COMPLIANCE_OFFICER, Role.SUPER_ADMIN)


class Attack:
    """On every operation of the schema, as people of `roles`; `reached` are the answers by operation, `broken` the findings."""

    def __init__(self, probe: Probe, roles: tuple[Role, ...], examples: int) -> None:
        self.probe, self.roles, self.examples = probe, roles, examples
        self.rows = {one.key: one for one in probe.operations}
        self.reached: dict[str, set[int]] = defaultdict(set)
        self.broken: list[str] = []

    def run(self) -> None:
        with at_ease():
            app = get_wsgi_application()
            schema = schemathesis.openapi.from_wsgi("/api/schema", app, config=schemathesis.Config.from_dict(CONFIG))
            for result in schema.get_all_operations():
                operation = result.ok()
                self.reached[operation.label]
                self._attack(operation, self.rows[operation.label])

    def missed(self) -> list[str]:
        """Operations that nobody reached with a 2xx."""
        return sorted(label for label, codes in self.reached.items() if not any(200 <= code < 300 for code in codes))

    def _roles(self, one: Described) -> tuple[Role, ...]:
        if one.op.need in (OPEN, SIGNED_IN, Place.SCREEN) or any(_may(role, one) for role in self.roles):
            return self.roles
        return (*self.roles, next(role for role in (*OTHERS, *Role) if _may(role, one)))

    def _attack(self, operation: Any, one: Described) -> None:
        calls = {role: self._call(one, role) for role in self._roles(one)}
        for role, call in calls.items():
            with self._told(f"{operation.label} as {role}, aimed"):
                self._aimed(operation, one, role, call)
        for name, mode in (("right", GenerationMode.POSITIVE), ("wrong", GenerationMode.NEGATIVE)):
            with self._told(f"{operation.label}, {name}"):
                self._generated(operation, calls, mode)

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except (Exception, BaseExceptionGroup) as failure:
            self.broken.append(f"{what}: {failure}")

    def _call(self, one: Described, role: Role) -> Call:
        rest = Rest(self.probe.world, self.probe.caller, one, role, {})
        return rest.call(Asked(role, named=rest.usual())) if one.op.place != Place.SCREEN else self._screen(one)

    def _aimed(self, operation: Any, one: Described, role: Role, call: Call) -> None:
        a = self.probe.world.a
        path = {name: a.id_of(one.op.ids[name], "own", role) for name in one.in_path}
        path |= {"clinic_id": a.clinic.slug} if "{clinic_id}" in one.path else {}
        with undone():
            good = Good(body=call.body if one.op.body and call.body is not None else None)
            if one.key in READY:
                good = READY[one.key](Ground(self.probe, role, self.rows)) or good
            body = {} if good.body is None else {"body": good.body, "media_type": good.media_type}
            case = operation.Case(path_parameters={**path, **good.path}, query={**dict(call.query), **good.query}, **body)
            self._sent(operation, case, {**_shown(call), **good.headers})

    def _generated(self, operation: Any, calls: dict[Role, Call], mode: GenerationMode) -> None:
        """The same input from each role: made once, for making it takes longer than the answer."""
        shown = {role: _shown(call) for role, call in calls.items()}

        def send(case: Any) -> None:
            faults = []
            for role, headers in shown.items():
                try:
                    with undone():
                        self._sent(operation, case, headers)
                except (Exception, BaseExceptionGroup) as failure:
                    faults.append(f"as {role}: {failure}")
            assert faults == [], "\n\n".join(faults)

        generated(operation, mode, next(iter(shown.values())), self.examples, send)

    def _sent(self, operation: Any, case: Any, headers: dict[str, str]) -> None:
        with _one_connection():
            self.reached[operation.label].add(asked(case, headers))

    def _screen(self, one: Described) -> Call:
        a = self.probe.world.a
        _, secret = a.screen
        body = (
            {name: a.facts[value[1:]] for name, value in one.op.body.items()} if one.method != "GET" and one.op.body else None
        )
        return Call(one.method, one.path, body=body, headers=(("Authorization", f"Display {secret}"),))


def _may(role: Role, one: Described) -> bool:
    return reach(one.op.need, frozenset({role})) is not None


def _shown(call: Call) -> dict[str, str]:
    return {name: value for name, value in call.headers if value}


@contextmanager
def _one_connection() -> Iterator[None]:
    """Requests would close the connection in whose transaction all is taken back."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
