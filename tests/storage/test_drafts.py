"""Drafts outlive a restart, and not the day they were forgotten on."""

from __future__ import annotations

import re
from datetime import timedelta

from bot.storage import Storage
from bot.storage.drafts import Draft
from tests.storage.lab import CHANNEL, DAY, NOW, SERVER

MANAGER = 1_400_000_000_000_000_001
HOUR = timedelta(hours=1)


async def put(storage: Storage, text: str, guild_id: int = SERVER, saved: int | None = None) -> Draft:
    """Made now, and saved as many hours later."""
    store = storage.drafts
    draft = await store.put(guild_id, CHANNEL, MANAGER, text, NOW)
    if saved is not None:
        await store.mark_saved(draft.id, NOW + saved * HOUR)
    return draft


async def test_a_draft_is_found_by_its_id(storage: Storage) -> None:
    draft = await put(storage, " cat:cs.LG  AND ti:ünïcode ")
    assert await storage.drafts.get(draft.id) == draft
    assert (draft.guild_id, draft.channel_id, draft.user_id, draft.text) == (
        SERVER,
        CHANNEL,
        MANAGER,
        " cat:cs.LG  AND ti:ünïcode ",
    )
    assert (draft.created_at, draft.saved_at) == (NOW, None)
    assert await storage.drafts.get("unknown") is None


async def test_ids_fit_into_a_button(storage: Storage) -> None:
    ids = {(await put(storage, "cat:cs.LG")).id for _ in range(50)}
    assert len(ids) == 50
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{12}", id) for id in ids)


async def test_saved_is_remembered(storage: Storage) -> None:
    draft = await put(storage, "cat:cs.LG", saved=1)
    other = await put(storage, "cat:cs.LG")
    saved, unsaved = [await storage.drafts.get(each.id) for each in (draft, other)]
    assert saved is not None
    assert saved.saved_at == NOW + HOUR
    assert unsaved == other


async def test_what_nobody_saves_for_a_day_is_forgotten(storage: Storage) -> None:
    store = storage.drafts
    saved, forgotten = await put(storage, "cat:cs.LG", saved=1), await put(storage, "cat:hep-th")
    await store.put(SERVER, CHANNEL, MANAGER, "all:graphene", NOW + DAY)
    assert await store.get(forgotten.id) == forgotten
    await store.put(SERVER, CHANNEL, MANAGER, "all:graphene", NOW + DAY + HOUR)
    assert await store.get(forgotten.id) is None
    assert await store.get(saved.id) is not None


async def test_earlier_texts_are_those_the_server_saved_each_once_newest_first(storage: Storage) -> None:
    store = storage.drafts
    await put(storage, "cat:never-saved")
    await put(storage, "cat:elsewhere", guild_id=SERVER + 1, saved=9)
    for hour, text in enumerate(("cat:a", "cat:b", "cat:c", "cat:a"), start=1):
        await put(storage, text, saved=hour)
    assert await store.earlier(SERVER) == ["cat:a", "cat:c", "cat:b"]
    assert await store.earlier(SERVER, limit=2) == ["cat:a", "cat:c"]
    assert await store.earlier(SERVER + 2) == []
