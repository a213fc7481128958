"""Is every tampering found, and the place named?"""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from psycopg import sql

from monitoring.seals import anchors, sealing
from monitoring.seals.resuming import resume
from monitoring.seals.sealing import seal
from monitoring.seals.verifying import verify

pytestmark = pytest.mark.parallel


@pytest.fixture
def sealed(chain: Any, note: Any, monkeypatch: Any) -> list[int]:
    """Three seals of four entries each; their numbers."""
    monkeypatch.setattr(sealing, "LARGEST", 4)
    note(12)
    seal(chain)
    with chain.place(), connection.cursor() as cursor:
        cursor.execute("SELECT number FROM audit_entry ORDER BY number")
        return [number for (number,) in cursor.fetchall()]


COPY = "INSERT INTO {e} SELECT (jsonb_populate_record(e, jsonb_build_object('number', %s, 'id', gen_random_uuid()))).*"
# tampering: statement, its values from the numbers n, and what is found: kind, entries
DEEDS: dict[str, tuple[str, Callable[[list[int]], tuple[Any, ...]], str, Callable[[list[int]], str]]] = {
    "edit": ("UPDATE {e} SET actor = gen_random_uuid() WHERE number = %s", lambda n: (n[5],), "edited", lambda n: f"{n[5]}"),
    "edit time": (
        "UPDATE {e} SET at = at - interval '1 s' WHERE number = %s",
        lambda n: (n[0],),
        "edited",
        lambda n: f"{n[0]}",
    ),
    "delete": ("DELETE FROM {e} WHERE number = %s", lambda n: (n[6],), "deleted", lambda n: f"{n[6]}"),
    "delete first": ("DELETE FROM {e} WHERE number = %s", lambda n: (n[0],), "deleted", lambda n: f"{n[0]}"),
    "insert twice": (COPY + " FROM {e} e WHERE number = %s", lambda n: (n[2], n[8]), "inserted", lambda n: f"{n[2]}"),
    "insert before": (COPY + " FROM {e} e WHERE number = %s", lambda n: (-5, n[8]), "inserted", lambda n: "-5"),
    "swap": (
        "UPDATE {e} SET number = CASE number WHEN %s THEN %s ELSE %s END WHERE number IN (%s, %s)",
        lambda n: (n[4], n[6], n[4], n[4], n[6]),
        "swapped",
        lambda n: f"{n[4]}, {n[6]}",
    ),
    "truncate": ("DELETE FROM {e} WHERE number > %s", lambda n: (n[9],), "truncated", lambda n: f"{n[10]}–{n[11]}"),
    "truncate seals": ("DELETE FROM {s} WHERE number > %s", lambda n: (2,), "rolled back", lambda n: f"{n[8]}–{n[11]}"),
    "delete a seal": ("DELETE FROM {s} WHERE number = %s", lambda n: (2,), "seal deleted", lambda n: ""),
    "edit a seal": ("UPDATE {s} SET rows = 3 WHERE number = %s", lambda n: (2,), "seal edited", lambda n: ""),
    "edit leaves": ("UPDATE {s} SET leaves = leaves || %s WHERE number = 2", lambda n: (b"x",), "seal edited", lambda n: ""),
}


def test_every_tampering_is_found_and_placed(chain: Any, sealed: list[int], superuser: Any):
    """One after the other, each undone: what is verified is what the tampering's own transaction sees."""
    known, found = anchors.of(chain.name), {}
    for deed, (statement, values, _, _) in DEEDS.items():
        with superuser.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            names = {"e": chain.entries, "s": chain.seal_table}
            cursor.execute(sql.SQL(statement).format(**names), values(sealed))
            found[deed] = [(f.kind, f.entries) for f in verify(chain, cursor, known).findings][:1]
        superuser.rollback()
    assert found == {deed: [(kind, told(sealed))] for deed, (_, _, kind, told) in DEEDS.items()}
    with superuser.cursor() as cursor:
        assert verify(chain, cursor, known).findings == []


