"""A model: the numbers of its public configuration, and the parameters that follow from them."""

from __future__ import annotations

from dataclasses import dataclass

from headrace.catalog.item import Item


@dataclass(frozen=True)
class Model(Item):
    """A transformer. What its configuration does not have (experts, low ranks, linear layers) is zero in `count`."""

    def count(self, attribute: str) -> int:
        """A whole number of the configuration; 0 where it has none."""
        number = self.number(attribute)
        return 0 if number is None else int(number)

    @property
    def parameters(self) -> int:
        """All weights of matrices: embeddings, attention, and the feed-forward parts of every layer."""
        tables = 1 if self.text("tied_embeddings") == "yes" else 2
        dense = self.count("dense_layers") if self.count("experts") else self.count("layers")
        routed = self.count("layers") - dense
        return (
            tables * self.count("vocab") * self.count("hidden")
            + self.full_layers * self.attention
            + (self.count("layers") - self.full_layers) * (self.linear_attention or self.attention)
            + dense * self.dense_ffn
            + routed * self.expert * (self.count("experts") + self.count("shared_experts"))
            + routed * self.count("hidden") * self.count("experts")
        )

    @property
    def active_parameters(self) -> int:
        """The weights that one token meets, both tables of words among them."""
        idle = self.count("experts") - self.count("experts_active")
        routed = self.count("layers") - self.count("dense_layers") if self.count("experts") else 0
        return self.parameters - routed * idle * self.expert

    @property
    def full_layers(self) -> int:
        """Layers that attend to the whole context: one in `full_attention_every`, rounded up; without it all."""
        return -(-self.count("layers") // max(self.count("full_attention_every"), 1))

    @property
    def linear_attention(self) -> int:
        """Weights of one layer that keeps a state instead of a cache; 0 where there is none.

        Two keys and two values go in, of which one value is a gate; one value comes out (Gated DeltaNet).
        """
        keys = self.count("linear_key_heads") * self.count("linear_key_dim")
        values = self.count("linear_value_heads") * self.count("linear_value_dim")
        return self.count("hidden") * (2 * keys + 3 * values)

    @property
    def attention(self) -> int:
        """Weights of attention in one layer that attends to the whole context."""
        return self._latent if self.count("kv_lora_rank") else self._heads

    @property
    def dense_ffn(self) -> int:
        """Weights of the feed-forward part of a layer without experts."""
        return self.matrices * self.count("hidden") * self.count("ffn")

    @property
    def expert(self) -> int:
        """Weights of one expert."""
        return self.matrices * self.count("hidden") * self.count("moe_ffn")

    @property
    def matrices(self) -> int:
        """Of a feed-forward part: three where it is gated, two otherwise."""
        return 3 if self.text("gated") != "no" else 2

    @property
    def _heads(self) -> int:
        """Queries, keys, values and the way out; beside linear layers the queries have a gate as wide as they are."""
        queries, keys = self.count("heads"), self.count("kv_heads")
        gate = queries if self.linear_attention else 0
        return self.count("hidden") * self.count("head_dim") * (2 * queries + 2 * keys + gate)

    @property
    def _latent(self) -> int:
        """Multi-head latent attention: queries, keys and values through low ranks (DeepSeek-V2, section 2.1)."""
        hidden, heads = self.count("hidden"), self.count("heads")
        nope, rope, value = (self.count(name) for name in ("qk_nope_dim", "qk_rope_dim", "v_head_dim"))
        rank, latent = self.count("q_lora_rank"), self.count("kv_lora_rank")
        query = (hidden + heads * (nope + rope)) * rank if rank else hidden * heads * (nope + rope)
        return query + hidden * (latent + rope) + latent * heads * (nope + value) + heads * value * hidden
