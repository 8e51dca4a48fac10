consultation-channel = there is no channel { CHANNEL($channel) }
consultation-extension = { $days } days in all; a year at most
consultation-posted = no channel has proof of a posting
consultation-text = version { $version } of the text was not submitted yet
consultation-window = the window runs until { $until }
consultation-window-provisional = the window runs provisionally until { $until }: the calendar of { $year } is not entered; let the office enter it, or confirm the deadline
opinion-disposition =
    { $waiting ->
        [one] one opinion is
       *[other] { $waiting } opinions are
    } not answered
