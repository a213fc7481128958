"""What are sets of choices called in the API's description, where two fields of one name have different ones?"""

NAMES = {
    "CodeChannelEnum": "accounts.proof_shapes.CHANNELS",
    "ConsentChannelEnum": "patients.models.Consent.Channel",
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
