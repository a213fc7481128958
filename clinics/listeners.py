"""What follows when a clinic changes? Every process forgets what it kept of clinics, from the end of the transaction on."""

from clinics import events
from healthcare.core.events import Event, listens_to
from healthcare.core.tenancy import forget_clinics


@listens_to(
    events.ClinicChanged,
    events.SettingsChanged,
    events.ClinicOpened,
    events.ClinicClosed,
    events.ClinicReopened,
    events.ClinicEnded,
    events.ClinicRestored,
    events.LocationAdded,
    events.LocationChanged,
    events.LocationClosed,
    events.LocationReopened,
)
def forget(event: Event) -> None:
    forget_clinics()
