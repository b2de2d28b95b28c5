"""Who goes first. Each order is one function: (submit, left, milli, attained) -> key; the smallest key goes first.

`submit` and `left` in ms, `milli` the milli-chips of the whole gang, `attained` milli-chip-ms received so far.
Ties go to the job submitted first. A key is made when a job enters its line.
"""
