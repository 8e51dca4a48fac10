sentence-block-block_opened =
    opened the block { $name }{ $aliases ->
        [0] {""}
       *[other] {" "}({ $aliases })
    } of { $community }: { WORD($category) }{ $management ->
        [0] {""}
       *[other] , managed by: { WORD($management) }
    }
sentence-block-block_imported =
    took over { $name } of { $community } as history{ $finished_year ->
        [0] {""}
       *[other] , finished in { $finished_year }
    }; source: { $source_title }{ by-document }{ with-scan }{ $note ->
        [0] {""}
       *[other] ; { $note }
    }
sentence-block-candidate_data_recorded =
    recorded candidate data{ $households ->
        [0] {""}
        [one] : one household
       *[other] : { $households } households
    }{ $floor_area ->
        [0] {""}
       *[other] , floor area { AREA($floor_area) }
    }{ $buildings ->
        [0] {""}
        [one] , one building
       *[other] , { $buildings } buildings
    }{ $condition ->
        [0] {""}
       *[other] , condition { $condition }
    }{ COUNT($photos) ->
        [0] {""}
        [one] , one photo
       *[other] , { COUNT($photos) } photos
    }{ $problem_count ->
        [0] {""}
        [one] , one problem
       *[other] , { $problem_count } problems
    }{ $problems ->
        [0] {""}
       *[other] {" "}({ $problems })
    }
sentence-block-body_heard = heard { WORD($body) } ({ $organisation }): { $statement }
sentence-block-site_selected = selected the site; because: { $reason }{ by-document }
sentence-block-site_declined = did not select the site; because: { $reason }{ by-document }
sentence-block-consent_basis_set = set what each part's consent rests on: { PART($parts) }
sentence-block-whether_decided =
    whether to do it (the right to know): { $go ->
        [0] no
       *[other] yes
    }{ $without ->
        [0] {""}
       *[other] , without { $without }
    }; because: { $reason }
sentence-block-scope_decided =
    what to do (the right to choose): { WORKS($kinds) }{ $places ->
        [0] {""}
       *[other] , at { $places }
    }; because: { $reason }{ $compulsory ->
        [0] {""}
       *[other] ; compulsory: { WORKS($compulsory) }
    }{ $compulsory_reason ->
        [0] {""}
       *[other] , because { $compulsory_reason }
    }
sentence-block-design_submitted =
    submitted design text { $design_version } ({ $text }): { WORKS($kinds) }, estimate { MONEY($estimate) }{ $funding ->
        [0] {""}
       *[other] , funded by { $funding }
    }{ $upkeep_plan ->
        [0] {""}
       *[other] , upkeep plan { $upkeep_plan }
    }{ COUNT($clauses) ->
        [0] {""}
        [one] , one clause
       *[other] , { COUNT($clauses) } clauses
    }
sentence-block-how_decided = how to do it (the right to take part): by design text { $design_version }; because: { $reason }
sentence-block-preliminary_recorded =
    preliminary paper: { WORD($kind) }, { $document }{ $code ->
        [0] {""}
       *[other] , code { $code }
    }{ $amount ->
        [0] {""}
       *[other] , { MONEY($amount) }
    }{ $organisation ->
        [0] {""}
       *[other] , { $organisation }
    }{ $notice_days ->
        [0] {""}
       *[other] , bid candidates notified for { $notice_days } days
    }{ with-scan }
sentence-block-works_ordered = ordered the works to start by { $document }, to take { $finish_days ->
        [one] one day
       *[other] { $finish_days } days
    }{ with-scan }
sentence-block-works_extended = extended the works by { days }; because: { $reason }{ by-document }
sentence-block-works_finish_near = warning: the time for the works ends soon
sentence-block-works_overdue = the time for the works has passed and they are not done
sentence-block-works_completed =
    completed the works{ $report ->
        [0] {""}
       *[other] : { $report }
    }; to be filed within { $filing_days ->
        [one] one day
       *[other] { $filing_days } days
    }
sentence-block-preliminary_acceptance_recorded =
    preliminary acceptance { $passed ->
        [0] failed
       *[other] passed
    }{ $defects ->
        [0] {""}
       *[other] , defects: { DEFECT($defects) }
    } ({ $minutes })
sentence-block-defect_closed = mended the defect { $defect } ({ $proof })
sentence-block-defect_scheduled = scheduled the defect { $defect } until { UNTIL($due) }, funded by { $funding }{ by-document }
sentence-block-defect_overdue = the defect { $defect } is overdue
sentence-block-documents_filed = filed completion { $document }{ with-scan }
sentence-block-filing_overdue = the filing of completion is overdue
sentence-block-as_built_archived = archived the as-built documents { $document } in { $archive }
sentence-block-hand_over_offered = offered the hand-over list to { $maintainer }: { $list_of_assets }
sentence-block-hand_over_signed =
    signed the hand-over{ $signed ->
        [0] {""}
       *[other] {" "}({ $signed })
    }
sentence-block-hand_over_refused = refused the hand-over list; because: { $reason }
sentence-block-finally_accepted = final acceptance passed ({ $minutes }){ with-reason }
sentence-block-rectification_ordered =
    ordered rectification after round { $round }: { $what }{ $items ->
        [0] {""}
       *[other] , items { $items }
    }, funded by { $funding }, by { UNTIL($due) }{ by-document }
sentence-block-rectification_completed = completed the rectification that the review ordered ({ $proof })
sentence-block-rectification_overdue = the rectification is overdue
sentence-block-review_escalated = escalated the review; because: { $reason }{ by-document }
sentence-block-review_concluded = how well it was done (the right to supervise): { WORD($outcome) }{ and-reason }
sentence-block-works_reopened = reopened the works for repair: { $items }, to take { days }; because: { $reason }
sentence-block-suspended = suspended the block; because: { $reason }{ by-document }
sentence-block-resumed = resumed the block{ with-reason }
sentence-block-deferred =
    deferred{ $until ->
        [0] {""}
       *[other] {" "}until { $until }
    }; because: { $reason }
sentence-block-taken_up = taken up again; because: { $reason }
sentence-block-sent_back = sent back to { STAGE($to) }; because: { $reason }{ by-document }
sentence-block-cancelled = cancelled the block; because: { $reason }, by { $document }
sentence-block-management_changed = now managed by: { WORD($management) }
