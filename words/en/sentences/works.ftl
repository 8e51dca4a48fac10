sentence-contract-contract_signed = signed a contract ({ WORD($kind) }) with { $contractor }: { MONEY($amount) } for { BLOCK($blocks) }, by { $document }, retention { SHARE($retention) }{ with-scan }
sentence-contract-contract_variation_asked = asked for variation { $variation }: { MONEY($amount) }; because: { $reason }{ by-document }
sentence-contract-contract_variation_decided =
    { $approved ->
        [0] refused
       *[other] approved
    } variation { $variation }{ by-document }
sentence-contract-contract_settled = settled at { MONEY($amount) }, accepted on { $accepted_on }, { $document }{ with-scan }
sentence-contract-payment_asked = asked for payment { $payment }: { MONEY($amount) }{ and-reason }
sentence-contract-payment_approved = approved payment { $payment }{ by-document }
sentence-contract-payment_refused = refused payment { $payment }; because: { $reason }
sentence-contract-payment_made = paid { MONEY($amount) }, { $document }{ with-proof }
sentence-contract-retention_released = released the retention of { MONEY($amount) }{ by-document }
sentence-contract-retention_due = the defects liability period ended; { MONEY($amount) } are due for release
sentence-work-work_planned =
    planned { $name } ({ WORKS($kind) }): { $quantity } { $unit }{ of-segments }{ $needed ->
        [0] {""}
       *[other] , to be cleared by { $needed }
    }{ $private ->
        [0] {""}
       *[other] , touching exclusive parts
    }{ $after ->
        [0] {""}
       *[other] , after { $after }
    }
sentence-work-contract_assigned = put the item under contract { $contract-id } ({ $contract-contractor })
sentence-work-work_cleared = cleared by { $body }, { $document }{ with-scan }
sentence-work-work_started = started the item of works
sentence-work-work_dropped = dropped the item of works; because: { $reason }{ by-document }
sentence-work-segment_opened =
    opened the street segment { $segment } ({ WORD($mode) }){ $hours ->
        [0] {""}
       *[other] , to be closed within { $hours ->
            [one] one hour
           *[other] { $hours } hours
        }
    }{ by-builder }{ with-photo }
sentence-work-segment_backfilled = backfilled the segment { $segment } ({ WORD($mode) }){ by-builder }{ with-photo }
sentence-work-utilities_notified = notified the utilities { $bodies }{ by-document }
sentence-work-night_permit_posted = posted the night permit { $document }: { $nights ->
        [one] one night
       *[other] { $nights } nights
    } from { $first } ({ $scan })
sentence-work-emergency_papers_came =
    the papers of the emergency at { $segment } came: { $document }{ with-scan }{ $remark ->
        [0] {""}
       *[other] : { $remark }
    }
sentence-work-opening_overdue = opening { $opening } is overdue and not closed
sentence-work-progress_recorded = done: { $quantity }{ by-builder }{ with-photo }
sentence-work-hidden_inspected =
    hidden works inspection { $passed ->
        [0] failed
       *[other] passed
    }{ of-segments }{ COUNT($photos) ->
        [0] {""}
        [one] , one photo
       *[other] , { COUNT($photos) } photos
    }{ $record ->
        [0] {""}
       *[other] {" "}({ $record })
    }
sentence-work-work_finished = finished the item of works{ by-builder }
sentence-work-work_accepted = accepted the item of works at { $quantity }{ by-document }{ with-minutes }
sentence-work-work_rejected = rejected the item of works; because: { $reason }{ with-minutes }
sentence-work-variation_asked = asked for variation { $variation }: { MONEY($amount) }, quantity { $quantity }; because: { $reason }
sentence-work-variation_decided =
    { $approved ->
        [0] refused
       *[other] approved
    } variation { $variation }{ by-document }
sentence-work-defect_reported =
    reported under warranty the defect { $defect } ({ $place }{ $urgent ->
        [0] {""}
       *[other] , urgent
    }): { $description }{ with-photo }
sentence-work-builder_came = the builder came for the defect { $defect }{ with-photo }
sentence-work-defect_closed = mended the defect { $defect }{ with-photo }
sentence-work-response_missed = nobody came in time for the defect { $defect }
sentence-work-warranty_ended = the warranty ended
sentence-commitment-commitment_offered =
    offered a commitment ({ $building }{ $household ->
        [0] {""}
       *[other] , { $household }
    }): the household does { WORKS($household_does) } by { $household_due }; the city does { WORKS($city_does) } by { $city_due }{ with-text }
sentence-commitment-commitment_signed = signed the commitment ({ $paper })
sentence-commitment-commitment_declined = the household declined to sign{ with-reason }
sentence-commitment-household_fulfilled = the household fulfilled, inspected ({ $photo })
sentence-commitment-city_fulfilled = the city fulfilled, inspected ({ $photo })
sentence-commitment-commitment_extended = extended: the household until { $household_due }, the city until { $city_due } ({ $paper })
sentence-commitment-commitment_broken = { WORD($side) } did not fulfil by { UNTIL($due) }
sentence-commitment-commitment_closed = closed: both sides have fulfilled
sentence-upkeep-upkeep_opened =
    opened upkeep: { $maintainer }, managed by { WORD($regime) }, community { $community }{ $assistants ->
        [0] {""}
       *[other] , assistants { $assistants }
    }{ $cleaners ->
        [0] {""}
       *[other] , cleaners { $cleaners }
    }{ of-segments }
sentence-upkeep-crew_changed =
    changed the crew{ $assistants ->
        [0] {""}
       *[other] : assistants { $assistants }
    }{ $cleaners ->
        [0] {""}
       *[other] , cleaners { $cleaners }
    }
sentence-upkeep-maintainer_changed = now maintained by { $maintainer } ({ WORD($regime) }), { $document }{ with-scan }
sentence-upkeep-upkeep_assessed = assessed the { WORD($level) } { $subject } for { $month }: { $score } points of { $mark } needed{ and-reason }
sentence-upkeep-upkeep_closed = closed upkeep; because: { $reason }
sentence-finding-finding_recorded =
    found { WORD($nature) } at { $place } ({ $photo }), for the { WORD($level) } to see to{ $remark ->
        [0] {""}
       *[other] ; { $remark }
    }
sentence-finding-finding_regraded = regraded as { WORD($nature) }; because: { $reason }
sentence-finding-finding_resolved = solved ({ $photo })
sentence-finding-resolution_confirmed = confirmed that it is solved{ with-photo }
sentence-finding-resolution_rejected = did not confirm that it is solved; because: { $reason }
sentence-finding-finding_overdue =
    the { WORD($level) } let its time limit pass{ $to ->
        [0] {""}
       *[other] ; up to the { WORD($to) }
    }
