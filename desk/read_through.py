"""What was said of tickets, in the names that queues have today: answers, verdicts and reports of outcomes.

Whoever named a queue named it as it was called then. Knows neither where it was said nor what follows from it.
"""

from dataclasses import replace

from desk.feedback import OutcomeReport, Verdict
from desk.past_answers import PastAnswer
from desk.taxonomy import Taxonomy

__all__ = ["answer_today", "report_today", "verdict_today"]


def answer_today(answer: PastAnswer, taxonomy: Taxonomy) -> PastAnswer:
    """The answer; one of a queue that is no more, under any name, names none."""
    queue = answer.heads.get("queue")
    if not taxonomy.records or queue is None or queue.label is None:
        return answer
    today = replace(queue, label=taxonomy.today(queue.label, answer.at))
    return replace(answer, heads={**answer.heads, "queue": today})


def verdict_today(verdict: Verdict, taxonomy: Taxonomy) -> Verdict:
    """The verdict; of a queue that is no more it says nothing."""
    if not taxonomy.records or verdict.queue is None:
        return verdict
    return replace(verdict, queue=taxonomy.today(verdict.queue, verdict.at))


def report_today(report: OutcomeReport, taxonomy: Taxonomy) -> OutcomeReport:
    """The report; a queue that is no more is not known."""
    queue = report.said.get("queue")
    if not taxonomy.records or not isinstance(queue, str):
        return report
    return replace(report, said={**report.said, "queue": taxonomy.today(queue, report.at)})
