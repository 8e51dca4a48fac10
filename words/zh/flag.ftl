flag-late =
    { $days ->
        [0] 当天补录
       *[other] 晚 { $days } 天记录
    }
flag-late_gate = 由第 { $entry } 条会签
flag-exception = 依据第 { $entry } 条特批放行
flag-breach = 未销号
flag-breach-closed = 已销号
flag-amended_after_gate-corrected = 离开所依据的阶段之后才更正
flag-amended_after_gate-voided = 离开所依据的阶段之后才作废
flag-split = { $contractor }：{ $contracts } 份合同共 { MONEY($total) }，每份都在招标限额 { MONEY($most) }以下
flag-same_day = { $day } 申请并批准
flag-unapproved = 付款 { MONEY($amount) }，至今未批准
flag-unapproved-approved_since = 付款 { MONEY($amount) }，后来才批准
