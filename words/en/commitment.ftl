commitment-city = the city owes { $about } { WORKS($does) } by { $day }
commitment-due = { $day } has passed
commitment-household = the household of { $about } owes { WORKS($does) } by { $day }
commitment-kind = there is no kind of works { $kind }
commitment-unsigned = no signature
commitment-works = { $about } is not accepted
