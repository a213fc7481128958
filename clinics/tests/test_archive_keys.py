"""When do a clinic's keys travel, and what stays erased?"""

import pytest

from clinics.archive import bundle
from clinics.services import restoring
from clinics.tests.filled import entries, export, lose, names, restore, schemas_of
from healthcare.core.keystore import keys
from healthcare.core.keystore.models import WrappedKey
from healthcare.core.tenancy import in_clinic
from patients.models import Patient

pytestmark = pytest.mark.parallel
PASSPHRASE = "correct horse battery staple"


class TestKeys:
    def test_with_its_passphrase_an_archive_moves_to_an_installation_that_has_another_root_key(self, west, tmp_path, settings):
        read = names(west)
        path = export(west, tmp_path / "moved.tar", passphrase=PASSPHRASE, with_people=True)
        lose(west)
        forget_keys(west)
        settings.ROOT_KEY = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
        keys.forget()
        with pytest.raises(bundle.NotOurs):
            restore(path, passphrase="wrong horse battery staple")
        with pytest.raises(bundle.NotOurs):
            restore(path)
        done = restore(path, passphrase=PASSPHRASE)
        keys.forget()
        assert names(west) == read and done.keys >= 5
        forget_keys(west)

    def test_without_the_clinics_keys_nothing_is_restored(self, west, archive):
        lose(west)
        forget_keys(west)
        with pytest.raises(restoring.KeysGone):
            restore(archive)
        assert schemas_of(west) == []

    def test_keys_do_not_leave_without_a_passphrase(self, west, archive):
        assert [e["member"] for e in entries(archive) if "key" in e["member"]] == []

    def test_a_patients_destroyed_key_is_not_brought_back_by_an_older_archive(self, west, tmp_path):
        path = export(west, tmp_path / "with-keys.tar", passphrase=PASSPHRASE)
        with in_clinic(west):
            chart = Patient.objects.order_by("id").first()
            keys.destroy(chart.seal_scope())
        restore(path, replace=True, passphrase=PASSPHRASE)
        with in_clinic(west), pytest.raises(restoring.keystore.Unreadable):
            _ = Patient.objects.get(pk=chart.pk).first_name


def forget_keys(clinic):
    WrappedKey.objects.filter(clinic=clinic.id).delete()
    keys.forget()
