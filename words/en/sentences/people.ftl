sentence-notice-notice_opened =
    opened a notice of { WORD($purpose) }{ $blocks ->
        [0] {""}
       *[other] {" "}for { BLOCK($blocks) }
    } on { CHANNEL($channels) }, for { $purpose ->
        [planning_permit] { days }
       *[other] { working-days }
    }: { $text }{ with-document }
sentence-notice-insertion_issued = issued insertion { $insertion } on { CHANNEL($channels) }
sentence-notice-notice_revised = revised the notice (insertion { $insertion }) on { CHANNEL($channels) }: { $text }{ with-document }
sentence-notice-posted = insertion { $insertion } was { on-channel } ({ $proof })
sentence-notice-notice_extended = extended the notice by { in-days }; because: { $reason }
sentence-notice-notice_period_ended =
    the notice's period ended{ $objections_open ->
        [0] {""}
        [one] , one objection unanswered
       *[other] , { $objections_open } objections unanswered
    }
sentence-notice-notice_closed =
    the notice closed{ $escalated ->
        [0] {""}
        [one] , one objection escalated
       *[other] , { $escalated } objections escalated
    }
sentence-notice-notice_withdrawn = withdrew the notice; because: { $reason }
sentence-household-household_opened =
    registered a household: { $building }, exclusive area { AREA($area) }, { $owners ->
        [one] one owner
       *[other] { $owners } owners
    }{ $occupied ->
        [0] , vacant
       *[other] {""}
    }
sentence-household-household_visited = visited: { WORD($outcome) }
sentence-household-private_works_agreed =
    { $agreed ->
        [0] did not agree
       *[other] agreed
    } to exclusive parts touched by { $work }{ with-scan }
sentence-household-private_works_recorded = recorded that { $work } touched the household's exclusive parts{ with-scan }
sentence-household-private_works_accepted =
    { $accepted ->
        [0] did not accept
       *[other] accepted
    } what { $work } did{ $remarks ->
        [0] {""}
       *[other] : { $remarks }
    }{ with-scan }
sentence-household-household_struck = struck the household off; because: { $reason }
sentence-consultation-consultation_opened =
    opened a consultation on the { WORD($subject) } of design { $design_version }{ $major ->
        [0] {""}
       *[other] {" "}(major decision)
    } on { CHANNEL($channels) }, for { $major ->
        [0] { working-days }
       *[other] { days }
    }: { $text }{ with-document }
sentence-consultation-posted = the consultation was { on-channel } ({ $proof })
sentence-consultation-consultation_extended = extended the consultation by { in-days }; because: { $reason }
sentence-consultation-consultation_window_ended =
    the consultation's window ended{ $opinions_open ->
        [0] {""}
        [one] , one opinion unanswered
       *[other] , { $opinions_open } opinions unanswered
    }
sentence-consultation-consultation_closed =
    the consultation closed: { $opinions ->
        [one] one opinion
       *[other] { $opinions } opinions
    }, { $adopted } adopted, { $escalated } escalated
sentence-consultation-consultation_withdrawn = withdrew the consultation; because: { $reason }
sentence-opinion-opinion_filed = received an { WORD($nature) } ({ WORD($channel) }), to be answered within { $reply_days ->
        [one] one working day
       *[other] { $reply_days } working days
    }: { $text }
sentence-opinion-opinion_disposed =
    disposed: { WORD($disposition) }{ $clause ->
        [0] {""}
       *[other] , design clause { $clause }
    }; because: { $reason }; reply: { $reply }
sentence-opinion-opinion_escalated = escalated to the { ROLE($to) }; because: { $reason }
sentence-opinion-opinion_reopened = took the opinion up again; because: { $reason }
sentence-opinion-reply_overdue = no reply was given by { UNTIL($due) }
sentence-poll-poll_opened =
    opened a poll of { WORD($purpose) }, round { $round }, for { days }, { $asked ->
        [one] one household
       *[other] { $asked } households
    } asked{ $options ->
        [0] {""}
       *[other] , options { WORKS($options) }
    }{ $parts ->
        [0] {""}
       *[other] , parts { KEYS($parts) }
    }, by { WORD($forms) }{ with-text }{ with-document }
sentence-poll-poll_extended = extended the poll by { days }; because: { $reason }
sentence-poll-voting_closed = voting closed; papers sealed before may still be entered
sentence-poll-poll_counted = counted: { RESULT($result) }
sentence-poll-poll_recounted = counted anew: { RESULT($result) }; because: { $reason }
sentence-poll-poll_withdrawn = withdrew the poll; because: { $reason }
sentence-ballot-ballot_cast =
    cast a ballot ({ WORD($form) }{ $signed ->
        [0] {""}
       *[other] , signed
    }){ with-scan }
sentence-ballot-ballot_entered =
    entered a ballot ({ WORD($form) }{ $signed ->
        [0] {""}
       *[other] , signed
    }){ with-scan }
sentence-ballot-ballot_weighed = counted for { $owners ->
        [one] one owner
       *[other] { $owners } owners
    } and { AREA($area) }
sentence-ballot-ballot_withdrawn = withdrew the ballot{ with-reason }{ with-scan }
