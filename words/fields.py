"""What the fields of commands, events and states are called in Chinese."""

from domain.terms.value import Text

_TAKEN = """
accepted 是否认可 | accepted_on 验收日 | actor 人员编号 | after 前置分项工程 | agreed 是否同意
aliases 别名 | amount 金额 | answers 各题答案 | appointments 任命 | approved 是否批准
archive 存放处 | area 面积 | assistants 协管员 | aware 是否知晓 | basis 依据 | bays 泊位数
blocks 区块 | bodies 单位 | body 哪一方 | breach 违规编号 | building 幢 | buildings 幢数
category 类别 | channel 渠道 | channels 渠道 | choose_up_to 最多选几项 | city 城市
city_does 政府做什么 | city_due 政府期限 | clause 设计条款 | clauses 设计条款 | cleaners 保洁
code 代码 | codes 问卷码清单 | command 操作 | community 社区
compulsory 必办项 | compulsory_reason 必办理由
condition 现状 | contract 合同 | contractor 承包单位 | count 数量 | data 更正内容 | days 天数
deadline 期限
defect 缺陷编号 | defects 缺陷 | delegated_by 委托人 | description 说明 | design_version 设计版本
direction 增减 | disposition 处理结果 | document 文号或文件 | due 期限 | effect 待办编号
ends_at 截止时间 | entry 记录编号
estimate 估算 | expires_at 有效期 | finish_by 完成期限 | finished_year 完成年份
first 首次 | floor_area 建筑面积 | form 形式 | forms 形式 | from_household 来自哪户
funding 资金来源 | go 办不办 | happened_at 发生时间 | holder 移交人 | household 户
household_does 住户做什么 | household_due 住户期限 | households 户数 | id 编号 | insertion 期次
items 分项工程 | kind 种类 | kinds 整治内容 | level 层级 | liability_months 缺陷责任期（月）
list_of_assets 移交清单 | list_of_matters 未结事项 | maintainer 管养单位 | major 是否重大
majority 表决比例 | management 管理方式 | matters 未结事项数 | minutes 会议纪要 | mode 开挖方式
month 月份 | name 名称 | nature 性质 | needs 需求 | nights 夜数 | note 备注
notice_days 公示天数 | occupied 是否有人住 | options 选项 | organisation 单位 | outcome 结果
overhaul 是否大修 | owners 业主人数（按专有部分数计） | paper 纸质件 | part 部分 | parts 各部分
passed 是否通过
path 校验路径 | payment 付款编号 | photo 照片 | photos 照片 | place 地点 | places 地点
private 涉及专有部分 | problem_count 问题条数 | problems 问题台账 | profile 阈值 | proof 凭证
stream 对象
purpose 用途 | quantity 工程量 | reason 理由 | record 记录 | regime 管理方式 | rehearsal 演练
remark 备注 | remarks 意见 | remedy 整改情况 | reply 答复 | report 报告 | representative 是否代表
retention 质量保证金比例 | role 职责 | root 清单校验值 | round 轮次 | rule 规则
rules_as_of 规则基准日
scan 扫描件 | score 分数 | sealed 封存清单 | segment 路段 | segments 路段 | serious 是否严重
signed 签名或签字件 | source_title 来源文件 | sources 依据 | speed 时钟 | statement 意见内容
subject 对象 | text 正文 | to 交给 | until 截止 | upkeep_plan 管养方案 | urgent 是否紧急
values 阈值 | worked 上班日 | off 放假日
variation 变更编号 | what 内容 | without 不含部分 | work 分项工程 | works 分项工程
year 年份 | zone 时区
"""
_KEPT = """
acceptance 验收 | accepted_at 验收时间 | adopted 采纳 | answered 已投 | approver 批准人
archived 已归档 | asked 应投 | asked_at 提出时间 | asked_by 申请人 | at 时间 | attempts 走访次数
awareness 知晓率 | bid_notice_days 中标候选人公示天数 | broken 逾期承诺 | builders 施工单位
candidate 备选资料 | changes 变更 | channels_needed 应有渠道数 | city_done 政府已履约
cleared 已会签 | closed_at 路面恢复时间 | commitments 承诺 | completed_at 完工时间
consultations 征询
contracts 合同 | deferred_from 暂缓前阶段 | designs 设计文本 | digs 是否开挖 | done 已完成
dropped 已取消 | entitled 应计 | entry_days 补录天数 | escalated 上报 | filed_at 备案时间
filed_by 提交人 | filing_due 备案期限 | filing_overdue 备案逾期 | final 结算价
finish_days 工期（天） | first_posted 首次张贴 | gates 关口 | hand_over 移交
hand_overs 职责移交 | handed_over_at 移交时间
heard 已听取 | hidden 隐蔽工程 | hidden_open 隐蔽工程待验 | household_done 住户已履约
insertions 刊登 | inspected 已验 | issued_at 发出时间
submitted_at 提交时间 | known_at 登记时间 | limit 时限 | measure 计票规则 | met 见到
money 资金 | months 月度考核 | needed 须会签 | notices 公示 | opened_at 开启时间 | openings 开挖
opinions 意见 | order 排序 | overdue 逾期 | owed_by 责任方 | paid 已付 | parking 停车泊位
payments 付款 | period_ended 期满 | permits 夜间施工证明 | polls 表决与问卷 | posted 已张贴
preliminaries 前期手续 | preliminary 初步验收 | preliminary_at 初步验收时间 | project_code 项目代码
question 问题 | questions 各问 | ranking 得票 | rate 满意率 | rates 满意率
released 质量保证金已返还
reopened 重开 | reply_days 答复期限 | result 结果 | review 评议 | revision 修订 | rounds 轮次
run 施工 | scope 整治范围 | serious_open 严重问题 | settled 已结算 | signed_amount 合同价
standings 考核 | started_at 开工时间 | status 状态 | successor 接收人 | surfaces 已恢复路面
turnout 参与率 | unit 单位 | upheld 成立的异议 | upkeep 长效管理 | vacancy 空置 | variations 变更
variations_open 待定变更 | version 版本 | warranty_ended 保修期满 | warranty_years 保修年限
works_beyond 超出的分项工程 | works_ordered_at 开工令时间
about 涉及 | agree 同意门槛 | anchor 起点 | answer 答复 | binding 是否有约束力 | by 考核人
by_area 按面积计 | city_late 政府逾期 | clock 时钟 | closes_surface 恢复路面 | exceeded 须超过
heads 人数 | hours 时长 | household_late 住户逾期 | item 分项工程 | lapsed 已到期
lapsed_by 逾期层级 | law 法定表决 | notified_at 公告时间 | of 基数 | of_all 按全体计
papers 补办手续 | posted_at 张贴时间 | quorate 达到参与门槛 | quorum 参与门槛 | recount 重新计票
rectified_round 整改轮次 | resolved_by 解决层级 | restored_after 恢复须满月数
retention_lapsed 质量保证金已到期 | runs_from 起算时间 | serious_beyond 另有严重问题
settled_to 已结算至 | steps 各档 | stuck 无处再上报 | took_part 已参与 | touched 涉及的分项工程
unaware 不知晓 | upheld_once 曾经成立 | varied 变更额 | visit_attempts 未遇须走访次数
stage 阶段 | since 此阶段自 | closed 已结束 | suspended 已暂停
exceptions 例外 | breaches 未销号违规 | breaches_beyond 另有违规 | unknown_effects 结果不明事项
voting_closed 投票已截止 | calendars 放假安排 | fixed 已定期限
key 期限名称 | provisional 暂定 | start 起算 | working 按工作日
warn_days 提前预警（天） | warned 已预警 | was_downgraded 此前已降级
was_streak 此前连续月数 | weighed_at 权重基准时间 | window_ended 征询期满
"""


def _read(table: str) -> dict[str, str]:
    lines = table.replace("\n", " | ").split(" | ")
    return dict(line.strip().split(" ", 1) for line in lines if line.strip())


FIELDS = {**_read(_KEPT), **_read(_TAKEN)}


def field(name: str) -> Text:
    """Return what a field is called."""
    return Text(zh=FIELDS.get(name, name), en=name.replace("_", " "))
