sentence-any = { EVENT($type) }：{ $all }
sentence-ends = ；{ END($ends) }
sentence-any-corrected = 更正第 { $entry } 条：{ $data }；理由：{ $reason }
sentence-any-voided = 作废第 { $entry } 条；理由：{ $reason }
sentence-any-exception_granted = 特殊情况批准（特批）：规则 { $rule }，文号 { $document }，有效期至 { UNTIL($expires_at) }；理由：{ $reason }（{ $scan }）
sentence-any-exception_used = 依据第 { $exception } 条记录的特批办理「{ COMMAND($command) }」：规则 { $rule }
sentence-any-countersigned =
    为补录「{ COMMAND($command) }」会签{ $happened_at ->
        [0] {""}
       *[other] ，发生于 { $happened_at }
    }{ $entry ->
        [0] {""}
       *[other] ，第 { $entry } 条
    }{ $stream ->
        [0] {""}
       *[other] ，对象 { $stream }
    }；理由：{ $reason }{ with-proof }
sentence-any-countersign_used = 补录「{ COMMAND($command) }」，经第 { $countersign } 条会签
sentence-any-breached =
    违反规则 { $rule }：{ $missing }，由{ ROLE($owed_by) }负责{ $due ->
        [0] {""}
       *[other] ，限 { UNTIL($due) } 前
    }
sentence-any-breach_closed = 第 { $breach } 条违规整改销号：{ $remedy }{ with-proof }
sentence-any-reported = { $stream }：{ $told }
sentence-any-stage_entered = 进入阶段「{ STAGE($stage) }」
sentence-any-effect_proven = 已{ on-channel }，时间 { $happened_at }{ with-proof }
sentence-any-effect_lost = 未收到结果，须人工查看：{ $effect }
sentence-any-deadline_moved =
    { WORD($because) }{ $document ->
        [0] {""}
       *[other] （文号 { $document }）
    }：{ END($ends) }{ $was ->
        [0] {""}
       *[other] （原 { UNTIL($was) }）
    }{ $reason ->
        [0] {""}
       *[other] ；理由：{ $reason }
    }
