"""The real discord.py finds in the sandbox what it expects of Discord."""

from __future__ import annotations

from datetime import timedelta

import discord
import pytest

from sandbox.control.faults import Fault
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http

POST = "POST /channels/{channel_id}/messages"


async def papers(client: discord.Client, sandbox: Sandbox) -> discord.TextChannel:
    channel = await client.fetch_channel(sandbox.world.papers.id)
    assert isinstance(channel, discord.TextChannel)
    return channel


async def test_login_knows_who_it_is(client: discord.Client, sandbox: Sandbox) -> None:
    assert client.user is not None
    assert (client.user.id, client.user.name) == (sandbox.world.bot.id, "arXiv Daily")
    assert client.application_id == sandbox.world.bot.id


async def test_a_wrong_token_is_refused(client: discord.Client) -> None:
    async with discord.Client(intents=discord.Intents(guilds=True)) as stranger:
        with pytest.raises(discord.LoginFailure):
            await stranger.login("not.the.token")


async def test_the_ready_server_and_its_channels(client: discord.Client, sandbox: Sandbox) -> None:
    guild = await client.fetch_guild(sandbox.world.lab.id)
    assert guild.name == "Materials Lab"
    assert guild.approximate_member_count == 4
    # https://docs.discord.com/developers/resources/user#get-current-user-guilds
    counted = [(each.approximate_member_count, each.approximate_presence_count) async for each in client.fetch_guilds()]
    assert counted == [(4, 1)]
    [plain] = [each async for each in client.fetch_guilds(with_counts=False)]
    assert plain.approximate_member_count is None
    assert [channel.name for channel in await guild.fetch_channels()] == ["papers", "general"]
    assert [guild.name async for guild in client.fetch_guilds()] == ["Materials Lab"]
    member = await guild.fetch_member(sandbox.world.bot.id)
    assert [role.is_bot_managed() for role in member.roles] == [False, True]


async def test_soundboards_are_read(client: discord.Client, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/resources/soundboard#list-default-soundboard-sounds"""
    [quack] = await client.fetch_soundboard_default_sounds()
    assert (quack.name, quack.volume, str(quack.emoji)) == ("quack", 1.0, "🦆")
    guild = await client.fetch_guild(sandbox.world.lab.id)
    assert await guild.fetch_soundboard_sounds() == []


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (0, discord.TextChannel),
        (2, discord.VoiceChannel),
        (4, discord.CategoryChannel),
        (5, discord.TextChannel),
        (15, discord.ForumChannel),
        (16, discord.ForumChannel),
        (11, discord.Thread),
    ],
)
async def test_channel_kinds(client: discord.Client, sandbox: Sandbox, kind: int, expected: type) -> None:
    world = sandbox.world
    added = world.add_channel(world.lab, "another", kind, world.papers if kind == 11 else None)
    guild = await client.fetch_guild(world.lab.id)
    channel = await guild.fetch_channel(added.id)
    assert isinstance(channel, expected)
    assert channel.type.value == kind


async def test_permissions_agree_with_discord_py(client: discord.Client, sandbox: Sandbox) -> None:
    world = sandbox.world
    moderators = world.add_role(world.lab, "Moderators", discord.Permissions(manage_messages=True).value)
    world.lab.members[world.member.id].role_ids.append(moderators.id)
    world.deny(world.papers.id, "SEND_MESSAGES", target_id=world.lab.id)
    world.allow(world.papers.id, "SEND_MESSAGES", target_id=moderators.id)
    world.deny(world.papers.id, "EMBED_LINKS")
    world.deny(world.general.id, "VIEW_CHANNEL", target_id=moderators.id)
    guild = await client.fetch_guild(world.lab.id)
    for channel_id in (world.papers.id, world.general.id):
        channel = await guild.fetch_channel(channel_id)
        assert isinstance(channel, discord.TextChannel)
        for user in (world.owner, world.bot, world.manager, world.member):
            theirs = channel.permissions_for(await guild.fetch_member(user.id))
            ours = world.permissions(world.channel(channel_id), user.id)
            for name in ("view_channel", "send_messages", "embed_links", "read_message_history", "manage_messages"):
                bit = getattr(discord.Permissions, name).flag
                assert bool(ours & bit) == getattr(theirs, name), (channel.name, user.name, name)


