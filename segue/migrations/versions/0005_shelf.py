"""Members, what they may hear and are fond of, what they used, and one index that finds clips by anything."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_shelf"
down_revision = "0004_family"

ENTRIES = """
CREATE VIEW shelf_entry AS SELECT
  number,
  prompt_a || ' ' || prompt_b || ' ' || own_title || ' ' || notes || ' ' || tags AS words,
  'of' || coalesce(member_id, '') || ' seed' || lower(hex(seed_image_id)) || ' by' || lower(hex(provider)) || ' state'
    || CASE WHEN state IN ('succeeded', 'failed', 'canceled') THEN state ELSE 'making' END
    || coalesce((SELECT group_concat(' heart' || heart.member_id, '') FROM heart WHERE heart.clip_id = clip.id), '')
    AS facets,
  tags
FROM clip WHERE binned_at IS NULL
"""
SHELF = """
CREATE VIRTUAL TABLE shelf USING fts5(words, facets, tags, tokenize = "porter unicode61 remove_diacritics 2")
"""
PUT = "INSERT INTO shelf (rowid, words, facets, tags) SELECT * FROM shelf_entry WHERE number = {number};"
TAKE = "DELETE FROM shelf WHERE rowid = {number};"
FOUND_BY = "prompt_a, prompt_b, own_title, notes, tags, member_id, state, binned_at"
OF_HEART = "(SELECT number FROM clip WHERE id = {row}.clip_id)"
TRIGGERS = {
    "clip_comes": ("AFTER INSERT ON clip", PUT.format(number="NEW.number")),
    "clip_changes": (
        f"AFTER UPDATE OF {FOUND_BY} ON clip",
        TAKE.format(number="OLD.number") + PUT.format(number="NEW.number"),
    ),
    "clip_goes": ("AFTER DELETE ON clip", TAKE.format(number="OLD.number")),
    "heart_comes": (
        "AFTER INSERT ON heart",
        TAKE.format(number=OF_HEART.format(row="NEW")) + PUT.format(number=OF_HEART.format(row="NEW")),
    ),
    "heart_goes": (
        "AFTER DELETE ON heart",
        TAKE.format(number=OF_HEART.format(row="OLD")) + PUT.format(number=OF_HEART.format(row="OLD")),
    ),
}

FOLD = r"""
CREATE FUNCTION shelf_fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT regexp_replace(
    regexp_replace(normalize($1, NFKD), '[\u0300-\u036f]', '', 'g'), '[!-/:-@\[-`{-~]+', ' ', 'g'
  )
