"""What does a clinic's chart room do when a person joins, or a backup comes back?"""

from accounts.events import PersonJoinedClinic
from clinics.events import ClinicEnded, ClinicRestored
from healthcare.core.events import listens_to
from healthcare.core.ids import new_id
from healthcare.core.jobs import enqueue
from patients.services import files
from patients.services.charts import open_own_chart


@listens_to(PersonJoinedClinic)
def open_chart(event: PersonJoinedClinic) -> None:
    open_own_chart(user_id=event.user_id)


@listens_to(ClinicRestored)
def erase_again(event: ClinicRestored) -> None:
    """Whoever was erased since the backup was made is in it once more, though nobody can read them."""
    enqueue("patients.erase_again", key=f"patients.erase_again:{new_id()}", clinic_id=event.clinic_id)


@listens_to(ClinicEnded)
def remove_files(event: ClinicEnded) -> None:
    files.remove_clinic(event.clinic_id)
