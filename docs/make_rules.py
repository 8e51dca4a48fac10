"""Write docs/rules.md: every rule with its force and source, every threshold, from the code.

Run by `make docs`; with `--check` it only says whether the committed page is the present one.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from page import main  # noqa: E402

from domain.engine.rule import RULES, Force, Rule  # noqa: E402
from domain.profile import THRESHOLDS, Profile, Threshold  # noqa: E402
from domain.registry import KINDS  # noqa: E402
from domain.terms.source import OURS, Basis, Source  # noqa: E402
from words import labels  # noqa: E402

PAGE = ROOT / "docs" / "rules.md"
MARK = {Basis.LAW: "[L]", Basis.PRACTICE: "[P]", Basis.BRIEF: "[B]", Basis.OURS: "[d]"}
HEAD = """# Rules and thresholds (规则与阈值)

Generated from the code by `make docs`; do not edit. {rules} rules, {thresholds} thresholds,
{kinds} kinds of streams.

A **wall** (强制性规定，不得突破) refuses whatever breaks it and nothing passes it. A rule of force
**approval** (须批准) refuses a decision unless an exception with its document was granted by the
approver; a fact that breaks it is recorded with a breach. A **warn** (提示) never refuses: it is
recorded and followed up. `[L]` law, `[P]` published practice of a
city, `[B]` the city's own document, `[d]` our default. The last column names the file where the
rule stands above its check, and the functions there that judge by it.
"""


def page() -> str:
    """Return the whole page."""
    checks = _checks()
    rules = [RULES[k] for k in sorted(RULES)]
    lines = [
        HEAD.format(rules=len(rules), thresholds=len(THRESHOLDS), kinds=len(KINDS)),
        "## Rules",
        "",
        "| rule | force | approver | text | source | in force from | thresholds | judged in |",
        "|---|---|---|---|---|---|---|---|",
        *(_rule(r, checks[r.id]) for r in rules),
        "",
        "## Thresholds",
        "",
        "Each is a field of the programme's profile: set another value there, with its source.",
        "",
        "| field | rule | default | unit | source |",
        "|---|---|---|---|---|",
        *(
            _row(f"`{name}`", f"`{r.id}`", _default(name), one.unit, _source(one.source))
            for r in rules
            for name, one in _thresholds(r)
        ),
        "",
        "## Kinds of works",
        "",
        "| kind | name | depth (cm) | cleared by | hidden | digs | closes the surface | indicator "
        "| warranty (years) |",
        "|---|---|---|---|---|---|---|---|---|",
        *_works(),
    ]
    return "\n".join(lines) + "\n"


def _thresholds(rule: Rule) -> list[tuple[str, Threshold]]:
    return [(name, THRESHOLDS[name]) for name in rule.thresholds]


def _default(threshold: str) -> str:
    return str(Profile.model_fields[threshold].default)


def _checks() -> dict[str, str]:
    """Return for each rule where it stands, and which functions judge by it there."""
    found = {}
    for path in sorted((ROOT / "domain").rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        for name, rule in _declared(tree):
            by = [
                f"`{f.name}`"
                for f in tree.body
                if isinstance(f, ast.FunctionDef) and _names(f, name)
            ]
            file = path.relative_to(ROOT)
            found[rule] = f"[{file.relative_to('domain')}](../{file})" + "".join(
                f"<br>{b}" for b in by
            )
    return found


def _declared(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Call(func=ast.Name(id="rule"), args=[ast.Constant(value=str(rule)), *_]),
            ):
                yield name, rule


def _names(function: ast.FunctionDef, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(function))


def _rule(rule: Rule, check: str) -> str:
    passes = rule.force is Force.APPROVAL
    return _row(
        f"`{rule.id}`",
        f"{rule.force} {labels.word(rule.force).zh}",
        f"{rule.approver} {labels.role(rule.approver).zh}" if passes else "",
        f"{rule.text.zh}<br>{rule.text.en}",
        _source(rule.source),
        str(rule.in_force_from or ""),
        "<br>".join(
            f"`{name}` = {_default(name)} {one.unit}; {_source(one.source)}"
            for name, one in _thresholds(rule)
        ),
        check,
    )


def _works() -> list[str]:
    return [
        _row(
            f"`{slug}`",
            f"{kind.name.zh}<br>{kind.name.en}",
            str(kind.depth),
            "、".join(kind.clearances),
            *("yes" if x else "" for x in (kind.hidden, kind.digs, kind.closes_surface)),
            f"{kind.indicator.zh} ({kind.unit})<br>{kind.indicator.en}",
            str(kind.warranty_years),
        )
        for slug, kind in Profile().work_kinds.items()
    ]


def _source(one: Source) -> str:
    return MARK[one.basis] if one == OURS else f"{MARK[one.basis]} {one.text.zh}<br>{one.text.en}"


def _row(*cells: str) -> str:
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


if __name__ == "__main__":
    sys.exit(main(page(), PAGE))
