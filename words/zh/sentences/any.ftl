sentence-any = { EVENT($type) }：{ $all }
sentence-ends = ；{ END($ends) }
sentence-any-corrected = 更正第 { $entry } 条：{ $data }；理由：{ $reason }
sentence-any-voided = 作废第 { $entry } 条；理由：{ $reason }
sentence-any-exception_granted = 特殊情况批准（特批）：规则 { $rule }，文号 { $document }，有效期至 { UNTIL($expires_at) }；理由：{ $reason }（{ $scan }）
sentence-any-exception_used = 依据第 { $exception } 条记录的特批放行：规则 { $rule }（{ $command }）
sentence-any-countersigned =
    为补录会签：{ $command }{ $happened_at ->
        [0] {""}
       *[other] ，发生于 { $happened_at }
    }{ $entry ->
        [0] {""}
       *[other] ，第 { $entry } 条
    }{ $stream ->
        [0] {""}
       *[other] ，{ $stream }
    }；理由：{ $reason }{ with-proof }
sentence-any-countersign_used = 补录 { $command }，经第 { $countersign } 条会签
sentence-any-breached =
    违规 { $rule }：{ $missing }，由{ WORD($owed_by) }负责{ $due ->
        [0] {""}
       *[other] ，限 { UNTIL($due) } 前
    }
sentence-any-breach_closed = 整改销号，第 { $breach } 条违规：{ $remedy }{ with-proof }
sentence-any-reported = { $stream }：{ $told }
sentence-any-stage_entered = 进入阶段「{ STAGE($stage) }」
sentence-any-effect_proven = 已送达{ CHANNEL($channel) }，{ $happened_at }{ with-proof }
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
