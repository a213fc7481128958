"""What are choices called in the schema where their fields' names alone would not tell them apart? Name -> where they are."""

ENUM_NAMES = {
    "ConditionStatusEnum": "patients.models.Condition.Status",
    "PrescriptionStatusEnum": "patients.models.Prescription.Status",
    "PartStatusEnum": "monitoring.serializers.PART",
    "WholeStatusEnum": "monitoring.serializers.WHOLE",
    "AnswerEnum": "monitoring.serializers.ANSWERS",
    "LiveStatusEnum": "monitoring.serializers.LIVE",
    "ReadyStatusEnum": "monitoring.serializers.READY",
    "WallStatusEnum": "monitoring.serializers.WALL",
    "MeetingStatusEnum": "appointments.video.models.STATUSES",
    "PriorityEnum": "appointments.models.Priority",
}
