"""What becomes of people's rights when a clinic ends?"""

from django.utils import timezone

from accounts import signed_in
from accounts.models import Display, Membership
from accounts.services import displays
from clinics.events import ClinicClosed, ClinicEnded
from healthcare.core.context import acting
from healthcare.core.events import listens_to


@listens_to(ClinicClosed)
def clinic_closed(event: ClinicClosed) -> None:
    """Memberships are kept, for a clinic that opens again; what this process remembers of who belongs where is not."""
    signed_in.forget()


@listens_to(ClinicEnded)
def clinic_ended(event: ClinicEnded) -> None:
    """Nobody belongs there any more, no screen shows it. Saved one by one: each is on the trail."""
    now = timezone.now()
    for membership in Membership.objects.filter(clinic_id=event.clinic_id, ended_at=None).iterator():
        membership.ended_at = now
        membership.save(update_fields=["ended_at"])
    for display in Display.objects.filter(clinic_id=event.clinic_id, revoked_at=None):
        displays.revoke(display=display, by=acting().actor_id, now=now)
    signed_in.forget()
