acceptance-archived = the as-built documents are missing
acceptance-defects = the defect { $defect } of { $work } is neither closed nor scheduled
acceptance-defects-serious = the serious defect { $defect } of { $work } is neither closed nor scheduled
acceptance-filed = the completion is not filed
acceptance-households =
    { $waiting ->
        [one] one household has
       *[other] { $waiting } households have
    } not accepted the works on their exclusive parts
acceptance-named = no defect is named
acceptance-not_builder = { $whom } had a part in the building
acceptance-preliminary-failed = the preliminary acceptance failed and is to be held again after mending
acceptance-preliminary-none = no preliminary acceptance was held yet
acceptance-serious = the serious defect { $defect } is open
bid-notice = the candidates for the bid were notified for { $days } of { $needed } days
block-works_kind = there is no kind of works { $kind }; there are: { $offer }
completion-accepted-reopened = the item { $item } was reopened and is not accepted again yet
completion-accepted-unfinished = { $kind } ({ $item }) is not done
completion-accepted-waiting = { $kind } ({ $item }) is done and waits to be accepted
completion-hidden = the hidden works of { $kind } ({ $item }) are not inspected
completion-scope = { WORKS($kind) } was decided and no item of works does it
completion-size = { $count } beyond what is followed
completion-variations = a variation of { $kind } ({ $item }) is not decided
consent-basis = no part of the works has a basis of consent yet
consent-part = there is no part { $part }
consent-part_twice = the part { $part } stands twice
consent-passed-failed = consent to the part { $part } failed: go without it, or defer
consent-passed-uncounted = no consent poll on the part { $part } is counted yet
consultation-first-none = no first consultation was opened yet
consultation-first-running = the first consultation is not closed yet
consultation-second-none = no second consultation was opened yet
consultation-second-outdated = the text consulted on differs in substance from version { $version }
consultation-second-running = the second consultation is not closed yet
cost-estimate_over = the budget of { MONEY($amount) } is far over the estimate of { MONEY($estimate) } and has to be reported
cost-within_budget = contracts of { MONEY($total) } exceed the approved budget of { MONEY($most) }
defect-due = { $day } is not to come
defect-overdue = the defect { $about } was not mended in time
defect-size = at most { $most }
defect-twice = the number { $defect } is taken
defect-unknown = there is no open defect { $defect }
defect-work = there are no works { $work }
defer-until = { $day } is not to come
design-complete-funding = version { $version } lacks funding
design-complete-upkeep = version { $version } lacks its upkeep plan
design-material_change = version { $version } differs in substance from the text that was notified
design-notified-none = the design was not notified yet
design-notified-running = the notice of the design is not closed yet
design-scope-added = version { $version } adds { WORKS($kind) }
design-scope-left_out = version { $version } leaves out { WORKS($kind) }
design-submitted = no design text was submitted yet
filing-late = it was filed after its deadline
filing-overdue = completion was not filed in time
hand_over-maintainer = the list is not offered to { $whom }
hand_over-offered-none = no list was offered yet
hand_over-offered-refused = the list was refused
hand_over-offered-signed = the list is signed already
hand_over-signed-none = the hand-over list was not offered yet
hand_over-signed-offered = the hand-over list waits to be signed
hand_over-signed-refused = the hand-over list was refused
notice-site_selection-none = the site selection was not notified yet
notice-site_selection-running = the notice of the site selection is not closed yet
notice-site_selection-unposted = no posting of the site selection is proven yet
notice-site_selection-upheld = an objection to the site was upheld
reopen-item = there are no works { $item }
review-due = { $day } is not to come
review-not_low = round { $round } reached its mark
review-nothing_ordered = nothing was ordered
review-poll-none = the satisfaction poll of round { $round } is not open yet
review-poll-running = the satisfaction poll of round { $round } is not counted yet
review-rectified = the rectification that the review ordered was not done in time
review-rounds = all { $count } rounds are used
review-rounds_left = round { $round } of { $most }
satisfaction-gate-rate = in round { $round } the satisfaction rate was { SHARE($reached) } of { SHARE($needed) } needed
satisfaction-gate-turnout = in round { $round } the turnout was { SHARE($reached) } of { SHARE($needed) } needed
scope-beyond_poll = nobody chose { WORKS($kind) } in the poll, and it is not named compulsory with a reason
scope-consent = { WORKS($kind) } touches only parts that are left out
scope-decided = the scope is not decided yet
scope-poll-none = no needs poll was opened yet
scope-poll-running = the needs poll is not counted yet
send_back-earlier = it stands in { STAGE($stage) }; { STAGE($to) } does not come before
stream-not_suspended = { $name } is not suspended
survey-complete-buildings = the candidate data lack the number of buildings
survey-complete-condition = the candidate data lack the present condition of: { $kinds }
survey-complete-floor_area = the candidate data lack the floor area
survey-complete-households = the candidate data lack the number of households
survey-complete-photos = the candidate data lack photos of the present state
survey-complete-problems = the candidate data lack the problem list
survey-consulted-citizens = { $heard } of { $needed } citizens' representatives were heard
survey-consulted-department = { $heard } of { $needed } departments were heard
survey-consulted-deputy = { $heard } of { $needed } deputies were heard
survey-visits-unregistered = { $left } of { $expected } households are not registered
survey-visits-unvisited =
    { $waiting ->
        [one] one household is
       *[other] { $waiting } households are
    } not visited yet
works-extension-over = the time has run out
works-extension-still_past =
    with { $days ->
        [one] one more day
       *[other] { $days } more days
    } the time would still have run out
works-finish_within =
    the works were not finished within { $days ->
        [one] one day
       *[other] { $days } days
    } of { $day }
works-ordered_once = the start order was given
works-preliminaries = the { $paper } is missing
works-preliminaries-code = the project approval lacks its code
works-reopen = upkeep knows no serious defect that is open
works-start_order = the start order was not given yet
