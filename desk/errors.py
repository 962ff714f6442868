"""Every error that Pointsman raises on purpose, in one tree.

    PointsmanError
    ├── UserError                     what came in is wrong: exit code 2, or HTTP 4xx
    │   ├── HistoryError              a history or ticket file cannot be used
    │   │   └── LeakageError          a column knows the future
    │   ├── DeskConfigError           the desk's TOML file is wrong
    │   ├── SettingError              an environment variable or a setting is wrong
    │   ├── FeedbackError             a verdict or a report of an outcome makes no sense
    │   ├── BackupError               a file is no backup, or cannot be restored here
    │   ├── UnknownVersionError       no such version, or none has been trained yet
    │   └── ReplayError               a prediction cannot be made again
    ├── VersionError                  a version cannot be used
    │   ├── DamagedVersionError       a file's hash, shape or content is wrong
    │   └── UnsupportedFormatError    written by another format number
    ├── JournalError                  the journal cannot do what was asked
    │   ├── JournalUnavailableError   the database or the local log cannot be reached
    │   ├── PromotionConflictError    somebody else promoted in the meantime
    │   ├── SettingConflictError      somebody else changed the setting in the meantime
    │   ├── LeaseHeldError            somebody else is at the same work
    │   ├── LeaseLostError            somebody else has taken the work over
    │   └── RowRefusedError           the database refuses a row as it stands
    ├── RegistryError                 MLflow does not answer, or answers nonsense
    └── LostProcessError              a process that did part of the work is gone

A message says what was expected, what came, and what to do next. It never holds a ticket's text.
"""

__all__ = [
    "BackupError",
    "DamagedVersionError",
    "DeskConfigError",
    "FeedbackError",
    "HistoryError",
    "JournalError",
    "JournalUnavailableError",
    "LeakageError",
    "LeaseHeldError",
    "LeaseLostError",
    "LostProcessError",
    "PointsmanError",
    "PromotionConflictError",
    "RegistryError",
    "ReplayError",
    "RowRefusedError",
    "SettingConflictError",
    "SettingError",
    "UnknownVersionError",
    "UnsupportedFormatError",
    "UserError",
    "VersionError",
]


class PointsmanError(Exception):
    """Anything that Pointsman raises on purpose."""


class UserError(PointsmanError):
    """What came in is wrong, and the message says how to put it right."""


class HistoryError(UserError):
    """A history or ticket file cannot be used."""


class LeakageError(HistoryError):
    """A column of the history could only be known after the ticket was opened."""


class DeskConfigError(UserError):
    """The desk's TOML file is wrong."""


class SettingError(UserError):
    """An environment variable or a stored setting is wrong.

    `field` and `expected` say it without what came, for those who must not repeat that: where in the setting's value
    (`queue.default`; empty: the whole), and words that follow it, such as "must be a number".
    """

    def __init__(self, message: str, *, field: str = "", expected: str = "cannot be used") -> None:
        super().__init__(message)
        self.field = field
        self.expected = expected


class FeedbackError(UserError):
    """A verdict, or a report of what became of a ticket, makes no sense.

    `field` and `expected` say it without what came, as `SettingError` does (empty: the whole).
    """

    def __init__(self, message: str, *, field: str = "", expected: str = "cannot be used") -> None:
        super().__init__(message)
        self.field = field
        self.expected = expected


class BackupError(UserError):
    """A file is no backup, is damaged, or cannot be restored here as things are."""


class UnknownVersionError(UserError):
    """There is no such version, or none at all yet."""


class ReplayError(UserError):
    """A prediction cannot be made again: what it rested on is not known any more."""


class VersionError(PointsmanError):
    """A version on disk cannot be used."""


class DamagedVersionError(VersionError):
    """A file of a version is missing, has another hash than the manifest says, or holds nonsense."""


class UnsupportedFormatError(VersionError):
    """A version was written in a format that this build does not read."""


class JournalError(PointsmanError):
    """The journal cannot do what was asked."""


class JournalUnavailableError(JournalError):
    """Neither the database nor the local log can be reached."""


class PromotionConflictError(JournalError):
    """The champion changed between looking and promoting."""


class SettingConflictError(JournalError):
    """A setting changed between looking and writing."""


class LeaseHeldError(JournalError):
    """Somebody else is at work that only one may do."""


class LeaseLostError(JournalError):
    """Somebody else has taken over work that only one may do."""


class RowRefusedError(JournalError):
    """The database refuses a row as it stands: trying again will not help."""


class RegistryError(PointsmanError):
    """MLflow does not answer, or answers nonsense."""


class LostProcessError(PointsmanError):
    """A process that did part of the work ended before it was done."""
