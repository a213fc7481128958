"""What are choices called in the API's schema, where several shapes have a field of the same name? One row each."""

ENUM_NAMES = {
    "ChartDocumentKindEnum": "patients.models.Document.Kind",
    "GuardianBasisEnum": "patients.models.Guardianship.Basis",
    "ErasureBasisEnum": "patients.models.Erasure.Basis",
    "IdentifierKindEnum": "patients.models.Identifier.Kind",
    "ConditionStatusEnum": "patients.models.Condition.Status",
    "PrescriptionStatusEnum": "patients.models.Prescription.Status",
    "PartStatusEnum": "monitoring.serializers.PART",
    "WholeStatusEnum": "monitoring.serializers.WHOLE",
    "AnswerEnum": "monitoring.serializers.ANSWERS",
    "LiveStatusEnum": "monitoring.serializers.LIVE",
    "ReadyStatusEnum": "monitoring.serializers.READY",
    "WallStatusEnum": "monitoring.serializers.WALL",
}
