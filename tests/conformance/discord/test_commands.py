"""Registering slash commands: what discord.py sends passes, and what Discord refuses is refused."""

from __future__ import annotations

from typing import Any

import discord
import pytest

from sandbox.discord.choosing import NotAllowedError
from sandbox.server import Sandbox
from tests.conformance.discord.conftest import Http
from tests.conformance.discord.labbot import LabBot


def option(**parts: Any) -> dict[str, Any]:
    return {"type": 3, "name": "text", "description": "d"} | parts


def command(*options: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"name": "name", "description": "d", "options": list(options)} | parts


def choices(count: int) -> list[dict[str, Any]]:
    return [{"name": str(number), "value": str(number)} for number in range(count)]


@pytest.fixture
def everywhere(sandbox: Sandbox) -> str:
    return f"/applications/{sandbox.world.bot.id}/commands"


@pytest.fixture
def here(sandbox: Sandbox) -> str:
    return f"/applications/{sandbox.world.bot.id}/guilds/{sandbox.world.lab.id}/commands"


async def test_a_synced_tree_is_registered(bot: LabBot, sandbox: Sandbox) -> None:
    setup = await sandbox.commands.wait_for("setup")
    assert (setup["default_member_permissions"], setup["contexts"], setup["integration_types"]) == ("32", [0], [0])
    fetched = {each.name: each for each in await bot.tree.fetch_commands()}
    assert fetched["setup"].default_member_permissions is not None
    assert fetched["setup"].default_member_permissions.manage_guild
    assert [each.name for each in fetched["echo"].options] == ["text", "count", "channel", "style"]
    count = fetched["echo"].options[1]
    assert isinstance(count, discord.app_commands.Argument)
    assert (count.min_value, count.max_value) == (1, 3)


async def test_syncing_again_keeps_ids_and_versions(bot: LabBot, sandbox: Sandbox) -> None:
    before = {each.name: each.id for each in await bot.tree.fetch_commands()}
    version = (await sandbox.commands.wait_for("echo"))["version"]
    bot.tree.remove_command("page")
    after = {each.name: each.id for each in await bot.tree.sync()}
    assert after == {name: command_id for name, command_id in before.items() if name != "page"}
    assert (await sandbox.commands.wait_for("echo"))["version"] == version
    with pytest.raises(LookupError, match="no command /page"):
        await sandbox.visitor.command(sandbox.world.member, sandbox.world.papers.id, "page")


async def test_one_command_made_changed_and_deleted(http: Http, everywhere: str) -> None:
    made = await http("POST", everywhere, command(option(required=True)))
    again = await http("POST", everywhere, command(description="other"))
    assert (made.status, again.status, again.json["id"]) == (201, 200, made.json["id"])
    assert again.json["version"] != made.json["version"]
    path = f"{everywhere}/{made.json['id']}"
    changed = await http("PATCH", path, {"name": "renamed"})
    assert (changed.json["name"], changed.json["description"]) == ("renamed", "other")
    assert (await http("GET", path)).json == changed.json
    assert (await http("DELETE", path)).status == 204
    assert (await http("GET", path)).json["code"] == 10063
    assert (await http("GET", everywhere)).json == []


async def test_a_server_can_have_its_own(http: Http, sandbox: Sandbox, everywhere: str, here: str) -> None:
    await http("PUT", everywhere, [command(description="for all")])
    own = (await http("PUT", here, [command(description="for us")])).json
    assert own[0]["guild_id"] == str(sandbox.world.lab.id)
    assert sandbox.commands.find("name", sandbox.world.lab.id)["description"] == "for us"
    assert sandbox.commands.find("name", None)["description"] == "for all"


async def test_in_direct_messages_only_what_is_meant_for_them(http: Http, sandbox: Sandbox, everywhere: str) -> None:
    await http("PUT", everywhere, [command(contexts=[0])])
    direct = sandbox.world.add_direct_message(sandbox.world.member)
    with pytest.raises(NotAllowedError, match="does not show /name here"):
        await sandbox.visitor.command(sandbox.world.member, direct.id, "name")


async def test_only_its_own_application_and_servers(http: Http, sandbox: Sandbox, here: str) -> None:
    assert (await http("PUT", "/applications/1/commands", [])).json["code"] == 20012
    sandbox.world.remove_member(sandbox.world.lab, sandbox.world.bot.id)
    assert (await http("PUT", here, [])).json["code"] == 50001


async def test_at_most_a_hundred(http: Http, everywhere: str) -> None:
    hundred = [command(name=f"name{number}") for number in range(100)]
    assert (await http("PUT", everywhere, hundred)).status == 200
    assert (await http("PUT", everywhere, [*hundred, command()])).json["code"] == 30032
    assert (await http("POST", everywhere, command())).json["code"] == 30032