async def test_a_message_keeps_what_was_sent(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    embed = discord.Embed(title="A title", url="https://arxiv.org/abs/2603.00001v1", description="An abstract")
    embed.add_field(name="Authors", value="Ada Lovelace")
    view = discord.ui.View(timeout=None)
    view.add_item(discord.ui.Button(label="PDF", url="https://arxiv.org/pdf/2603.00001v1"))
    sent = await channel.send("**Mon 2 Mar**", embed=embed, view=view, nonce="delivery-1", silent=True)

    [kept] = sandbox.world.messages(channel.id)
    assert (kept.id, kept.content, kept.nonce, kept.silent) == (sent.id, "**Mon 2 Mar**", "delivery-1", True)
    assert kept.embeds[0]["title"] == "A title"
    assert kept.components[0]["components"][0]["url"] == "https://arxiv.org/pdf/2603.00001v1"
    assert kept.allowed_mentions == {"parse": []}
    assert sent.nonce == "delivery-1"
    assert sent.created_at == sandbox.clock.now()
    assert sent.flags.suppress_notifications
    assert sent.embeds[0].fields[0].inline


async def test_an_edit_replaces_what_it_names(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    sent = await channel.send("day line", embed=discord.Embed(title="version 1"), silent=True)
    sandbox.clock.advance(hours=1)
    await channel.get_partial_message(sent.id).edit(embed=discord.Embed(title="version 2"))

    [kept] = sandbox.world.messages(channel.id)
    assert (kept.content, kept.embeds[0]["title"]) == ("day line", "version 2")
    assert kept.edited_timestamp == sandbox.clock.now()
    assert kept.silent
    fetched = await channel.fetch_message(sent.id)
    assert (fetched.edited_at, fetched.nonce) == (sandbox.clock.now(), None)


async def test_hiding_embeds_leaves_a_message_silent(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    sent = await channel.send("day line", embed=discord.Embed(title="t"), nonce="n", silent=True)
    edited = await sent.edit(suppress=True)
    assert (edited.flags.suppress_embeds, edited.flags.suppress_notifications, edited.nonce) == (True, True, None)


async def test_history_reads_back_from_a_moment_without_nonces(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    await channel.send("old")
    sandbox.clock.advance(minutes=10)
    since = sandbox.clock.now() - timedelta(minutes=1)
    for text in ("first", "second", "third"):
        await channel.send(text)
        sandbox.clock.advance(seconds=1)
    history = [message async for message in channel.history(after=since, oldest_first=True)]
    assert [message.content for message in history] == ["first", "second", "third"]
    assert {message.nonce for message in history} == {None}
    assert [message.content async for message in channel.history(limit=2)] == ["third", "second"]


async def test_history_is_empty_without_the_permission(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    await channel.send("there")
    sandbox.world.deny(channel.id, "READ_MESSAGE_HISTORY")
    assert [message async for message in channel.history()] == []


async def test_the_same_nonce_within_five_minutes_is_the_same_message(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    first = await channel.send("once", nonce="n")
    sandbox.clock.advance(seconds=300)
    assert (await channel.send("once", nonce="n")).id == first.id
    sandbox.clock.advance(seconds=1)
    assert (await channel.send("once", nonce="n")).id != first.id
    assert [message.content for message in sandbox.world.messages(channel.id)] == ["once", "once"]


async def test_a_nonce_is_remembered_as_long_as_a_test_says(client: discord.Client, http: Http, sandbox: Sandbox) -> None:
    """Discord says "the past few minutes": https://docs.discord.com/developers/resources/message#create-message"""
    channel = await papers(client, sandbox)
    assert (await http("GET", "/_sandbox/nonces")).json == {"window": 300}
    assert (await http("POST", "/_sandbox/nonces", {"window": 60})).json == {"window": 60}
    first = await channel.send("once", nonce="n")
    sandbox.clock.advance(seconds=60)
    assert (await channel.send("once", nonce="n")).id == first.id
    sandbox.clock.advance(seconds=1)
    second = await channel.send("once", nonce="n")
    assert second.id != first.id
    await http("POST", "/_sandbox/nonces", {"window": 0})
    assert (await channel.send("once", nonce="n")).id not in (first.id, second.id)
    assert (await http("POST", "/_sandbox/nonces", {"window": -1})).status == 400


async def test_the_same_nonce_after_a_deletion_is_unknown_message(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    await (await channel.send("once", nonce="n")).delete()
    with pytest.raises(discord.NotFound) as caught:
        await channel.send("once", nonce="n")
    assert caught.value.code == 10008
    assert sandbox.world.messages(channel.id) == []


async def test_a_hidden_channel_is_missing_access(client: discord.Client, sandbox: Sandbox) -> None:
    sandbox.world.deny(sandbox.world.papers.id, "VIEW_CHANNEL")
    with pytest.raises(discord.Forbidden) as caught:
        await client.fetch_channel(sandbox.world.papers.id)
    assert caught.value.code == 50001


async def test_a_muted_channel_is_missing_permissions(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    sandbox.world.deny(channel.id, "SEND_MESSAGES")
    with pytest.raises(discord.Forbidden) as caught:
        await channel.send("hello")
    assert caught.value.code == 50013
    sandbox.world.allow(channel.id, "SEND_MESSAGES")
    await channel.send("hello again")
    assert [message.content for message in sandbox.world.messages(channel.id)] == ["hello again"]


async def test_reading_aloud_needs_its_permission(client: discord.Client, sandbox: Sandbox) -> None:
    """https://docs.discord.com/developers/resources/message#create-message-limitations"""
    channel = await papers(client, sandbox)
    with pytest.raises(discord.Forbidden) as caught:
        await channel.send("hello", tts=True)
    assert caught.value.code == 50013
    sandbox.world.allow(channel.id, "SEND_TTS_MESSAGES")
    assert (await channel.send("hello", tts=True)).tts
    [message] = sandbox.world.messages(channel.id)
    assert message.tts


async def test_a_deleted_channel_is_unknown(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    sandbox.world.delete_channel(channel.id)
    with pytest.raises(discord.NotFound) as caught:
        await channel.send("hello")
    assert caught.value.code == 10003


async def test_threads_have_their_own_permission_and_can_be_locked(client: discord.Client, sandbox: Sandbox) -> None:
    world = sandbox.world
    thread = world.add_channel(world.lab, "talk", 11, world.papers)
    target = client.get_partial_messageable(thread.id)
    world.deny(world.papers.id, "SEND_MESSAGES")
    await target.send("in the thread", embed=discord.Embed(title="kept"))
    assert world.messages(thread.id)[0].embeds[0]["title"] == "kept"
    world.archive_thread(thread.id)
    await target.send("opens it again")
    assert not thread.archived
    world.deny(world.papers.id, "SEND_MESSAGES_IN_THREADS")
    with pytest.raises(discord.Forbidden) as caught:
        await target.send("no")
    assert caught.value.code == 50013
    world.lock_thread(thread.id)
    with pytest.raises(discord.Forbidden) as caught:
        await target.send("no")
    assert caught.value.code == 160005
    assert len(world.messages(thread.id)) == 2


@pytest.mark.parametrize("kind", [4, 15, 16])
async def test_channels_without_messages_of_their_own(client: discord.Client, sandbox: Sandbox, kind: int) -> None:
    channel = sandbox.world.add_channel(sandbox.world.lab, "forum", kind)
    with pytest.raises(discord.HTTPException) as caught:
        await client.get_partial_messageable(channel.id).send("hello")
    assert caught.value.code == 50024


async def test_direct_messages_work(client: discord.Client, sandbox: Sandbox) -> None:
    direct = sandbox.world.add_direct_message(sandbox.world.member)
    channel = await client.fetch_channel(direct.id)
    assert isinstance(channel, discord.DMChannel)
    await channel.send("psst")
    assert [message.content for message in sandbox.world.messages(direct.id)] == ["psst"]


async def test_only_its_own_messages_can_be_edited(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    theirs = sandbox.world.post(channel.id, "mine!", author=sandbox.world.member)
    with pytest.raises(discord.Forbidden) as caught:
        await channel.get_partial_message(theirs.id).edit(content="yours?")
    assert caught.value.code == 50005
    with pytest.raises(discord.Forbidden) as caught:
        await channel.get_partial_message(theirs.id).delete()
    assert caught.value.code == 50013
    assert theirs.content == "mine!"


async def test_a_form_error_reads_as_discord_writes_it(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    with pytest.raises(discord.HTTPException) as caught:
        await channel.send(embed=discord.Embed(title="x" * 257))
    assert caught.value.code == 50035
    assert "In embeds.0.title: Must be 256 or fewer in length." in str(caught.value)


async def test_a_rate_limit_is_waited_out(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    sandbox.faults.add(Fault(POST, status=429, body='{"message": "slow down", "retry_after": 0.01, "global": false}'))
    await channel.send("patience")
    assert [request.status for request in sandbox.requests if request.route == POST] == [429, 200]


async def test_a_ban_by_cloudflare_is_not_waited_out(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    sandbox.faults.add(Fault(POST, status=429, headers={"Via": ""}))
    with pytest.raises(discord.HTTPException) as caught:
        await channel.send("too much")
    assert caught.value.status == 429
    assert [request.status for request in sandbox.requests if request.route == POST] == [429]


async def test_a_global_rate_limit_is_waited_out(client: discord.Client, sandbox: Sandbox) -> None:
    channel = await papers(client, sandbox)
    sandbox.faults.add(Fault(POST, status=429, body='{"message": "slow down", "retry_after": 0.01, "global": true}'))
    await channel.send("patience")
    assert [message.content for message in sandbox.world.messages(channel.id)] == ["patience"]


async def test_a_kicked_bot_sees_nothing(client: discord.Client, sandbox: Sandbox) -> None:
    sandbox.world.remove_member(sandbox.world.lab, sandbox.world.bot.id)
    assert [guild async for guild in client.fetch_guilds()] == []
    with pytest.raises(discord.Forbidden) as caught:
        await client.fetch_channel(sandbox.world.papers.id)
    assert caught.value.code == 50001
