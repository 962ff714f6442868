"""Where evidence begins to convict: every threshold of the leakage check, with its reason.

"Public tables" are 16,000 to 58,000 tickets of a ServiceNow, a city's and an issue tracker's desk, all of whose columns
are known at the opening. Knows numbers only.
"""

from typing import Final

LABELLED_ROWS: Final = 50
"""Labelled rows that a label needs before a column can be held against it."""

COPIED: Final = 0.74
"""A copy with 20 % noise agrees with 0.8 of each label's rows; a first queue that is changed for every third ticket
with 0.67. On public tables fields known at the opening stay below 0.60 (an urgency against its priority)."""

COPIES_SOME: Final = 0.4
"""Agreement beyond chance, which is one over the number of labels, that makes a column doubtful."""

OWNERS: Final = 0.8
"""Share of the labels that must have a value of their own: a copy has one for each."""

FIXES: Final = 0.75
"""Mean recall over three labels or more; a public table's request title (883 values, 102 queues) reaches 0.53."""

FIXES_TWO: Final = 0.85
"""The same for two labels, where a request's type alone reaches 0.75 on a breach."""

FIXES_TWO_BY_FEW: Final = 0.78
FEW_VALUES: Final = 10
"""The same where there are few values, which would have to be very telling ones: a channel (6 values) reaches 0.67."""

EXPLAINS: Final = 0.85
"""Share of a label's entropy on younger rows; that same title reaches 0.74."""

EXPLAINS_MUCH: Final = 0.3
"""Doubtful: an impact explains 0.38 of its priority, a category 0.26 of its queue."""

RANKS: Final = 0.93
"""Area under the ROC curve by categories; a request's type reaches 0.83, its title 0.87."""

RANKS_BY_NUMBER: Final = 0.90
"""The same for a number: no number known at the opening comes near, a handling time or a score does."""

RANKS_MUCH: Final = 0.75
"""Doubtful: above what a channel (0.67) or a place (0.62) tells of a breach."""

LATER_RECALL: Final = 0.4
LATER_RANKS: Final = 0.65
"""What a column named like something later must reach: clearly more than chance."""

FILLED_PRECISION: Final = 0.9
FILLED_RECALL: Final = 0.75
"""Filled for one label's rows and hardly for others: a form's own fields also appear with misrouted tickets."""

ALWAYS: Final = 0.97
HALF_FILLED: Final = 0.5
FILLED_AT_ALL: Final = 0.1
"""Filled rows that all but always carry one label, and the share of its rows that must be filled: of a label that is
chosen among many, and of one that happens or not."""

FOLLOWS: Final = 0.6
FOLLOWS_MORE: Final = 0.15
"""Agreement with a part of a later moment, beyond chance, and how much more than with the opening's."""

SAME_MOMENTS: Final = 0.7
"""Share of the rows in which a column of times repeats a later moment."""

EXACT: Final = 0.98
"""A column that follows the later moment in every row need only follow the opening a little less."""

FOLLOWS_LENGTH: Final = 0.8
"""Rank correlation with the time from the opening to a later moment."""

PLANS_AT_MOST: Final = 12
DAYS_PLANNED_AT_MOST: Final = 5
"""Different distances from the opening, in minutes or in days: a target set at the opening, or another time zone, has
few."""

AFTER_AT_LEAST: Final = 0.25
BEFORE_AT_MOST: Final = 0.02
"""Shares of the rows after the opening, and more than a day before it: much is resolved on the day it comes in."""

LONGEST_WORK: Final = 180.0
"""Days. What lies further ahead on the median is more likely a contract's end than the work's."""

AFTERWARDS: Final = 0.3
"""Share of the values with words of looking back; it must also be twice that of the ticket's own text, and more."""

NAMES: Final = 0.4
NAMES_MORE: Final = 0.3
"""Share of the texts that hold their label's name, beyond chance, and beyond the ticket's own text."""

TELLS: Final = 0.75
FEW_ERRORS: Final = 0.4
SOME_ERRORS: Final = 0.6
"""Text's errors as a share of those that the ticket's own text leaves: a second description tells about as much as the
first, what was written afterwards leaves few. Codes are not compared: no text of the ticket's own is like them."""

TELLS_SOME: Final = 0.6
TELLS_LITTLE: Final = 0.3
"""Doubtful by itself; and enough where the words look back."""
