"""How does the workflow read for people? The table of steps as Markdown: docs/workflow.md is made of it, a test compares."""

from appointments.workflow import STEPS, Step

HEAD = """# How an appointment goes on

Made from `appointments/workflow.py` by `python -m appointments.workflow_table > docs/workflow.md`; a test compares. Whatever is
not in this table is refused with 409 `wrong_state`.

| step | from | to | permission | event |
|---|---|---|---|---|
"""
EVENTS = {
    "book": "AppointmentBooked",
    "reserve": "AppointmentHeld",
    "check_in": "PatientArrived",
    "reschedule": "AppointmentMoved",
    "reassign": "AppointmentMoved",
    "transfer": "AppointmentStepped, AppointmentTransferred; AppointmentBooked of the successor",
    "cancel": "AppointmentCancelled",
    "confirm": "AppointmentStepped; of a hold AppointmentBooked",
}


def markdown() -> str:
    return HEAD + "".join(map(_row, STEPS))


def _row(step: Step) -> str:
    sources = ", ".join(step.sources) or "–"
    event = EVENTS.get(step.verb, "AppointmentStepped")
    return f"| {step.verb} | {sources} | {step.target} | {step.permission or 'the product itself'} | {event} |\n"


if __name__ == "__main__":
    print(markdown(), end="")  # noqa: T201 (it is what the command is for)
