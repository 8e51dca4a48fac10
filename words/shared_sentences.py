"""Sentences for what may happen in any stream, and for programmes.

`{field}` is a value of the event, in words; `{field:form}` in a certain form (see `sentence`).
`[…]` is left out where a value in it is empty; `[?field …]` is said only if it is so, `[!field …]`
only if it is not.
"""

from domain.terms.value import Text


def say(zh: str, en: str) -> Text:
    return Text(zh=zh, en=en)


GENERIC: dict[str, Text] = {
    "corrected": say(
        "更正第 {entry} 条：{data}；理由：{reason}",
        "corrected entry {entry}: {data}; because: {reason}",
    ),
    "voided": say(
        "作废第 {entry} 条；理由：{reason}",
        "withdrew entry {entry}; because: {reason}",
    ),
    "exception_granted": say(
        "特殊情况批准（特批）：规则 {rule}，文号 {document}，有效期至 {expires_at:until}；"
        "理由：{reason}（{scan}）",
        "granted an exception to {rule} by {document} until {expires_at:until}; "
        "because: {reason} ({scan})",
    ),
    "exception_used": say(
        "依据第 {exception} 条记录的特批放行：规则 {rule}（{command}）",
        "passed {rule} by the exception of entry {exception} ({command})",
    ),
    "countersigned": say(
        "为补录会签：{command}[，发生于 {happened_at}][，第 {entry} 条][，{stream}]；"
        "理由：{reason}[（{proof}）]",
        "countersigned the late {command}[ of {happened_at}][ of entry {entry}][ of {stream}]; "
        "because: {reason}[ ({proof})]",
    ),
    "countersign_used": say(
        "补录 {command}，经第 {countersign} 条会签",
        "entered {command} late, as entry {countersign} countersigned",
    ),
    "breached": say(
        "违规 {rule}：{missing}，由{owed_by}负责[，限 {due:until} 前]",
        "breach of {rule}: {missing}; owed by {owed_by}[ by {due:until}]",
    ),
    "breach_closed": say(
        "整改销号，第 {breach} 条违规：{remedy}[（{proof}）]",
        "made good the breach of entry {breach}: {remedy}[ ({proof})]",
    ),
    "reported": say("{stream}：{told}", "{stream}: {told}"),
    "stage_entered": say("进入阶段「{stage:stage}」", "entered the stage {stage:stage}"),
    "effect_proven": say(
        "已送达{channel:channel}，{happened_at}[（{proof}）]",
        "delivered on {channel:channel} at {happened_at}[ ({proof})]",
    ),
    "effect_lost": say(
        "未收到结果，须人工查看：{effect}",
        "no answer came, somebody has to look: {effect}",
    ),
    "deadline_moved": say(
        "{because:word}[（文号 {document}）]：{ends:end}[（原 {was:until}）][；理由：{reason}]",
        "{because:word}[ (by {document})]: {ends:end}[ (was {was:until})][; because: {reason}]",
    ),
}

PROGRAMME: dict[str, Text] = {
    "calendar_entered": say(
        "录入 {calendar.year} 年放假安排：工作日放假 {calendar.off:n} 天，"
        "周末上班 {calendar.worked:n} 天[，文号 {calendar.document}]",
        "entered the calendar of {calendar.year}: {calendar.off:n} days off, "
        "{calendar.worked:n} weekend days worked[, by {calendar.document}]",
    ),
    "programme_opened": say(
        "立项：{name}（{city}，{year} 年），{finish_by} 前完成，按 {rules_as_of} 的规则"
        "[?rehearsal ，演练]，任命 {appointments:n} 项",
        "opened {name} ({city}, {year}), to be finished by {finish_by}, by the rules of "
        "{rules_as_of}[?rehearsal , a rehearsal], with {appointments:n} appointments",
    ),
    "profile_amended": say(
        "调整阈值：{values}；依据：{sources}，文号 {document}",
        "changed the profile: {values}; source: {sources}, by {document}",
    ),
    "money_allocated": say(
        "资金：{money.blocks:block} {money.basis} {money.amount:yuan}[，文号 {money.document}]",
        "money for {money.blocks:block}: {money.basis} {money.amount:yuan}[, by {money.document}]",
    ),
    "parking_recorded": say(
        "{parking.places} {parking.year} 年{parking.basis}新增泊位 {parking.bays} 个"
        "[，文号 {parking.document}]",
        "{parking.places}: {parking.bays} bays added in {parking.year} ({parking.basis})"
        "[, by {parking.document}]",
    ),
    "programme_extended": say(
        "项目延期到 {finish_by}；理由：{reason}",
        "moved the deadline to {finish_by}; because: {reason}",
    ),
    "clock_set": say("调整演练时钟", "set the rehearsal's clock"),
    "deadline_near": say(
        "预警：项目 {finish_by} 到期[，{blocks:block} 尚未完成]",
        "warning: the programme is due on {finish_by}[; not finished: {blocks:block}]",
    ),
    "deadline_passed": say(
        "项目期限 {finish_by} 已过", "the programme's deadline {finish_by} passed"
    ),
    "programme_closed": say("结项[：{reason}]", "closed the programme[: {reason}]"),
    "actor_appointed": say(
        "任命 {appointment.actor} 为{appointment.role}[（{appointment.organisation}）]"
        "[，至 {appointment.until:until}]",
        "appointed {appointment.actor} as {appointment.role}[ ({appointment.organisation})]"
        "[ until {appointment.until:until}]",
    ),
    "relieved": say(
        "免去 {actor} 的{role}职责；理由：{reason}",
        "relieved {actor} as {role}; because: {reason}",
    ),
    "delegated": say(
        "委托 {appointment.actor} 代行{appointment.role}职责[，至 {appointment.until:until}]",
        "delegated {appointment.role} to {appointment.actor}[ until {appointment.until:until}]",
    ),
    "role_offered": say(
        "{hand_over.role} {hand_over.holder} 拟移交给 {hand_over.successor},"
        "未结事项 {hand_over.matters} 件：{list_of_matters}",
        "{hand_over.holder} offered the role {hand_over.role} to {hand_over.successor} with "
        "{hand_over.matters} open matters: {list_of_matters}",
    ),
    "role_handed_over": say(
        "{successor} 从 {holder} 接收{role}职责[（{organisation}）]",
        "{successor} took over as {role} from {holder}[ ({organisation})]",
    ),
}
