"""`pointsman serve`."""

import click

__all__ = ["command"]


@click.command("serve")
def command() -> None:
    """Answer over HTTP until Ctrl-C or SIGTERM; address and processes are set by POINTSMAN_HOST, _PORT and _WORKERS."""
    from cli.workplace import open_journal
    from journal.keys import keys
    from serving.launch import address_of, exec_service

    environment, engine = open_journal()
    if environment.are_keys_required and not any(key.revoked_at is None for key in keys(engine)):
        click.echo("Nobody holds a key yet: `pointsman keys create NAME --scope predict` makes one.", err=True)
    engine.dispose()
    click.echo(f"Pointsman answers at {address_of(environment)} (its API: {address_of(environment)}/docs)")
    exec_service(environment)
