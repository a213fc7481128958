"""What is sent about charts, and what is seen? Split by noun; the record's own shapes are imported from here."""

from patients.serializers.record import (
    NameField,
    NumberField,
    PatientChangeInput,
    PatientInput,
    PatientOutput,
    PatientSearchInput,
)

__all__ = ["NameField", "NumberField", "PatientChangeInput", "PatientInput", "PatientOutput", "PatientSearchInput"]
