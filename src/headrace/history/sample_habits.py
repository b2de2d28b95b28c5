"""The sample's habits, shared by its populations: hours of the day, time limits, early failures, kinds asked for.

A number here is either fitted, so that the whole meets a published figure, or assumed: docs/en/sample.md says which.
"""

from __future__ import annotations

from typing import Final

from headrace.history.sample_chance import spread

MINUTE: Final = 60
HOUR: Final = 3600
DAY: Final = 24 * HOUR

EARLY: Final = spread({0: 5, 500: 60, 900: 400, 1000: 1800})
"""When a failure in the first minutes strikes."""

# From midnight at the centre (UTC+08:00), hour by hour: how many of a population's bursts begin then.
OFFICE: Final = (20, 12, 8, 5, 4, 4, 6, 12, 35, 85, 100, 95, 50, 60, 95, 100, 100, 95, 70, 60, 70, 65, 50, 35)
LATE: Final = (50, 40, 30, 20, 15, 10, 10, 15, 30, 55, 65, 65, 45, 45, 60, 65, 65, 70, 75, 70, 75, 80, 80, 65)
ONLINE: Final = (0, 0, 0, 0, 0, 2, 20, 120, 200, 180, 80, 40, 30, 30, 20, 10, 20, 60, 100, 60, 10, 0, 0, 0)
ALWAYS: Final = (1,) * 24
RHYTHMS: Final = {"office": (OFFICE, 52), "late": (LATE, 70), "online": (ONLINE, 100), "always": (ALWAYS, 100)}
"""{rhythm: (by the hour, per cent of it at a weekend)}. Philly: 57 % on a weekend's day."""

LIMITS: Final = (1800, HOUR, 4 * HOUR, 12 * HOUR, DAY, 3 * DAY, 7 * DAY, 14 * DAY)
"""The time limits that users choose from, in seconds; the longest job of Acme's Seren ran 14 days."""
SLACK: Final = (450, 300, 170, 80)
"""Thousandths of jobs whose limit is the first that suffices, the second, the third and the fourth."""

PINNED: Final = {"H20": (450, 400), "A800": (400, 450), "Ascend 910B": (650, 0)}
"""By the partition's kind, thousandths of requests pinned to it, and of those that take either NVIDIA kind; the rest
would run on any."""
