"""The flask commands: init, demo, import, invite, digests, emails, scheduler, doctor, backup, restore."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

from fichetrack import clock, demo, jobs, operations
from fichetrack.config import DEMO_PASSWORD
from fichetrack.demo import figures
from fichetrack.errors import Refusal
from fichetrack.queries import accounts
from fichetrack.services import digests, emails, imports, mandats, releases, territoires
from fichetrack.sources.registry import SOURCES
from fichetrack.vocabulary import Phase


def init_app(app: Flask) -> None:
    for command in (
        init,
        demo_command,
        import_command,
        invite,
        digests_command,
        emails_command,
        scheduler,
        doctor,
        backup,
        restore,
    ):
        app.cli.add_command(command)


@click.command("init")
@with_appcontext
def init() -> None:
    """Create or upgrade the schema, and load the reference geography."""
    click.echo("Schéma…")
    upgrade()
    _told(territoires.load_reference, progress=click.echo)
    _told(releases.load_nomenclature, say=click.echo)
    click.echo("Prêt.")


@click.command("demo")
@click.option("--fiches", default=None, type=click.IntRange(0, 1_000_000), help="Combien de fiches ; 1500 sans option.")
@click.option("--seed", default=None, type=int, help="La même graine donne les mêmes données ; 2026 sans option.")
@with_appcontext
def demo_command(fiches: int | None, seed: int | None) -> None:
    """Load the demonstration: real territoires, fictitious people and fiches. Says whom to sign in as."""
    _told(demo.refuse_real_accounts)
    if fiches is None and seed is None and demo.is_loaded():
        click.echo("Démonstration déjà chargée. Rien n’a été modifié.")
    else:
        given = {name: value for name, value in (("fiches", fiches), ("seed", seed)) if value is not None}
        _told(territoires.load_demonstration, progress=click.echo)
        _told(demo.load, **given, progress=click.echo)
    _told(figures.load_figures, progress=click.echo)
    for line in _demo_accounts():
        click.echo(line)


def _demo_accounts() -> Iterator[str]:
    """Each account of the demonstration with its mandats in force, then the password they share."""
    yield "Comptes de la démonstration :"
    for personne in accounts.list_demo_accounts():
        held = [mandat for mandat in personne.mandats if mandat.is_valid_on(clock.today())]
        roles = " ; ".join(f"{mandat.role_label} — {mandat.perimeter_label}" for mandat in held)
        yield f"  {personne.courriel} — {roles or 'aucun mandat'}"
    yield f"Mot de passe de tous ces comptes : {DEMO_PASSWORD}"


@click.command("import")
@click.argument("source", type=click.Choice(["territoires", "fiches", *SOURCES]))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--apply", "apply", is_flag=True, help="Écrire ; sans cette option, le fichier est seulement vérifié.")
@click.option("--phase", type=click.Choice([phase.value for phase in Phase]), help="Pour les territoires.")
@click.option(
    "--valid-from", type=click.DateTime(["%Y-%m-%d"]), help="Pour les territoires : date d’effet du périmètre."
)
@click.option("--as", "courriel", help="Pour les fiches : le compte au nom duquel on importe ; sinon, la délégation.")
@click.option(
    "--reprise", "motif", help="Pour les fiches : reprendre aussi les états, avec ce motif (région, délégation)."
)
@click.option("--millesime", help="Pour un jeu de données qui ne le dit pas lui-même : 2025, 2025-T4, 2026-04…")
@click.option("--lot", help="Pour un fichier qui ne couvre qu’une partie de sa source : le nom de cette partie.")
@with_appcontext
def import_command(
    source: str,
    file: Path,
    apply: bool,
    phase: str | None,
    valid_from: datetime | None,
    courriel: str | None,
    motif: str | None,
    millesime: str | None,
    lot: str | None,
) -> None:
    """Check a published or local file, and with --apply write it; whole or not at all."""
    if source in SOURCES:
        options = {name: value for name, value in (("millesime", millesime), ("lot", lot)) if value}
        report = _told(releases.run_file, source, file, apply=apply, options=options, say=click.echo)
    elif source == "territoires":
        if phase is None or valid_from is None:
            raise click.UsageError("--phase et --valid-from sont nécessaires pour les territoires.")
        run = territoires.apply_import if apply else territoires.check_import
        report = _told(run, file, phase, valid_from.date())
    else:
        report = _told(imports.run_file, file, courriel=courriel, motif=motif, apply=apply)
    click.echo(str(report))


@click.command("invite")
@click.argument("email")
@click.option("--role", required=True, type=click.Choice([role.value for role in mandats.NATIONAL_ROLES]))
@click.option("--nom", default=None, help="Le nom affiché ; par défaut, tiré de l’adresse.")
@with_appcontext
def invite(email: str, role: str, nom: str | None) -> None:
    """Invite somebody from the command line, the first administrator above all; prints the link."""
    url = _told(mandats.invite_national, None, email, role=role, nom=nom or "")
    click.echo(f"Invitation préparée pour {email}. Lien à usage unique :\n{url}")


@click.command("digests")
@click.option("--at", "moment", help="Faire comme s’il était cet instant (ISO, avec fuseau).")
@with_appcontext
def digests_command(moment: str | None) -> None:
    """Prepare the digests that are due."""
    with _at(moment):
        prepared = _told(digests.prepare_due)
    click.echo(str(prepared))


@click.command("emails")
@with_appcontext
def emails_command() -> None:
    """Send what waits in the outbox."""
    click.echo(str(_told(emails.send_pending)))


@click.command("scheduler")
@with_appcontext
def scheduler() -> None:
    """Run the timetable of jobs, in this process, until stopped."""
    jobs.serve(current_app._get_current_object())  # type: ignore[attr-defined]


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Say what is wrong with this installation; exit status 1 if anything is."""
    faults = 0
    for line in operations.examine():
        faults += not line.good
        click.echo(f"{'ok     ' if line.good else 'DÉFAUT '}{line.text}")
    raise SystemExit(1 if faults else 0)


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def backup(file: Path) -> None:
    """Write the whole database to one file, while people work."""
    click.echo(_told(operations.backup, file))


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Remplacer une base qui contient déjà des fiches.")
@with_appcontext
def restore(file: Path, force: bool) -> None:
    """Put a backup back, on an empty database unless --force."""
    click.echo(_told(operations.restore, file, force=force))


def _told(run: Any, *args: Any, **kwargs: Any) -> Any:
    """Call, and turn a refusal into its French sentence and exit status 1."""
    try:
        return run(*args, **kwargs)
    except Refusal as refusal:
        details = "\n".join(f"  {sentence}" for sentence in _sentences(getattr(refusal, "errors", None) or []))
        raise click.ClickException(refusal.message + (f"\n{details}" if details else "")) from refusal


def _sentences(errors: Any) -> list[Any]:
    """The row errors of an import as they are; of a form, each field's own sentences."""
    if isinstance(errors, dict):
        return [sentence for sentences in errors.values() for sentence in sentences]
    return list(errors)


def _at(moment: str | None) -> Any:
    if moment is None:
        return nullcontext()
    try:
        parsed = datetime.fromisoformat(moment)
    except ValueError as error:
        raise click.UsageError("--at attend une date ISO, par exemple 2026-03-02T07:00:00+01:00.") from error
    return clock.at(parsed if parsed.tzinfo else parsed.replace(tzinfo=clock.PARIS))
