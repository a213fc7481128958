"""Can rows come back under keys that are destroyed meanwhile? The commands, in both orders, and cut off on the way."""

import threading
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.utils import timezone

from clinics.services import restoring
from clinics.tests.filled import quiet, restore, schemas_of, told
from healthcare.core.keystore import keys, rotation
from healthcare.core.keystore.apart import HoldLost, retiring
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.keystore.rotation import Order, parts, retire, retired_since
from healthcare.core.tenancy import in_clinic
from healthcare.core.tests.test_apart import cut, meanwhile
from patients.models import Patient

pytestmark = pytest.mark.parallel


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("healthcare.core.keystore.apart.PATIENCE", 0.0)
    monkeypatch.setattr(Order.__new__, "__defaults__", (None, quiet, 0.0))


def rotate(clinic: str | None, **options: Any) -> None:
    call_command("rotate_keys", "patients", clinic=clinic, stdout=StringIO(), **options)


def retired() -> int:
    return WrappedKey.objects.filter(destroyed_at__isnull=False).count()


def readable(clinic: Any) -> bool:
    keys.forget()
    with in_clinic(clinic):
        return all(chart.first_name for chart in Patient.objects.all())


def test_a_restore_is_refused_while_former_keys_may_be_destroyed_and_nothing_changed(west: Any, archive: Any) -> None:
    before = told(west)
    with meanwhile(retiring(None)), pytest.raises(CommandError, match="rotate_keys --retire"):
        call_command("clinic_restore", str(archive), "--replace")
    assert (told(west), schemas_of(west)) == (before, [west.schema_name])
    restore(archive, replace=True)
    assert readable(west)


def test_nothing_is_retired_while_a_clinic_comes_back_and_then_what_came_back_is_brought_along(west: Any, archive: Any) -> None:
    before, loads, goes = WrappedKey.objects.count(), threading.Event(), threading.Event()

    def say(line: str) -> None:
        if line.startswith("clinic/"):  # its rows are being loaded
            loads.set()
            goes.wait(30)

    def come_back() -> None:
        try:
            restoring.restore_clinic(path=archive, replace=True, say=say)
        finally:
            connections.close_all()

    thread = threading.Thread(target=come_back)
    thread.start()
    assert loads.wait(30)
    try:
        for clinic in (None, "west"):
            with pytest.raises(CommandError, match="being restored"):
                rotate(clinic, retire=True)
        assert (WrappedKey.objects.count(), retired()) == (before, 0)
        rotate("south", retire=True)  # another clinic's
        rotate("west")  # without retiring: former keys stay
    finally:
        goes.set()
        thread.join()
    assert readable(west)
    gone = retired()
    rotate(None, retire=True)
    assert retired() > gone and readable(west)


def test_who_is_cut_off_on_the_way_destroys_nothing_and_swaps_nothing(
    west: Any, archive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loses(order: Order) -> int:
        changed = patients(order)
        cut()
        connections["keystore"].close()  # and has a new session, which holds nothing
        return changed

    def say(line: str) -> None:
        if line.startswith("public/"):
            cut()
            connections["keystore"].close()

    patients, before = parts()["patients"], told(west)
    with pytest.raises(HoldLost):
        restoring.restore_clinic(path=archive, replace=True, say=say)
    assert (told(west), schemas_of(west)) == (before, [west.schema_name])
    monkeypatch.setitem(rotation._parts, "patients", loses)
    with pytest.raises(CommandError, match="Begin again"):
        rotate("west", retire=True)
    assert retired() == 0 and readable(west)


def test_an_archive_from_before_its_keys_were_retired_is_refused_a_younger_one_and_erased_patients_are_no_reason(
    west: Any, archive: Any
) -> None:
    order = Order(timezone.now(), west.id)
    with in_clinic(west):
        keys.destroy(Patient.objects.first().seal_scope())
    parts()["patients"](order)
    restore(archive, replace=True)  # the former ones are there, and nothing but an erased patient's is destroyed
    parts()["patients"](order)
    assert retire(order, "patient") > 0
    before = told(west)
    with pytest.raises(restoring.KeysRetired):
        restore(archive, replace=True)
    assert told(west) == before
    assert retired_since(west.id, order.began) and not retired_since(west.id, timezone.now())
