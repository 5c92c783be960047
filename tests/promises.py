"""What docs/*.schema.json promise of a command's JSON, held against a document."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, TypeVar

from jsonschema import Draft202012Validator

from tests.guard import ROOT

Document = TypeVar("Document")


def schema_of(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((ROOT / f"docs/{name}.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def validator(name: str) -> Draft202012Validator:
    schema = schema_of(name)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def kept(name: str, document: Document) -> Document:
    """The document, if it is as promised; fails where not."""
    validator(name).validate(document)
    return document
