"""What does a clinic's chart room do when a person joins? It opens a chart, linked to the account."""

from accounts.events import PersonJoinedClinic
from healthcare.core.events import listens_to
from patients.services.charts import open_own_chart


@listens_to(PersonJoinedClinic)
def open_chart(event: PersonJoinedClinic) -> None:
    open_own_chart(user_id=event.user_id)
