"""A model as it is named on the command line or in a job file: by name, or by the path of its `config.json`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from headrace.errors import InputError
from headrace.estimate.config import shape_of_config
from headrace.estimate.known import model
from headrace.estimate.precision import precision
from headrace.history.files import opened
from headrace.history.toml_file import printable

if TYPE_CHECKING:
    from headrace.estimate.model import Shape

CONFIG: Final = "config.json"
RIGHT: Final = "a model's config.json, as Hugging Face has it, is a JSON object of a few kilobytes"
MOST_BYTES: Final = 2**20
TRAINED_IN: Final = ("bf16", "fp8", "fp4")
BLOCKS: Final = "fp8_block"
USUAL: Final = "bf16"
ENDINGS: Final = {"fp8": "fp8", "fp4": "fp4", "int8": "int8_wo", "int4": "int4_wo", "awq": "int4_wo", "gptq": "int4_wo"}
"""What the end of a published model's name says of its weights."""


def shape_of(text: str) -> Shape:
    """The model of that name; of a file that ends in .json, or a folder with a config.json, the one it describes.

    Raises CallError with names that come near, or InputError that says what is wrong with the file.
    """
    path = Path(text)
    if path.suffix == ".json":
        return shape_of_file(path)
    return shape_of_file(path / CONFIG) if (path / CONFIG).is_file() else model(text)


def shape_of_file(path: Path) -> Shape:
    """The model that a `config.json` describes, called by its folder. Raises InputError."""
    name = path.resolve().parent.name if path.name == CONFIG else path.stem
    try:
        return shape_of_config(printable(name), _read(path))
    except (TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InputError(str(path), f"has a value of the wrong type ({printable(error)})", RIGHT) from None
    except ZeroDivisionError:
        raise InputError(str(path), "has a zero where a size is needed", RIGHT) from None


def _read(path: Path) -> dict[str, Any]:
    with opened(path) as file:
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise InputError(str(path), "is larger than 1 MiB", RIGHT)
    try:
        found = json.loads(text.decode())
    except (ValueError, RecursionError) as error:
        raise InputError(str(path), f"is not JSON ({printable(error)})", RIGHT) from None
    if not isinstance(found, dict):
        raise InputError(str(path), "is not a JSON object", RIGHT)
    return found


def format_of(shape: Shape, asked: str, text: str) -> tuple[str, bool]:
    """The precision's name, and whether nobody told it: then that of the name, or of the weights as released.

    `fp8` of a model that is published in 8-bit blocks means those. Raises InputError naming the known ones.
    """
    ending = next((name for end, name in ENDINGS.items() if text.lower().endswith(end)), "")
    told = asked or ending
    name = precision(told or shape.released).name
    return BLOCKS if name == "fp8" and shape.block_fp8 else name, not told


def format_to_train(shape: Shape, asked: str, text: str) -> tuple[str, bool]:
    """The same for training, which knows no weights that alone are small, and no blocks; bf16 where nobody tells.

    Raises InputError.
    """
    name, untold = format_of(shape, asked or USUAL, text)[0], not asked
    name = "fp8" if name == BLOCKS else name
    if name not in TRAINED_IN:
        raise InputError("precision", f"{name} is none to train in", f"one of {', '.join(TRAINED_IN)}")
    return name, untold
