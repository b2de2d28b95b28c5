"""What a policy can be made of: plain dicts from a part's name to its number in the compiled loops."""

from __future__ import annotations

from typing import Final

FIFO: Final = 0
SHORTEST: Final = 1
SMALLEST: Final = 2
LAS: Final = 3
FAIR: Final = 4
SRTF: Final = 5
SRSF: Final = 6
ORDERS: Final = {
    "fifo": FIFO,
    "oracle:shortest": SHORTEST,
    "oracle:smallest": SMALLEST,
    "las": LAS,
    "fair": FAIR,
    "oracle:srtf": SRTF,
    "oracle:srsf": SRSF,
}
AFRESH: Final = (SRTF, SRSF)
"""The orders that deal the fleet anew at each round, among those that run as well."""

FIRST: Final = 0
BEST: Final = 1
PACKING: Final = 2
CLUSTERING: Final = 3
DOT: Final = 4
FGD: Final = 5
RANDOM: Final = 6
WORTH: Final = 7
PLACES: Final = {
    "first": FIRST,
    "best": BEST,
    "packing": PACKING,
    "clustering": CLUSTERING,
    "dot": DOT,
    "fgd": FGD,
    "random": RANDOM,
    "worth": WORTH,
}

NO_BACKFILL: Final = 0
EASY: Final = 1
CONSERVATIVE: Final = 2
GREEDY: Final = 3
BACKFILLS: Final = {"none": NO_BACKFILL, "easy": EASY, "conservative": CONSERVATIVE, "greedy": GREEDY}
