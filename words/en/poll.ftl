consent-count = { $part }: the register holds no owners or area to count
poll-asked = { $occupied } households are occupied
poll-base = no household is registered
poll-basis-none = { $part } has no basis yet
poll-basis-other = { $part } rests on { WORD($basis) } by { WORD($majority) }
poll-codes = { $given } codes for { $households } households
poll-entry = the time to enter sealed papers runs until { $until }
poll-entry-provisional = the time to enter sealed papers runs provisionally until { $until }: the calendar of { $year } is not entered; let the office enter it, or confirm the deadline
poll-more_than_asked =
    { $beyond ->
        [one] one ballot
       *[other] { $beyond } ballots
    } more than were asked
poll-paper = no paper is offered
poll-question-codes = codes are for questionnaires only
poll-question-kind_unknown = there is no work kind { $option }
poll-question-option_twice = an option stands twice
poll-question-options = options are for needs only
poll-question-parts = parts are for consent only
poll-question-private = { $part } is private: its household agrees, nobody votes
poll-question-rounds = at most { $most } rounds
poll-recount = a ballot was corrected or withdrawn after the count: count again
poll-window-length = { $days } days, not { $least } to { $most }
poll-window-past = it would have ended by { $ends }
review-opens = it is not preliminarily accepted
