"""On which servers do tests run? On embedded ones of their own, started before Django reads its settings."""

import os
import secrets

from healthcare.embedded import start_services

PROFILE = os.environ.get("HEALTHCARE_TEST_PROFILE", "test")

os.environ["HEALTHCARE_ENV"] = "test"
os.environ["HEALTHCARE_PROFILE"] = PROFILE
for _name, _value in start_services(PROFILE).items():
    os.environ.setdefault(_name, _value)
os.environ.setdefault("SECRET_KEY", secrets.token_hex(32))
