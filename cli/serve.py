"""`pointsman serve`."""

import click

__all__ = ["command"]


@click.command("serve")
def command() -> None:
    """Answer over HTTP until Ctrl-C or SIGTERM; address and processes are set by POINTSMAN_HOST, _PORT and _WORKERS."""
    from cli.workplace import open_journal
    from serving.launch import address_of, exec_service

    environment, engine = open_journal()
    engine.dispose()
    click.echo(f"Pointsman answers at {address_of(environment)} (its API: {address_of(environment)}/docs)")
    exec_service(environment)
