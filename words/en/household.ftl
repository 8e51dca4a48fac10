household-agreement = the household has not agreed to { $about }
household-own = the code is another household's
household-signature = the signed paper is missing
household-size = { $most } already
household-works = { $work } is not recorded here