$$
"""
WORDS = """
ALTER TABLE clip ADD COLUMN shelf tsvector NOT NULL GENERATED ALWAYS AS (
  to_tsvector('shelf'::regconfig, shelf_fold(prompt_a || ' ' || prompt_b || ' ' || own_title || ' ' || notes))
  || setweight(to_tsvector('shelf'::regconfig, shelf_fold(tags)), 'A')
) STORED
"""
FACETS = {"of": "member_id", "seed": "seed_image_id", "by": "provider", "state": "state"}


def upgrade() -> None:
    _members()
    _clips()
    if op.get_bind().dialect.name == "postgresql":
        _words_beside_the_clips()
    else:
        _index_of_its_own()


def _index_of_its_own() -> None:
    op.execute(SHELF)
    op.execute(ENTRIES)
    op.execute("INSERT INTO shelf (rowid, words, facets, tags) SELECT * FROM shelf_entry ORDER BY number")
    for name, (when, what) in TRIGGERS.items():
        op.execute(f"CREATE TRIGGER {name} {when} BEGIN {what} END")


def _words_beside_the_clips() -> None:
    # English stems, and no word so common that it is not looked for: as in SQLite.
    op.execute("CREATE TEXT SEARCH DICTIONARY shelf_stem (TEMPLATE = snowball, LANGUAGE = english)")
    op.execute("CREATE TEXT SEARCH CONFIGURATION shelf (COPY = english)")
    op.execute("ALTER TEXT SEARCH CONFIGURATION shelf ALTER MAPPING REPLACE english_stem WITH shelf_stem")
    op.execute(FOLD)
    op.execute(WORDS)
    op.create_index("shelf_words", "clip", ["shelf"], postgresql_using="gin")
    for name, column in FACETS.items():
        op.create_index(f"shelf_{name}", "clip", [column, "number"])


def _members() -> None:
    op.create_table(
        "member",
        sa.Column("id", sa.String(20), primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False, unique=True),
        sa.Column("role", sa.String(8), nullable=False),
        sa.Column("password", sa.Text),
        sa.Column("subject", sa.Text, unique=True),
        sa.Column("created_at", sa.Float, nullable=False),
        sa.Column("removed_at", sa.Float),
    )
    for name in ("invitation", "visit"):
        op.create_table(
            name,
            sa.Column("digest", sa.String(64), primary_key=True),
            sa.Column("member_id", sa.String(20), sa.ForeignKey("member.id"), nullable=False),
            sa.Column("expires_at", sa.Float, nullable=False),
        )
        op.create_index(f"ix_{name}_member_id", name, ["member_id"])
    op.create_table(
        "heart",
        sa.Column("member_id", sa.String(20), primary_key=True),
        sa.Column("clip_id", sa.String(20), sa.ForeignKey("clip.id", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("heart_clip", "heart", ["clip_id"])
    op.create_table(
        "tally",
        sa.Column("member_id", sa.String(20), primary_key=True),
        sa.Column("month", sa.String(7), primary_key=True),
        sa.Column("provider", sa.String(32), primary_key=True),
        sa.Column("runs", sa.Integer, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("spent", sa.Float, nullable=False),
    )


def _clips() -> None:
    op.add_column("clip", sa.Column("number", sa.Integer))
    op.execute(
        "UPDATE clip SET number = place FROM (SELECT id AS whose, row_number() OVER (ORDER BY created_at, id) AS place "
        "FROM clip) AS numbered WHERE id = whose"
    )
    op.execute("ALTER TABLE clip ADD COLUMN member_id VARCHAR(20) REFERENCES member (id)")
    for column in ("own_title", "notes", "tags"):
        op.add_column("clip", sa.Column(column, sa.Text, nullable=False, server_default=""))
    for column in ("shared_at", "binned_at"):
        op.add_column("clip", sa.Column(column, sa.Float))
    op.add_column("clip", sa.Column("guests_download", sa.Boolean, nullable=False, server_default=sa.true()))
    op.add_column("clip", sa.Column("price", sa.Float, nullable=False, server_default=sa.text("0")))
    op.create_index("clip_number", "clip", ["number"], unique=True)
    op.create_index("clip_maker", "clip", ["member_id", "created_at"])
    binned = sa.text("binned_at IS NOT NULL")
    op.create_index("clip_bin", "clip", ["binned_at"], sqlite_where=binned, postgresql_where=binned)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for name in FACETS:
            op.drop_index(f"shelf_{name}", "clip")
        op.drop_column("clip", "shelf")
        op.execute("DROP FUNCTION shelf_fold")
        op.execute("DROP TEXT SEARCH CONFIGURATION shelf")
        op.execute("DROP TEXT SEARCH DICTIONARY shelf_stem")
    else:
        for name in TRIGGERS:
            op.execute(f"DROP TRIGGER {name}")
        op.execute("DROP VIEW shelf_entry")
        op.drop_table("shelf")
    for index in ("clip_number", "clip_maker", "clip_bin"):
        op.drop_index(index, "clip")
    for table in ("tally", "heart", "visit", "invitation"):
        op.drop_table(table)
    with op.batch_alter_table("clip") as clip:
        for column in (
            "number",
            "member_id",
            "own_title",
            "notes",
            "tags",
            "shared_at",
            "binned_at",
            "guests_download",
            "price",
        ):
            clip.drop_column(column)
    op.drop_table("member")
