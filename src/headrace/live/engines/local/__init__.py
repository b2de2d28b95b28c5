"""The engine of one machine: chips from fleet.toml, jobs as child processes, everything that matters in files.

    engine.py ── a claim, a stop ──> the state directory <── started, exit ── keeper.py ── runs ──> the job's command
        └─────── "bring up" ───────> nursery.py ───────── forks ────────────────┘

    state/  lock, bell        held by the one Headrace that uses it; rung when a run has ended
            live/17/          a job that waits or runs: asked.json, cancelled.json
                 runs/0/      order.json, lock, poke, started.json, stop.json, exit.json, stdout, stderr
            ended/16/         a job that is over, until it is pruned
            trash/            what is being removed

What each process may be killed for, and what follows:

    Headrace   the next one reads the folders; runs go on and end meanwhile
    nursery    it is brought up again; a claim that nobody keeps is looked at again
    keeper     the next keeper ends what is left of the command; the run is lost, and the job waits for the next one
    machine    runs without an exit are lost

Jobs run as the user who runs Headrace, and never as anybody else. Nothing here is a sandbox: the variables that name a
job's chips keep honest programs apart. Of a gang on several nodes there is one process, with the chips of all of them.
Under systemd say KillMode=process, or jobs end with Headrace when it is restarted.

This file imports nothing, for keepers share the folder and are light.
"""
