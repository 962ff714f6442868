"""`pointsman`: one script, its verbs as sub-commands.

Turns errors into exit codes: 2 for the user's mistake, 1 for ours, one line on stderr and no traceback. Knows the names
of the verbs; each is imported when it is called.
"""

import sys
from importlib import import_module

import click

from desk.errors import PointsmanError, UserError

__all__ = ["main", "pointsman"]

VERBS = (
    "demo",
    "train",
    "evaluate",
    "score",
    "simulate",
    "serve",
    "retrain",
    "compare",
    "report",
    "suspects",
    "holdback",
    "work",
    "questions",
    "versions",
    "shadow",
    "promote",
    "rollback",
    "replay",
    "contracts",
    "drift",
    "priority",
    "feedback",
    "outcomes",
    "keys",
    "settings",
    "taxonomy",
    "forget",
    "backup",
    "restore",
)


class _Verbs(click.Group):
    """Sub-commands that live in modules of their own, imported only when called or listed in the help."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's own
        if cmd_name not in VERBS:
            return None
        command = import_module(f"cli.{cmd_name}").command
        return command if isinstance(command, click.Command) else None


@click.group(cls=_Verbs)
@click.option("--traceback", is_flag=True, help="Show where an error came from, for a bug report.")
@click.version_option(package_name="pointsman")
def pointsman(traceback: bool) -> None:
    """Learn from a desk's resolved tickets; score new ones for queue, priority, escalation and SLA breach."""
    click.get_current_context().obj = traceback


def main() -> None:
    """Run a verb and end the process with its exit code."""
    sys.exit(_run(sys.argv[1:]))


def _run(arguments: list[str]) -> int:
    try:
        ended = pointsman.main(arguments, prog_name="pointsman", standalone_mode=False)
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        click.echo(
            f"pointsman: {' '.join(error.format_message().split())} `{_asked(error)} --help` says more.", err=True
        )
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except Exception as error:  # the last resort of the whole program
        if "--traceback" in arguments:
            raise
        click.echo(f"pointsman: {_in_one_line(error)}", err=True)
        return 2 if isinstance(error, UserError) else 1
    return ended if isinstance(ended, int) else 0  # a verb that ends with a code of its own, such as `replay`


def _asked(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return "pointsman" if context is None else context.command_path


def _in_one_line(error: Exception) -> str:
    if isinstance(error, PointsmanError):
        return " ".join(str(error).split())
    return f"something went wrong in Pointsman itself ({type(error).__name__}); `pointsman --traceback …` shows where"


if __name__ == "__main__":
    main()
