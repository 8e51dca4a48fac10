report-block =
    区块 { $name }：{ STAGE($stage) }{ $suspended ->
        [0] {""}
       *[other] ，已暂停
    }
report-notice-open =
    { PLACE($stream) }（{ WORD($purpose) }）{ $ends_at ->
        [0] 已发起，尚无发布凭证
       *[other] 公示中：已在 { $channels } 个渠道发布，{ UNTIL($ends_at) } 期满
    }{ $upheld ->
        [0] {""}
       *[other] ，成立的异议 { $upheld } 条
    }{ $escalated ->
        [0] {""}
       *[other] ，上报 { $escalated } 条
    }
report-notice-completed =
    { PLACE($stream) }（{ WORD($purpose) }）期满结束，在 { $channels } 个渠道发布{ $upheld ->
        [0] {""}
       *[other] ，成立的异议 { $upheld } 条
    }{ $escalated ->
        [0] {""}
       *[other] ，上报 { $escalated } 条
    }
report-notice-withdrawn = { PLACE($stream) }（{ WORD($purpose) }）已撤回
report-opinion-upheld = { PLACE($stream) }（异议）成立
report-opinion-settled = { PLACE($stream) }（异议）不再成立
report-consultation-open = { PLACE($stream) }（{ WORD($subject) }）征询中
report-consultation-closed =
    { PLACE($stream) }（{ WORD($subject) }）结束：意见 { $opinions } 条，采纳 { $adopted } 条{ $escalated ->
        [0] {""}
       *[other] ，上报 { $escalated } 条
    }
report-consultation-withdrawn = { PLACE($stream) }（{ WORD($subject) }）已撤回
report-poll-open = { PLACE($stream) }（{ WORD($purpose) }，第 { $round } 轮）进行中，应投 { $asked }
report-poll-counted =
    { PLACE($stream) }（{ WORD($purpose) }，第 { $round } 轮）已计票：应投 { $asked }，已投 { $answered }，参与率 { SHARE($turnout) }{ $rate ->
        [0] {""}
       *[other] ，对结果满意 { SHARE($rate) }
    }{ $parts ->
        [0] {""}
       *[other] ；{ PASSED($parts) }
    }{ $ranking ->
        [0] {""}
       *[other] ；{ RANKING($ranking) }
    }{ $questions ->
        [0] {""}
       *[other] ；{ SHARE($questions) }
    }
report-poll-withdrawn = { PLACE($stream) }（{ WORD($purpose) }，第 { $round } 轮）已撤回
report-ballot = { PLACE($stream) } 已更正，重新计票
report-contract =
    { PLACE($stream) }（{ BLOCK($blocks) }）：价款 { MONEY($amount) }{ $paid ->
        [0] {""}
       *[other] ，已付 { MONEY($paid) }
    }{ $settled ->
        [0] {""}
       *[other] ，已结算
    }
report-work =
    { PLACE($stream) }（{ WORKS($kind) }）：{ STAGE($outcome) }{ $hidden_open ->
        [0] {""}
       *[other] ，隐蔽工程待验
    }{ $variations_open ->
        [0] {""}
       *[other] ，待定变更 { $variations_open } 件
    }
report-commitment =
    { PLACE($stream) }：{ STAGE($outcome) }{ $broken ->
        [0] {""}
       *[other] ，有一方逾期未履约
    }
report-upkeep =
    { PLACE($stream) }：{ STAGE($outcome) }{ $serious_open ->
        [0] {""}
       *[other] ，未销号的严重问题 { $serious_open } 件
    }
report-finding-open =
    { PLACE($stream) }{ $serious ->
        [0] {""}
       *[other] （严重）
    }未处理
report-finding-resolved = { PLACE($stream) } 已处理
