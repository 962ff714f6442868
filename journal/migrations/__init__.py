"""The journal's schema, revision by revision, for Alembic; packaged, so that nothing needs an ini file.

A new revision is a new file in `versions/`; one that was ever released is never changed. Revisions do not import
`journal.tables`: that says what holds now, a revision what held then.
"""
