"""Is health data unreadable without its key, and only readable in its own place?"""

import uuid

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from healthcare.core import crypto
from healthcare.core.crypto import DataKey, Unreadable, clinic_scope, patient_scope
from healthcare.core.fields import Sealed, blind_of
from healthcare.core.keystore import keys
from healthcare.core.keystore.models import WrappedKey
from healthcare.tests import make
from patients.models import Patient

KEY = DataKey(3, bytes(range(32)))


def test_the_cipher_answers_the_published_vector():
    """NIST GCM test case 14 for AES-256: zero key, zero nonce, 16 zero bytes."""
    sealed = AESGCM(bytes(32)).encrypt(bytes(12), bytes(16), None)
    assert sealed.hex() == "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"


@given(st.binary(max_size=300), st.binary(max_size=60))
def test_what_is_sealed_opens_to_itself(plain, place):
    assert crypto.unseal(crypto.seal(plain, KEY, place), KEY, place) == plain


@given(st.binary(min_size=1, max_size=60), st.data())
def test_one_changed_bit_anywhere_makes_it_unreadable(plain, data):
    sealed = bytearray(crypto.seal(plain, KEY, b"here"))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Unreadable):
        crypto.unseal(bytes(sealed), KEY, b"here")


def test_another_place_or_key_does_not_open_it():
    sealed = crypto.seal(b"x", KEY, b"row 1")
    for key, place in ((KEY, b"row 2"), (DataKey(3, bytes(32)), b"row 1")):
        with pytest.raises(Unreadable):
            crypto.unseal(sealed, key, place)


def test_the_same_text_is_sealed_differently_each_time():
    assert crypto.seal(b"x", KEY, b"") != crypto.seal(b"x", KEY, b"")


def test_blind_indexes_differ_by_secret_and_label():
    secrets = (b"a" * 32, b"b" * 32)
    assert len({crypto.blind("x", s, label) for s in secrets for label in ("email", "phone")}) == 4


@pytest.mark.django_db
class TestSealedColumns:
    def test_the_column_holds_no_plain_text_and_the_attribute_does(self, in_north):
        patient = make.patient(first_name="Zuzanna", phone="+48601234567")
        with connection.cursor() as cursor:
            cursor.execute("SELECT first_name, phone, phone_index FROM patients_patient WHERE id = %s", [patient.id])
            stored = b"".join(map(bytes, cursor.fetchone()))
        assert b"Zuzanna" not in stored and b"601234567" not in stored
        assert Patient.objects.get(pk=patient.pk).first_name == "Zuzanna"

    def test_a_ciphertext_moved_to_another_row_does_not_open(self, in_north):
        one, two = make.patient(first_name="One"), make.patient(first_name="Two")
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE patients_patient SET first_name = (SELECT first_name FROM patients_patient WHERE id = %s)"
                " WHERE id = %s",
                [one.id, two.id],
            )
        with pytest.raises(Unreadable):
            _ = Patient.objects.get(pk=two.pk).first_name

    def test_a_plain_value_in_an_update_is_refused(self, in_north):
        patient = make.patient()
        with pytest.raises(TypeError):
            Patient.objects.filter(pk=patient.pk).update(first_name="plain")

    def test_an_untouched_column_keeps_its_ciphertext_through_a_save(self, in_north):
        patient = Patient.objects.get(pk=make.patient().pk)
        before = bytes(patient.__dict__["last_name"])
        patient.first_name = "New"
        patient.save()
        assert bytes(Patient.objects.get(pk=patient.pk).__dict__["last_name"]) == before

    def test_look_up_by_blind_index_finds_other_spellings_of_the_same_address(self, north):
        user = make.person(email="Ana.Lopez@Mail.example")
        found = User.objects.filter(email_index=blind_of(User, "email_index", " ana.lopez@mail.example", crypto.PLATFORM))
        assert [u.pk for u in found] == [user.pk]

    def test_the_blind_index_follows_a_changed_value_and_ignores_an_untouched_one(self, in_north):
        patient = Patient.objects.get(pk=make.patient(email="a@x.example").pk)
        before = bytes(patient.email_index)
        patient.save()
        assert bytes(patient.email_index) == before
        patient.email = "b@x.example"
        patient.save()
        assert bytes(Patient.objects.get(pk=patient.pk).email_index) != before

    def test_a_destroyed_key_makes_the_record_unreadable_for_good(self, in_north):
        patient = make.patient(first_name="Gone")
        assert keys.destroy(patient_scope(in_north.id, patient.id)) == 1
        with pytest.raises(Unreadable):
            _ = Patient.objects.get(pk=patient.pk).first_name
        with pytest.raises(Unreadable):
            keys.newest(patient_scope(in_north.id, patient.id))

    def test_two_clinics_keys_do_not_open_each_others_values(self, north, south):
        scope_n, scope_s = clinic_scope(north.id), clinic_scope(south.id)
        sealed = crypto.seal(b"x", keys.newest(scope_n), b"")
        with pytest.raises(Unreadable):
            crypto.unseal(sealed, keys.newest(scope_s), b"")

    def test_a_page_of_rows_opens_with_one_query_to_the_key_store(self, in_north, django_assert_num_queries):
        for _ in range(3):
            make.patient()
        rows = list(Patient.objects.all())
        keys.forget()
        keys.newest(clinic_scope(in_north.id))
        from healthcare.core.fields import warm

        with django_assert_num_queries(1, using="keystore"):
            warm(rows)
            assert {r.first_name for r in rows} == {"Mira"}

    def test_the_wrapped_key_is_not_the_key(self, in_north):
        scope = patient_scope(in_north.id, uuid.uuid4())
        secret = keys.newest(scope).secret
        assert secret not in bytes(WrappedKey.objects.get(owner=scope.owner).wrapped)

    def test_a_value_from_the_database_is_opened_only_when_read(self, in_north):
        make.patient()
        assert isinstance(Patient.objects.first().__dict__["first_name"], Sealed)
