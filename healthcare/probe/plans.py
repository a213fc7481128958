"""Which operations plan and run what is beside a single booking? Their part of the table in operations.py."""

from typing import Any

ONE = {"appointment_id": "appointment"}
SERIES, GROUP = {"series_id": "series"}, {"group_id": "group"}
GROUP_PLAN = {"kind": "consultation", "doctor": "@practitioner", "starts_at": "=slot", "seats": 4}
AWAY = {"doctor": "@practitioner", "starts_at": "=slot", "ends_at": "=slot_end"}


def rows(op: Any, H: Any, booking: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 (as the table calls it)
    """Series, groups, leave, emergencies, and the work of kinds; `op` is the table's row, `booking` the body of a booking."""
    urgent = {**booking, "priority": "urgent", "reason": "burn"}
    return {
        "POST /appointments/{appointment_id}/reassign": op("appointment.reassign", H, ONE, {"doctor": "@practitioner"}),
        "POST /appointments/{appointment_id}/transfer": op("appointment.reassign", H, ONE, {"doctor": "@practitioner"}),
        "GET /appointments/series": op("appointment.view", H),
        "POST /appointments/series": op("appointment.book", H, {}, {**booking, "rule": "FREQ=WEEKLY;COUNT=1"}),
        "GET /appointments/series/{series_id}": op("appointment.view", H, SERIES),
        "POST /appointments/series/{series_id}/end": op("appointment.change", H, SERIES),
        "GET /appointments/groups": op("group.view", H),
        "POST /appointments/groups": op("group.manage", H, {}, GROUP_PLAN),
        "GET /appointments/groups/{group_id}": op("group.view", H, GROUP),
        "POST /appointments/groups/{group_id}/join": op("appointment.book", H, GROUP, {"patient": "@patient"}),
        "POST /appointments/groups/{group_id}/call-off": op("group.manage", H, GROUP),
        "GET /appointments/leaves": op("leave.manage", H),
        "POST /appointments/leaves": op("leave.manage", H, {}, AWAY),
        "POST /appointments/leaves/preview": op("leave.manage", H, {}, AWAY),
        "GET /appointments/leaves/{leave_id}": op("leave.manage", H, {"leave_id": "leave"}),
        "POST /appointments/leaves/{leave_id}/undo": op("leave.manage", H, {"leave_id": "leave"}),
        "GET /appointments/overrides": op("appointment.ask_override", H),
        "POST /appointments/overrides": op("appointment.ask_override", H, {}, urgent),
        "GET /appointments/overrides/{override_id}": op("appointment.ask_override", H, {"override_id": "override"}),
        "POST /appointments/overrides/{override_id}/approve": op("appointment.override", H, {"override_id": "override"}),
        "POST /appointments/overrides/{override_id}/decline": op("appointment.override", H, {"override_id": "override"}),
        "GET /appointments/follow-ups": op("follow_up.view", H),
        "POST /appointments/follow-ups/{follow_up_id}/dismiss": op("follow_up.manage", H, {"follow_up_id": "follow_up"}),
        "GET /appointments/{appointment_id}/instructions": op("instruction.view", H, ONE),
        "POST /appointments/{appointment_id}/instructions/{instruction_id}/done": op(
            "instruction.view", H, {**ONE, "instruction_id": "instruction"}
        ),
        "GET /appointments/{appointment_id}/stations": op("instruction.view", H, ONE),
        **{
            f"POST /appointments/{{appointment_id}}/stations/{{station_id}}/{verb}": op(
                "station.run", H, {**ONE, "station_id": "station"}
            )
            for verb in ("start", "finish", "skip")
        },
        "GET /appointments/{appointment_id}/order": op("order.view", H, ONE),
        "POST /appointments/{appointment_id}/order/collect": op("order.run", H, ONE),
        "POST /appointments/{appointment_id}/order/report": op("order.run", H, ONE, {"result": "negative"}),
    }
