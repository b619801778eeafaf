"""The colours of our embeds, and Discord's limits."""

from __future__ import annotations

RED = 0xB31B1B
"""arXiv's own: what is posted, and what cannot be undone."""
GREEN = 0x2E9E6B
"""All is well."""
AMBER = 0xD9902F
"""Something needs a look: a revision, a trouble, a pause."""
SLATE = 0x6B7A8F
"""Said beside the papers."""
FIELDS = {
    "cs": 0x3B7DD8,
    "stat": 0x2BA59B,
    "math": 0x7A5CC4,
    "cond-mat": 0x2E9E6B,
    "physics": 0xC4573B,
    "quant-ph": 0x9C4DB0,
    "astro-ph": 0x34508C,
    "eess": 0x4FA3C7,
    "q-bio": 0x6FAF3D,
    "q-fin": 0xA98B2D,
    "econ": 0xB07A46,
}
"""Of a card, by arXiv's archive of the primary category; RED for all others."""

# Characters. https://docs.discord.com/developers/resources/message#create-message
MOST_CONTENT = 2000
# https://docs.discord.com/developers/resources/message#embed-object-embed-limits
MOST_TITLE = 256
MOST_DESCRIPTION = 4096
# https://docs.discord.com/developers/components/reference
MOST_CUSTOM_ID = 100
MOST_LABEL = 80
MOST_ADDRESS = 512
MOST_OPTION = 100
"""Of a select's option, label and description each."""
MOST_OPTIONS = 25
"""Of a select."""
