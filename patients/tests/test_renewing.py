"""Do documents come under new keys while they are read, wherever the run is killed, and under their own place only?"""

import os
import threading
import time
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.utils import timezone

from clinics.archive import stored
from healthcare.core import crypto
from healthcare.core.crypto import Unreadable, clinic_scope, patient_scope
from healthcare.core.keystore import keys
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.keystore.rotation import Order, parts, retire
from healthcare.core.tenancy import in_clinic
from healthcare.tests import make
from patients.models import Document, ImportRun
from patients.services import documents, erasing, files, merging, renewing

SAID = b"Findings: none of note."


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DOCUMENTS_DIR = str(tmp_path)
    return tmp_path


def order(clinic, lines=None, settles=0.0):
    return Order(timezone.now(), clinic.id, (lines if lines is not None else []).append, settles)


def document(chart, clinic, content=SAID):
    by = make.member("nurse", clinic)
    return documents.add(patient=chart, content=content, said="", file_name="a.txt", title="Findings", by=by)


def place(row):
    return files._place(str(documents.sealed_under(row)), row.pk)


def generation(row):
    return crypto.generation_of(place(row).read_bytes())


@pytest.mark.django_db
def test_a_document_is_sealed_anew_and_needs_its_former_key_no_more(in_north):
    row, lines = document(make.patient(), in_north), []
    begun = order(in_north, lines)
    assert generation(row) == 1
    parts()["patients"](begun)
    assert generation(row) == 2
    assert "  north: 1 of 1 documents, 1 sealed anew" in lines
    assert retire(begun, "patient") >= 1
    assert documents.content_of(Document.objects.get(pk=row.pk)) == SAID
    before = place(row).read_bytes()
    parts()["patients"](begun)
    assert place(row).read_bytes() == before  # nothing left to do: not a byte is written


@pytest.mark.django_db
def test_a_withdrawn_document_and_one_of_a_merged_chart_are_sealed_anew_too(in_north):
    chart, other = make.patient(), make.patient()
    withdrawn, merged = document(chart, in_north), document(other, in_north, b"Other findings.")
    Document.objects.filter(pk=withdrawn.pk).update(withdrawn_at=timezone.now())
    merging.merge(source=other, target=chart, reason="twice", by=make.member("clinic_admin", in_north), now=timezone.now())
    begun = order(in_north)
    parts()["patients"](begun)
    retire(begun, "patient")
    contents = {documents.content_of(row) for row in Document._base_manager.filter(pk__in=[withdrawn.pk, merged.pk])}
    assert contents == {SAID, b"Other findings."}


STEPS = ["seal", "fsync", "replace", "after"]


@pytest.mark.django_db
@pytest.mark.parametrize("step", STEPS)
def test_a_run_that_is_killed_at_any_step_leaves_each_document_readable_and_is_completed(in_north, monkeypatch, step):
    rows = [document(make.patient(), in_north) for _ in range(3)]
    begun = order(in_north)
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        _killed_at(patched, step)
        parts()["patients"](begun)
    assert sorted(generation(row) for row in rows) == ([1, 2, 2] if step == "after" else [1, 1, 2])
    assert [documents.content_of(row) for row in rows] == [SAID] * 3
    parts()["patients"](begun)
    retire(begun, "patient")
    assert [generation(row) for row in rows] == [2, 2, 2]
    assert [documents.content_of(row) for row in rows] == [SAID] * 3
    assert sorted(p.suffix for p in stored.folder_of(in_north.schema_name).glob("*/*")) == [".sealed"] * 3


def _killed_at(patched, step):
    """The second document's turn is the last thing that happens."""
    turn = iter(range(9))

    def second(real):
        def call(*args, **known):
            if next(turn) == 1:
                if step == "after":
                    real(*args, **known)
                raise KeyboardInterrupt
            return real(*args, **known)

        return call

    if step == "seal":
        patched.setattr(files, "_sealed", second(files._sealed))
    elif step == "fsync":
        once, real = [True], os.fsync
        patched.setattr(stored.os, "fsync", lambda fd: real(fd) if once.pop(0) else _kill())
        once.extend([True, False])  # the first file and its folder, then the second file
    else:
        patched.setattr(Path, "replace", second(Path.replace))


def _kill():
    raise KeyboardInterrupt


@pytest.mark.django_db
def test_what_a_killed_writer_left_is_swept_and_what_somebody_is_writing_is_not(in_north):
    row = document(make.patient(), in_north)
    left, fresh = (place(row).with_suffix(f".{name}.partial") for name in ("left", "fresh"))
    for partial in (left, fresh):
        partial.write_bytes(b"half")
    hours_ago = time.time() - 2 * stored.ABANDONED
    os.utime(left, (hours_ago, hours_ago))
    parts()["patients"](order(in_north))
    assert (left.exists(), fresh.exists(), generation(row)) == (False, True, 2)


@pytest.mark.django_db
def test_a_file_of_another_chart_or_clinic_is_not_sealed_into_a_documents_place(in_north, south):
    mine, other = document(make.patient(), in_north), document(make.patient(), in_north, b"other")
    with in_clinic(south):
        stranger = document(make.patient(), south, b"stranger")
        foreign = place(stranger).read_bytes()
    for swapped in (place(other).read_bytes(), foreign):
        place(mine).write_bytes(swapped)
        parts()["patients"](order(in_north))
        assert place(mine).read_bytes() == swapped  # as it was found: evidence, and no document
        with pytest.raises(Unreadable):
            documents.content_of(mine)


