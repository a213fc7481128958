"""By what does a person prove who they are, how often was that tried? Codes, links, second steps, locks; no secret in clear."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from healthcare.core.crypto import PLATFORM, Scope
from healthcare.core.fields import SealedText
from healthcare.core.tenancy import Row


class Challenge(Row):
    """Something asked of a person that they may answer once, for a few minutes.

    `subject` is a digest of the identifier it is about, `user` whose account it opens; without one it is there all the same,
    so that nobody learns who exists. `digest` is of the code or of the link's secret, and bound to this row.
    """

    class Purpose(models.TextChoices):
        SIGN_IN = "sign_in"  # a code opens a session
        CONTACT = "contact"  # a code shows that an address reaches its person
        SECOND_STEP = "second_step"  # the password was right; TOTP is still missing
        RESET = "reset"  # a link sets a new password

    purpose = models.CharField(max_length=20, choices=Purpose.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    subject = models.BinaryField()
    kind = models.CharField(max_length=10, blank=True)  # of the identifier: email or phone
    address = SealedText(label="challenge.address", null=True)  # where a contact's code goes
    salt = models.BinaryField(default=bytes)
    digest = models.BinaryField()
    channel = models.CharField(max_length=10, blank=True)  # asked for
    sent_by = models.CharField(max_length=10, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    sent_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)  # used, or overtaken by a newer one

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(tries__lte=3), name="challenge_three_tries"),
            models.UniqueConstraint(fields=["purpose", "subject"], condition=Q(ended_at=None), name="challenge_newest_only"),
        ]
        indexes = [models.Index(fields=["digest"], condition=Q(ended_at=None), name="challenge_by_digest")]

    def seal_scope(self) -> Scope:
        return PLATFORM


class Lock(models.Model):
    """Failures in a row of one subject, and until when it is locked. Keys are digests."""

    key = models.BinaryField(primary_key=True)
    failures = models.PositiveSmallIntegerField(default=0)
    step = models.PositiveSmallIntegerField(default=0)  # how often it was locked
    until = models.DateTimeField(null=True)
    at = models.DateTimeField(db_index=True)  # of the last try

    class Meta:
        db_table = "accounts_lock"


class Totp(Row):
    """A person's authenticator app. It counts once its first code was right; a time step is used once."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="totp")
    secret = SealedText(label="totp.secret")
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def seal_scope(self) -> Scope:
        return PLATFORM


class RecoveryCode(Row):
    """One of ten ways in without the authenticator, each good once."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="recovery_codes")
    digest = models.BinaryField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "digest"], name="recovery_code_once")]
