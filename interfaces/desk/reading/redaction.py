"""What is said in the place of words and files that are not shown: erased, restricted, or lost."""

from collections.abc import Collection
from typing import Any

from domain.keeping import GROUNDS
from domain.terms.value import Text
from ledger.vault.register import How, Mark, Marks
from ledger.vault.vault import Vault


def said_of(mark: Mark) -> Text:
    """Return what is said of something that was erased or restricted, with its ground."""
    ground = GROUNDS[mark.ground]
    document = mark.document
    if mark.how is How.ERASED:
        what = Text(zh="已删除", en="erased")
    else:
        what = Text(zh="限制查阅", en="restricted")
    return Text(
        zh=f"〔{what.zh}：{ground.zh}{f'，{document}' if document else ''}〕",
        en=f"[{what.en}: {ground.en}{f', {document}' if document else ''}]",
    )


async def words_of(pool: Any, digests: Collection[str]) -> dict[str, str | Text]:
    """Return the words of digests, and of those that are not shown why; files by the latter only.

    What is in none of them was lost.
    """
    if not digests:
        return {}
    found: dict[str, str | Text] = dict(await Vault(pool).read(digests))
    if any(d not in found for d in digests):
        marks = (await Marks.read(pool)).of
        found.update({d: said_of(marks[d]) for d in digests if d not in found and d in marks})
    return found
