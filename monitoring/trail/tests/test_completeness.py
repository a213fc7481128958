"""Does every change of every audited model leave exactly one entry, by the right actor, in the right schema?"""

import json
from typing import Any

import pytest
from django.apps import apps

from healthcare.core.tenancy import clinic_or_none, on_platform
from monitoring.models import PlatformAuditEntry
from monitoring.trail.models import ClinicAuditEntry
from monitoring.trail.registry import EXEMPT, audited_models
from monitoring.trail.tests.rows import CLINIC, PUBLIC, Sample

pytestmark = pytest.mark.django_db


def test_every_audited_model_is_tried_here_and_every_exemption_names_a_model_and_a_reason():
    assert {m._meta.label_lower for m in audited_models()} == set(CLINIC) | set(PUBLIC)
    assert all(apps.get_model(label) and len(reason) > 10 for label, reason in EXEMPT.items())


@pytest.mark.parametrize("label", sorted(CLINIC))
def test_a_clinics_row_leaves_one_entry_a_change_in_the_clinics_trail(label: str, in_north: Any, actor: Any, entries: Any):
    row = _live(CLINIC[label])
    found = entries(row)
    assert [(e.action, e.object_type, e.actor, e.clinic_id) for e in found] == [
        (action, label, actor, in_north.id) for action in ("create", "update", "delete")
    ]
    assert entries(row, public=True) == []


@pytest.mark.parametrize("label", sorted(PUBLIC))
def test_a_public_row_leaves_one_entry_a_change_in_the_platforms_trail(label: str, north: Any, actor: Any, entries: Any):
    with on_platform():
        row = _live(PUBLIC[label])
    actions = ["create", "update", "delete"] if PUBLIC[label].deletable else ["create", "update"]
    found = entries(row, public=True)
    assert [(e.action, e.object_type, e.actor) for e in found] == [(action, label, actor) for action in actions]


def test_a_public_row_written_from_inside_a_clinic_is_on_the_platforms_trail_only(in_north: Any, actor: Any, entries: Any):
    with on_platform():
        row = PUBLIC["accounts.user"].make()
        row.save(force_insert=True)
        assert clinic_or_none() is None
    assert entries(row) == []
    assert len(entries(row, public=True)) == 1


def test_no_sample_leaves_its_health_data_in_either_trail(in_north: Any, actor: Any):
    for sample in CLINIC.values():
        _live(sample)
    with on_platform():
        for sample in PUBLIC.values():
            _live(sample)
        told = list(PlatformAuditEntry.objects.values_list("changes", flat=True))
    told += list(ClinicAuditEntry.objects.values_list("changes", flat=True))
    text = json.dumps(told, ensure_ascii=False)
    assert [w for w in ("Zubeida", "Okonkwo", "Okafor", "Lindqvist", "headache", "9812345678", "female") if w in text] == []


def _live(sample: Sample) -> Any:
    """Make, change and (where that is allowed) delete a row; the key outlives the deletion."""
    row = sample.make()
    key = row.pk
    row.save(force_insert=True)
    key = row.pk
    setattr(row, sample.field, sample.value)
    row.save()
    if sample.deletable:
        row.delete()
        row.pk = key
    return row
