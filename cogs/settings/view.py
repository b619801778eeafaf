"""The panel of `/settings`: what holds and where it comes from, and the buttons, selects and forms that change it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, cast

import discord
from discord import ui

from bot.delivery.components import SNOWFLAKE, CustomId, edit_query
from bot.delivery.escape import as_markdown, code_block, coming, quoted
from bot.delivery.forms import correction, field, form, own_schedule, packed, schedule_form
from bot.delivery.permissions import TARGETS
from bot.delivery.theme import AMBER, GREEN, MOST_DESCRIPTION, MOST_OPTION, MOST_OPTIONS, RED
from bot.digest.model import ServerChanges, Updates
from bot.text.prose import cut, fitting
from bot.text.sentences import after_deletion, brought, under_way

if TYPE_CHECKING:
    from cogs.settings.service import Fed, Panel, Posted

_QUERY, _REASON = 600, 200

OPTIONS = MOST_OPTIONS - 1
"""Channels offered at once; the last option leads to more."""
DEFAULT = "default"
"""The option that goes back to config.json's value."""


class Verb(StrEnum):
    """What a button, a select or a form asks for."""

    HOME = "home"
    CHANNEL = "channel"
    HOUR = "hour"
    KEEP_HOUR = "keep-hour"
    CARDS = "cards"
    KEEP_CARDS = "keep-cards"
    PAUSE = "pause"
    RESUME = "resume"
    POST = "post"
    SHARE = "share"
    MOVE = "move"
    STOP = "stop"
    ERASE = "erase"
    ERASE_ALL = "erase-all"


FORMS = {Verb.KEEP_HOUR: Verb.HOUR, Verb.KEEP_CARDS: Verb.CARDS}
"""What keeps a form's answer → what opens the form."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A setting of a server that is one of a few words."""

    title: str
    short: str
    """Stands in front of each option."""
    meaning: Mapping[StrEnum, str]
    """What each word means."""


CHOICES = {
    "updates": Choice(
        "When a paper is revised",
        "Revised",
        {
            Updates.EDIT: "the message that shows it is edited",
            Updates.POST: "it is posted again",
            Updates.OFF: "nothing is said",
        },
    )
}
"""By the setting's name in bot.digest.model.ServerSettings."""

CONTROL = rf"settings:(?P<verb>{'|'.join((*Verb, *CHOICES))}):(?P<channel>{SNOWFLAKE})(?::(?P<typed>.*))?"
"""custom_ids of everything here; the channel is 0 where the server is meant; `typed` was refused before."""


@dataclass(frozen=True, slots=True)
class Screen:
    """What stands in the private message. `said` is what has just been done."""

    said: str | None
    embed: discord.Embed | None = None
    view: ui.View | None = None


def home(panel: Panel, names: Mapping[int, str], *, start: int = 0, said: str | None = None) -> Screen:
    """`names` of channels, where known; `start` is the first channel offered."""
    paused = panel.server.paused
    embed = discord.Embed(title="Settings", description=_everything(panel), colour=AMBER if paused else GREEN)
    controls: list[ui.Item[Any]] = [_channels(panel, names, start)] if panel.channels else []
    controls += [
        *(_choice(panel, name, choice) for name, choice in CHOICES.items()),
        _button("Time and zone", Verb.HOUR),
        _button("Cards", Verb.CARDS),
        _button("Resume", Verb.RESUME, discord.ButtonStyle.success) if paused else _button("Pause", Verb.PAUSE),
        _button("Post now", Verb.POST, discord.ButtonStyle.primary, disabled=paused or not panel.channels),
        _button("Erase", Verb.ERASE, discord.ButtonStyle.danger),
    ]
    return Screen(said, embed, _view(controls))


def channel(fed: Fed, draft_id: str, *, said: str | None = None) -> Screen:
    """`draft_id` of its query, which `/setquery` edits."""
    embed = discord.Embed(title="One channel", description=_one(fed), colour=AMBER if fed.blocked else GREEN)
    back = _button("Back", Verb.HOME)
    if fed.listed:
        return Screen(said, embed, _view([back]))
    move: ui.ChannelSelect[ui.View] = ui.ChannelSelect(
        custom_id=_id(Verb.MOVE, fed.channel_id), placeholder="Move to another channel", channel_types=list(TARGETS)
    )
    controls: list[ui.Item[Any]] = [move, ui.Button(label="Change query", custom_id=str(edit_query(draft_id)))]
    if fed.own_query:
        controls.append(_button("Use the server's query", Verb.SHARE, channel_id=fed.channel_id))
    controls += [_button("Stop", Verb.STOP, discord.ButtonStyle.danger, channel_id=fed.channel_id), back]
    return Screen(said, embed, _view(controls))


