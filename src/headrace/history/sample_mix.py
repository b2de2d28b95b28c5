"""The sample's populations: seven sorts of job, each with its own sizes, run times, ends and hours of the day.

A number here is either fitted, so that the whole meets a published figure, or assumed: docs/en/sample.md says which.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from headrace.history.sample_chance import Spread, always, spread
from headrace.history.sample_habits import DAY, HOUR, MINUTE


@dataclass(frozen=True)
class Population:
    """One sort of job. Weights and chances are in thousandths, times in seconds, activity in thousandths.

    `seats` are those who submit ("tenant@partition": weight). Jobs come in bursts of `burst` alike ones, `gap` apart,
    at the hours of `rhythm`; a `steady` population is spread over the whole period instead, and its run times are
    stretched to meet the partition's load. `shapes` are (nodes, chips a node, share of each chip). `ends` are
    completed, failed, cancelled, timeout; `late` of the failures strike after the time drawn from `work`, the others
    in the first minutes. `blind` jobs have no telemetry, `silent` ones stand at zero, `half` use half of their chips.
    `checkpoints` are {seconds between two: weight}, where 0 is none.
    """

    name: str
    jobs: int
    seats: dict[str, int]
    burst: Spread
    gap: Spread
    rhythm: str
    shapes: dict[tuple[int, int, int], int]
    work: Spread
    ends: tuple[int, int, int, int]
    activity: Spread
    starting: Spread
    checkpoints: dict[int, int]
    late: int = 0
    blind: int = 0
    silent: int = 0
    half: int = 0
    heavy: int = 0
    service: str = "normal"
    spare: int = 0
    limited: bool = True
    steady: bool = False


DEBUG: Final = Population(
    name="debug",
    jobs=542,
    seats={
        "startups@h20-shared": 260,
        "speech@h20-shared": 120,
        "vision@a800-vision": 160,
        "drive@a800-vision": 110,
        "campus@a800-campus": 140,
        "foundation@h20-foundation": 80,
        "biology@ascend-biology": 40,
        "foundation@ascend-foundation": 40,
        "ads@a800-ads": 40,
        "finance@ascend-finance": 8,
        "city@ascend-city": 2,
    },
    burst=spread({0: 1, 300: 2, 700: 8, 950: 30, 1000: 60}),
    gap=spread({0: 10, 500: 180, 900: 900, 1000: 3600}),
    rhythm="office",
    shapes={(1, 1, 1000): 820, (1, 2, 1000): 70, (1, 8, 1000): 110},
    work=spread({0: 2, 100: 12, 250: 40, 500: 110, 750: 240, 900: 480, 970: 1500, 1000: 3600}),
    ends=(590, 315, 90, 5),
    activity=spread({0: 0, 500: 300, 1000: 900}),
    starting=spread({0: 3, 500: 10, 1000: 40}),
    checkpoints={0: 1},
    late=500,
    blind=150,
    silent=150,
)

EVALUATION: Final = Population(
    name="evaluation",
    jobs=250,
    seats={
        "foundation@h20-foundation": 320,
        "foundation@ascend-foundation": 140,
        "vision@a800-vision": 140,
        "drive@a800-vision": 120,
        "speech@h20-shared": 60,
        "startups@h20-shared": 60,
        "ads@a800-ads": 80,
        "finance@ascend-finance": 40,
        "biology@ascend-biology": 30,
        "city@ascend-city": 10,
    },
    burst=spread({0: 1, 500: 8, 900: 32, 1000: 60}),
    gap=spread({0: 0, 1000: 20}),
    rhythm="late",
    shapes={(1, 1, 1000): 480, (1, 2, 1000): 180, (1, 4, 1000): 120, (1, 8, 1000): 220},
    work=spread({0: 10, 100: 40, 250: 110, 500: 330, 750: 1200, 900: 4800, 970: 14400, 1000: 43200}),
    ends=(725, 220, 50, 5),
    activity=spread({0: 50, 500: 600, 1000: 950}),
    starting=spread({0: 10, 500: 40, 1000: 120}),
    checkpoints={0: 1},
    late=400,
    blind=80,
    silent=40,
    half=60,
    spare=500,
)

TRAINING: Final = Population(
    name="training",
    jobs=85,
    seats={
        "vision@a800-vision": 230,
        "drive@a800-vision": 150,
        "startups@h20-shared": 300,
        "speech@h20-shared": 190,
        "foundation@h20-foundation": 120,
        "ads@a800-ads": 140,
        "campus@a800-campus": 330,
        "biology@ascend-biology": 260,
        "finance@ascend-finance": 40,
        "foundation@ascend-foundation": 50,
        "city@ascend-city": 6,
    },
    burst=spread({0: 1, 700: 2, 1000: 4}),
    gap=spread({0: 5, 1000: 120}),
    rhythm="office",
    shapes={(1, 1, 1000): 280, (1, 2, 1000): 140, (1, 4, 1000): 200, (1, 8, 1000): 380},
    work=spread({0: 600, 250: 4500, 500: 4 * HOUR, 750: 11 * HOUR, 900: 26 * HOUR, 980: 2 * DAY, 1000: 5 * DAY}),
    ends=(430, 240, 300, 30),
    activity=spread({0: 150, 250: 620, 500: 820, 750: 910, 1000: 980}),
    starting=spread({0: 20, 500: 90, 1000: 300}),
    checkpoints={0: 350, 1800: 250, 3600: 400},
    late=300,
    blind=60,
    silent=40,
    half=100,
    heavy=150,
    spare=100,
    steady=True,
)

GANG: Final = Population(
    name="gang",
    jobs=15,
    seats={
        "foundation@h20-foundation": 510,
        "foundation@ascend-foundation": 160,
        "assistant@ascend-foundation": 110,
        "vision@a800-vision": 100,
        "drive@a800-vision": 120,
    },
    burst=always(1),
    gap=always(0),
    rhythm="office",
    shapes={(2, 8, 1000): 430, (4, 8, 1000): 320, (8, 8, 1000): 200, (16, 8, 1000): 50},
    work=spread({0: 1200, 250: 2 * HOUR, 500: 6 * HOUR, 750: 14 * HOUR, 900: 30 * HOUR, 980: 3 * DAY, 1000: 8 * DAY}),
    ends=(230, 300, 440, 30),
    activity=spread({0: 400, 100: 680, 500: 870, 900: 950, 1000: 990}),
    starting=spread({0: 120, 500: 300, 1000: 900}),
    checkpoints={0: 80, 1800: 320, 3600: 400, 7200: 200},
    late=450,
    blind=30,
    silent=20,
    half=30,
    steady=True,
)

NOTEBOOK: Final = Population(
    name="notebook",
    jobs=55,
    seats={
        "campus@a800-campus": 520,
        "startups@h20-shared": 170,
        "speech@h20-shared": 90,
        "biology@ascend-biology": 60,
        "vision@a800-vision": 90,
        "finance@ascend-finance": 60,
        "city@ascend-city": 10,
    },
    burst=always(1),
    gap=always(0),
    rhythm="office",
    shapes={(1, 1, 1000): 520, (1, 1, 500): 280, (1, 1, 250): 140, (1, 2, 1000): 60},
    work=spread({0: 900, 250: 2 * HOUR, 500: 5 * HOUR, 750: 10 * HOUR, 900: 22 * HOUR, 1000: 2 * DAY}),
    ends=(150, 20, 480, 350),
    activity=spread({0: 5, 500: 40, 900: 150, 1000: 400}),
    starting=spread({0: 10, 500: 30, 1000: 90}),
    checkpoints={MINUTE: 1},
    late=500,
    blind=50,
    silent=450,
)

REPLICA: Final = Population(
    name="replica",
    jobs=13,
    seats={
        "search@h20-serving": 420,
        "assistant@h20-serving": 260,
        "ads@a800-ads": 170,
        "finance@ascend-finance": 110,
        "city@ascend-city": 20,
        "speech@h20-serving": 20,
    },
    burst=spread({0: 1, 500: 2, 1000: 5}),
    gap=spread({0: 0, 1000: 30}),
    rhythm="always",
    shapes={
        (1, 1, 1000): 300,
        (1, 2, 1000): 220,
        (1, 4, 1000): 200,
        (1, 8, 1000): 120,
        (1, 1, 500): 90,
        (1, 1, 200): 70,
    },
    work=spread({0: 6 * HOUR, 250: 1 * DAY, 500: 2 * DAY, 750: 4 * DAY, 1000: 8 * DAY}),
    ends=(600, 60, 340, 0),
    activity=spread({0: 30, 250: 200, 500: 380, 750: 550, 1000: 850}),
    starting=spread({0: 60, 500: 180, 1000: 600}),
    checkpoints={MINUTE: 1},
    late=800,
    blind=40,
    silent=200,
    service="serving",
    limited=False,
    steady=True,
)

PEAK: Final = Population(
    name="peak",
    jobs=40,
    seats={"search@h20-serving": 560, "assistant@h20-serving": 330, "ads@a800-ads": 110},
    burst=spread({0: 1, 500: 3, 1000: 9}),
    gap=spread({0: 5, 1000: 90}),
    rhythm="online",
    shapes={(1, 1, 1000): 460, (1, 2, 1000): 290, (1, 4, 1000): 180, (1, 1, 500): 70},
    work=spread({0: 2 * HOUR, 250: 7 * HOUR, 500: 11 * HOUR, 750: 14 * HOUR, 1000: 17 * HOUR}),
    ends=(960, 40, 0, 0),
    activity=spread({0: 150, 500: 600, 1000: 900}),
    starting=spread({0: 60, 500: 150, 1000: 400}),
    checkpoints={MINUTE: 1},
    late=800,
    blind=40,
    service="serving",
    limited=False,
)

MIX: Final = (DEBUG, EVALUATION, TRAINING, GANG, NOTEBOOK, REPLICA, PEAK)
