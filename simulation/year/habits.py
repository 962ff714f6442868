"""How the people of a sample year behave: how far they trust a suggestion, how often they speak. Knows no tickets."""

from dataclasses import dataclass

__all__ = ["Habits"]


@dataclass(frozen=True, slots=True)
class Habits:
    """Shares from 0 to 1, unless said otherwise.

    follows: of wrong suggestions, those that whoever has the ticket goes by all the same. notices: of wrong labels that
    were applied by themselves, those that somebody puts right; the rest stays. corrects, confirms: of answers that are
    wrong, and right, those of which a specialist says so unasked. errs: of what specialists say, what is no better than
    the desk's own label. answers: of labels asked for, those that are given. asked_a_week: of the questions that wait
    at the end of a week, those that are asked, from the first on. second_opinions: of what is disputed or waits for
    others, the most of a week that a lead decides. hostile_share: of a week's answers, those that hostile accounts
    speak of while there are any. hostile_accounts: how many accounts.
    """

    follows: float = 0.4
    notices: float = 0.35
    corrects: float = 0.12
    confirms: float = 0.03
    errs: float = 0.5
    answers: float = 0.9
    asked_a_week: int = 50
    second_opinions: int = 25
    hostile_share: float = 0.03
    hostile_accounts: int = 20
