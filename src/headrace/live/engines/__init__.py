"""What really runs jobs: one engine a room, and the double that tests use."""
