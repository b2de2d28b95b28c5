"""The round: propose -> verify -> apply. Replay and live run this very code; they differ in who hands it the time.

    observe    what the engine did by itself: a job submitted, ended, lost; a node out, back
    propose    what the policy would do; the state is as before when it returns
    verify     each step against the state as it is, by the same `fits`
    apply      the accepted steps become the state: the only place where they do

A rejected step is a value in the plan, not an exception: the engine may have changed its mind in between.
"""
