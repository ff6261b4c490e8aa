"""The schema of everything that goes between a page and the server, for the types of the page: `python web/schemas.py`
writes it to standard output; `npm run types` makes TypeScript of it."""

from __future__ import annotations

import json
import sys

from pydantic import TypeAdapter
from pydantic.json_schema import models_json_schema

from detente.present.web.screens.registry import screens
from detente.present.web.state import Asked, Cancel, Put, Reply, State


def schemas() -> dict[str, object]:
    """One schema, with a definition for each message and for the data of each screen."""
    messages = [(State, "validation"), (Asked, "validation"), (Cancel, "validation"), (Put, "validation")]
    _, told = models_json_schema([*messages, (Reply, "validation")])  # type: ignore[list-item]
    found = dict(told["$defs"])
    for screen in screens().values():
        if screen.data is not None:
            made = TypeAdapter(screen.data).json_schema(mode="serialization")
            found |= made.pop("$defs", {})
            found.setdefault(made.get("title", screen.name), made)
    return {"$defs": found, "type": "object", "title": "Everything", "additionalProperties": False,
            "properties": {name: {"$ref": f"#/$defs/{name}"} for name in sorted(found)}}  # fmt: skip


if __name__ == "__main__":
    json.dump(schemas(), sys.stdout, indent=1)
