"""discord.py's own picture of the world follows the sandbox's."""

from __future__ import annotations

import discord
import pytest

from sandbox.server import Sandbox
from tests.conformance.discord.labbot import LabBot, joined, point_discord_py_at


async def test_the_cache_holds_the_server(bot: LabBot, sandbox: Sandbox) -> None:
    [guild] = bot.guilds
    assert (guild.name, guild.member_count) == ("Materials Lab", 4)
    assert [channel.name for channel in guild.text_channels] == ["papers", "general"]
    assert [role.name for role in guild.me.roles] == ["@everyone", "arXiv Daily"]
    granted = guild.text_channels[0].permissions_for(guild.me)
    assert (granted.send_messages, granted.embed_links, granted.manage_guild) == (True, True, False)


async def test_a_server_it_is_in_already_is_not_joined(bot: LabBot, sandbox: Sandbox) -> None:
    assert "guild_available" in bot.events
    assert "guild_join" not in bot.events
    added = sandbox.world.add_guild("Physics Lab")
    [guild] = await bot.seen("guild_join")
    assert (guild.id, guild.me.guild_permissions.send_messages) == (added.id, True)
    assert bot.events.count("guild_join") == 1


async def test_kicked_and_invited_again(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    world.remove_member(world.lab, world.bot.id)
    [gone] = await bot.seen("guild_remove")
    assert (gone.id, list(bot.guilds)) == (world.lab.id, [])
    with pytest.raises(LookupError, match="no command /where"):
        await sandbox.visitor.command(world.member, world.papers.id, "where")
    world.add_channel(world.lab, "unheard")
    world.invite_bot(world.lab)
    [back] = await bot.seen("guild_join")
    assert [channel.name for channel in back.text_channels] == ["papers", "general", "unheard"]
    assert "guild_channel_create" not in bot.events


async def test_an_outage_is_no_farewell(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    world.set_unavailable(world.lab)
    await bot.seen("guild_unavailable")
    world.set_unavailable(world.lab, False)
    await bot.seen("guild_available", times=2)
    assert not {"guild_remove", "guild_join"} & set(bot.events)


async def test_channels_come_change_and_go(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    added = world.add_channel(world.lab, "perovskites")
    [channel] = await bot.seen("guild_channel_create")
    world.deny(added.id, "EMBED_LINKS")
    await bot.seen("guild_channel_update")
    assert not channel.permissions_for(channel.guild.me).embed_links
    world.rename_channel(added.id, "halides")
    await bot.seen("guild_channel_update", times=2)
    assert channel.name == "halides"
    world.delete_channel(added.id)
    await bot.seen("guild_channel_delete")
    assert bot.get_channel(added.id) is None


async def test_deleting_a_category_leaves_its_channels(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    category = world.add_channel(world.lab, "science", 4)
    inside = world.add_channel(world.lab, "inside", 0, category)
    world.delete_channel(category.id)
    await bot.seen("guild_channel_delete")
    assert bot.get_channel(inside.id) is not None


async def test_threads_come_change_and_go(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    added = world.add_channel(world.lab, "talk", 11, world.papers)
    [thread] = await bot.seen("thread_create")
    assert (thread.id, thread.parent_id) == (added.id, world.papers.id)
    world.lock_thread(added.id)
    await bot.seen("raw_thread_update")
    world.delete_channel(world.papers.id)
    await bot.seen("raw_thread_delete")
    await bot.seen("guild_channel_delete")


async def test_roles_come_change_and_go(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    [guild] = bot.guilds
    added = world.add_role(world.lab, "Helpers", discord.Permissions(manage_messages=True).value)
    await bot.seen("guild_role_create")
    world.set_roles(world.lab, world.bot.id, [*world.lab.members[world.bot.id].role_ids, added.id])
    await bot.seen("member_update")
    assert guild.me.guild_permissions.manage_messages
    world.set_role(world.lab, added.id, 0)
    await bot.seen("guild_role_update")
    assert not guild.me.guild_permissions.manage_messages
    world.remove_role(world.lab, added.id)
    await bot.seen("guild_role_delete")
    assert [role.name for role in guild.me.roles] == ["@everyone", "arXiv Daily"]


async def test_guilds_alone_bring_no_messages(bot: LabBot, sandbox: Sandbox) -> None:
    world = sandbox.world
    world.post(world.papers.id, "hello", author=world.member)
    world.add_channel(world.lab, "after")
    await bot.seen("guild_channel_create")
    assert "message" not in bot.events


async def test_after_a_dropped_line_nothing_is_missing(bot: LabBot, sandbox: Sandbox) -> None:
    sandbox.gateway.drop()
    sandbox.world.add_channel(sandbox.world.lab, "meanwhile")
    [channel] = await bot.seen("guild_channel_create")
    await bot.seen("resumed")
    assert channel.name == "meanwhile"
    assert bot.events.count("connect") == 1
    answer = await sandbox.visitor.command(sandbox.world.member, channel.id, "where")
    assert "#meanwhile" in answer.content


async def test_a_command_given_while_the_line_is_cut_is_answered(bot: LabBot, sandbox: Sandbox) -> None:
    sandbox.gateway.drop()
    answer = await sandbox.visitor.command(sandbox.world.member, sandbox.world.papers.id, "where")
    assert answer.content.startswith("emmy")


async def test_an_ended_session_starts_anew(bot: LabBot, sandbox: Sandbox) -> None:
    sandbox.gateway.invalidate()
    sandbox.world.add_channel(sandbox.world.lab, "meanwhile")
    await bot.seen("ready", times=2)
    assert [channel.name for channel in bot.guilds[0].text_channels] == ["papers", "general", "meanwhile"]
    assert "resumed" not in bot.events
    assert "guild_join" not in bot.events


async def test_a_wish_to_reconnect_is_followed(bot: LabBot, sandbox: Sandbox) -> None:
    sandbox.gateway.ask_to_reconnect()
    await bot.seen("resumed")
    assert bot.events.count("ready") == 1


async def test_presence_is_accepted(bot: LabBot, sandbox: Sandbox) -> None:
    await bot.change_presence(activity=discord.Game("arXiv"))
    await sandbox.visitor.command(sandbox.world.member, sandbox.world.papers.id, "where")


async def test_privileged_intents_are_not_granted(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    point_discord_py_at(sandbox, monkeypatch.setattr)
    curious = LabBot(intents=discord.Intents(guilds=True, members=True))
    with pytest.raises(discord.PrivilegedIntentsRequired):
        await joined(curious, sandbox)
    await curious.close()
