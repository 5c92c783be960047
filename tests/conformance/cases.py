"""The observed situations of the JSON files beside this, and their titles."""

from __future__ import annotations

import json
from pathlib import Path

from tests.conformance.layout import Case

HERE = Path(__file__).parent
CASES: list[Case] = json.loads((HERE / "cases.json").read_text(encoding="utf-8"))
SEEN: list[Case] = json.loads((HERE / "seen.json").read_text(encoding="utf-8"))
OBSERVED: list[Case] = json.loads((HERE / "observed.json").read_text(encoding="utf-8"))


def title(case: Case) -> str:
    return "@".join([case["name"], case["client"], *([v] if (v := case.get("client_version")) else [])])
