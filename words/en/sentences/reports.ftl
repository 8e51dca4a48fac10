report-block =
    the block { $name }: { STAGE($stage) }{ $suspended ->
        [0] {""}
       *[other] , suspended
    }
report-notice-open =
    { PLACE($stream) } ({ WORD($purpose) }) { $ends_at ->
        [0] was opened and is not posted yet
       *[other] runs until { UNTIL($ends_at) }, channels posted: { $channels }
    }{ $upheld ->
        [0] {""}
       *[other] , objections upheld: { $upheld }
    }{ $escalated ->
        [0] {""}
       *[other] , escalated: { $escalated }
    }
report-notice-completed =
    { PLACE($stream) } ({ WORD($purpose) }) ran its whole period, channels posted: { $channels }{ $upheld ->
        [0] {""}
       *[other] , objections upheld: { $upheld }
    }{ $escalated ->
        [0] {""}
       *[other] , escalated: { $escalated }
    }
report-notice-withdrawn = { PLACE($stream) } ({ WORD($purpose) }) was withdrawn
report-opinion-upheld = { PLACE($stream) } (objection) was upheld
report-opinion-settled = { PLACE($stream) } (objection) is no longer upheld
report-consultation-open = { PLACE($stream) } ({ WORD($subject) }) is open
report-consultation-closed =
    { PLACE($stream) } ({ WORD($subject) }) closed: opinions { $opinions }, adopted { $adopted }{ $escalated ->
        [0] {""}
       *[other] , escalated { $escalated }
    }
report-consultation-withdrawn = { PLACE($stream) } ({ WORD($subject) }) was withdrawn
report-poll-open = { PLACE($stream) } ({ WORD($purpose) }, round { $round }) is open, { $asked } asked
report-poll-counted =
    { PLACE($stream) } ({ WORD($purpose) }, round { $round }) was counted: { $answered } of { $asked } answered, turnout { SHARE($turnout) }{ $rate ->
        [0] {""}
       *[other] , { SHARE($rate) } satisfied with the result
    }{ $parts ->
        [0] {""}
       *[other] ; { PASSED($parts) }
    }{ $ranking ->
        [0] {""}
       *[other] ; { RANKING($ranking) }
    }{ $questions ->
        [0] {""}
       *[other] ; { SHARE($questions) }
    }
report-poll-withdrawn = { PLACE($stream) } ({ WORD($purpose) }, round { $round }) was withdrawn
report-ballot = { PLACE($stream) } was corrected: counted again
report-contract =
    { PLACE($stream) } ({ BLOCK($blocks) }): price { MONEY($amount) }{ $paid ->
        [0] {""}
       *[other] , paid { MONEY($paid) }
    }{ $settled ->
        [0] {""}
       *[other] , settled
    }
report-work =
    { PLACE($stream) } ({ WORKS($kind) }): { STAGE($outcome) }{ $hidden_open ->
        [0] {""}
       *[other] , hidden works not inspected yet
    }{ $variations_open ->
        [0] {""}
       *[other] , variations undecided { $variations_open }
    }
report-commitment =
    { PLACE($stream) }: { STAGE($outcome) }{ $broken ->
        [0] {""}
       *[other] , and one side is late
    }
report-upkeep =
    { PLACE($stream) }: { STAGE($outcome) }{ $serious_open ->
        [0] {""}
       *[other] , serious findings unsolved { $serious_open }
    }
report-finding-open =
    { PLACE($stream) }{ $serious ->
        [0] {""}
       *[other] {" "}(serious)
    } is not solved
report-finding-resolved = { PLACE($stream) } is solved
