"""What `check` found, as data."""

from __future__ import annotations

from typing import Any

from detente.present.wording.coverage import covered
from detente.study.checking import Checked


def data_of(checked: Checked) -> dict[str, Any]:
    """Problems, size, what types prefer, evidence, judgements to be confirmed, and what is taken up of each source."""
    return {
        "problems": [
            {
                "file": p.place.file, "line": p.place.line, "column": p.place.column, "message": p.message,
                "hint": p.hint, "severity": "warning" if p.warning else "error",
            }
            for p in checked.problems
        ],
        "size": dict(checked.size),
        "preferences": [
            {"type": p.type, "label": p.label, "prefers": p.prefers, "share": p.share.value, "draws": p.share.draws}
            for p in checked.preferences
        ],
        "evidence": dict(zip(("items", "after_as_of"), checked.evidence, strict=True)),
        "to_confirm": [{"path": j.path, "line": j.place.line, "source": j.source} for j in checked.to_confirm],
        "coverage": [covered(one) for one in checked.coverage],
    }  # fmt: skip