@pytest.mark.django_db
def test_a_rotated_document_of_another_clinic_does_not_open_in_its_place(in_north, south):
    mine = document(make.patient(), in_north)
    with in_clinic(south):
        stranger = document(make.patient(), south, b"stranger")
    for clinic in (in_north, south):
        parts()["patients"](order(clinic))
    with in_clinic(south):
        foreign = place(stranger).read_bytes()
    assert crypto.generation_of(foreign) == generation(mine) == 2
    place(mine).write_bytes(foreign)
    with pytest.raises(Unreadable):
        documents.content_of(mine)


@pytest.mark.django_db
def test_a_rotation_of_one_clinic_leaves_the_files_of_others(in_north, south):
    with in_clinic(south):
        other = document(make.patient(), south)
    parts()["patients"](order(in_north))
    with in_clinic(south):
        assert generation(other) == 1


@pytest.mark.django_db
def test_missing_and_broken_files_stop_nobody(in_north):
    rows = [document(make.patient(), in_north) for _ in range(3)]
    place(rows[0]).unlink()
    place(rows[1]).write_bytes(b"\x01")
    parts()["patients"](order(in_north))
    assert (place(rows[0]).exists(), place(rows[1]).read_bytes(), generation(rows[2])) == (False, b"\x01", 2)


@pytest.mark.django_db
def test_what_waits_to_be_imported_comes_under_the_clinics_new_key(in_north):
    waiting = ImportRun(format="csv", source=b"1")
    over = ImportRun(format="csv", source=b"2", state=ImportRun.State.DONE)
    for run in (waiting, over):
        run.save(force_insert=True)
        files.keep_source(run.pk, b"first_name\nAsta\n")
    former, begun = keys.newest(clinic_scope(in_north.id)).generation, order(in_north)
    parts()["clinic"](begun)
    assert crypto.generation_of(files._place("imports", waiting.pk).read_bytes()) == former + 1
    assert crypto.generation_of(files._place("imports", over.pk).read_bytes()) == former
    retire(begun, "clinic")
    assert files.read_source(waiting.pk) == b"first_name\nAsta\n"


@pytest.mark.django_db
def test_an_erasure_after_a_rotation_leaves_no_file_and_no_key(in_north):
    chart = make.patient()
    row = document(chart, in_north)
    parts()["patients"](order(in_north))
    asked_by, confirmed_by = (make.member("compliance_officer", in_north) for _ in range(2))
    now = timezone.now()
    erasing.ask(patient=chart, basis="court_order", by=asked_by, now=now)
    erasure = erasing.confirm(patient=chart, by=confirmed_by, now=now)
    parts()["patients"](order(in_north))  # between the rows' end and the files'
    assert generation(row) == 2
    erasing.destroy_keys(erasure=erasure, now=now)
    parts()["patients"](order(in_north))
    assert not place(row).parent.exists()
    assert not WrappedKey.objects.filter(owner=chart.pk, destroyed_at=None).exists()
    with pytest.raises(Unreadable):
        keys.newest(patient_scope(in_north.id, chart.pk))


@pytest.mark.parallel
def test_readers_find_every_document_at_every_moment_and_what_comes_in_meanwhile_is_sealed_anew(committed):
    from clinics.models import Clinic

    north, wrong, stop = Clinic.objects.get(slug="north"), [], threading.Event()
    with in_clinic(north):
        rows = [document(make.patient(), north, SAID * (n + 1)) for n in range(6)]

    def read():
        try:
            with in_clinic(north):
                while not stop.is_set():
                    wrong.extend(n for n, row in enumerate(rows) if documents.content_of(row) != SAID * (n + 1))
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connection.close()

    reader = threading.Thread(target=read)
    reader.start()
    begun = order(north, settles=0.5)
    for _ in range(2):
        parts()["patients"](begun._replace(began=timezone.now()))
    retire(begun, "patient")
    stop.set()
    reader.join()
    with in_clinic(north):
        assert (wrong, {generation(row) for row in rows}) == ([], {3})


@pytest.mark.parallel
def test_a_document_that_is_being_erased_is_waited_for_and_not_brought_back(committed):
    from clinics.models import Clinic

    north = Clinic.objects.get(slug="north")
    with in_clinic(north):
        row = document(make.patient(), north)
        WrappedKey.objects.bulk_create([keys.successor(row.patient.seal_scope(), 2)])
        keys.forget()
    held, done = threading.Event(), []

    def renew():
        with in_clinic(north):
            held.wait(5)
            done.append(renewing._renewed(row))
        connection.close()

    other = threading.Thread(target=renew)
    other.start()
    with in_clinic(north), transaction.atomic():
        Document.objects.filter(pk=row.pk).delete()
        held.set()
        other.join(0.5)
        assert other.is_alive()  # it waits for the row
        files.remove_all(row.patient_id)
    other.join(10)
    assert done == [False]
    with in_clinic(north):
        assert not place(row).parent.exists()
