"""Payloads for any command, drawn from its JSON schema and from a few names that exist."""

import string
from random import Random
from typing import Any

from domain.engine.message import Command, Event
from domain.terms.value import DISCLOSURE, EVIDENCE
from tests.unit.domain.spec import PAPER, PHOTO, TEXT

KINDS = ("drainage", "road", "lighting", "waterproofing")
NAMED: dict[str, tuple[str, ...]] = {
    "blocks": ("linhe",),
    "kind": KINDS,
    "kinds": KINDS,
    "options": KINDS,
    "compulsory": KINDS,
    "condition": KINDS,
    "ranking": KINDS,
    "without": ("roof", "street"),
    "part": ("roof", "street"),
    "parts": ("roof", "street"),
    "segments": ("s1", "s2"),
    "work": ("drains", "surface"),
    "items": ("drains", "surface"),
    "defect": ("d1", "d2"),
    "id": ("d1", "d2"),
    "channel": ("board", "website"),
    "channels": ("board", "website"),
    "rule": ("survey.visits", "satisfaction.gate", "works.preliminaries", "stream.suspended"),
    "maintainer": ("maintainer body 1",),
}
SLUGS = ("drains", "surface", "s1", "c1", "b1")
DAYS = ("2026-03-01", "2026-04-20", "2026-12-01", "2030-01-01")
INSTANTS = ("2026-02-01T01:00:00Z", "2026-04-01T01:00:00Z", "2030-01-01T01:00:00Z")
PEOPLE = ("office-1", "project-lead-2", "nobody-9")
LINES = ("临河巷", "柳浦社区", "contractor body 1", "drainage body 1")


class Payloads:
    """Draws well-formed payloads; most name things that exist."""

    def __init__(self, random: Random) -> None:
        self.random = random

    def of(self, command: type[Command | Event]) -> dict[str, Any]:
        schema = command.model_json_schema()
        return self._object(schema, schema.get("$defs", {}))

    def _object(self, schema: dict[str, Any], defs: dict[str, Any]) -> dict[str, Any]:
        needed = schema.get("required", ())
        return {
            name: self._any(of, defs, name)
            for name, of in schema.get("properties", {}).items()
            if name in needed or "const" in of or self.random.random() < 0.6
        }

    def _any(self, schema: dict[str, Any], defs: dict[str, Any], name: str) -> Any:
        if "$ref" in schema:
            return self._any(defs[schema["$ref"].rsplit("/", 1)[-1]], defs, name)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self.random.choice(schema["enum"])
        for choice in ("anyOf", "oneOf", "allOf"):
            if choice in schema:
                return self._any(self.random.choice(schema[choice]), defs, name)
        match schema.get("type"):
            case "null":
                return None
            case "boolean":
                return self.random.random() < 0.7
            case "integer":
                return self._number(schema)
            case "array":
                least = schema.get("minItems", 0)
                most = min(schema.get("maxItems", 3), least + 2)
                count = self.random.randint(least, most)
                return [self._any(schema.get("items", {}), defs, name) for _ in range(count)]
            case "object" if "properties" in schema:
                return self._object(schema, defs)
            case "object":
                values = [schema.get("additionalProperties")]
                values += schema.get("patternProperties", {}).values()
                of = next((v for v in values if isinstance(v, dict)), {"type": "integer"})
                keys = self.random.sample(NAMED.get(name, SLUGS), k=2)
                return {key: self._any(of, defs, name) for key in keys}
            case "string":
                return self._text(schema, name)
            case _:
                return 1

    def _number(self, schema: dict[str, Any]) -> int:
        low, high = schema.get("minimum", 0), schema.get("maximum", 2**53 - 1)
        near = self.random.randint(low, min(high, low + 20))
        return self.random.randint(low, high) if self.random.random() < 0.1 else near

    def _text(self, schema: dict[str, Any], name: str) -> str:
        pattern = schema.get("pattern", "")
        pools: tuple[tuple[bool, tuple[str, ...]], ...] = (
            (pattern == DISCLOSURE, (TEXT,)),
            (pattern == EVIDENCE, (PAPER, PHOTO)),
            (schema.get("format") == "date", DAYS),
            (schema.get("format") == "date-time", INSTANTS),
            (name in NAMED, NAMED.get(name, ())),
            ("{64}" in pattern, ("0" * 64, "f" * 64)),
            (pattern.startswith("^[a-z0-9]"), SLUGS),
            (pattern.startswith("^[A-Za-z0-9]"), PEOPLE),
            (not pattern, LINES),
        )
        pool = next((pool for fits, pool in pools if fits), None)
        if pool is None:
            letters = string.ascii_letters + string.digits
            return "".join(self.random.choices(letters, k=12))
        return self.random.choice(pool)
