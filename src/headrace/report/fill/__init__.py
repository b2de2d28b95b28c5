"""What a fill says: how full each placement rule gets a fleet, as figures, tables, charts and a page."""