NESTED = command(option(type=2, name="group", options=[option(type=1, name="sub", options=[option()])]))


@pytest.mark.parametrize(
    "accepted",
    [
        command(name="naïve-日本_1'"),
        command(option(choices=choices(25)), default_member_permissions=32, contexts=[0], integration_types=[0, 1]),
        command(option(type=4, choices=[{"name": "one", "value": 1}]), nsfw=False, dm_permission=False),
        command(option(required=True), option(name="other", autocomplete=True)),
        command(option(type=7, channel_types=[0, 5], description_localizations={"de": "B"}), name_localizations={"de": "name"}),
        command(*(option(name=f"text{number}") for number in range(25))),
        NESTED,
    ],
)
async def test_accepted(http: Http, everywhere: str, accepted: dict[str, Any]) -> None:
    reply = await http("PUT", everywhere, [accepted])
    assert reply.status == 200
    assert reply.json[0]["options"] == accepted["options"]


@pytest.mark.parametrize(
    ("refused", "path", "code"),
    [
        (command(name="Name"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
        (command(name="two words"), "name", "APPLICATION_COMMAND_INVALID_NAME"),
        (command(name="n" * 33), "name", "BASE_TYPE_BAD_LENGTH"),
        (command(name=None), "name", "BASE_TYPE_REQUIRED"),
        (command(description="d" * 101), "description", "BASE_TYPE_BAD_LENGTH"),
        (command(description=None), "description", "BASE_TYPE_REQUIRED"),
        (command(contexts=[3]), "contexts.0", "BASE_TYPE_CHOICES"),
        (command(integration_types=[]), "integration_types", "BASE_TYPE_BAD_LENGTH"),
        (command(default_member_permissions="manage"), "default_member_permissions", "NUMBER_TYPE_COERCE"),
        (command(*(option(name=f"o{number}") for number in range(26))), "options", "BASE_TYPE_MAX_LENGTH"),
        (command(option(name="Text")), "options.0.name", "APPLICATION_COMMAND_INVALID_NAME"),
        (command(option(type=12)), "options.0.type", "BASE_TYPE_CHOICES"),
        (command(option(description="")), "options.0.description", "BASE_TYPE_BAD_LENGTH"),
        (command(option(choices=choices(26))), "options.0.choices", "BASE_TYPE_MAX_LENGTH"),
        (command(option(choices=[{"name": "n" * 101, "value": "v"}])), "options.0.choices.0.name", "BASE_TYPE_BAD_LENGTH"),
        (command(option(choices=[{"name": "n", "value": 1}])), "options.0.choices", "APPLICATION_COMMAND_OPTIONS_CHOICES_TYPE"),
        (
            command(option(choices=choices(1), autocomplete=True)),
            "options.0.choices",
            "APPLICATION_COMMAND_OPTIONS_CHOICES_INVALID",
        ),
        (command(option(), option()), "options", "APPLICATION_COMMAND_OPTIONS_NAME_DUPLICATE"),
        (command(option(), option(name="b", required=True)), "options", "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"),
        (command(option(), option(type=1, name="sub")), "options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
        (command(option(max_length=6001)), "options.0.max_length", "NUMBER_TYPE_MAX"),
    ],
)
async def test_refused(http: Http, everywhere: str, refused: dict[str, Any], path: str, code: str) -> None:
    one, many = await http("POST", everywhere, refused), await http("PUT", everywhere, [refused])
    assert code in one.faults(path)
    assert code in many.faults(f"0.{path}")
    assert (await http("GET", everywhere)).json == []


async def test_two_of_one_name(http: Http, everywhere: str) -> None:
    reply = await http("PUT", everywhere, [command(), command()])
    assert reply.faults("1.name") == ["APPLICATION_COMMANDS_DUPLICATE_NAME"]
    await http("POST", everywhere, command(name="first"))
    second = (await http("POST", everywhere, command(name="second"))).json
    renamed = await http("PATCH", f"{everywhere}/{second['id']}", {"name": "first"})
    assert renamed.json["code"] == 50035


async def test_a_command_too_large(http: Http, everywhere: str) -> None:
    long = [{"name": f"{number:0>100}", "value": f"{number:0>100}"} for number in range(25)]
    fits = command(option(choices=long))
    assert (await http("PUT", everywhere, [fits])).status == 200
    reply = await http("PUT", everywhere, [command(option(choices=long), option(name="b", choices=long))])
    assert reply.faults("0") == ["APPLICATION_COMMAND_TOO_LARGE"]


async def test_what_is_not_imitated(http: Http, sandbox: Sandbox, everywhere: str) -> None:
    assert (await http("PUT", everywhere, [command(type=3)])).status == 501
    assert (await http("PUT", everywhere, [command(descripton="typo")])).status == 501
    assert len(sandbox.refusals) == 2
