"""Write docs/glossary.md: what each thing is called in Chinese, in English and in the code.

Run by `make docs`; with `--check` it only says whether the committed page is the present one.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from page import main  # noqa: E402

from domain.registry import KINDS  # noqa: E402
from domain.streams.block.state import PATH as STAGES  # noqa: E402
from domain.streams.block.state import STAGE_TEXT  # noqa: E402
from domain.terms.question import ASKING_TEXT, QUESTION_TEXT, RIGHT_TEXT, Question  # noqa: E402
from domain.terms.role import Role  # noqa: E402
from domain.terms.value import Text  # noqa: E402
from words import labels  # noqa: E402
from words.events import chinese  # noqa: E402

PAGE = ROOT / "docs" / "glossary.md"
HEAD = """# Glossary (词汇)

Generated from the code by `make docs`; do not edit. A term that the domain owns has one Chinese
word, one English word and one name in the code.
"""
PROVING = (
    ("流", "stream", "one thing's events in their order, as a block's or a notice's"),
    ("记录", "entry", "an event as it stands in its stream, with who, when and by which door"),
    ("发生时间", "occurred_at", "when something was so (valid time)"),
    ("登记时间", "recorded_at", "when the ledger took it (transaction time)"),
    ("封存", "sealing", "taking entries into the signed log"),
    ("叶", "leaf", "an entry's hash in the log's tree (RFC 6962)"),
    ("检查点", "checkpoint", "the signed size and root of the log's tree"),
    ("见证", "witness", "somebody else who signs that the log only grew"),
    ("卷宗", "dossier", "everything of a block at an instant"),
    ("特批", "exception", "a recorded leave to pass one rule"),
    ("违规", "breach", "a fact against a rule, with who owes what"),
    ("会签", "countersign", "a second person's word for a late entry"),
)


def page() -> str:
    """Return the whole page."""
    parts = [
        HEAD,
        _table("Kinds of streams (对象)", ((k.title, k.name) for k in KINDS.values())),
        _table("Stages of a block (阶段)", ((STAGE_TEXT[s], str(s)) for s in STAGES)),
        _table("The four questions and rights (四问四权)", ((_four(q), str(q)) for q in Question)),
        _table("Roles (职责)", ((labels.role(r), str(r)) for r in Role)),
        _proving(),
        *(
            _table(f"Commands: {k.title.en} ({k.title.zh})", _commands(k.name))
            for k in KINDS.values()
        ),
        _table("Events (事件)", sorted(_events(), key=lambda e: e[1])),
    ]
    return "\n".join(parts)


def _table(title: str, rows: Iterable[tuple[Text, str]]) -> str:
    head = f"## {title}\n\n| 中文 | English | code |\n|---|---|---|\n"
    return head + "".join(f"| {text.zh} | {text.en} | `{code}` |\n" for text, code in rows)


def _proving() -> str:
    title = "## The ledger and its proof (账本)"
    head = f"{title}\n\n| 中文 | English or code | meaning |\n|---|---|---|\n"
    return head + "".join(f"| {zh} | `{en}` | {what} |\n" for zh, en, what in PROVING)


def _four(of: Question) -> Text:
    asked, asking, right = QUESTION_TEXT[of], ASKING_TEXT[of], RIGHT_TEXT[of]
    return Text(
        zh=f"{asked.zh}，{asking.zh}（{right.zh}）", en=f"{asked.en}: {asking.en} ({right.en})"
    )


def _commands(kind: str) -> Iterator[tuple[Text, str]]:
    for command in KINDS[kind].commands:
        name = str(command.model_fields["type"].default)
        yield Text(zh=command.zh, en=name.replace("_", " ")), name


def _events() -> Iterator[tuple[Text, str]]:
    for name in {n for kind in KINDS.values() for n in kind.event_types}:
        yield Text(zh=chinese().get(name, name), en=name.replace("_", " ")), name


if __name__ == "__main__":
    sys.exit(main(page(), PAGE))
