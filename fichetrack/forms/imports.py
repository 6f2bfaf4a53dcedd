"""The form that brings a workbook, and the one that says what its columns are."""

from __future__ import annotations

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import TextAreaField
from wtforms.validators import Length


class UploadForm(FlaskForm):
    """A workbook to check; with a motive, a reprise."""

    fichier = FileField(
        "Classeur (.xlsx) ou tableau (.csv)",
        [FileRequired("Choisissez un fichier.")],
        description="Les colonnes peuvent être dans n’importe quel ordre. 20 Mo et 20 000 lignes au plus.",
        render_kw={"accept": ".xlsx,.csv"},
    )
    motif = TextAreaField(
        "Motif de la reprise",
        [Length(max=1_000, message="1 000 caractères au plus.")],
        description=(
            "À remplir seulement pour reprendre des fiches déjà instruites ailleurs : la colonne « État » est alors lue pour "
            "les nouvelles fiches, et ce motif est inscrit à leur journal."
        ),
        render_kw={"rows": 3},
    )

    def for_reader(self, may_take_over: bool) -> UploadForm:
        """Without the field of a reprise for those who may not make one."""
        if not may_take_over:
            del self.motif
        return self

    def show(self, refusal: Exception) -> None:
        """A refused file: its sentence stands on the file."""
        self.fichier.errors = [*self.fichier.errors, str(refusal)]
