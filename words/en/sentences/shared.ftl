by-document =
    { $document ->
        [0] {""}
       *[other] , by { $document }
    }
with-scan =
    { $scan ->
        [0] {""}
       *[other] {" "}({ $scan })
    }
with-photo =
    { $photo ->
        [0] {""}
       *[other] {" "}({ $photo })
    }
with-reason =
    { $reason ->
        [0] {""}
       *[other] : { $reason }
    }
with-document =
    { $document ->
        [0] {""}
       *[other] {" "}({ $document })
    }
with-proof =
    { $proof ->
        [0] {""}
       *[other] {" "}({ $proof })
    }
by-builder =
    { $builder ->
        [0] {""}
       *[other] , by { $builder }
    }
and-reason =
    { $reason ->
        [0] {""}
       *[other] ; { $reason }
    }
with-minutes =
    { $minutes ->
        [0] {""}
       *[other] {" "}({ $minutes })
    }
of-segments =
    { $segments ->
        [0] {""}
       *[other] , segments { $segments }
    }
with-text =
    { $text ->
        [0] {""}
       *[other] : { $text }
    }
on-channel =
    { $channel ->
        [newspaper] printed in a newspaper
        [community-board] posted on the community board
        [site-board] posted on the site board
        [messaging] sent by messaging
       *[other] published on { CHANNEL($channel) }
    }
days =
    { $days ->
        [one] one day
       *[other] { $days } days
    }
working-days =
    { $days ->
        [one] one working day
       *[other] { $days } working days
    }
in-days =
    { WORKING($ends) ->
        [1] { working-days }
       *[other] { days }
    }
form-end =
    { DEADLINE($key) } { UNTIL($due) }{ $provisional ->
        [0] {""}
       *[other] {" "}(provisional)
    }
form-part = { $part } ({ WORD($basis) })
form-defect =
    { $id } ({ $serious ->
        [0] {""}
       *[other] serious:{" "}
    }{ $what })
form-result =
    { $answered } of { $asked } answered, turnout { SHARE($turnout) }{ $parts ->
        [0] {""}
       *[other] ; { PASSED($parts) }
    }{ $ranking ->
        [0] {""}
       *[other] ; { RANKING($ranking) }
    }{ $rates ->
        [0] {""}
       *[other] ; { SHARE($rates) }
    }
