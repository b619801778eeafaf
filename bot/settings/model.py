"""Everything that can be set, with its default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial
from pathlib import Path
from typing import Annotated, Literal, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.query import Hint, lint
from bot.settings import values

Updates = Literal["edit", "post", "off"]
LogFormat = Literal["plain", "json"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

_Query = Annotated[str | None, BeforeValidator(values.canonical)]
_Secure = BeforeValidator(partial(values.address, schemes=["https"], loopback_schemes=["http"]))
_SecureSocket = BeforeValidator(partial(values.address, schemes=["wss"], loopback_schemes=["ws"]))
_Loopback = BeforeValidator(partial(values.address, schemes=[], loopback_schemes=["http"]))
_Web = BeforeValidator(partial(values.address, schemes=["https", "http"]))


class ChannelSettings(BaseModel):
    """One entry of config.json's `channels`; `query` is canonical text, None for the top-level one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[int, BeforeValidator(values.snowflake)]
    query: _Query = None


class PublishSettings(BaseModel):
    """config.json's `publish`: where the list of the last digest's papers is written after each digest."""

    model_config = ConfigDict(frozen=True)

    markdown: Path
    """Seen from where the bot was started, as the database is."""


@dataclass(frozen=True, slots=True)
class WrittenQuery:
    """A query of config.json as it stands there."""

    key: str
    """`query`, or `channels`."""
    place: str
    """For people: `query`, or `channels, entry 2: query`."""
    text: str


class Settings(BaseSettings):
    """Everything that can be set, with its default. A field with an alias is that environment variable, others are keys."""

    model_config = SettingsConfigDict(
        frozen=True,
        validate_default=False,
        case_sensitive=True,
        env_ignore_empty=True,
        dotenv_filtering="only_existing",
        env_prefix="\0",  # no variable's name can begin so: config.json's keys are never read from the environment
    )

    query: _Query = None
    max_results: Annotated[int, BeforeValidator(partial(values.whole, 1, 10_000))] = 2000
    post_at: Annotated[time, BeforeValidator(values.clock_time)] = time(14, 0)
    timezone: Annotated[str, BeforeValidator(values.zone_name)] = "Asia/Singapore"
    lookback_days: Annotated[int, BeforeValidator(partial(values.whole, 1, 365))] = 30
    max_posts: Annotated[int, BeforeValidator(partial(values.whole, 0, 100))] = 20
    updates: Annotated[Updates, BeforeValidator(partial(values.choice, get_args(Updates)))] = "edit"
    """What a revision of a paper already posted does; the words of bot.digest.model.Updates."""
    channels: tuple[ChannelSettings, ...] = ()
    publish: Annotated[PublishSettings | None, BeforeValidator(values.outputs)] = None

    token: Annotated[SecretStr | None, BeforeValidator(values.token)] = Field(None, validation_alias="DISCORD_TOKEN")
    discord_api_url: Annotated[str, _Secure] = Field("https://discord.com/api/v10", validation_alias="DISCORD_API_URL")
    discord_gateway_url: Annotated[str | None, _SecureSocket] = Field(None, validation_alias="DISCORD_GATEWAY_URL")
    """None: the one Discord itself names."""
    arxiv_api_url: Annotated[str, _Web] = Field("https://export.arxiv.org/api/query", validation_alias="ARXIV_API_URL")
    arxiv_interval: Annotated[float, BeforeValidator(values.interval)] = Field(
        values.ARXIV_PAUSE, validation_alias="ARXIV_INTERVAL"
    )
    """Seconds. Stands after arxiv_api_url, which its lower bound depends on."""
    arxiv_contact: Annotated[str | None, BeforeValidator(values.contact)] = Field(None, validation_alias="ARXIV_CONTACT")
    """None: the project's page."""
    database_url: str = Field("sqlite:///arxiv-daily.db", validation_alias="DATABASE_URL", repr=False)
    clock_url: Annotated[str | None, _Loopback] = Field(None, validation_alias="CLOCK_URL")
    port: Annotated[int | None, BeforeValidator(values.port)] = Field(None, validation_alias="PORT")
    log_format: Annotated[LogFormat, BeforeValidator(partial(values.choice, get_args(LogFormat)))] = Field(
        "plain", validation_alias="LOG_FORMAT"
    )
    log_level: Annotated[LogLevel, BeforeValidator(partial(values.choice, get_args(LogLevel)))] = Field(
        "INFO", validation_alias="LOG_LEVEL"
    )

    written: tuple[WrittenQuery, ...] = Field((), exclude=True, repr=False)
    """Every query of config.json before it was made canonical: hints are about what was written."""
    notes: tuple[str, ...] = Field((), exclude=True)
    """What was accepted and has no effect, a sentence each."""
    origins: Mapping[str, str] = Field({}, exclude=True, repr=False)
    """Where each key or variable that was set came from."""

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def hints(self, now: datetime) -> tuple[tuple[WrittenQuery, tuple[Hint, ...]], ...]:
        """What arXiv would misread in config.json's queries; only those with any."""
        found = ((written, lint(written.text, now)) for written in self.written)
        return tuple((written, hints) for written, hints in found if hints)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What load() hands over goes first; the environment is among it, so that a caller can give another."""
        return init_settings, dotenv_settings


CONTROL_POINTS = {name: field for name, field in Settings.model_fields.items() if not field.exclude}
VARIABLES = {str(field.validation_alias): name for name, field in CONTROL_POINTS.items() if field.validation_alias}
"""Environment variable → field."""
KEYS = tuple(name for name, field in CONTROL_POINTS.items() if field.validation_alias is None)
"""Of config.json."""
