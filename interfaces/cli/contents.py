"""The commands by name: what the help says of each, and where it is."""

from collections.abc import Mapping

from interfaces.cli.language import both
from interfaces.cli.lazy import Entry, command, group

WORK = both("办事", "Work")
LOOK = both("查看", "Look")
RUN = both("运行", "Run")
KEEP = both("维护", "Keep")

PROGRAMME: Mapping[str, Entry] = {
    "open": command(
        "programmes:open_",
        "按文件建立年度计划：区块、资金、泊位；再运行一次不会重复",
        "Open a programme from a file with its blocks and figures; run again, it adds nothing.",
    ),
    "list": command("programmes:list_", "所有年度计划", "Every programme."),
    "days": command(
        "days:days",
        "每月（周、日）登记了多少：条目、新开、违规、进入的阶段",
        "What was recorded by month, week or day: entries, openings, breaches, stages.",
    ),
    "show": command("programmes:show", "一个年度计划的现状", "Where a programme stands."),
}
CALENDAR: Mapping[str, Entry] = {
    "show": command(
        "calendar:show_",
        "已录入哪些年、哪些期限在等放假安排",
        "Which years are entered, and what waits for a year's calendar.",
    ),
    "enter": command(
        "calendar:enter",
        "录入一年的放假安排：本机已收录的年份只需文号，否则用 --off、--worked 写明",
        "Enter a year's calendar: of a year that is known here its document number is enough; "
        "otherwise say its days with --off and --worked.",
    ),
}
BLOCK: Mapping[str, Entry] = {
    "list": command(
        "look:list_", "所有区块：阶段、还缺几项、到期", "Every block, where it stands."
    ),
    "show": command("look:block_show", "一个区块的现状", "Where a block stands."),
}
AUDIT: Mapping[str, Entry] = {
    "verify": command(
        "audit.proofs:verify",
        "核验账本，或核验一个档案包：真实性、完整性、可用性、安全性",
        "Verify the ledger, or a bundle: authentic, complete, usable, safe.",
    ),
    "export": command(
        "audit.proofs:export",
        "导出档案包：计划、区块（连同其下全部）或整个账本，无需本系统即可核验",
        "Write a bundle that can be verified without Siwen.",
    ),
    "policy": command(
        "audit.proofs:policy",
        "打印核验策略：日志和见证人的公钥",
        "Print a policy: the log's and witnesses' keys.",
    ),
    "verifier": command(
        "audit.proofs:verifier",
        "打印独立核验程序 verify.py(只需 Python 和 cryptography)",
        "Print the stand-alone verifier, verify.py (needs Python and cryptography).",
    ),
    "receipt": command(
        "audit.receipts:receipt",
        "核对回执；已封存的可另存为能自证的凭证文件",
        "Check a receipt, and write one that proves itself once it is sealed.",
    ),
    "show": command(
        "audit.past:show",
        "当时的样子：某一刻或某一条记录时的状态、期限和规则",
        "A stream as it was at an instant or an entry, with its deadlines and rules.",
    ),
    "diff": command(
        "audit.past:diff",
        "两个时刻或两条记录之间：哪些项变了，由哪条记录改变",
        "Two instants or entries of a stream: what changed, and by which event.",
    ),
    "why": command(
        "audit.past:why",
        "某一项为什么是这样：由哪些记录形成，谁、何时、依据什么",
        "Why a value is what it is: the events that made it, by whom, under which rule.",
    ),
    "flags": command(
        "audit.flags:flags",
        "疑点：补录、特批、违规、过关后更正、当天批准、拆分合同、未批先付",
        "What to look at first: late entries, exceptions, breaches, corrections after a gate …",
    ),
    "replay": command(
        "audit.replays:replay",
        "从事件重算所有状态和视图并比较，再按规则复核每项决定；"
        "--engine 用现有代码重放未结束的工作流",
        "Fold every state and view anew from the events and compare, and judge every decision "
        "again by the rules; with --engine, replay the open workflows with the code at hand.",
    ),
    "new-origin": command(
        "audit.logs:new_origin",
        "日志冻结后另起一本，引用原日志最后的检查点",
        "Begin a new log that cites the old one, which cannot go on.",
    ),
    "digest": command(
        "audit.logs:digest",
        "公示单上的账本校验码对应哪个检查点",
        "Which checkpoint the code on a posted sheet stands for.",
    ),
}
WITNESS: Mapping[str, Entry] = {
    "key": command(
        "witness:key",
        "显示公钥（首次使用时生成密钥）：写入核验策略和 SIWEN_WITNESSES",
        "Show the public key, made on first use: for policies and SIWEN_WITNESSES.",
    ),
    "serve": command(
        "witness:serve",
        "为所列日志作见证，Ctrl-C 停止",
        "Witness the logs that are named; Ctrl-C stops it.",
    ),
}
VAULT: Mapping[str, Entry] = {
    "list": command("vault:list_", "保存着什么，为何，到何时", "What is kept, why, until when."),
    "show": command(
        "vault:show",
        "逐条说明；--values 显示内容，受限的须 --restricted 并留下记录",
        "Each thing in full; --values shows the words; of what is restricted only with "
        "--restricted, on record.",
    ),
    "due": command(
        "vault:due",
        "保存期限已届满、应当删除的",
        "What need no longer be kept: erase it with --due.",
    ),
    "erase": command(
        "vault:erase",
        "删除一个人的内容和证据；法定保存期未满的改为限制查阅；删除本身记入账本",
        "Erase what is kept about somebody; what the archive still needs is restricted "
        "instead. The erasure itself is recorded.",
    ),
    "restrict": command(
        "vault:restrict",
        "限制查阅：保留但不再显示，公职人员的内容也可以",
        "Keep it and show it no more; officials' words too.",
    ),
    "lift": command("vault:lift", "解除限制", "Show again what was restricted."),
    "sweep": command(
        "vault:sweep",
        "补做中断的删除；恢复旧备份后重新删除",
        "Finish erasures that were interrupted, and make them again after a restore.",
    ),
    "pages": command(
        "vault:pages",
        "重写保险库的数据库页面，使已删除的内容不留在里面（须以表的所有者登录）",
        "Write the vault's tables anew, so that no page holds what was erased; as their owner.",
    ),
}
VIEWS: Mapping[str, Entry] = {
    "status": command(
        "views:status",
        "各视图到了日志的哪一条，还差多少",
        "How far each view goes in the log, and its lag.",
    ),
    "rebuild": command(
        "views:rebuild",
        "从日志重新生成：先在旁边生成，与旧的比较，再整体换上",
        "Make views anew from the log: beside, compared with the old, then swapped at once.",
    ),
}
COMMANDS: Mapping[str, Entry] = {
    "next": command(
        "next_:next_",
        "还缺什么、该谁办、现在可以做什么；不写名称则列出所有区块",
        "What is missing, who owes it, what may be done now; of all blocks without a name.",
        WORK,
    ),
    "do": command(
        "submit:do",
        "办理一项：siwen do 小花坞/公示/new 发布公示 …；不写字段则说明需要什么",
        "Do something: `siwen do STREAM COMMAND …`; without fields it says what is needed.",
        WORK,
    ),
    "correct": command(
        "submit:correct",
        "更正一条记录：原记录保留，改为新的含义",
        "Correct an entry: it stays, and gets a new meaning.",
        WORK,
    ),
    "void": command(
        "submit:void",
        "作废一条记录：原记录保留，不再作数",
        "Withdraw an entry: it stays, but counts no more.",
        WORK,
    ),
    "programme": group(PROGRAMME, "年度计划", "Programmes of the year.", WORK),
    "calendar": group(CALENDAR, "放假安排（工作日历）", "Days off and days worked.", WORK),
    "rehearse": command(
        "rehearse:rehearse",
        "演练：按脚本在单独的账本里走完全程",
        "Play a scenario, stepped, in a rehearsal ledger of its own.",
        WORK,
    ),
    "history": command(
        "history:history",
        "来龙去脉：档案里的每一条，写成句子",
        "The timeline of a dossier, every entry as a sentence.",
        LOOK,
    ),
    "show": command("look:show", "一个对象的现状", "Where a stream stands, field by field.", LOOK),
    "block": group(BLOCK, "区块", "Blocks.", LOOK),
    "find": command(
        "find:find",
        "查找：按名称、种类、阶段，如 siwen find 小花坞 公示",
        "Search by name, kind and stage: `siwen find xiaohuawu notice`.",
        LOOK,
    ),
    "audit": group(
        AUDIT,
        "审计：核验、导出、回看、重算",
        "For auditors: verify, export, look back, replay.",
        LOOK,
    ),
    "up": command(
        "run:up",
        "启动数据库、Temporal 和工作进程，Ctrl-C 停止",
        "Start the database, Temporal and a worker, to stay; Ctrl-C stops them.",
        RUN,
    ),
    "down": command("stack:down", "停止 siwen up", "Stop what `siwen up` started.", RUN),
    "status": command(
        "stack:status",
        "各部分是否正常；全部正常时退出码为 0",
        "Whether all parts are well: exit code 0 only then.",
        RUN,
    ),
    "worker": command(
        "run:worker",
        "只运行一个工作进程（服务器在别处）",
        "Run one worker alone, on servers elsewhere.",
        RUN,
    ),
    "witness": group(
        WITNESS,
        "见证人：由审计机关运行，只为真正续写的日志签名",
        "A witness, run by an audit office: signs only a log that really grew.",
        RUN,
    ),
    "migrate": command(
        "keep:migrate", "把账本升级到本版本", "Bring the ledger to this release.", KEEP
    ),
    "recover": command(
        "keep:recover",
        "按账本重新启动所有工作流（Temporal 丢失后）",
        "Start every workflow again from the ledger, after Temporal was lost.",
        KEEP,
    ),
    "doctor": command(
        "keep:doctor",
        "检查版本、服务器、迁移、被隔离的对象、落后的工作流、逾期的期限",
        "Check versions, servers, migrations, what is quarantined, lags or is overdue.",
        KEEP,
    ),
    "backup": command(
        "keep:backup",
        "把账本、保险库和证据存成一个文件",
        "Write the ledger, vault and evidence into one file.",
        KEEP,
    ),
    "restore": command(
        "keep:restore",
        "从备份恢复（须先 siwen down）；备份之后的记录不再存在",
        "Bring a ledger back from a backup (after `siwen down`); what came later is gone.",
        KEEP,
    ),
    "vault": group(
        VAULT,
        "保险库：个人内容和证据为何保存、到何时、如何删除",
        "Personal values and evidence: why they are kept, until when, how they are erased.",
        KEEP,
    ),
    "views": group(
        VIEWS, "视图：列表、查找、图表所用的表", "Views: the tables of lists, search, charts.", KEEP
    ),
}
