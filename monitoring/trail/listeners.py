"""What is put on record when people sign in, fail to, or leave, and when a clinic is copied or put back?"""

from typing import Any
from uuid import UUID

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver

from accounts.events import PasswordChanged, PersonSignedIn, SecondStepChanged, SessionEnded, SignInFailed
from clinics.events import ClinicExported, ClinicRestored, MigrationAllowed
from healthcare.core.context import acting
from healthcare.core.events import listens_to
from healthcare.core.keystore.events import KeysRotated
from monitoring.seals import chains
from monitoring.seals.resuming import resume
from monitoring.trail.entry import Action
from monitoring.trail.writing import record
from patients.events import RecordExported

SESSION = "accounts.session"


@listens_to(PersonSignedIn)
def person_signed_in(event: PersonSignedIn) -> None:
    record(Action.LOGIN, SESSION, event.session_id, actor=event.user_id)


@listens_to(SignInFailed)
def sign_in_failed(event: SignInFailed) -> None:
    """The mark is a keyed digest of what was given as identifier: tries on one account can be counted, nobody named."""
    record(Action.REFUSED, SESSION, event.mark)


@listens_to(SessionEnded)
def session_ended(event: SessionEnded) -> None:
    record(Action.LOGOUT, SESSION, event.session_id, actor=acting().actor_id or event.user_id)


@listens_to(PasswordChanged)
def password_changed(event: PasswordChanged) -> None:
    changes = {"password": [None, event.why]}
    record(Action.UPDATE, "accounts.password", event.user_id, actor=acting().actor_id or event.user_id, changes=changes)


@listens_to(SecondStepChanged)
def second_step_changed(event: SecondStepChanged) -> None:
    changes = {"second_step": [None, event.what]}
    record(Action.UPDATE, "accounts.totp", event.user_id, actor=acting().actor_id or event.user_id, changes=changes)


@listens_to(MigrationAllowed)
def migration_allowed(event: MigrationAllowed) -> None:
    """Its reason is the entry's purpose."""
    record(Action.UPDATE, "clinics.migration", event.migration)


@listens_to(KeysRotated)
def keys_rotated(event: KeysRotated) -> None:
    changes = {"changed": [None, event.changed], "retired": [None, event.retired]}
    record(Action.UPDATE, "keystore.wrappedkey", event.part, clinic_id=event.clinic, changes=changes)


@listens_to(ClinicExported)
def clinic_exported(event: ClinicExported) -> None:
    record(Action.EXPORT, "clinics.clinic", event.clinic_id, clinic_id=event.clinic_id)


@listens_to(ClinicRestored)
def clinic_restored(event: ClinicRestored) -> None:
    changes = {"schema": [None, "restored"]}
    record(Action.UPDATE, "clinics.clinic", event.clinic_id, clinic_id=event.clinic_id, changes=changes)
    if (chain := chains.named(str(event.clinic_id))) is not None:
        resume(chain, "the clinic was put back from an archive")


@listens_to(RecordExported)
def record_exported(event: RecordExported) -> None:
    record(Action.EXPORT, "patients.patient", event.patient_id)


@receiver(user_logged_in)
def staff_signed_in(sender: Any, user: Any, **_: Any) -> None:
    record(Action.LOGIN, "accounts.user", user.pk, actor=UUID(str(user.pk)))


@receiver(user_logged_out)
def staff_signed_out(sender: Any, user: Any, **_: Any) -> None:
    if user is not None:
        record(Action.LOGOUT, "accounts.user", user.pk, actor=UUID(str(user.pk)))
