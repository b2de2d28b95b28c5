"""A model's shape from its Hugging Face `config.json`, as a mapping; multi-modal models by their language part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from headrace.errors import InputError
from headrace.estimate.model import Shape, linear_widths

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES: Final = {
    "layers": ("num_hidden_layers", "n_layers", "n_layer", "num_layers"),
    "hidden": ("hidden_size", "d_model", "n_embd"),
    "heads": ("num_attention_heads", "n_heads", "n_head"),
    "kv_heads": ("num_key_value_heads", "multi_query_group_num", "n_kv_heads"),
    "head_dim": ("head_dim", "kv_channels"),
    "inter": ("intermediate_size", "ffn_hidden_size", "n_inner"),
    "vocab": ("vocab_size", "padded_vocab_size"),
    "experts": ("n_routed_experts", "num_local_experts", "num_experts", "moe_num_experts"),
    "active_experts": ("num_experts_per_tok", "moe_topk", "top_k", "moe_k"),
    "expert_inter": ("moe_intermediate_size",),
    "dense_layers": ("first_k_dense_replace", "moe_layer_start_index"),
    "q_lora": ("q_lora_rank",),
    "kv_lora": ("kv_lora_rank",),
    "rope_dim": ("qk_rope_head_dim",),
    "nope_dim": ("qk_nope_head_dim",),
    "v_dim": ("v_head_dim",),
    "full_every": ("full_attention_interval",),
    "sparse_topk": ("index_topk",),
}
"""A field of the shape, and what configurations call it, the commonest first."""
NEEDED: Final = ("layers", "hidden", "heads", "vocab")


def shape_of_config(name: str, config: Mapping[str, Any]) -> Shape:
    """The shape. Raises InputError naming the first field that is needed and missing."""
    told = config.get("text_config") or config.get("language_config") or config
    found = {field: _first(told, keys) for field, keys in NAMES.items()}
    for field in NEEDED:
        if not found[field]:
            right = f"one of {', '.join(NAMES[field])}"
            raise InputError(f"config of {name}", f"does not tell {field}", right)
    found["kv_heads"] = found["kv_heads"] or found["heads"]
    found["head_dim"] = found["head_dim"] or found["v_dim"] or found["hidden"] // found["heads"]
    found["full_every"] = found["full_every"] or 1
    if found["experts"]:
        found["expert_inter"] = found["expert_inter"] or found["inter"]
    else:
        found["active_experts"] = found["expert_inter"] = found["dense_layers"] = 0
    numbers: dict[str, Any] = found | _linear(told) | _windows(told, found["full_every"])
    return Shape(
        name=name,
        shared_inter=_shared(told, found["expert_inter"]),
        tied=bool(told.get("tie_word_embeddings", config.get("tie_word_embeddings", False))),
        released=_released(config.get("quantization_config") or {}),
        block_fp8="weight_block_size" in (config.get("quantization_config") or {}),
        **numbers,
    )


def _released(quantization: Mapping[str, Any]) -> str:
    """The precision of the weights beside the configuration; 16 bits where it names none that is known."""
    method, bits = str(quantization.get("quant_method", "")), quantization.get("bits")
    if method == "fp8":
        return "fp8_block" if "weight_block_size" in quantization else "fp8"
    if method in ("awq", "gptq"):
        return "int8_wo" if bits == 8 else "int4_wo"
    return "mxfp4_wo" if method == "mxfp4" else "bf16"


def _first(config: Mapping[str, Any], keys: tuple[str, ...]) -> int:
    return next((int(config[key]) for key in keys if isinstance(config.get(key), int | float)), 0)


def _shared(config: Mapping[str, Any], each: int) -> int:
    return _first(config, ("shared_expert_intermediate_size",)) or _first(config, ("n_shared_experts",)) * each


def _linear(config: Mapping[str, Any]) -> dict[str, int]:
    keys = _first(config, ("linear_num_key_heads",)) * _first(config, ("linear_key_head_dim",))
    values = _first(config, ("linear_num_value_heads",)) * _first(config, ("linear_value_head_dim",))
    return linear_widths(keys, values)


def _windows(config: Mapping[str, Any], full_every: int) -> dict[str, int]:
    kinds = config.get("layer_types") or []
    near = sum(kind == "sliding_attention" for kind in kinds)
    if not near or near == len(kinds) or full_every > 1:
        return {}
    return {"window": _first(config, ("sliding_window",)), "full_every": round(len(kinds) / (len(kinds) - near))}
