"""The doors of a fleet that is shared live: the loop that keeps it busy, and the HTTP API that answers for it.

    settings   headrace.toml                    loop      a turn each interval, the lease, what happened
    app        all routes, made into one        access    tokens, roles, hosts
    shapes     what is answered                 problem   what is answered when the answer is no
    asks       what is asked, within bounds     metrics, health, stream, logs

Nothing is imported here, so that a client who needs only `shapes` does not pay for the server.
"""
