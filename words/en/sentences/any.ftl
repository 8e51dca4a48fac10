sentence-any = { EVENT($type) }: { $all }
sentence-ends = ; { END($ends) }
sentence-any-corrected = corrected entry { $entry }: { $data }; because: { $reason }
sentence-any-voided = withdrew entry { $entry }; because: { $reason }
sentence-any-exception_granted = granted an exception from { $rule } by { $document } until { UNTIL($expires_at) }; because: { $reason } ({ $scan })
sentence-any-exception_used = passed { $rule } by the exception of entry { $exception } to { COMMAND($command) }
sentence-any-countersigned =
    countersigned a late entry ({ COMMAND($command) }){ $happened_at ->
        [0] {""}
       *[other] {" "}of { $happened_at }
    }{ $entry ->
        [0] {""}
       *[other] {" "}of entry { $entry }
    }{ $stream ->
        [0] {""}
       *[other] {" "}of { $stream }
    }; because: { $reason }{ with-proof }
sentence-any-countersign_used = entered late ({ COMMAND($command) }), as entry { $countersign } countersigned
sentence-any-breached =
    breach of the rule { $rule }: { $missing }; owed by the { ROLE($owed_by) }{ $due ->
        [0] {""}
       *[other] {" "}by { UNTIL($due) }
    }
sentence-any-breach_closed = made good the breach of entry { $breach }: { $remedy }{ with-proof }
sentence-any-reported = { $stream }: { $told }
sentence-any-stage_entered = entered the stage { STAGE($stage) }
sentence-any-effect_proven = { on-channel } at { $happened_at }{ with-proof }
sentence-any-effect_lost = no answer came, somebody has to look: { $effect }
sentence-any-deadline_moved =
    { WORD($because) }{ $document ->
        [0] {""}
       *[other] {" "}(by { $document })
    }: { END($ends) }{ $was ->
        [0] {""}
       *[other] {" "}(was { UNTIL($was) })
    }{ $reason ->
        [0] {""}
       *[other] ; because: { $reason }
    }
