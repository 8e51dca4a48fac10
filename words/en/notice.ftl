notice-blocks-none = no block is named
notice-blocks-unknown = there is no block { $block }
notice-channel = the insertion does not name the channel { CHANNEL($channel) }
notice-channels = { $posted } of { $needed } channels are proven
notice-extension = { $days } days in all; a year at most
notice-insertion-too_many = at most { $most } insertions
notice-insertion-unknown = there is no insertion { $insertion }
notice-objections =
    { $waiting ->
        [one] one objection is
       *[other] { $waiting } objections are
    } not answered
notice-period = the period runs until { $until }
notice-period-provisional = the period runs provisionally until { $until }: the calendar of { $year } is not entered; let the office enter it, or confirm the deadline
notice-posted = no posting is proven yet
notice-upheld = objection { $opinion } was upheld and the notice is not revised yet
