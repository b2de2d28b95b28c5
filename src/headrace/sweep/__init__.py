"""A sweep: many replays of one log, policies × fleets × seeds × walls, on all cores or on a Ray cluster.

    sweep.toml -> Sheet -> Cells ──────┐ what is not kept yet
    log, fleets -> columns on the disk ┴> workers (each maps the columns) -> kept, cell by cell -> table, page

What is kept is never computed again; whatever happened on the way, the results are the same to the byte.
"""
