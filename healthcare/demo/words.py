"""Why do people come, and why do they call off? By speciality; `""` serves where none of its own is written."""

REASONS = {
    "": (
        "Follow-up after last visit",
        "Blood test results",
        "Repeat prescription",
        "Tired for some weeks",
        "Second opinion",
        "Certificate for work",
    ),
    "General practice": (
        "Cough for ten days",
        "Blood pressure check",
        "Back pain after lifting",
        "Sore throat and fever",
        "Trouble sleeping",
        "Travel vaccination",
        "Diabetes review",
    ),
    "General medicine": ("Fever with chills", "Diabetes review", "Acidity after meals", "Thyroid review", "Joint pains"),
    "Paediatrics": ("Vaccination at six months", "Ear pain at night", "Rash on both arms", "Growth check", "Cough and wheeze"),
    "Balaroga": ("Poor appetite", "Frequent colds", "Suvarnaprashan", "Restless sleep"),
    "Women’s health": ("Pregnancy check, week 20", "Contraception advice", "Cervical screening", "Irregular cycle"),
    "Gynaecology": ("Antenatal visit, week 28", "Irregular cycle", "Pelvic pain", "Scan results"),
    "Streeroga": ("Irregular cycle", "Garbhini paricharya, fifth month", "Care after childbirth"),
    "Cardiology": (
        "Palpitations when climbing stairs",
        "Check after stent",
        "Cholesterol review",
        "Chest tightness, ECG review",
    ),
    "Dermatology": ("A mole that changed", "Eczema flare", "Acne, three months of treatment", "Itching at night"),
    "Orthopaedics": ("Knee pain on stairs", "Wrist fracture, cast check", "Frozen shoulder", "Plantar pain in the morning"),
    "ENT": ("Blocked nose for weeks", "Ringing in the left ear", "Hoarse voice", "Tonsils again"),
    "Neurology": ("Migraine, new medicine review", "Numb fingers", "Dizzy spells", "Check after seizure"),
    "Physiotherapy": ("Exercises after knee surgery", "Neck pain, desk work", "Shoulder mobility, session 4"),
    "Kayachikitsa": ("Amlapitta", "Sandhivata, both knees", "Prakriti assessment", "Sleep and digestion", "Prameha review"),
    "Panchakarma": ("Assessment before basti", "Snehana review", "Diet after virechana"),
    "Viddhakarma": ("Heel pain", "Frozen shoulder", "Stiff neck"),
    "Yoga": ("Pranayama for asthma", "Back care, session 3", "Practice for sleep"),
    "Urgent care": (
        "High fever since this morning",
        "Cut on the hand",
        "Twisted ankle",
        "Vomiting since last night",
        "Earache",
    ),
}
CANCELLED = (
    "Feels better",
    "Another appointment at that time",
    "Travelling",
    "No transport",
    "Doctor is away, will book again",
)


def reasons_of(speciality: str) -> tuple[str, ...]:
    return REASONS.get(speciality, ()) + REASONS[""][:3] if speciality in REASONS else REASONS[""]
