"""What a shared fleet says of itself now, in words and tables: jobs and why they wait, nodes, use.

told     what is shown, as protocols: the API's answers are such        size    counts, demands, places in words
hold     why a job waits, with its numbers                             jobs, nodes, usage, why   one verb each
"""
