"""The table of crises of the International Crisis Behavior project, fetched from its public home when asked to.

Nothing is fetched by itself. What was fetched lies in the user's folder for caches, with a note beside it of where it
came from, when, and its digest. Detente ships none of it: the project asks its users to cite it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import urllib.request
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from detente.display import Displayed
from detente.engine.store.store import default_folder
from detente.errors import QuestionError
from detente.output import write_whole

COMMIT = "386d797a93d0071f9e3b4a39492eca2e006a6158"  # of 16 July 2026: version 16 of the data, crises of 1918 to 2021
HOME = f"https://raw.githubusercontent.com/kcbeardsley/ICBDataViewer/{COMMIT}/ICB_system_core.csv"
"""The core variables at the level of crises, as the project's data viewer reads them."""
SHA256 = "ed309fc3a796c1113add85c1ff8e93949550bf18b15d65dae7acd8501d03015b"
CITE = (
    "Brecher, Wilkenfeld, Beardsley, James & Quinn (2025), International Crisis Behavior Data Codebook, Version 16, "
    "https://sites.duke.edu/icbdata/data-collections/; Brecher & Wilkenfeld (1997), A Study of Crisis"
)
SCHEMES = ("https", "http", "file")
LARGEST = 50_000_000  # bytes
PATIENCE = 30.0  # seconds


@dataclass(frozen=True)
class Fetched(Displayed):
    """A table that was fetched: the file, where it came from, on which day (UTC), and the digest of its bytes."""

    path: Path
    url: str
    date: str
    sha256: str
    size: int


def _place() -> Path:
    return default_folder() / "tables" / "crises.csv"


def _note() -> Path:
    return _place().with_name("crises.source.json")


def fetched() -> Path:
    """The table that was fetched last. Raises QuestionError where none was."""
    if not (place := _place()).is_file():
        raise QuestionError(
            "no table of cases is given, and none was fetched\n    give one with --table FILE.csv (`table=` in Python) "
            "or fetch that of the International Crisis Behavior project with --fetch (`detente.fetch_table()`)"
        )
    return place


def origin(table: Path) -> Fetched | None:
    """Where the table in the user's folder came from, as long as it is what was fetched; None of any other file."""
    if table != _place():
        return None
    try:
        found = Fetched(table, **{k: v for k, v in json.loads(_note().read_bytes()).items() if k != "cite"})
        return found if found.sha256 == hashlib.sha256(table.read_bytes()).hexdigest() else None
    except (OSError, ValueError, TypeError, AttributeError):
        return None


def fetch_table(url: str = "") -> Fetched:
    """Fetch the table of crises of the International Crisis Behavior project (version 16), or one from another address.

    It is kept in `tables` in the folder of the store (`$DETENTE_STORE`, or the user's folder for caches), in place of
    what was fetched before; `crises.source.json` beside it says whence, when and with which SHA-256. The project's
    table must have the digest that is known of it. `url`: https, http or file. Raises QuestionError, and leaves what is
    there, where it cannot be fetched or kept.
    """
    address = url or HOME
    if urlsplit(address).scheme not in SCHEMES:
        raise QuestionError(
            f"{address} is not an address to fetch from; expected one that begins with https:// or file://"
        )
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            raw, length = answer.read(LARGEST + 1), answer.headers.get("Content-Length", "")
        if length.isdecimal() and len(raw) < min(int(length), LARGEST):
            raise OSError(f"it broke off after {len(raw):,} of {int(length):,} bytes")
    except (OSError, ValueError, HTTPException) as error:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
        raise QuestionError(
            f"the table cannot be fetched from {address}: {why}\n    fetch it by other means, and give it with --table"
        ) from None
    digest = hashlib.sha256(raw).hexdigest()
    if len(raw) > LARGEST:
        raise QuestionError(f"what lies at {address} is larger than {LARGEST // 1_000_000} MB, and is not kept")
    if not url and digest != SHA256:
        raise QuestionError(
            f"what lies at {address} is not the table that was there, and is not kept\n"
            f"    its SHA-256 is {digest}; expected {SHA256}"
        )
    found = Fetched(_place(), address, dt.datetime.now(dt.UTC).date().isoformat(), digest, len(raw))
    note = {key: value for key, value in asdict(found).items() if key != "path"} | ({} if url else {"cite": CITE})
    try:
        found.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(found.path, raw)
        write_whole(_note(), json.dumps(note, indent=2).encode())
    except OSError as error:
        raise QuestionError(f"the table cannot be kept in {found.path.parent}: {error.strerror or error}") from None
    return found
