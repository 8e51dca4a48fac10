flag-late =
    { $days ->
        [0] recorded later that day
        [one] recorded one day late
       *[other] recorded { $days } days late
    }
flag-late_gate = countersigned by entry { $entry }
flag-exception = by the exception of entry { $entry }
flag-breach = still open
flag-breach-closed = made good
flag-amended_after_gate-corrected = corrected only after the stage that rested on it was left
flag-amended_after_gate-voided = withdrawn only after the stage that rested on it was left
flag-split = { $contractor }: { $contracts } contracts of { MONEY($total) } together, each under the limit of { MONEY($most) } for tenders
flag-same_day = asked for and approved on { $day }
flag-unapproved = { MONEY($amount) } paid, not approved since
flag-unapproved-approved_since = { MONEY($amount) } paid, approved only afterwards
