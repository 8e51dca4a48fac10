"""What a bundle says to the person who opens it."""

from collections.abc import Mapping
from typing import Any

_TEXT = """\
四问档案包 · A bundle of a Siwen ledger

范围 scope {scope}
日志 log {origin}, {size} leaves
事件 events {events}
导出 exported at {exported_at}

内容：events.jsonl 按日志次序逐行列出事件原文；其余文件证明各条未被改动、没有遗漏，并由日志密钥和
见证人签名。个人信息在事件中只有加盐摘要，应要求导出时原值在 disclosures、附件在 evidence 中。
核验（无需本系统，无需联网）：
  1. 从别处取得 verify.py（任一四问上 siwen audit verifier）和核验策略。不可取自交来本包之人。
  2. Python 3.11 以上，pip install cryptography
  3. python verify.py 本包 --policy 核验策略 [--pinned 以前的检查点] [--fresh-after 时刻]
退出码 0 为全部通过；否则指出首条有问题的事件。
不能证明：登记内容属实；导出时尚未封存的事件；日志持有人与见证人没有串通。

Contents: events.jsonl holds the events as recorded, one a line, in the order of the log. The other
files prove that none was changed or left out, and who signed for it. Personal values are salted
digests in events; where asked for, values are in `disclosures`, files in `evidence`.
To verify, without our system and without a network:
  1. Get verify.py (`siwen audit verifier` on any Siwen) and the policy, which says whose keys to
     believe, from elsewhere: not from whoever handed you this bundle.
  2. Python 3.11 or later, and: pip install cryptography
  3. python verify.py BUNDLE --policy POLICY [--pinned CHECKPOINT] [--fresh-after INSTANT]
Exit status 0: all passed. Otherwise the first bad event is named.
Not proven: that what was entered was true; events not sealed yet at the export; that the log's
holder and its witnesses did not agree to deceive.
"""


def readme(manifest: Mapping[str, Any]) -> str:
    """Return the text for a person."""
    scope = manifest["below"] or "全部 the whole log"
    return _TEXT.format(**{**manifest, "scope": scope})
