"""The sandbox as one object: an HTTP server on loopback that is a small Discord and a small arXiv."""

from __future__ import annotations

from datetime import UTC
from email.utils import format_datetime
from types import TracebackType

from aiohttp import web

from sandbox.arxiv.corpus import Corpus
from sandbox.arxiv.reading import Reading
from sandbox.arxiv.server import INTERVAL, ArxivServer
from sandbox.control.channels import Channels
from sandbox.control.clock import SandboxClock
from sandbox.control.conditions import Conditions
from sandbox.control.discord_servers import DiscordServers
from sandbox.control.faults import Faults
from sandbox.control.publishing import Publishing
from sandbox.control.visits import Visits
from sandbox.discord.attachments import Files
from sandbox.discord.bodies import LARGEST_REQUEST
from sandbox.discord.callbacks import Callbacks
from sandbox.discord.channel_edits import ChannelEdits
from sandbox.discord.commands import Commands
from sandbox.discord.dispatch import Dispatch
from sandbox.discord.front import PREFIX, Front, Request
from sandbox.discord.gateway import PATH, Gateway
from sandbox.discord.interactions import Interactions
from sandbox.discord.limits import RateLimits
from sandbox.discord.members import Members
from sandbox.discord.pins import Pins
from sandbox.discord.reactions import Reactions
from sandbox.discord.rest import Rest
from sandbox.discord.sessions import Sessions
from sandbox.discord.soundboard import Soundboard
from sandbox.discord.threads import Threads
from sandbox.discord.visitor import Visitor
from sandbox.discord.webhooks import Webhooks
from sandbox.discord.world import World
from sandbox.page.site import Site

HOST = "127.0.0.1"


class Sandbox:
    """An async context manager that serves the Discord, the arXiv and the control routes until its block ends.

    `world`, `corpus`, `clock`, `faults` and `limits` may be changed at any time. `visitor` acts as a person, `gateway`
    disturbs the connections of bots, `commands` holds what the bot registered, `site` serves the page for people.

    Discord's `limits` and arXiv's interval (in seconds) are on; `RateLimits.off()` and None switch them off. Without `corpus`
    arXiv is empty; port 0 lets the system choose one.
    """

    def __init__(
        self,
        clock: SandboxClock | None = None,
        limits: RateLimits | None = None,
        corpus: Corpus | None = None,
        port: int = 0,
        arxiv_interval: float | None = INTERVAL,
    ) -> None:
        self.clock = clock or SandboxClock()
        self.faults = Faults()
        self.limits = limits or RateLimits()
        self.world = World(self.clock)
        self.corpus = corpus or Corpus()
        self.arxiv = ArxivServer(self.corpus, self.clock, self.faults, arxiv_interval)
        self._front = Front(self.world, self.faults, self.limits)
        sessions = Sessions()
        self.dispatch = Dispatch(self.world, sessions)
        self.gateway = Gateway(self.world, sessions, self.dispatch, self.limits, self._front.refusals.append)
        self.commands = Commands(self.world)
        self.interactions = Interactions(self.world, self.dispatch)
        self.visitor = Visitor(self.world, self.commands, self.interactions)
        self.site = Site()
        self._port = port

    async def __aenter__(self) -> Sandbox:
        # Clients stalled by a fault shall not hold up the end.
        self._runner = web.AppRunner(self.application(), access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, self._port).start()
        self._port = self._runner.addresses[0][1]
        self.world.url = self.url
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._runner.cleanup()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._port}"

    @property
    def discord_api_url(self) -> str:
        return self.url + PREFIX

    @property
    def gateway_url(self) -> str:
        return f"ws://{HOST}:{self._port}{PATH}"

    @property
    def arxiv_api_url(self) -> str:
        return f"{self.url}/arxiv/api/query"

    @property
    def clock_url(self) -> str:
        return f"{self.url}/_sandbox/clock"

    @property
    def requests(self) -> list[Request]:
        """Every request to the Discord API so far, in the order of arrival."""
        return self._front.requests

    @property
    def refusals(self) -> list[str]:
        """What was asked of the Discord API that the sandbox does not imitate (501), one sentence each."""
        return self._front.refusals

    async def _date(self, _: web.Request, response: web.StreamResponse) -> None:
        """As every server dates its answers, here by the clock of the sandbox."""
        response.headers["Date"] = format_datetime(self.clock.now().astimezone(UTC), usegmt=True)

    def application(self) -> web.Application:
        """All routes, for whoever serves them in another way."""
        discord = web.Application(middlewares=[self._front.attend])
        # Before the routes of messages, for which "pins" would be a message's id.
        discord.add_routes(Pins(self.world).routes())
        discord.add_routes(Rest(self.world, self.limits).routes())
        discord.add_routes(ChannelEdits(self.world).routes())
        discord.add_routes(Members(self.world).routes())
        discord.add_routes(Reactions(self.world).routes())
        discord.add_routes(Threads(self.world).routes())
        discord.add_routes(Soundboard(self.world).routes())
        discord.add_routes(self.commands.routes())
        # Before the routes of interactions, whose tokens stand where those of webhooks do.
        discord.add_routes(Webhooks(self.world).routes())
        discord.add_routes(Callbacks(self.world, self.interactions).routes())
        application = web.Application(client_max_size=LARGEST_REQUEST)
        application.on_response_prepare.append(self._date)
        application.add_routes(self.site.routes())
        application.add_routes(self.gateway.routes())
        application.add_routes(Files(self.world).routes())
        application.add_subapp(PREFIX, discord)
        application.add_routes(self.arxiv.routes())
        application.add_routes(DiscordServers(self.world, self.gateway).routes())
        application.add_routes(Visits(self.world, self.visitor, self.commands, self.interactions, self.dispatch).routes())
        application.add_routes(Channels(self.world, self.clock).routes())
        application.add_routes(Conditions(self.world, self.clock, self.faults, self._front).routes())
        application.add_routes(Publishing(self.world, self.corpus, self.clock, self.arxiv.requests).routes())
        application.add_routes(Reading(self.corpus, self.clock).routes())
        return application
