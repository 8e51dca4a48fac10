"""On PYTHONPATH, the installed calendar knows three more years, as a later release will.

The days are invented: every first working week of them is off, and so are fixed days.
"""

from datetime import date

import chinese_calendar

_LAST = max(chinese_calendar.holidays).year
for _year in range(_LAST + 1, _LAST + 4):
    for _month, _day in ((1, 1), (1, 4), (1, 5), (1, 6), (1, 7), (1, 8), (5, 1), (10, 1), (10, 2)):
        chinese_calendar.holidays[date(_year, _month, _day)] = "invented"
    chinese_calendar.workdays[date(_year, 1, 9)] = "invented"
