"""A programme of the year (年度计划): opened, led, measured against its deadline."""
