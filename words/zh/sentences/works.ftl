sentence-contract-contract_signed = 签订{ WORD($kind) }合同：承包单位 { $contractor }，合同价 { MONEY($amount) }，区块 { BLOCK($blocks) }，文号 { $document }，质量保证金比例 { SHARE($retention) }{ with-scan }
sentence-contract-contract_variation_asked = 申请变更 { $variation }：{ MONEY($amount) }；理由：{ $reason }{ by-document }
sentence-contract-contract_variation_decided =
    { $approved ->
        [0] 不批准变更
       *[other] 批准变更
    } { $variation }{ by-document }
sentence-contract-contract_settled = 结算 { MONEY($amount) }，验收日 { $accepted_on }，文号 { $document }{ with-scan }
sentence-contract-payment_asked = 申请付款 { $payment }：{ MONEY($amount) }{ and-reason }
sentence-contract-payment_approved = 批准付款 { $payment }{ by-document }
sentence-contract-payment_refused = 不批准付款 { $payment }；理由：{ $reason }
sentence-contract-payment_made = 付款 { MONEY($amount) }，凭证号 { $document }{ with-proof }
sentence-contract-retention_released = 返还质量保证金 { MONEY($amount) }{ by-document }
sentence-contract-retention_due = 缺陷责任期满，应返还质量保证金 { MONEY($amount) }
sentence-work-work_planned =
    列入分项工程：{ $name }（{ WORKS($kind) }），{ $quantity } { $unit }{ of-segments }{ $needed ->
        [0] {""}
       *[other] ，须由 { $needed } 会签
    }{ $private ->
        [0] {""}
       *[other] ，涉及专有部分
    }{ $after ->
        [0] {""}
       *[other] ，排在 { $after } 之后
    }
sentence-work-contract_assigned = 归入合同 { $contract-id }（{ $contract-contractor }）
sentence-work-work_cleared = { $body } 会签，文号 { $document }{ with-scan }
sentence-work-work_started = 分项工程开工
sentence-work-work_dropped = 取消该分项工程；理由：{ $reason }{ by-document }
sentence-work-segment_opened =
    开挖路段 { $segment }（{ WORD($mode) }）{ $hours ->
        [0] {""}
       *[other] ，{ $hours } 小时内恢复
    }{ by-builder }{ with-photo }
sentence-work-segment_backfilled = 回填路段 { $segment }（{ WORD($mode) }）{ by-builder }{ with-photo }
sentence-work-utilities_notified = 告知管线单位 { $bodies }{ by-document }
sentence-work-night_permit_posted = 公示夜间施工证明 { $document }：{ $first } 起 { $nights } 夜（{ $scan }）
sentence-work-emergency_papers_came =
    路段 { $segment } 抢修补办手续 { $document }{ with-scan }{ $remark ->
        [0] {""}
       *[other] ：{ $remark }
    }
sentence-work-opening_overdue = 第 { $opening } 处开挖逾期未恢复
sentence-work-progress_recorded = 完成工程量 { $quantity }{ by-builder }{ with-photo }
sentence-work-hidden_inspected =
    隐蔽工程验收{ $passed ->
        [0] 不通过
       *[other] 通过
    }{ of-segments }{ $photos ->
        [0] {""}
       *[other] ，照片 { COUNT($photos) } 张
    }{ $record ->
        [0] {""}
       *[other] （{ $record }）
    }
sentence-work-work_finished = 分项工程完工{ by-builder }
sentence-work-work_accepted = 分项工程验收合格，工程量 { $quantity }{ by-document }{ with-minutes }
sentence-work-work_rejected = 分项工程验收不合格；理由：{ $reason }{ with-minutes }
sentence-work-variation_asked = 申请变更 { $variation }：{ MONEY($amount) }，工程量 { $quantity }；理由：{ $reason }
sentence-work-variation_decided =
    { $approved ->
        [0] 不批准变更
       *[other] 批准变更
    } { $variation }{ by-document }
sentence-work-defect_reported =
    保修期内报修 { $defect }（{ $place }{ $urgent ->
        [0] {""}
       *[other] ，紧急
    }）：{ $description }{ with-photo }
sentence-work-builder_came = 施工单位到场，报修 { $defect }{ with-photo }
sentence-work-defect_closed = 报修 { $defect } 已修复{ with-photo }
sentence-work-response_missed = 报修 { $defect } 逾期未到场
sentence-work-warranty_ended = 保修期满
sentence-commitment-commitment_offered =
    提出双向承诺（{ $building }{ $household ->
        [0] {""}
       *[other] ，{ $household }
    }）：住户在 { $household_due } 前完成 { WORKS($household_does) }；政府在 { $city_due } 前完成 { WORKS($city_does) }{ with-text }
sentence-commitment-commitment_signed = 签订承诺书（{ $paper }）
sentence-commitment-commitment_declined = 住户不同意签订承诺书{ with-reason }
sentence-commitment-household_fulfilled = 住户一方履约，已查验（{ $photo }）
sentence-commitment-city_fulfilled = 政府一方履约，已查验（{ $photo }）
sentence-commitment-commitment_extended = 承诺延期：住户至 { $household_due }，政府至 { $city_due }（{ $paper }）
sentence-commitment-commitment_broken = { WORD($side) }逾期未履约（期限 { UNTIL($due) }）
sentence-commitment-commitment_closed = 双方履约，办结
sentence-upkeep-upkeep_opened =
    转入长效管理：{ $maintainer }，管理方式 { WORD($regime) }，社区经办人 { $community }{ $assistants ->
        [0] {""}
       *[other] ，协管员 { $assistants }
    }{ $cleaners ->
        [0] {""}
       *[other] ，保洁员 { $cleaners }
    }{ of-segments }
sentence-upkeep-crew_changed =
    调整人员名册{ $assistants ->
        [0] {""}
       *[other] ：协管员 { $assistants }
    }{ $cleaners ->
        [0] {""}
       *[other] ，保洁员 { $cleaners }
    }
sentence-upkeep-maintainer_changed = 管养单位改为 { $maintainer }（{ WORD($regime) }），文号 { $document }{ with-scan }
sentence-upkeep-upkeep_assessed = { $month } 考核{ WORD($level) } { $subject }：{ $score } 分（{ $mark } 分合格）{ and-reason }
sentence-upkeep-upkeep_closed = 结束长效管理；理由：{ $reason }
sentence-finding-finding_recorded =
    巡查发现{ WORD($nature) }问题：{ $place }（{ $photo }），由{ WORD($level) }处理{ $remark ->
        [0] {""}
       *[other] ；{ $remark }
    }
sentence-finding-finding_regraded = 改定为{ WORD($nature) }问题；理由：{ $reason }
sentence-finding-finding_resolved = 已处理（{ $photo }）
sentence-finding-resolution_confirmed = 核实销号{ with-photo }
sentence-finding-resolution_rejected = 核实不通过，退回处理；理由：{ $reason }
sentence-finding-finding_overdue =
    { WORD($level) }逾期未处理{ $to ->
        [0] {""}
       *[other] ，升级到{ WORD($to) }
    }