def test_changed_leaves_do_not_hide_a_changed_entry(sealed: list[int], intruder: Any, verified: Any):
    intruder("UPDATE {e} SET purpose = 'x' WHERE number = %s", sealed[5])
    intruder("UPDATE {s} SET leaves = overlay(leaves placing %s from 33) WHERE number = 2", b"y" * 32)
    assert [(f.kind, f.seal) for f in verified().findings] == [("seal edited", 2), ("edited", 2)]


def test_an_old_copy_that_is_put_back_shows_even_if_it_went_on(
    chain: Any, sealed: list[int], intruder: Any, verified: Any, note: Any
):
    intruder("DELETE FROM {e} WHERE number > %s", sealed[7])
    intruder("DELETE FROM {s} WHERE number > 2")
    assert [f.kind for f in verified().findings] == ["rolled back"]
    note(4)
    seal(chain)
    (finding,) = verified().findings
    assert (finding.kind, finding.seal) == ("rolled back", 3)


def test_without_anchors_an_old_copy_is_whole_in_itself(
    chain: Any, sealed: list[int], intruder: Any, verified: Any, folder: Path
):
    """Why there are anchors: the database alone can't know."""
    (folder / f"{chain.name}.jsonl").unlink()
    intruder("DELETE FROM {e} WHERE number > %s", sealed[7])
    intruder("DELETE FROM {s} WHERE number > 2")
    assert verified().findings == []


def test_a_seal_made_with_another_key_is_forged(chain: Any, sealed: list[int], intruder: Any, verified: Any):
    intruder("UPDATE {s} SET signature = decode(repeat('00', 64), 'hex') WHERE number = 3")
    (finding,) = verified().findings
    assert (finding.kind, finding.seal) == ("seal forged", 3)


def test_the_command_names_the_place_and_fails(chain: Any, sealed: list[int], intruder: Any, tmp_path: Path):
    out = StringIO()
    call_command("audit_verify", clinic="north", stdout=out)
    assert "12 entries, 3 seals, 0 not sealed yet" in out.getvalue()
    intruder("UPDATE {e} SET purpose = 'x' WHERE number = %s", sealed[5])
    with pytest.raises(CommandError, match=chain.name):
        call_command("audit_verify", "--json", str(tmp_path / "found.json"), stdout=out)
    assert f"edited: entries {sealed[5]}, seal 2" in out.getvalue()
    assert '"kind": "edited"' in (tmp_path / "found.json").read_text()


def test_a_clinic_that_is_not_there_is_said(chain: Any):
    with pytest.raises(CommandError, match="no clinic"):
        call_command("audit_verify", clinic="nowhere")


def test_a_known_restore_is_stated_and_the_chain_goes_on(
    chain: Any, sealed: list[int], intruder: Any, verified: Any, note: Any
):
    intruder("DELETE FROM {e} WHERE number > %s", sealed[7])
    intruder("DELETE FROM {s} WHERE number > 2")
    note(4)
    seal(chain)
    assert not verified().good
    out = StringIO()
    call_command("audit_verify", "--clinic", "north", "--resume", "disk failure on Monday", stdout=out)
    assert "note: disk failure on Monday: seals 3 to 3" in out.getvalue()
    note(2)
    seal(chain)
    assert verified().good
    assert resume(chain, "again") is None


def test_a_statement_excuses_nothing_but_what_it_names(chain: Any, sealed: list[int], intruder: Any, verified: Any, note: Any):
    intruder("DELETE FROM {s} WHERE number > 2")
    intruder("DELETE FROM {e} WHERE number > %s", sealed[7])
    resume(chain, "disk failure")
    note(4)
    seal(chain)
    intruder("DELETE FROM {s} WHERE number > 4")
    assert [f.kind for f in verified().findings] == ["rolled back"]
