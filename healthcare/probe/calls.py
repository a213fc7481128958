"""How is one call made, so that nothing stays of it? In process, in a transaction that is always rolled back."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from psycopg.pq import TransactionStatus

from healthcare.core.db_router import KEYSTORE
from healthcare.probe.ease import HOST
from healthcare.probe.world import World

OIDS = """
SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind = 'r'
"""
# what this transaction has written so far, by table; also what was undone by a savepoint
WRITTEN = """
SELECT oid, pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)
FROM unnest(%s::oid[]) AS oid
"""


@dataclass(frozen=True)
class Call:
    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()
    host: str = HOST


@dataclass
class Answer:
    status: int
    text: str  # headers and body
    code: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    wrote: dict[str, set[str]] = field(default_factory=dict)  # house -> tables
    mails: str = ""


class Caller:
    """Makes calls and knows what each wrote in the two clinics."""

    def __init__(self, world: World) -> None:
        self.client = Client(raise_request_exception=False)
        self._houses = {house.clinic.schema_name: house.name for house in world.houses}
        with connection.cursor() as cursor:
            cursor.execute(OIDS, [list(self._houses)])
            self._tables = {oid: (self._houses[schema], table) for oid, schema, table in cursor.fetchall()}

    def call(self, asked: Call) -> Answer:
        return self.calls([asked])[-1]

    def calls(self, asked: Sequence[Call]) -> list[Answer]:
        """One after the other, with what those before them did; then all is undone. The last one's writes are noted."""
        with undone():
            answers = [self.send(one) for one in asked[:-1]]
            with self.watching() as wrote:
                answers.append(self.send(asked[-1]))
            answers[-1].wrote = wrote
        return answers

    @contextmanager
    def watching(self) -> Iterator[dict[str, set[str]]]:
        """Inside `undone`: which tables of the clinics a block writes."""
        before, wrote = self._counts(), dict[str, set[str]]()
        yield wrote
        for oid, count in self._counts().items():
            if count > before.get(oid, 0):
                house, table = self._tables[oid]
                wrote.setdefault(house, set()).add(table)

    def _counts(self) -> dict[int, int]:
        raw: Any = connection.connection  # past Django, so that neither place nor transaction is touched
        if raw.info.transaction_status == TransactionStatus.INERROR:
            return {}  # the call broke the transaction around it: nothing of it could have stayed
        return dict(raw.execute(WRITTEN, [list(self._tables)]).fetchall())

    def send(self, asked: Call) -> Answer:
        """Really: inside `undone`, or it stays."""
        path = asked.path + ("?" + urlencode(asked.query) if asked.query else "")
        body: dict[str, Any] = {} if asked.body is None else _encoded(asked.body)
        headers = {name: value for name, value in asked.headers if value}
        mail.outbox = []
        self.client.cookies.clear()  # nobody carries a message from one page to the next
        response = self.client.generic(
            asked.method, path, headers={**headers, "Host": asked.host}, secure=bool(settings.SECURE_SSL_REDIRECT), **body
        )
        return answer_of(response)


def _encoded(body: Any) -> dict[str, str]:
    """A form where it is text already, JSON else."""
    if isinstance(body, str):
        return {"data": body, "content_type": "application/x-www-form-urlencoded"}
    return {"data": json.dumps(body), "content_type": "application/json"}


def answer_of(response: Any) -> Answer:
    text = response.content.decode(errors="replace") if not response.streaming else ""
    try:
        body = json.loads(text)
    except ValueError:
        body = text
    headers = {name: value for name, value in response.items() if name not in ("X-Request-ID", "Content-Length")}
    whole = "\n".join([*(f"{name}: {value}" for name, value in headers.items()), text])
    code = str(body.get("code", "")) if isinstance(body, dict) else ""
    return Answer(response.status_code, whole, code, headers, body, mails="".join(m.message().as_string() for m in mail.outbox))


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is taken back, keys included."""
    with transaction.atomic(), transaction.atomic(using=KEYSTORE):
        try:
            yield
        finally:
            transaction.set_rollback(True)
            transaction.set_rollback(True, using=KEYSTORE)
