sentence-programme-calendar_entered =
    entered the calendar of { $calendar-year }: { COUNT($calendar-off) ->
        [one] one working day
       *[other] { COUNT($calendar-off) } working days
    } off, { COUNT($calendar-worked) ->
        [one] one weekend day
       *[other] { COUNT($calendar-worked) } weekend days
    } worked{ $calendar-document ->
        [0] {""}
       *[other] , by { $calendar-document }
    }
sentence-programme-programme_opened =
    opened the programme { $name } ({ $city }, { $year }), to be finished by { $finish_by }, by the rules of { $rules_as_of }{ $rehearsal ->
        [0] {""}
       *[other] , a rehearsal
    }, with { COUNT($appointments) ->
        [one] one appointment
       *[other] { COUNT($appointments) } appointments
    }
sentence-programme-profile_amended = changed thresholds: { THRESHOLDS($values) }; source: { VALUES($sources) }, by { $document }
sentence-programme-money_allocated =
    money for { BLOCK($money-blocks) }: { WORD($money-basis) } { MONEY($money-amount) }{ $money-document ->
        [0] {""}
       *[other] , by { $money-document }
    }
sentence-programme-parking_recorded =
    { $parking-places }: { $parking-bays ->
        [one] one bay
       *[other] { $parking-bays } bays
    } added in { $parking-year } ({ WORD($parking-basis) }){ $parking-document ->
        [0] {""}
       *[other] , by { $parking-document }
    }
sentence-programme-programme_extended = moved the programme's deadline to { $finish_by }; because: { $reason }
sentence-programme-clock_set = set the rehearsal's clock
sentence-programme-deadline_near =
    warning: the programme is due on { $finish_by }{ $blocks ->
        [0] {""}
       *[other] ; not finished: { BLOCK($blocks) }
    }
sentence-programme-deadline_passed = the programme's deadline { $finish_by } passed
sentence-programme-programme_closed = closed the programme{ with-reason }
sentence-programme-actor_appointed =
    appointed { $appointment-actor } as { PERSON($appointment-role) }{ $appointment-organisation ->
        [0] {""}
       *[other] {" "}({ $appointment-organisation })
    }{ $appointment-until ->
        [0] {""}
       *[other] {" "}until { UNTIL($appointment-until) }
    }
sentence-programme-relieved = relieved { $actor } as { PERSON($role) }; because: { $reason }
sentence-programme-delegated =
    delegated to { $appointment-actor } what is done as { PERSON($appointment-role) }{ $appointment-until ->
        [0] {""}
       *[other] {" "}until { UNTIL($appointment-until) }
    }
sentence-programme-role_offered = { $hand_over-holder } offered to hand over to { $hand_over-successor } as { PERSON($hand_over-role) }, with { $hand_over-matters ->
        [one] one open matter
       *[other] { $hand_over-matters } open matters
    }: { $list_of_matters }
sentence-programme-role_handed_over =
    { $successor } took over as { PERSON($role) } from { $holder }{ $organisation ->
        [0] {""}
       *[other] {" "}({ $organisation })
    }
