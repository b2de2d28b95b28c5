"""What the live side must not forget: jobs and runs, what was decided and whether it was done, who may ask, who did.

    store        class Store: every method is one transaction
      │  jobs, nodes, intents, rounds, lease, tokens, audit, submissions     what each does to its tables
      │  chain     the audit log's hashes: pure              job_log      runs as a job log
    database     SQLite or PostgreSQL by URL     failures   what went wrong, in one sentence
    migrate      brings a database to this version of the tables (migrations/)
    tables, columns   SQLAlchemy Core            nouns      what goes in and comes out

The store has no clock and no chance: times (ms, UTC) and random bytes are arguments. Nothing is imported here, so that
whoever needs only the nouns does not pay for SQLAlchemy.
"""
