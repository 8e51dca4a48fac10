"""The rules of polls."""

from domain.engine.rule import Force, rule
from domain.terms.source import brief, law, ours

WINDOW = rule(
    "poll.window",
    Force.WALL,
    zh="表决须在规定期限内",
    en="a poll runs for the days the rules allow, and ballots are cast within them",
    way_zh="期限为 5 至 60 日；截止前封存的纸质票可在录入期内补录",
    way_en="5 to 60 days; papers sealed before the close may be entered in the entry window",
    source=law("《杭州市物业管理条例》", "Hangzhou Regulation on Property Management"),
)
ENTRY = rule(
    "poll.entry",
    Force.WALL,
    zh="录入期满或全部收回后方可计票",
    en="a poll is counted when its entry window has passed or all those asked have answered",
    way_zh="请等录入期满；到期自动计票",
    way_en="wait for the entry window; it is counted by itself then",
)
QUESTION = rule(
    "poll.question",
    Force.WALL,
    zh="表决内容与目的不符",
    en="what is asked does not fit the poll's purpose",
    way_zh="请按提示改正",
    way_en="correct what is named",
)
PAPER = rule(
    "poll.paper",
    Force.WALL,
    zh="须提供纸质票",
    en="paper is offered to whoever asks for it",
    way_zh="请把纸质票列为投票形式",
    way_en="let paper be one of its forms",
    source=law("《杭州市物业管理条例》", "Hangzhou Regulation on Property Management"),
)
COUNT_BASE = rule(
    "consent.count",
    Force.WALL,
    zh="表决按业主人数和专有部分面积计",
    en="consent is counted on owners and exclusive floor area",
    way_zh="请先登记该处的户、业主人数和专有面积",
    way_en="register its households, owners and floor area first",
    does=("open_household",),
    source=law("《民法典》第二百七十八条", "Civil Code, art. 278"),
)
BASE = rule(
    "poll.base",
    Force.WALL,
    zh="没有可发问卷的户",
    en="there are no households to ask",
    way_zh="请先登记户",
    way_en="register the households first",
    does=("open_household",),
)
CODES = rule(
    "poll.codes",
    Force.WALL,
    zh="问卷码不能多于户数",
    en="there are no more codes than households",
    way_zh="请按户数制码",
    way_en="draw as many codes as there are households to ask",
)
ASKED = rule(
    "poll.asked",
    Force.APPROVAL,
    zh="有人居住的户都应询问",
    en="every occupied household is asked",
    way_zh="请为每户制码",
    way_en="draw a code for each",
    source=ours(
        "本系统默认：参与率以应询户数计", "our default: turnout is measured on the households asked"
    ),
)
MORE_THAN_ASKED = rule(
    "poll.more_than_asked",
    Force.WARN,
    zh="票数多于应投户数",
    en="there are more ballots than households asked",
    way_zh="请核对问卷码封存清单",
    way_en="check the sealed list and the register",
)
RECOUNT = rule(
    "poll.recount",
    Force.WARN,
    zh="计票须以现有选票为准",
    en="a count stands on the ballots as they are",
    way_zh="请重新计票",
    way_en="count again",
    does=("recount_poll",),
)
BASIS = rule(
    "poll.basis",
    Force.WALL,
    zh="表决事项须按区块确定的同意依据计票",
    en="a part is voted on by the basis of consent that the block has set for it",
    way_zh="请核对依据，或先在区块更改",
    way_en="check the basis, or change the block's first",
    does=("set_consent_basis",),
    source=law("《民法典》第二百七十八条", "Civil Code, art. 278"),
)
REVIEW_OPENS = rule(
    "review.opens",
    Force.APPROVAL,
    zh="满意度问卷自初步验收合格起",
    en="the satisfaction poll opens from a passed preliminary acceptance on",
    way_zh="请先初步验收",
    way_en="have the preliminary acceptance first",
    does=("record_preliminary_acceptance",),
    source=brief("四问：问绩于民", "the four questions: asking the people to judge the result"),
)
