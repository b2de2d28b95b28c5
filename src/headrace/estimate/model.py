"""The shape of a transformer: everything about a model that decides how much work a token is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from headrace.errors import InputError

GATED: Final = 3
"""Matrices of a feed-forward layer with a gate; 2 without one."""


@dataclass(frozen=True)
class Shape:
    """A transformer by its public configuration; sizes are counts of elements.

    A layer in `full_every` attends to everything; the others to a `window` of tokens, or, with `linear_in`, keep a
    state of fixed size. `kv_lora` above 0 is multi-head latent attention; `experts` above 0 is a mixture of experts
    behind the first `dense_layers` layers. `sparse_topk` above 0: attention reads that many tokens, found by an index.
    """

    name: str
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    inter: int
    vocab: int
    experts: int = 0
    active_experts: int = 0
    expert_inter: int = 0
    shared_inter: int = 0
    dense_layers: int = 0
    q_lora: int = 0
    kv_lora: int = 0
    rope_dim: int = 0
    nope_dim: int = 0
    v_dim: int = 0
    full_every: int = 1
    window: int = 0
    linear_in: int = 0
    linear_out: int = 0
    sparse_topk: int = 0
    matrices: int = GATED
    tied: bool = False
    block_fp8: bool = False
    released: str = "bf16"
    """The precision that its weights are released in."""

    def __post_init__(self) -> None:
        for field in ("layers", "hidden", "heads", "kv_heads", "head_dim", "vocab"):
            if getattr(self, field) <= 0:
                raise InputError(f"model {self.name}: {field}", f"is {getattr(self, field)}", "a positive whole number")
        if self.experts and not 0 < self.active_experts <= self.experts:
            right = f"between 1 and the {self.experts} experts"
            raise InputError(f"model {self.name}: active_experts", f"is {self.active_experts}", right)

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def moe_layers(self) -> int:
        """Layers whose feed-forward part is a mixture of experts."""
        return self.layers - self.dense_layers if self.experts else 0

    @property
    def full_layers(self) -> int:
        """Layers whose attention reads the whole context."""
        return -(-self.layers // self.full_every) if self.full_every > 1 else self.layers

    @property
    def attention_weights(self) -> float:
        """Elements of one attention layer's projections, averaged over the layers."""
        full = self._latent_weights() if self.kv_lora else self._grouped_weights()
        if not self.linear_in:
            return float(full)
        linear = self.hidden * (self.linear_in + self.linear_out)
        return (full * self.full_layers + linear * (self.layers - self.full_layers)) / self.layers

    def _grouped_weights(self) -> int:
        gate = self.heads if self.linear_in else 0
        return self.hidden * self.head_dim * (2 * self.heads + gate + 2 * self.kv_heads)

    def _latent_weights(self) -> int:
        down = self.hidden * (self.q_lora + self.kv_lora + self.rope_dim)
        query = (self.q_lora or self.hidden) * self.heads * (self.nope_dim + self.rope_dim)
        return down + query + self.heads * (self.kv_lora * (self.nope_dim + self.v_dim) + self.v_dim * self.hidden)

    def _per_token(self, experts: float) -> float:
        dense = (self.layers - self.moe_layers) * self.matrices * self.hidden * self.inter
        each = self.matrices * self.hidden * (experts * self.expert_inter + self.shared_inter)
        return self.layers * self.attention_weights + dense + self.moe_layers * (each + self.hidden * self.experts)

    @property
    def parameters(self) -> float:
        """Elements of all weights."""
        return self._per_token(self.experts) + self.vocab * self.hidden * (1 if self.tied else 2)

    @property
    def active_parameters(self) -> float:
        """Elements of the weights that one token meets, its row of the embedding left out."""
        return self._per_token(self.active_experts) + self.vocab * self.hidden

    @property
    def kv_elements(self) -> float:
        """Elements that one token of context adds to the cache, over all layers that keep it whole."""
        each = self.kv_lora + self.rope_dim if self.kv_lora else 2 * self.kv_heads * self.head_dim
        return float(self.full_layers * each)


def linear_widths(keys: int, values: int) -> dict[str, int]:
    """Fields of a shape whose linear layers have keys and values so wide, heads together (Gated DeltaNet).

    Two keys and two values go in, of which one value is a gate; one value comes out.
    """
    return {"linear_in": 2 * keys + 2 * values, "linear_out": values} if values else {}
