sentence-programme-calendar_entered =
    录入 { $calendar-year } 年放假安排：工作日放假 { COUNT($calendar-off) } 天，周末上班 { COUNT($calendar-worked) } 天{ $calendar-document ->
        [0] {""}
       *[other] ，文号 { $calendar-document }
    }
sentence-programme-programme_opened =
    建立年度计划：{ $name }（{ $city }，{ $year } 年），{ $finish_by } 前完成，适用 { $rules_as_of } 的规则{ $rehearsal ->
        [0] {""}
       *[other] ，本计划为演练
    }，任命 { COUNT($appointments) } 人次
sentence-programme-profile_amended = 调整阈值：{ THRESHOLDS($values) }；依据：{ VALUES($sources) }，文号 { $document }
sentence-programme-money_allocated =
    资金安排：{ BLOCK($money-blocks) } { WORD($money-basis) } { MONEY($money-amount) }{ $money-document ->
        [0] {""}
       *[other] ，文号 { $money-document }
    }
sentence-programme-parking_recorded =
    { $parking-places } { $parking-year } 年{ WORD($parking-basis) }新增泊位 { $parking-bays } 个{ $parking-document ->
        [0] {""}
       *[other] ，文号 { $parking-document }
    }
sentence-programme-programme_extended = 年度计划延期到 { $finish_by }；理由：{ $reason }
sentence-programme-clock_set = 调整演练时钟
sentence-programme-deadline_near =
    预警：年度计划 { $finish_by } 到期{ $blocks ->
        [0] {""}
       *[other] ，{ BLOCK($blocks) } 尚未完成
    }
sentence-programme-deadline_passed = 年度计划期限 { $finish_by } 已过
sentence-programme-programme_closed = 办结年度计划{ with-reason }
sentence-programme-actor_appointed =
    任命 { $appointment-actor } 为{ PERSON($appointment-role) }{ $appointment-organisation ->
        [0] {""}
       *[other] （{ $appointment-organisation }）
    }{ $appointment-until ->
        [0] {""}
       *[other] ，至 { UNTIL($appointment-until) }
    }
sentence-programme-relieved = 免去 { $actor } 的{ PERSON($role) }职责；理由：{ $reason }
sentence-programme-delegated =
    委托 { $appointment-actor } 代行{ PERSON($appointment-role) }职责{ $appointment-until ->
        [0] {""}
       *[other] ，至 { UNTIL($appointment-until) }
    }
sentence-programme-role_offered = { $hand_over-holder } 拟将{ PERSON($hand_over-role) }职责移交给 { $hand_over-successor }，未结事项 { $hand_over-matters } 件：{ $list_of_matters }
sentence-programme-role_handed_over =
    { $successor } 从 { $holder } 接收{ PERSON($role) }职责{ $organisation ->
        [0] {""}
       *[other] （{ $organisation }）
    }
