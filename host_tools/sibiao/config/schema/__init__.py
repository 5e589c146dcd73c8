"""What the TOML files may hold, once and for all; unknown keys are errors."""

from sibiao.config.schema.board import Board, Uart
from sibiao.config.schema.bus import BusMeter, TransparentMeter
from sibiao.config.schema.chip import Chip
from sibiao.config.schema.cjt188 import Cjt188Meter
from sibiao.config.schema.community import Community, Point, Policy
from sibiao.config.schema.identifiers import Identifier
from sibiao.config.schema.mbus import MbusMeter
from sibiao.config.schema.pulse import PulseMeter
from sibiao.config.schema.uplink import Uplink

__all__ = [
    "Board",
    "BusMeter",
    "Chip",
    "Cjt188Meter",
    "Community",
    "Identifier",
    "MbusMeter",
    "Point",
    "Policy",
    "PulseMeter",
    "TransparentMeter",
    "Uart",
    "Uplink",
]
