"""First schema

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "epci",
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("search_key", sa.String(length=220), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_epci")),
    )
    op.create_table(
        "geography_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("cog_year", sa.Integer(), nullable=False),
        sa.Column("package", sa.String(length=120), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_geography_release")),
    )
    op.create_table(
        "job_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(length=40), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("job", "slot", name=op.f("uq_job_run_job_slot")),
    )
    op.create_table(
        "login_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_attempt")),
    )
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_login_attempt_account_at", ["account", "at"], unique=False)
        batch_op.create_index("ix_login_attempt_address_at", ["address", "at"], unique=False)

    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("siren", sa.String(length=9), nullable=True),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("is_operateur", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("nom", name=op.f("uq_organisation_nom")),
    )
    op.create_table(
        "region",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("nom", sa.String(length=120), nullable=False),
        sa.Column("instruction_days", sa.Integer(), nullable=False),
        sa.Column("completion_days", sa.Integer(), nullable=False),
        sa.Column("opinion_days", sa.Integer(), nullable=False),
        sa.Column("contour", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_region")),
    )
    op.create_table(
        "submission",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=60), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_submission")),
    )
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_submission_at"), ["at"], unique=False)

    op.create_table(
        "departement",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("nom", sa.String(length=120), nullable=False),
        sa.Column("region_code", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_departement_region_code_region")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_departement")),
    )
    with op.batch_alter_table("departement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_departement_region_code"), ["region_code"], unique=False)

    op.create_table(
        "personne",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("courriel", sa.String(length=254), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("fonction", sa.String(length=200), nullable=True),
        sa.Column("telephone", sa.String(length=40), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_personne_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_personne")),
        sa.UniqueConstraint("courriel", name=op.f("uq_personne_courriel")),
    )
    with op.batch_alter_table("personne", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_personne_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "territoire",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("region_instructrice_code", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["region_instructrice_code"], ["region.code"], name=op.f("fk_territoire_region_instructrice_code_region")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territoire")),
        sa.UniqueConstraint("slug", name=op.f("uq_territoire_slug")),
    )
    with op.batch_alter_table("territoire", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_territoire_region_instructrice_code"), ["region_instructrice_code"], unique=False
        )

    op.create_table(
        "account_token",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_account_token_personne_id_personne")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_account_token")),
    )
    with op.batch_alter_table("account_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_token_personne_id"), ["personne_id"], unique=False)

    op.create_table(
        "commune",
        sa.Column("code", sa.String(length=5), nullable=False),
        sa.Column("nom", sa.String(length=120), nullable=False),
        sa.Column("siren", sa.String(length=9), nullable=True),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.Column("epci_code", sa.String(length=9), nullable=True),
        sa.Column("ept_code", sa.String(length=9), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("search_key", sa.String(length=140), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_commune_departement_code_departement")
        ),
        sa.ForeignKeyConstraint(["epci_code"], ["epci.code"], name=op.f("fk_commune_epci_code_epci")),
        sa.ForeignKeyConstraint(["ept_code"], ["epci.code"], name=op.f("fk_commune_ept_code_epci")),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_commune")),
    )
    with op.batch_alter_table("commune", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_commune_departement_code"), ["departement_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_commune_epci_code"), ["epci_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_commune_ept_code"), ["ept_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_commune_nom"), ["nom"], unique=False)
        batch_op.create_index(batch_op.f("ix_commune_siren"), ["siren"], unique=False)

    op.create_table(
        "fiche",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=80), nullable=True),
        sa.Column("draft_id", sa.String(length=40), nullable=False),
        sa.Column("etat", sa.String(length=30), nullable=False),
        sa.Column("avancement", sa.String(length=30), nullable=False),
        sa.Column("suspendue", sa.Boolean(), nullable=False),
        sa.Column("meteo", sa.String(length=10), nullable=True),
        sa.Column("meteo_region", sa.String(length=10), nullable=True),
        sa.Column("diffusion", sa.String(length=12), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("diffusion_max", sa.String(length=12), nullable=True),
        sa.Column("intitule", sa.String(length=200), nullable=False),
        sa.Column("resume", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("axe", sa.String(length=12), nullable=True),
        sa.Column("axes_secondaires", sa.JSON(), nullable=False),
        sa.Column("mots_cles", sa.JSON(), nullable=False),
        sa.Column("secteurs", sa.JSON(), nullable=False),
        sa.Column("transition_ecologique", sa.String(length=10), nullable=True),
        sa.Column("transition_justification", sa.Text(), nullable=True),
        sa.Column("norme_visee", sa.Text(), nullable=True),
        sa.Column("proposition_simplification", sa.Text(), nullable=True),
        sa.Column("territoire_id", sa.Integer(), nullable=False),
        sa.Column("lieux", sa.JSON(), nullable=False),
        sa.Column("point", sa.String(length=40), nullable=True),
        sa.Column("pilote", sa.String(length=200), nullable=True),
        sa.Column("maitre_ouvrage", sa.String(length=200), nullable=True),
        sa.Column("maitre_ouvrage_siret", sa.String(length=14), nullable=True),
        sa.Column("referent_nom", sa.String(length=200), nullable=True),
        sa.Column("referent_fonction", sa.String(length=200), nullable=True),
        sa.Column("referent_courriel", sa.String(length=254), nullable=True),
        sa.Column("referent_telephone", sa.String(length=40), nullable=True),
        sa.Column("referent_publie", sa.Boolean(), nullable=False),
        sa.Column("referent_verifie_le", sa.Date(), nullable=True),
        sa.Column("elu_referent", sa.String(length=200), nullable=True),
        sa.Column("industriel_referent", sa.String(length=200), nullable=True),
        sa.Column("referent_region", sa.String(length=200), nullable=True),
        sa.Column("referent_etat", sa.String(length=200), nullable=True),
        sa.Column("constat", sa.Text(), nullable=True),
        sa.Column("objectifs", sa.Text(), nullable=True),
        sa.Column("resultats_attendus", sa.Text(), nullable=True),
        sa.Column("emplois_a_creer", sa.Integer(), nullable=True),
        sa.Column("emplois_a_maintenir", sa.Integer(), nullable=True),
        sa.Column("emplois_unite", sa.String(length=10), nullable=True),
        sa.Column("emplois_source", sa.String(length=300), nullable=True),
        sa.Column("date_debut", sa.Date(), nullable=True),
        sa.Column("date_fin", sa.Date(), nullable=True),
        sa.Column("cout_total", sa.BigInteger(), nullable=True),
        sa.Column("investissement_prive", sa.BigInteger(), nullable=True),
        sa.Column("frein", sa.String(length=20), nullable=True),
        sa.Column("appui_demande_a", sa.String(length=200), nullable=True),
        sa.Column("motif_cloture", sa.String(length=20), nullable=True),
        sa.Column("emplois_crees", sa.Integer(), nullable=True),
        sa.Column("emplois_maintenus", sa.Integer(), nullable=True),
        sa.Column("resultat_non_mesure", sa.Text(), nullable=True),
        sa.Column("ce_qui_a_marche", sa.Text(), nullable=True),
        sa.Column("ce_qui_na_pas_marche", sa.Text(), nullable=True),
        sa.Column("a_refaire", sa.Text(), nullable=True),
        sa.Column("created_by_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("etat_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("validated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_by_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("days_left", sa.Integer(), nullable=True),
        sa.Column("requested_fields", sa.JSON(), nullable=False),
        sa.Column("abandon_demande_le", sa.Date(), nullable=True),
        sa.Column("section_versions", sa.JSON(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["personne.id"], name=op.f("fk_fiche_created_by_id_personne")),
        sa.ForeignKeyConstraint(["taken_by_id"], ["personne.id"], name=op.f("fk_fiche_taken_by_id_personne")),
        sa.ForeignKeyConstraint(["territoire_id"], ["territoire.id"], name=op.f("fk_fiche_territoire_id_territoire")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fiche")),
        sa.UniqueConstraint("code", name=op.f("uq_fiche_code")),
        sa.UniqueConstraint("draft_id", name=op.f("uq_fiche_draft_id")),
    )
    with op.batch_alter_table("fiche", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fiche_avancement"), ["avancement"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_axe"), ["axe"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_confirmed_at"), ["confirmed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_created_by_id"), ["created_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_date_fin"), ["date_fin"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_diffusion"), ["diffusion"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_due_on"), ["due_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_etat"), ["etat"], unique=False)
        batch_op.create_index("ix_fiche_etat_diffusion", ["etat", "diffusion"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_etat_since"), ["etat_since"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_meteo"), ["meteo"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_territoire_id"), ["territoire_id"], unique=False)
        batch_op.create_index("ix_fiche_territoire_id_etat", ["territoire_id", "etat"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_updated_at"), ["updated_at"], unique=False)

    op.create_table(
        "import_batch",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("report", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_import_batch_personne_id_personne")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
    )
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_import_batch_personne_id"), ["personne_id"], unique=False)

    op.create_table(
        "login_session",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_agent", sa.String(length=200), nullable=False),
        sa.Column("renew", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_login_session_personne_id_personne")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_login_session")),
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_personne_id"), ["personne_id"], unique=False)

    op.create_table(
        "mandat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("territoire_id", sa.Integer(), nullable=True),
        sa.Column("region_code", sa.String(length=3), nullable=True),
        sa.Column("departement_code", sa.String(length=3), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("granted_by_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name=op.f("ck_mandat_dates")),
        sa.ForeignKeyConstraint(
            ["departement_code"], ["departement.code"], name=op.f("fk_mandat_departement_code_departement")
        ),
        sa.ForeignKeyConstraint(["ended_by_id"], ["personne.id"], name=op.f("fk_mandat_ended_by_id_personne")),
        sa.ForeignKeyConstraint(["granted_by_id"], ["personne.id"], name=op.f("fk_mandat_granted_by_id_personne")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_mandat_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_mandat_personne_id_personne")),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_mandat_region_code_region")),
        sa.ForeignKeyConstraint(["territoire_id"], ["territoire.id"], name=op.f("fk_mandat_territoire_id_territoire")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandat")),
    )
    with op.batch_alter_table("mandat", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mandat_departement_code"), ["departement_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_mandat_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mandat_personne_id"), ["personne_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_mandat_region_code"), ["region_code"], unique=False)
        batch_op.create_index("ix_mandat_territoire_id_role", ["territoire_id", "role"], unique=False)

    op.create_table(
        "outgoing_email",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(length=120), nullable=False),
        sa.Column("recipient", sa.String(length=254), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=400), nullable=False),
        sa.Column("body_text", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("headers", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_outgoing_email_personne_id_personne")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_email")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_email_message_id")),
    )
    with op.batch_alter_table("outgoing_email", schema=None) as batch_op:
        batch_op.create_index("ix_outgoing_email_pending", ["sent_at", "failed_at", "next_try_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_outgoing_email_personne_id"), ["personne_id"], unique=False)

    op.create_table(
        "perimetre",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("territoire_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=10), nullable=False),
        sa.Column("id_ti", sa.String(length=20), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("contour", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["territoire_id"], ["territoire.id"], name=op.f("fk_perimetre_territoire_id_territoire")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_perimetre")),
        sa.UniqueConstraint("phase", "id_ti", "valid_from", name=op.f("uq_perimetre_phase_id_ti_valid_from")),
    )
    with op.batch_alter_table("perimetre", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_perimetre_id_ti"), ["id_ti"], unique=False)
        batch_op.create_index(batch_op.f("ix_perimetre_territoire_id"), ["territoire_id"], unique=False)

    op.create_table(
        "subscription",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("filters", sa.JSON(), nullable=False),
        sa.Column("frequency", sa.String(length=20), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_subscription_personne_id_personne")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_personne_id"), ["personne_id"], unique=False)

    op.create_table(
        "territoire_departement",
        sa.Column("territoire_id", sa.Integer(), nullable=False),
        sa.Column("departement_code", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(
            ["departement_code"],
            ["departement.code"],
            name=op.f("fk_territoire_departement_departement_code_departement"),
        ),
        sa.ForeignKeyConstraint(
            ["territoire_id"],
            ["territoire.id"],
            name=op.f("fk_territoire_departement_territoire_id_territoire"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("territoire_id", "departement_code", name=op.f("pk_territoire_departement")),
    )
    with op.batch_alter_table("territoire_departement", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_territoire_departement_departement_code"), ["departement_code"], unique=False
        )

    op.create_table(
        "territoire_region",
        sa.Column("territoire_id", sa.Integer(), nullable=False),
        sa.Column("region_code", sa.String(length=3), nullable=False),
        sa.ForeignKeyConstraint(["region_code"], ["region.code"], name=op.f("fk_territoire_region_region_code_region")),
        sa.ForeignKeyConstraint(
            ["territoire_id"],
            ["territoire.id"],
            name=op.f("fk_territoire_region_territoire_id_territoire"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("territoire_id", "region_code", name=op.f("pk_territoire_region")),
    )
    with op.batch_alter_table("territoire_region", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_territoire_region_region_code"), ["region_code"], unique=False)

    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["personne.id"], name=op.f("fk_comment_author_id_personne")),
        sa.ForeignKeyConstraint(["fiche_id"], ["fiche.id"], name=op.f("fk_comment_fiche_id_fiche"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
    )
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_comment_fiche_id"), ["fiche_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("titre", sa.String(length=200), nullable=False),
        sa.Column("lien", sa.String(length=1000), nullable=False),
        sa.Column("nature", sa.String(length=100), nullable=True),
        sa.Column("publie", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fiche_id"], ["fiche.id"], name=op.f("fk_document_fiche_id_fiche"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_fiche_id"), ["fiche_id"], unique=False)

    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("section", sa.String(length=20), nullable=True),
        sa.Column("etat_before", sa.String(length=40), nullable=True),
        sa.Column("etat_after", sa.String(length=40), nullable=True),
        sa.Column("motif", sa.Text(), nullable=True),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["personne.id"], name=op.f("fk_event_actor_id_personne")),
        sa.ForeignKeyConstraint(["fiche_id"], ["fiche.id"], name=op.f("fk_event_fiche_id_fiche")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_at"), ["at"], unique=False)
        batch_op.create_index("ix_event_fiche_id_id", ["fiche_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_event_kind"), ["kind"], unique=False)

    op.create_table(
        "fiche_reader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=True),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["fiche_id"], ["fiche.id"], name=op.f("fk_fiche_reader_fiche_id_fiche"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_fiche_reader_organisation_id_organisation")
        ),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_fiche_reader_personne_id_personne")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fiche_reader")),
    )
    with op.batch_alter_table("fiche_reader", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fiche_reader_fiche_id"), ["fiche_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_reader_organisation_id"), ["organisation_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_fiche_reader_personne_id"), ["personne_id"], unique=False)

    op.create_table(
        "fiche_territoire",
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("territoire_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fiche_id"], ["fiche.id"], name=op.f("fk_fiche_territoire_fiche_id_fiche"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["territoire_id"], ["territoire.id"], name=op.f("fk_fiche_territoire_territoire_id_territoire")
        ),
        sa.PrimaryKeyConstraint("fiche_id", "territoire_id", name=op.f("pk_fiche_territoire")),
    )
    with op.batch_alter_table("fiche_territoire", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fiche_territoire_territoire_id"), ["territoire_id"], unique=False)

    op.create_table(
        "fiche_thematique",
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["fiche_id"], ["fiche.id"], name=op.f("fk_fiche_thematique_fiche_id_fiche"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("fiche_id", "code", name=op.f("pk_fiche_thematique")),
    )
    with op.batch_alter_table("fiche_thematique", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fiche_thematique_code"), ["code"], unique=False)

    op.create_table(
        "financement",
        sa.Column("financeur", sa.String(length=200), nullable=False),
        sa.Column("dispositif", sa.String(length=200), nullable=True),
        sa.Column("nature", sa.String(length=20), nullable=False),
        sa.Column("etat_montant", sa.String(length=20), nullable=False),
        sa.Column("montant", sa.BigInteger(), nullable=False),
        sa.Column("base", sa.String(length=3), nullable=True),
        sa.Column("date", sa.Date(), nullable=True),
        sa.Column("justificatif", sa.String(length=300), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fiche_id"], ["fiche.id"], name=op.f("fk_financement_fiche_id_fiche"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financement")),
    )
    with op.batch_alter_table("financement", schema=None) as batch_op:
        batch_op.create_index("ix_financement_etat_montant", ["etat_montant"], unique=False)
        batch_op.create_index(batch_op.f("ix_financement_fiche_id"), ["fiche_id"], unique=False)

    op.create_table(
        "indicateur",
        sa.Column("libelle", sa.String(length=200), nullable=False),
        sa.Column("unite", sa.String(length=60), nullable=True),
        sa.Column("base", sa.String(length=30), nullable=True),
        sa.Column("cible", sa.String(length=30), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fiche_id"], ["fiche.id"], name=op.f("fk_indicateur_fiche_id_fiche"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicateur")),
    )
    with op.batch_alter_table("indicateur", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_indicateur_fiche_id"), ["fiche_id"], unique=False)

    op.create_table(
        "jalon",
        sa.Column("libelle", sa.String(length=200), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("fait_le", sa.Date(), nullable=True),
        sa.Column("responsable", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fiche_id"], ["fiche.id"], name=op.f("fk_jalon_fiche_id_fiche"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jalon")),
    )
    with op.batch_alter_table("jalon", schema=None) as batch_op:
        batch_op.create_index("ix_jalon_date_fait_le", ["date", "fait_le"], unique=False)
        batch_op.create_index(batch_op.f("ix_jalon_fiche_id"), ["fiche_id"], unique=False)

    op.create_table(
        "mesure",
        sa.Column("indicateur", sa.String(length=200), nullable=False),
        sa.Column("valeur", sa.String(length=30), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fiche_id"], ["fiche.id"], name=op.f("fk_mesure_fiche_id_fiche"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mesure")),
    )
    with op.batch_alter_table("mesure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_mesure_fiche_id"), ["fiche_id"], unique=False)

    op.create_table(
        "named_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["fiche_id"], ["fiche.id"], name=op.f("fk_named_version_fiche_id_fiche")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_named_version")),
    )
    with op.batch_alter_table("named_version", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_named_version_fiche_id"), ["fiche_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("fait", sa.Text(), nullable=True),
        sa.Column("difficulte", sa.Text(), nullable=True),
        sa.Column("prochaine_etape", sa.Text(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fiche_id"], ["fiche.id"], name=op.f("fk_note_fiche_id_fiche"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note")),
    )
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_note_fiche_id"), ["fiche_id"], unique=False)

    op.create_table(
        "partenaire",
        sa.Column("organisation", sa.String(length=200), nullable=False),
        sa.Column("siret", sa.String(length=14), nullable=True),
        sa.Column("role", sa.String(length=200), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fiche_id"], ["fiche.id"], name=op.f("fk_partenaire_fiche_id_fiche"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_partenaire")),
    )
    with op.batch_alter_table("partenaire", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_partenaire_fiche_id"), ["fiche_id"], unique=False)

    op.create_table(
        "perimetre_commune",
        sa.Column("perimetre_id", sa.Integer(), nullable=False),
        sa.Column("commune_code", sa.String(length=5), nullable=False),
        sa.ForeignKeyConstraint(
            ["commune_code"], ["commune.code"], name=op.f("fk_perimetre_commune_commune_code_commune")
        ),
        sa.ForeignKeyConstraint(
            ["perimetre_id"],
            ["perimetre.id"],
            name=op.f("fk_perimetre_commune_perimetre_id_perimetre"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("perimetre_id", "commune_code", name=op.f("pk_perimetre_commune")),
    )
    with op.batch_alter_table("perimetre_commune", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_perimetre_commune_commune_code"), ["commune_code"], unique=False)

    op.create_table(
        "perimetre_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("perimetre_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("code", sa.String(length=9), nullable=False),
        sa.Column("nom", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["perimetre_id"],
            ["perimetre.id"],
            name=op.f("fk_perimetre_member_perimetre_id_perimetre"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_perimetre_member")),
    )
    with op.batch_alter_table("perimetre_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_perimetre_member_code"), ["code"], unique=False)
        batch_op.create_index(batch_op.f("ix_perimetre_member_perimetre_id"), ["perimetre_id"], unique=False)

    op.create_table(
        "sollicitation",
        sa.Column("operateur", sa.String(length=200), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("demandee_le", sa.Date(), nullable=False),
        sa.Column("accusee_le", sa.Date(), nullable=True),
        sa.Column("repondue_le", sa.Date(), nullable=True),
        sa.Column("issue", sa.String(length=20), nullable=True),
        sa.Column("motif_refus", sa.String(length=30), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fiche_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["fiche_id"], ["fiche.id"], name=op.f("fk_sollicitation_fiche_id_fiche"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_sollicitation_organisation_id_organisation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sollicitation")),
    )
    with op.batch_alter_table("sollicitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sollicitation_fiche_id"), ["fiche_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_sollicitation_organisation_id"), ["organisation_id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("personne_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("email_id", sa.Integer(), nullable=True),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["email_id"], ["outgoing_email.id"], name=op.f("fk_delivery_email_id_outgoing_email")),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_delivery_event_id_event")),
        sa.ForeignKeyConstraint(["personne_id"], ["personne.id"], name=op.f("fk_delivery_personne_id_personne")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscription.id"], name=op.f("fk_delivery_subscription_id_subscription")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
        sa.UniqueConstraint("personne_id", "event_id", name=op.f("uq_delivery_personne_id_event_id")),
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_delivery_email_id"), ["email_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_event_id"), ["event_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_delivery_subscription_id"), ["subscription_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_delivery_subscription_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_event_id"))
        batch_op.drop_index(batch_op.f("ix_delivery_email_id"))

    op.drop_table("delivery")
    with op.batch_alter_table("sollicitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sollicitation_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_sollicitation_fiche_id"))

    op.drop_table("sollicitation")
    with op.batch_alter_table("perimetre_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_perimetre_member_perimetre_id"))
        batch_op.drop_index(batch_op.f("ix_perimetre_member_code"))

    op.drop_table("perimetre_member")
    with op.batch_alter_table("perimetre_commune", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_perimetre_commune_commune_code"))

    op.drop_table("perimetre_commune")
    with op.batch_alter_table("partenaire", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_partenaire_fiche_id"))

    op.drop_table("partenaire")
    with op.batch_alter_table("note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_note_fiche_id"))

    op.drop_table("note")
    with op.batch_alter_table("named_version", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_named_version_fiche_id"))

    op.drop_table("named_version")
    with op.batch_alter_table("mesure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_mesure_fiche_id"))

    op.drop_table("mesure")
    with op.batch_alter_table("jalon", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_jalon_fiche_id"))
        batch_op.drop_index("ix_jalon_date_fait_le")

    op.drop_table("jalon")
    with op.batch_alter_table("indicateur", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_indicateur_fiche_id"))

    op.drop_table("indicateur")
    with op.batch_alter_table("financement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_financement_fiche_id"))
        batch_op.drop_index("ix_financement_etat_montant")

    op.drop_table("financement")
    with op.batch_alter_table("fiche_thematique", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fiche_thematique_code"))

    op.drop_table("fiche_thematique")
    with op.batch_alter_table("fiche_territoire", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fiche_territoire_territoire_id"))

    op.drop_table("fiche_territoire")
    with op.batch_alter_table("fiche_reader", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fiche_reader_personne_id"))
        batch_op.drop_index(batch_op.f("ix_fiche_reader_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_fiche_reader_fiche_id"))

    op.drop_table("fiche_reader")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_kind"))
        batch_op.drop_index("ix_event_fiche_id_id")
        batch_op.drop_index(batch_op.f("ix_event_at"))
        batch_op.drop_index(batch_op.f("ix_event_actor_id"))

    op.drop_table("event")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_fiche_id"))

    op.drop_table("document")
    with op.batch_alter_table("comment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_comment_fiche_id"))

    op.drop_table("comment")
    with op.batch_alter_table("territoire_region", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_territoire_region_region_code"))

    op.drop_table("territoire_region")
    with op.batch_alter_table("territoire_departement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_territoire_departement_departement_code"))

    op.drop_table("territoire_departement")
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_subscription_personne_id"))

    op.drop_table("subscription")
    with op.batch_alter_table("perimetre", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_perimetre_territoire_id"))
        batch_op.drop_index(batch_op.f("ix_perimetre_id_ti"))

    op.drop_table("perimetre")
    with op.batch_alter_table("outgoing_email", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outgoing_email_personne_id"))
        batch_op.drop_index("ix_outgoing_email_pending")

    op.drop_table("outgoing_email")
    with op.batch_alter_table("mandat", schema=None) as batch_op:
        batch_op.drop_index("ix_mandat_territoire_id_role")
        batch_op.drop_index(batch_op.f("ix_mandat_region_code"))
        batch_op.drop_index(batch_op.f("ix_mandat_personne_id"))
        batch_op.drop_index(batch_op.f("ix_mandat_organisation_id"))
        batch_op.drop_index(batch_op.f("ix_mandat_departement_code"))

    op.drop_table("mandat")
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_personne_id"))

    op.drop_table("login_session")
    with op.batch_alter_table("import_batch", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_import_batch_personne_id"))

    op.drop_table("import_batch")
    with op.batch_alter_table("fiche", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_fiche_updated_at"))
        batch_op.drop_index("ix_fiche_territoire_id_etat")
        batch_op.drop_index(batch_op.f("ix_fiche_territoire_id"))
        batch_op.drop_index(batch_op.f("ix_fiche_meteo"))
        batch_op.drop_index(batch_op.f("ix_fiche_etat_since"))
        batch_op.drop_index("ix_fiche_etat_diffusion")
        batch_op.drop_index(batch_op.f("ix_fiche_etat"))
        batch_op.drop_index(batch_op.f("ix_fiche_due_on"))
        batch_op.drop_index(batch_op.f("ix_fiche_diffusion"))
        batch_op.drop_index(batch_op.f("ix_fiche_date_fin"))
        batch_op.drop_index(batch_op.f("ix_fiche_created_by_id"))
        batch_op.drop_index(batch_op.f("ix_fiche_confirmed_at"))
        batch_op.drop_index(batch_op.f("ix_fiche_axe"))
        batch_op.drop_index(batch_op.f("ix_fiche_avancement"))

    op.drop_table("fiche")
    with op.batch_alter_table("commune", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_commune_siren"))
        batch_op.drop_index(batch_op.f("ix_commune_nom"))
        batch_op.drop_index(batch_op.f("ix_commune_ept_code"))
        batch_op.drop_index(batch_op.f("ix_commune_epci_code"))
        batch_op.drop_index(batch_op.f("ix_commune_departement_code"))

    op.drop_table("commune")
    with op.batch_alter_table("account_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_token_personne_id"))

    op.drop_table("account_token")
    with op.batch_alter_table("territoire", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_territoire_region_instructrice_code"))

    op.drop_table("territoire")
    with op.batch_alter_table("personne", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_personne_organisation_id"))

    op.drop_table("personne")
    with op.batch_alter_table("departement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_departement_region_code"))

    op.drop_table("departement")
    with op.batch_alter_table("submission", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_at"))

    op.drop_table("submission")
    op.drop_table("region")
    op.drop_table("organisation")
    with op.batch_alter_table("login_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_login_attempt_address_at")
        batch_op.drop_index("ix_login_attempt_account_at")

    op.drop_table("login_attempt")
    op.drop_table("job_run")
    op.drop_table("geography_release")
    op.drop_table("epci")
