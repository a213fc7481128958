"""What comes under seal, and what does the seal say?"""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import override_settings
from hypothesis import given
from hypothesis import strategies as st

from clinics.services.schemas import owner_cursor
from healthcare.core.tenancy import in_clinic
from monitoring.seals import anchors, rounds, sealing, signer
from monitoring.seals.sealing import gaps, seal
from monitoring.trail.writing import record

pytestmark = pytest.mark.parallel


def seals(chain: Any) -> list[Any]:
    with chain.place():
        return list(chain.seals.order_by("number"))


def test_what_is_through_is_sealed_once_and_the_chain_goes_on(chain: Any, note: Any, verified: Any):
    note(3)
    assert seal(chain) == 1
    assert seal(chain) == 0
    note(2)
    seal(chain)
    first, second = seals(chain)
    assert [(s.number, s.rows) for s in (first, second)] == [(1, 3), (2, 2)]
    assert bytes(second.previous) == bytes(first.hash)
    verdict = verified()
    assert (verdict.findings, verdict.rows, verdict.seals, verdict.unsealed) == ([], 5, 2, 0)


def test_an_entry_whose_transaction_still_runs_waits_and_is_named_by_a_later_seal(chain: Any, note: Any, verified: Any):
    with ThreadPoolExecutor(1) as beside, in_clinic(chain.clinic), transaction.atomic():
        record("access", "patients.patient", "slow")
        beside.submit(_note_and_close, note, 2).result()
        assert beside.submit(_seal_and_close, chain).result() == 0  # older ones may still come: nothing is final
    note(1)
    assert seal(chain) == 1
    assert verified().findings == []


def test_numbers_of_failed_transactions_are_absent_and_nothing_may_be_put_there(
    chain: Any, note: Any, verified: Any, intruder: Any
):
    note(1)
    with pytest.raises(ZeroDivisionError), in_clinic(chain.clinic), transaction.atomic():
        record("access", "patients.patient", "never")
        raise ZeroDivisionError
    note(1)
    seal(chain)
    (one,) = seals(chain)
    (hole,) = one.absent
    assert verified().findings == []
    intruder("UPDATE {e} SET number = %s WHERE number = %s", 1_000_000, one.last + 1)
    intruder("INSERT INTO {e} SELECT (jsonb_populate_record(e, %s)).* FROM {e} e WHERE number = %s",
             f'{{"number": {hole[0]}, "id": "01890000-0000-7000-8000-000000000000"}}', one.last)  # fmt: skip
    (finding,) = verified().findings
    assert (finding.kind, finding.entries) == ("inserted", str(hole[0]))


def test_an_entry_that_came_late_is_sealed_by_name(chain: Any, note: Any, verified: Any, monkeypatch: Any):
    note(3)
    with chain.place(), connection.cursor() as cursor:
        cursor.execute(chain.copy(sealing.FINAL).as_string(cursor.connection).split("COPY (")[1].split(") TO")[0])
        middle = cursor.fetchall()[1][0]
    monkeypatch.setattr(sealing, "FINAL", sealing.sql.SQL("number <> {}").format(middle))
    seal(chain)
    monkeypatch.undo()
    note(1)
    seal(chain)
    first, second = seals(chain)
    assert (first.absent, second.late) == ([[middle, middle]], [middle])
    assert verified().findings == []


def test_a_trail_is_cut_into_seals_of_bounded_size(chain: Any, note: Any, verified: Any, monkeypatch: Any):
    monkeypatch.setattr(sealing, "LARGEST", 4)
    note(10)
    assert seal(chain) == 3
    assert [s.rows for s in seals(chain)] == [4, 4, 2]
    assert verified().findings == []


def test_two_who_seal_at_once_make_one_chain(chain: Any, note: Any, verified: Any):
    note(6)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _: _seal_and_close(chain), range(4))) == 1
    assert verified().findings == []


def test_every_folder_gets_the_anchors_and_one_that_was_away_gets_them_later(
    chain: Any, note: Any, tmp_path: Path, settings: Any
):
    note(1)
    seal(chain)
    settings.AUDIT_ANCHORS = [*settings.AUDIT_ANCHORS, str(tmp_path / "second")]
    note(1)
    seal(chain)
    for folder in anchors.folders():
        assert [line.number for line in anchors._read(folder / f"{chain.name}.jsonl")] == [1, 2]


def test_a_line_cut_off_by_a_crash_is_written_anew(chain: Any, note: Any, folder: Path, verified: Any):
    note(1)
    seal(chain)
    file = folder / f"{chain.name}.jsonl"
    file.write_bytes(file.read_bytes()[:-40])
    note(1)
    seal(chain)
    assert set(anchors.of(chain.name)) == {1, 2}
    assert verified().findings == []


def test_a_round_visits_only_where_something_was_added(chain: Any, note: Any, monkeypatch: Any):
    visited: list[str] = []
    real = rounds.seal
    monkeypatch.setattr(rounds, "seal", lambda one: visited.append(one.name) or real(one))
    monkeypatch.setattr(rounds, "_counted", lambda: {"public": 1, chain.schema: len(visited)})
    rounds._done.clear()
    rounds.seal_new()
    assert {"platform", chain.name} <= set(visited)
    visited.clear()
    monkeypatch.setattr(rounds, "_counted", lambda: {**rounds._done, chain.schema: -1})
    note(1)
    rounds.seal_new()
    assert visited == [chain.name]


def test_the_owner_may_not_change_a_seal_either(chain: Any, note: Any):
    note(1)
    seal(chain)
    for deed in ("UPDATE {} SET rows = 0", "DELETE FROM {}", "TRUNCATE {}"):
        with owner_cursor() as cursor, pytest.raises(Exception, match="append-only"):
            cursor.execute(sealing.sql.SQL(deed).format(chain.seal_table))
        with in_clinic(chain.clinic), connection.cursor() as cursor, pytest.raises(Exception, match="permission denied"):
            cursor.execute(sealing.sql.SQL(deed).format(chain.seal_table))


def test_a_seal_of_a_former_key_verifies_as_long_as_the_key_is_named(chain: Any, note: Any, verified: Any):
    note(1)
    seal(chain)
    former = signer.base64.b64encode(signer.configured().public).decode()
    fresh = signer.base64.b64encode(b"\x07" * 32).decode()
    with override_settings(AUDIT_KEY=fresh, AUDIT_FORMER_KEYS=[former]):
        note(1)
        seal(chain)
        assert verified().findings == []
    with override_settings(AUDIT_KEY=fresh, AUDIT_FORMER_KEYS=[]):
        (finding,) = verified().findings
    assert (finding.kind, finding.seal) == ("seal forged", 1)


@given(st.sets(st.integers(1, 60)), st.integers(1, 5))
def test_gaps_and_numbers_make_up_the_whole_range(numbers: set[int], begin: int):
    inside = sorted(n for n in numbers if n >= begin)
    missing = [n for low, high in gaps(begin, inside) for n in range(low, high + 1)]
    assert sorted(missing + inside) == list(range(begin, (inside[-1] if inside else begin - 1) + 1))


def _seal_and_close(chain: Any) -> int:
    try:
        return seal(chain)
    finally:
        connection.close()


def _note_and_close(note: Any, count: int) -> None:
    try:
        note(count)
    finally:
        connection.close()
