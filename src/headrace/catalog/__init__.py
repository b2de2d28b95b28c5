"""Facts: what chips, servers and models are, what they cost, and who says so."""
