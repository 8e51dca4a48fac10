upkeep-assessed = { $subject } was assessed for { $month } or cannot be
upkeep-clean_within = { $place } was not cleared up in time
upkeep-confirm = one who did not clear it up confirms it: { ROLE($able) }
upkeep-crew = { $person } is listed twice
upkeep-findings =
    { $waiting ->
        [one] one finding is
       *[other] { $waiting } findings are
    } open
upkeep-handed_over = the hand-over list is not signed
upkeep-levels = a { WORD($level) } is assessed by { ROLE($able) }, and never by themselves
upkeep-score = { $about } scored { $score } of { $mark } in { $month }
upkeep-subject = { $subject } is not on the list