def erasing(panel: Panel) -> Screen:
    """Asks once more."""
    text = (
        "Erase everything I know about this server: its settings, its queries, and which papers each channel was given? "
        "Nothing more is planned from now on, and this cannot be undone. Messages already posted stay."
    )
    if any(fed.listed for fed in panel.channels):
        text += "\n\nChannels listed in config.json begin anew when the bot is next started."
    embed = discord.Embed(title="Erase all data?", description=text, colour=RED)
    erase = _button("Erase everything", Verb.ERASE_ALL, discord.ButtonStyle.danger)
    return Screen(None, embed, _view([erase, _button("Keep it", Verb.HOME)]))


ERASED = Screen("Erased. I know nothing about this server any more. `/setquery` starts anew.")


def posted(channels: Sequence[Posted], next_at: datetime | None) -> Screen:
    lines = [f"<#{each.channel_id}>: {_did(each)}" for each in channels]
    text = fitting(lines, "\n", MOST_DESCRIPTION // 2)
    then = f"\n\nThe next digest comes as planned: {coming(next_at)}" if next_at else ""
    troubled = any(each.problem for each in channels)
    return Screen(None, discord.Embed(title="Done", description=text + then, colour=AMBER if troubled else GREEN))


# --- forms ------------------------------------------------------------------------------------


def hour_form(panel: Panel, typed: Sequence[str] | None = None) -> ui.Modal:
    """`typed`: what was refused before."""
    server = panel.server
    shown = typed or own_schedule(server.settings.schedule, server.own)
    return schedule_form(_custom_id(Verb.KEEP_HOUR, 0), shown, panel.defaults)


def cards_form(panel: Panel, most: int, typed: Sequence[str] | None = None) -> ui.Modal:
    own = str(panel.server.settings.max_posts) if "max_posts" in panel.server.own else ""
    count = field("cards", typed[0] if typed else own, str(panel.defaults.max_posts), 3)
    about = f"0 to {most} messages a digest, the rest as lists. Empty: the default."
    return form("Cards", _custom_id(Verb.KEEP_CARDS, 0), ui.Label(text="Cards a digest", description=about, component=count))


def correct(verb: str, typed: Sequence[str]) -> ui.View:
    """The way back to a form whose answer was refused."""
    return correction(_custom_id(FORMS[Verb(verb)], 0, packed(typed)))


# --- parts ------------------------------------------------------------------------------------


def _everything(panel: Panel) -> str:
    server, settings = panel.server, panel.server.settings
    cards = f"{settings.max_posts}, the rest as lists" if settings.max_posts else "none, lists only"
    lines = [
        "**Paused**: nothing is asked or posted. What appears meanwhile comes when you resume." if server.paused else "",
        _query(panel),
        f"**Time**: {settings.post_at:%H:%M} · {_source(panel, 'post_at')}",
        f"**Time zone**: {settings.timezone} · {_source(panel, 'timezone')}",
        f"**Cards a digest**: {cards} · {_source(panel, 'max_posts')}",
        *(
            f"**{choice.title}**: {choice.meaning[getattr(settings, name)]} · {_source(panel, name)}"
            for name, choice in CHOICES.items()
        ),
        _next(panel),
        "**Channels**" if panel.channels else "No channel gets papers. Type `/setquery` in the one that should.",
    ]
    text = "\n".join(filter(None, lines))
    room = MOST_DESCRIPTION - len(text) - 1
    return f"{text}\n{fitting([_line(fed) for fed in panel.channels], chr(10), room)}"


def _next(panel: Panel) -> str:
    if panel.next_at is None:
        return ""
    at = coming(panel.next_at)
    if panel.due:
        return under_way("digest", at, panel.made_since, panel.now, panel.server.settings.schedule.zone)
    return f"**Next digest**: {at}"


def _query(panel: Panel) -> str:
    if panel.server.settings.query is None:
        return "**Query**: none for the whole server"
    text = code_block(cut(panel.server.settings.query, _QUERY))
    return f"**Query** · {_source(panel, 'query')}, `/setquery` changes it\n{text}"


def _source(panel: Panel, name: str) -> str:
    return "set here" if name in panel.server.own else "default"


def _line(fed: Fed) -> str:
    parts = [f"<#{fed.channel_id}>", "its own query" if fed.own_query else "the server's query"]
    if fed.listed:
        parts.append("listed in config.json")
    trouble = f"\n⚠️ {quoted(fed.blocked, _REASON)}." if fed.blocked else ""
    return " · ".join(parts) + trouble


def _one(fed: Fed) -> str:
    text = f"{_line(fed)}\n{code_block(cut(fed.query, _QUERY))}"
    return f"{text}\n{_listed(fed)}" if fed.listed else text


def _listed(fed: Fed) -> str:
    """What config.json decides of a channel, and what `/setquery` can change."""
    if fed.deleted:
        return f"Discord has this channel no more. {as_markdown(after_deletion(fed.channel_id))}."
    if fed.fixed_query:
        return "config.json decides that papers come here, and on its query: whoever runs the bot can change both there."
    query = "Its query is the server's, which `/setquery` changes."
    if fed.own_query:
        query = "Its own query was set by `/setquery`, which can change it."
    return f"config.json decides that papers come here: whoever runs the bot can end that there. {query}"


def _did(done: Posted) -> str:
    said = brought(done.new, done.revised, done.held_back, done.unposted)
    if done.problem is None:
        return f"{said or 'nothing new'}."
    return f"{said}. ⚠️ {quoted(done.problem, _REASON)}." if said else f"⚠️ {quoted(done.problem, _REASON)}."


def _channels(panel: Panel, names: Mapping[int, str], start: int) -> ui.Select[ui.View]:
    start = start if start < len(panel.channels) else 0  # some may have been stopped since
    page = panel.channels[start : start + OPTIONS]
    options = [_option(fed, names.get(fed.channel_id)) for fed in page]
    if len(panel.channels) > OPTIONS:
        beyond = start + OPTIONS
        following = beyond if beyond < len(panel.channels) else 0
        options.append(discord.SelectOption(label="More channels" if following else "First channels", value=f"+{following}"))
    return ui.Select(custom_id=_id(Verb.CHANNEL, 0), placeholder="Change a channel", options=options)


def _option(fed: Fed, name: str | None) -> discord.SelectOption:
    label = f"#{name}" if name is not None else f"A channel I cannot see ({fed.channel_id})"
    return discord.SelectOption(label=cut(label, MOST_OPTION), value=str(fed.channel_id), description=cut(fed.query, MOST_OPTION))


def _choice(panel: Panel, name: str, choice: Choice) -> ui.Select[ui.View]:
    """What holds is not preselected: choosing it again would tell nobody."""
    options = [discord.SelectOption(label=f"{choice.short}: {text}", value=word) for word, text in choice.meaning.items()]
    default = f"{choice.short}: the default ({getattr(panel.defaults, name)})"
    options.append(discord.SelectOption(label=default, value=DEFAULT))
    return ui.Select(custom_id=_id(name, 0), placeholder=choice.title, options=options)


def chosen(name: str, option: str) -> ServerChanges:
    """The change that an option of a choice stands for."""
    word = next((word for word in CHOICES[name].meaning if word == option), None)
    return cast("ServerChanges", {name: word})


def _button(
    label: str,
    verb: Verb,
    style: discord.ButtonStyle = discord.ButtonStyle.secondary,
    *,
    channel_id: int = 0,
    disabled: bool = False,
) -> ui.Button[ui.View]:
    return ui.Button(label=label, style=style, custom_id=_id(verb, channel_id), disabled=disabled)


def _id(verb: str, channel_id: int) -> str:
    return str(_custom_id(verb, channel_id))


def _custom_id(verb: str, channel_id: int, *typed: str) -> CustomId:
    return CustomId("settings", ":".join([verb, str(channel_id), *typed]))


def _view(controls: Sequence[ui.Item[Any]]) -> ui.View:
    """Stopped, so that discord.py stores nothing; needs a running event loop."""
    view = ui.View(timeout=None)
    for control in controls:
        view.add_item(control)
    view.stop()
    return view
