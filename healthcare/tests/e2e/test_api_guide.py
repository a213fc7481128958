"""Do the commands of docs/api/README.md do what the page says, one after the other, as somebody would type them?"""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.e2e
GUIDE = Path(__file__).resolve().parents[3] / "docs" / "api" / "README.md"


def test_the_guide_can_be_followed(product: Any) -> None:
    commands = "\n".join(re.findall(r"^```\n(.*?)^```", GUIDE.read_text(), re.MULTILINE | re.DOTALL))
    here = commands.replace("api=http://127.0.0.1:8088", f"api={product.base_url}")
    here = here.replace("messages=.local/dev ", f"messages={product.profile.folder} ")
    assert here.count("=.local/dev") == 0 and here != commands
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", here], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    assert '"recovery_codes":["' in done.stdout and '"mfa_setup_required":false' in done.stdout
    for said in ('"state":"scheduled"', '"code":"slot_taken"', '"alternatives":[{', '"status":"waiting"', '"status":"called"'):
        assert said in done.stdout
