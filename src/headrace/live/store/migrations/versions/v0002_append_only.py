"""The databases themselves refuse to change or remove lines of the audit log, and to turn its head back."""

from __future__ import annotations

from typing import Final

from alembic import op

revision = "0002"
down_revision = "0001"

SQLITE: Final = (
    ("audit_no_update", "UPDATE ON audit", ""),
    ("audit_no_delete", "DELETE ON audit", ""),
    # INSERT OR REPLACE removes a line without asking the trigger before DELETE (https://www.sqlite.org/lang_replace.html)
    ("audit_no_replace", "INSERT ON audit", "WHEN EXISTS (SELECT 1 FROM audit WHERE sequence = NEW.sequence)"),
    ("audit_head_no_delete", "DELETE ON audit_head", ""),
    ("audit_head_onwards", "UPDATE ON audit_head", "WHEN NEW.lines <= OLD.lines"),
)
REFUSE_SQLITE: Final = """
CREATE TRIGGER {name} BEFORE {event} {when}
BEGIN SELECT RAISE(ABORT, 'the audit log is only ever added to'); END
"""
POSTGRESQL: Final = (
    ("audit_append_only", "UPDATE OR DELETE OR TRUNCATE ON audit", "FOR EACH STATEMENT"),
    ("audit_head_no_delete", "DELETE OR TRUNCATE ON audit_head", "FOR EACH STATEMENT"),
    ("audit_head_onwards", "UPDATE ON audit_head", "FOR EACH ROW WHEN (NEW.lines <= OLD.lines)"),
)
REFUSE_POSTGRESQL: Final = """
CREATE FUNCTION headrace_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit log is only ever added to'; END $$
"""


def upgrade() -> None:
    """From 0001."""
    if op.get_context().dialect.name == "sqlite":
        for name, event, when in SQLITE:
            op.execute(REFUSE_SQLITE.format(name=name, event=event, when=when))
        return
    op.execute(REFUSE_POSTGRESQL)
    for name, event, each in POSTGRESQL:
        op.execute(f"CREATE TRIGGER {name} BEFORE {event} {each} EXECUTE FUNCTION headrace_refuse()")
