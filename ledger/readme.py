"""What a bundle says to the person who opens it."""

from collections.abc import Mapping
from typing import Any

_TEXT = """\
四问档案包 · A bundle of a Siwen ledger

范围 scope        {scope}
日志 log          {origin}
位置 up to leaf   {size}
事件 events       {events}
导出 exported at  {exported_at}

这是什么
  events.jsonl 按日志次序逐行列出事件的原文。其余文件用于证明:每条事件未被改动、
  各流首尾相接、没有遗漏,并由日志密钥和见证人签名。姓名、电话和自由文字在事件中只有
  加盐摘要;只有应要求导出时,原值才在 disclosures 中,附件才在 evidence 中。

如何核验(无需本系统,无需联网)
  1. 从档案包以外的渠道取得 verify.py 和核验策略(写明日志与见证人的公钥及所需人数)。
  2. 装好 Python 3.11 以上版本和 cryptography 库。
  3. python verify.py <本档案包> --policy <核验策略>
     [--pinned <以前存下的检查点>] [--fresh-after <时刻>]
  通过时退出码为 0;否则为 1,并指出首条有问题的事件。

不能证明什么
  登记时内容是否属实;导出时尚未封存的事件;日志持有人与见证人串通。

What this is
  events.jsonl holds the events as they were recorded, one a line, in the order of the log. The
  other files prove that none was changed, that every stream is one chain, that nothing is left
  out, and that the log's key and its witnesses signed for it. Names, telephone numbers and free
  text stand in events as salted digests only; values are in `disclosures` and files in `evidence`
  where the export was asked for them.

How to verify it, without our system and without a network
  1. Get verify.py and the policy (whose keys, and how many witnesses) from elsewhere than here.
  2. Have Python 3.11 or later and the library `cryptography`.
  3. python verify.py THIS-BUNDLE --policy POLICY
     [--pinned A-CHECKPOINT-KEPT-FROM-BEFORE] [--fresh-after INSTANT]
  Exit status 0 means that all passed; else it is 1, and the first bad event is named.

What it cannot prove
  That what was entered was true; events not yet sealed when it was exported; a log whose holder
  and witnesses agree to deceive.
"""


def readme(manifest: Mapping[str, Any]) -> str:
    """Return the text for a person."""
    scope = manifest["below"] or "全部 the whole log"
    return _TEXT.format(**{**manifest, "scope": scope})
