sentence-notice-notice_opened =
    发布{ WORD($purpose) }公示{ $blocks ->
        [0] {""}
       *[other] ，涉及 { BLOCK($blocks) }
    }，渠道：{ CHANNEL($channels) }，为期 { $purpose ->
        [planning_permit] { days }
       *[other] { working-days }
    }：{ $text }{ with-document }
sentence-notice-insertion_issued = 再次发布（第 { $insertion } 次），渠道：{ CHANNEL($channels) }
sentence-notice-notice_revised = 修改后重新公示（第 { $insertion } 次），渠道：{ CHANNEL($channels) }：{ $text }{ with-document }
sentence-notice-posted = 第 { $insertion } 次公示已{ on-channel }（{ $proof }）
sentence-notice-notice_extended = 公示期延长 { in-days }；理由：{ $reason }
sentence-notice-notice_period_ended =
    公示期满{ $objections_open ->
        [0] {""}
       *[other] ，{ $objections_open } 条异议未答复
    }
sentence-notice-notice_closed =
    公示结束{ $escalated ->
        [0] {""}
       *[other] ，上报 { $escalated } 条
    }
sentence-notice-notice_withdrawn = 撤回公示；理由：{ $reason }
sentence-household-household_opened =
    登记住户：{ $building }，专有面积 { AREA($area) }，业主 { $owners } 人{ $occupied ->
        [0] ，空置
       *[other] {""}
    }
sentence-household-household_visited = 走访：{ WORD($outcome) }
sentence-household-private_works_agreed =
    { $agreed ->
        [0] 不同意
       *[other] 同意
    } { $work } 在专有部分施工{ with-scan }
sentence-household-private_works_recorded = 登记 { $work } 涉及该户专有部分{ with-scan }
sentence-household-private_works_accepted =
    { $accepted ->
        [0] 验收不认可
       *[other] 验收认可
    } { $work } 的户内施工{ $remarks ->
        [0] {""}
       *[other] ：{ $remarks }
    }{ with-scan }
sentence-household-household_struck = 注销登记；理由：{ $reason }
sentence-consultation-consultation_opened =
    就第 { $design_version } 版设计{ WORD($subject) }发布征询{ $major ->
        [0] {""}
       *[other] （重大事项）
    }，渠道：{ CHANNEL($channels) }{ $major ->
        [0] ，为期 { working-days }
       *[other] ，为期 { days }
    }：{ $text }{ with-document }
sentence-consultation-posted = 征询已{ on-channel }（{ $proof }）
sentence-consultation-consultation_extended = 征询期延长 { in-days }；理由：{ $reason }
sentence-consultation-consultation_window_ended =
    征询期满{ $opinions_open ->
        [0] {""}
       *[other] ，{ $opinions_open } 条意见未答复
    }
sentence-consultation-consultation_closed = 征询结束：意见 { $opinions } 条，采纳 { $adopted } 条，上报 { $escalated } 条
sentence-consultation-consultation_withdrawn = 撤回征询；理由：{ $reason }
sentence-opinion-opinion_filed = 收到{ WORD($nature) }（{ WORD($channel) }），{ $reply_days } 个工作日内答复：{ $text }
sentence-opinion-opinion_disposed =
    处理结果：{ WORD($disposition) }{ $clause ->
        [0] {""}
       *[other] ，设计条款 { $clause }
    }；理由：{ $reason }；答复：{ $reply }
sentence-opinion-opinion_escalated = 提交{ ROLE($to) }；理由：{ $reason }
sentence-opinion-opinion_reopened = 重新处理；理由：{ $reason }
sentence-opinion-reply_overdue = 逾期未答复（期限 { UNTIL($due) }）
sentence-poll-poll_opened =
    发起{ WORD($purpose) }，第 { $round } 轮，为期 { days }，应投 { $asked } 户{ $options ->
        [0] {""}
       *[other] ，选项 { WORKS($options) }
    }{ $parts ->
        [0] {""}
       *[other] ，表决事项 { KEYS($parts) }
    }，形式：{ WORD($forms) }{ with-text }{ with-document }
sentence-poll-poll_extended = 投票期延长 { days }；理由：{ $reason }
sentence-poll-voting_closed = 投票截止，截止前封存的纸质票仍可录入
sentence-poll-poll_counted = 计票：{ RESULT($result) }
sentence-poll-poll_recounted = 重新计票：{ RESULT($result) }；理由：{ $reason }
sentence-poll-poll_withdrawn = 撤回表决或问卷；理由：{ $reason }
sentence-ballot-ballot_cast =
    投票（{ WORD($form) }{ $signed ->
        [0] {""}
       *[other] ，已签名
    }）{ with-scan }
sentence-ballot-ballot_entered =
    代为录入选票（{ WORD($form) }{ $signed ->
        [0] {""}
       *[other] ，已签名
    }）{ with-scan }
sentence-ballot-ballot_weighed = 计票权重：业主 { $owners } 人，专有面积 { AREA($area) }
sentence-ballot-ballot_withdrawn = 撤回选票{ with-reason }{ with-scan }
