sentence-block-block_opened =
    设立区块：{ $name }{ $aliases ->
        [0] {""}
       *[other] （{ $aliases }）
    }，{ $community }，{ WORD($category) }{ $management ->
        [0] {""}
       *[other] ，管理方式：{ WORD($management) }
    }
sentence-block-block_imported =
    补录历史区块：{ $name }，{ $community }{ $finished_year ->
        [0] {""}
       *[other] ，{ $finished_year } 年完成
    }，来源：{ $source_title }{ by-document }{ with-scan }{ $note ->
        [0] {""}
       *[other] ；{ $note }
    }
sentence-block-candidate_data_recorded =
    登记备选地点资料{ $households ->
        [0] {""}
       *[other] ：{ $households } 户
    }{ $floor_area ->
        [0] {""}
       *[other] ，建筑面积 { AREA($floor_area) }
    }{ $buildings ->
        [0] {""}
       *[other] ，{ $buildings } 幢
    }{ $condition ->
        [0] {""}
       *[other] ，现状 { $condition }
    }{ $photos ->
        [0] {""}
       *[other] ，照片 { COUNT($photos) } 张
    }{ $problem_count ->
        [0] {""}
       *[other] ，问题 { $problem_count } 条
    }{ $problems ->
        [0] {""}
       *[other] （{ $problems }）
    }
sentence-block-body_heard = 听取{ WORD($body) }意见（{ $organisation }）：{ $statement }
sentence-block-site_selected = 入选；理由：{ $reason }{ by-document }
sentence-block-site_declined = 未入选；理由：{ $reason }{ by-document }
sentence-block-consent_basis_set = 确定各部位的同意依据：{ PART($parts) }
sentence-block-whether_decided =
    「办不办」（知情权）：{ $go ->
        [0] 不办
       *[other] 办
    }{ $without ->
        [0] {""}
       *[other] ，不含 { $without }
    }；理由：{ $reason }
sentence-block-scope_decided =
    「办什么」（选择权）：{ WORKS($kinds) }{ $places ->
        [0] {""}
       *[other] ，地点 { $places }
    }；理由：{ $reason }{ $compulsory ->
        [0] {""}
       *[other] ；必办：{ WORKS($compulsory) }
    }{ $compulsory_reason ->
        [0] {""}
       *[other] ，必办理由：{ $compulsory_reason }
    }
sentence-block-design_submitted =
    提交设计文本第 { $design_version } 版（{ $text }）：{ WORKS($kinds) }，估算 { MONEY($estimate) }{ $funding ->
        [0] {""}
       *[other] ，资金来源：{ $funding }
    }{ $upkeep_plan ->
        [0] {""}
       *[other] ，管养方案：{ $upkeep_plan }
    }{ $clauses ->
        [0] {""}
       *[other] ，条款 { COUNT($clauses) } 条
    }
sentence-block-how_decided = 「怎么办」（参与权）：按设计第 { $design_version } 版；理由：{ $reason }
sentence-block-preliminary_recorded =
    前期手续：{ WORD($kind) }，文号 { $document }{ $code ->
        [0] {""}
       *[other] ，项目代码 { $code }
    }{ $amount ->
        [0] {""}
       *[other] ，{ MONEY($amount) }
    }{ $organisation ->
        [0] {""}
       *[other] ，{ $organisation }
    }{ $notice_days ->
        [0] {""}
       *[other] ，中标候选人公示 { $notice_days } 天
    }{ with-scan }
sentence-block-works_ordered = 下达开工令 { $document }，工期 { $finish_days } 天{ with-scan }
sentence-block-works_extended = 工期顺延 { days }；理由：{ $reason }{ by-document }
sentence-block-works_finish_near = 预警：工期将满
sentence-block-works_overdue = 工期已过，工程未完
sentence-block-works_completed =
    工程完工{ $report ->
        [0] {""}
       *[other] ：{ $report }
    }，{ $filing_days } 天内备案
sentence-block-preliminary_acceptance_recorded =
    初步验收{ $passed ->
        [0] 不合格
       *[other] 合格
    }{ $defects ->
        [0] {""}
       *[other] ，缺陷：{ DEFECT($defects) }
    }（{ $minutes }）
sentence-block-defect_closed = 缺陷 { $defect } 已销号（{ $proof }）
sentence-block-defect_scheduled = 缺陷 { $defect } 定于 { UNTIL($due) } 前整改，资金来源：{ $funding }{ by-document }
sentence-block-defect_overdue = 缺陷 { $defect } 逾期未整改
sentence-block-documents_filed = 竣工备案 { $document }{ with-scan }
sentence-block-filing_overdue = 竣工备案逾期
sentence-block-as_built_archived = 竣工档案 { $document } 存入 { $archive }
sentence-block-hand_over_offered = 向 { $maintainer } 提交移交清单：{ $list_of_assets }
sentence-block-hand_over_signed =
    管养单位签收移交清单{ $signed ->
        [0] {""}
       *[other] （{ $signed }）
    }
sentence-block-hand_over_refused = 拒收移交清单；理由：{ $reason }
sentence-block-finally_accepted = 竣工验收合格（{ $minutes }）{ with-reason }
sentence-block-rectification_ordered =
    第 { $round } 轮评议后下达整改：{ $what }{ $items ->
        [0] {""}
       *[other] ，分项工程 { $items }
    }，资金来源：{ $funding }，限 { UNTIL($due) } 前{ by-document }
sentence-block-rectification_completed = 评议整改完成（{ $proof }）
sentence-block-rectification_overdue = 评议整改逾期
sentence-block-review_escalated = 评议上报；理由：{ $reason }{ by-document }
sentence-block-review_concluded = 「办得好不好」（监督权）：{ WORD($outcome) }{ and-reason }
sentence-block-works_reopened = 返修重新开工：分项工程 { $items }，工期 { days }；理由：{ $reason }
sentence-block-suspended = 暂停推进；理由：{ $reason }{ by-document }
sentence-block-resumed = 恢复推进{ with-reason }
sentence-block-deferred =
    暂缓{ $until ->
        [0] {""}
       *[other] ，至 { $until }
    }；理由：{ $reason }
sentence-block-taken_up = 重新启动；理由：{ $reason }
sentence-block-sent_back = 退回到「{ STAGE($to) }」；理由：{ $reason }{ by-document }
sentence-block-cancelled = 取消该区块；理由：{ $reason }，文号 { $document }
sentence-block-management_changed = 管理方式改为{ WORD($management) }
