"""Judging again (复核): would the rules, asked as things stood then, decide what is recorded?

Every event is walked in the order of the log, and what is not sealed yet after it. Each decision is
run anew by the present rules: the lapses by their deadlines, the command as
`domain.engine.command_behind` finds it behind its entries, and what those above are told of it.
What the rules would not have decided so is a difference, and the walk goes on with what is
recorded.
"""
