"""The published JSON Schema of report version 1, generated from the structs that write the report."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from traindx.render.audit_v1 import AuditV1
from traindx.render.document_v1 import DocumentV1, LineV1
from traindx.render.retrieval_v1 import RetrievalsV1

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ABOUT = (
    "Generated from src/traindx/render/document_v1.py by `python -m traindx.render.schema`; do not edit. "
    "What traindx says about training runs. JSON has no NaN and no infinities: where a number is one, the string "
    '"NaN", "Infinity" or "-Infinity" stands in its place; null means that there is none.'
)

_ABOUT_RETRIEVAL = (
    "Generated from src/traindx/render/retrieval_v1.py by docs/make_docs.py; do not edit. What traindx says about embeddings, "
    "each number beside the level of a random ranking and with its interval. Numbers that JSON lacks stand as strings."
)

_ABOUT_AUDIT = (
    "Generated from src/traindx/render/audit_v1.py; do not edit. What traindx says about a dataset. Where a number is NaN or infinite, "
    'the string "NaN", "Infinity" or "-Infinity" stands in its place; null means that there is none.'
)


def report_schema() -> dict[str, Any]:
    """Return the schema of a whole document; ``$defs/LineV1`` is that of one line of JSON Lines."""
    (document, _), parts = msgspec.json.schema_components([DocumentV1, LineV1], ref_template="#/$defs/{name}")
    defs = {name: _without_struct_names(part) for name, part in sorted(parts.items())}
    return {"$schema": _DIALECT, "title": "traindx report, version 1", "description": _ABOUT, **document, "$defs": defs}


def retrieval_schema() -> dict[str, Any]:
    """Return the schema of what ``traindx retrieval --format json`` prints."""
    (document,), parts = msgspec.json.schema_components([RetrievalsV1], ref_template="#/$defs/{name}")
    defs = {name: _without_struct_names(part) for name, part in sorted(parts.items())}
    title = {"$schema": _DIALECT, "title": "traindx retrieval, version 1", "description": _ABOUT_RETRIEVAL}
    return {**title, **document, "$defs": defs}


def audit_schema() -> dict[str, Any]:
    """Return the schema of what ``traindx data --format json`` prints."""
    (document,), parts = msgspec.json.schema_components([AuditV1], ref_template="#/$defs/{name}")
    defs = {name: _without_struct_names(part) for name, part in sorted(parts.items())}
    return {
        "$schema": _DIALECT,
        "title": "traindx audit, version 1",
        "description": _ABOUT_AUDIT,
        **document,
        "$defs": defs,
    }


def _without_struct_names(part: dict[str, Any]) -> dict[str, Any]:
    """Drop the titles, which would only repeat the names of Python classes."""
    return {key: value for key, value in part.items() if key != "title"}


if __name__ == "__main__":
    print(json.dumps(report_schema(), indent=2, ensure_ascii=False))
