by-document =
    { $document ->
        [0] {""}
       *[other] ，文号 { $document }
    }
with-scan =
    { $scan ->
        [0] {""}
       *[other] （{ $scan }）
    }
with-photo =
    { $photo ->
        [0] {""}
       *[other] （{ $photo }）
    }
with-reason =
    { $reason ->
        [0] {""}
       *[other] ：{ $reason }
    }
with-document =
    { $document ->
        [0] {""}
       *[other] （{ $document }）
    }
with-proof =
    { $proof ->
        [0] {""}
       *[other] （{ $proof }）
    }
by-builder =
    { $builder ->
        [0] {""}
       *[other] ，施工单位 { $builder }
    }
and-reason =
    { $reason ->
        [0] {""}
       *[other] ；{ $reason }
    }
with-minutes =
    { $minutes ->
        [0] {""}
       *[other] （{ $minutes }）
    }
of-segments =
    { $segments ->
        [0] {""}
       *[other] ，路段 { $segments }
    }
with-text =
    { $text ->
        [0] {""}
       *[other] ：{ $text }
    }
on-channel =
    { $channel ->
        [newspaper] 在报纸刊登
        [community-board] 在社区公告栏张贴
        [site-board] 在现场公告栏张贴
        [messaging] 通过短信微信发送
       *[other] 在{ CHANNEL($channel) }发布
    }
days = { $days } 天
working-days = { $days } 个工作日
in-days =
    { WORKING($ends) ->
        [1] { working-days }
       *[other] { days }
    }
form-end =
    { DEADLINE($key) } { UNTIL($due) }{ $provisional ->
        [0] {""}
       *[other] （暂定）
    }
form-part = { $part }（{ WORD($basis) }）
form-defect =
    { $id }（{ $serious ->
        [0] {""}
       *[other] 严重：
    }{ $what }）
form-result =
    应投 { $asked }，已投 { $answered }，参与率 { SHARE($turnout) }{ $parts ->
        [0] {""}
       *[other] ；{ PASSED($parts) }
    }{ $ranking ->
        [0] {""}
       *[other] ；{ RANKING($ranking) }
    }{ $rates ->
        [0] {""}
       *[other] ；{ SHARE($rates) }
    }
