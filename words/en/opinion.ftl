opinion-clause = no clause is named
opinion-household = there is no household { $code }
opinion-late = the window closed at { INSTANT($at) }
opinion-nature = this is no notice
opinion-outcome = an { WORD($nature) } is not disposed of as { WORD($disposition) }
opinion-own = the code is another household's
opinion-reply_within =
    no reply within { $days ->
        [one] one working day
       *[other] { $days } working days
    }
opinion-self = it was filed by { $filed_by }
