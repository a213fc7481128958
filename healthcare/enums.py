"""What are sets of choices called in the API's description, where two fields of one name have different ones?"""

NAMES = {
    "IdentifierKindEnum": "patients.models.Identifier.Kind",
    "RoleEnum": "accounts.user_shapes.ROLES",
    "GivenRoleEnum": "accounts.user_shapes.GIVEN",
    "InvitationKindEnum": "accounts.invitations.CONTACTS",
    "CodeChannelEnum": "accounts.proof_shapes.CHANNELS",
    "ConsentChannelEnum": "patients.models.Consent.Channel",
    "ChartDocumentKindEnum": "patients.models.Document.Kind",
    "GuardianBasisEnum": "patients.models.Guardianship.Basis",
    "ErasureBasisEnum": "patients.models.Erasure.Basis",
    "ConditionStatusEnum": "patients.models.Condition.Status",
    "PrescriptionStatusEnum": "patients.models.Prescription.Status",
    "PartStatusEnum": "monitoring.serializers.PART",
    "WholeStatusEnum": "monitoring.serializers.WHOLE",
    "AnswerEnum": "monitoring.serializers.ANSWERS",
    "LiveStatusEnum": "monitoring.serializers.LIVE",
    "ReadyStatusEnum": "monitoring.serializers.READY",
    "WallStatusEnum": "monitoring.serializers.WALL",
    "AppointmentPriorityEnum": "appointments.models.Priority",
    "PressingPriorityEnum": "appointments.room_shapes.PRESSING",
    **{
        f"{name}StateEnum": f"appointments.models.{name}.State"
        for name in ("FollowUp", "Leave", "Override", "Series", "ServiceOrder", "Station")
    },
    "MeetingStatusEnum": "appointments.video.models.STATUSES",
}
