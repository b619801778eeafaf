"""A message as JSON and back. Its papers are not in it: they are rows of their own, in the order of its badges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.digest.model import Badge, DayLine, Intro, Kind, Message, Notice, NoticeKind, Showing, Shown
from bot.paper import Paper


def showings_in(message: Message) -> tuple[Showing, ...]:
    """Of the message itself, or the newest of an intro."""
    return message.showings if message.intro is None else message.intro.newest


def payload_of(message: Message) -> dict[str, Any]:
    """Everything but the papers. Of what an edit replaces, only where it stands: its showings are the message's own."""
    return {
        "kind": message.kind,
        "badges": [showing.badge for showing in showings_in(message)],
        "day_line": message.day_line and _day_line_payload(message.day_line),
        "away": message.away,
        "intro": message.intro and _intro_payload(message.intro),
        "notice": message.notice and _notice_payload(message.notice),
        "edits": message.edits and _edits_payload(message.edits),
        "notifies_on": message.notifies_on and message.notifies_on.isoformat(),
    }


def message_of(payload: Mapping[str, Any], papers: Sequence[Paper]) -> Message:
    """`papers` in the order they have in the message."""
    badges = (Badge(badge) for badge in payload["badges"])
    showings = tuple(Showing(paper, badge) for paper, badge in zip(papers, badges, strict=True))
    intro, edits, day_line, notice = (payload[part] for part in ("intro", "edits", "day_line", "notice"))
    return Message(
        kind=Kind(payload["kind"]),
        showings=() if intro else showings,
        day_line=_day_line(day_line) if day_line else None,
        away=payload["away"],
        intro=_intro(intro, showings) if intro else None,
        notice=_notice(notice) if notice else None,
        edits=Shown(edits["message_id"], Kind(edits["layout"]), showings, edits["away"]) if edits else None,
        notifies_on=date.fromisoformat(payload["notifies_on"]) if payload["notifies_on"] else None,
    )


def shown_as(message: Message, message_id: int) -> Shown:
    """What stands in the channel once this card, list or edit is there."""
    if message.edits is not None:
        return message.edits
    return Shown(message_id, message.kind, message.showings, message.away)


def _day_line_payload(line: DayLine) -> dict[str, Any]:
    return {"day": line.day.isoformat(), "new": line.new, "revised": line.revised}


def _day_line(payload: Mapping[str, Any]) -> DayLine:
    return DayLine(date.fromisoformat(payload["day"]), payload["new"], payload["revised"])


def _intro_payload(intro: Intro) -> dict[str, Any]:
    return {
        "query": intro.query,
        "total": intro.total,
        "per_day": intro.per_day,
        "next_digest": intro.next_digest.isoformat(),
        "changed": intro.changed,
    }


def _intro(payload: Mapping[str, Any], newest: tuple[Showing, ...]) -> Intro:
    return Intro(
        query=payload["query"],
        total=payload["total"],
        per_day=payload["per_day"],
        next_digest=datetime.fromisoformat(payload["next_digest"]),
        newest=newest,
        changed=payload["changed"],
    )


def _notice_payload(notice: Notice) -> dict[str, Any]:
    return {
        "kind": notice.kind,
        "count": notice.count,
        "since": notice.since and notice.since.isoformat(),
        "until": notice.until and notice.until.isoformat(),
    }


def _notice(payload: Mapping[str, Any]) -> Notice:
    """Notices filed by the first version have neither `since` nor `until`."""
    since, until = (payload.get(moment) for moment in ("since", "until"))
    return Notice(
        kind=NoticeKind(payload["kind"]),
        count=payload["count"],
        since=datetime.fromisoformat(since) if since else None,
        until=datetime.fromisoformat(until) if until else None,
    )


def _edits_payload(edits: Shown) -> dict[str, Any]:
    return {"message_id": edits.message_id, "layout": edits.layout, "away": edits.away}
