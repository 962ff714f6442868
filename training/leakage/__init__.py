"""Does a column of a history know the future? Names, moments, copies, values, presence and words are looked at."""

from training.leakage.check import check_leakage
from training.leakage.report import Finding, LeakageReport, Verdict, enforce

__all__ = ["Finding", "LeakageReport", "Verdict", "check_leakage", "enforce"]
