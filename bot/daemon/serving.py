"""What is served on PORT: /healthz and /metrics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from bot.daemon.client import ArxivBot
from bot.daemon.health import Findings, Health, LoopLag
from bot.daemon.metrics import Metrics
from bot.errors import ConfigError
from bot.settings import Settings

EVERYWHERE, HERE = "0.0.0.0", "127.0.0.1"


def interface(settings: Settings) -> str:
    """Hosts put PORT into the environment and ask from outside; who writes it into `.env` means this machine alone."""
    return EVERYWHERE if settings.origins.get("PORT") == "environment" else HERE


@asynccontextmanager
async def serving(bot: ArxivBot, metrics: Metrics, host: str, port: int) -> AsyncIterator[int]:
    """Gives the port, which the system chooses for 0. ConfigError when it cannot be had."""
    lag = LoopLag()
    runner = web.AppRunner(_application(Health(bot, lag), metrics), access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    watching = asyncio.create_task(lag.watch())
    try:
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            problem = f"PORT is {port}, which cannot be had ({error.strerror}); free it, choose another one or leave PORT out."
            raise ConfigError([problem]) from error
        yield runner.addresses[0][1]
    finally:
        watching.cancel()
        await runner.cleanup()


def _application(health: Health, metrics: Metrics) -> web.Application:
    async def healthz(request: web.Request) -> web.Response:
        findings = await health.examine()
        well = all(part.problem is None for part in findings.parts.values())
        return web.json_response(_told(findings), status=200 if well else 503)

    async def numbers(request: web.Request) -> web.Response:
        return web.Response(body=metrics.exposed(await health.examine()), headers={"Content-Type": CONTENT_TYPE_LATEST})

    application = web.Application()
    application.add_routes([web.get("/healthz", healthz), web.get("/metrics", numbers)])
    return application


def _told(findings: Findings) -> dict[str, object]:
    """Each part by name: ok, problem where there is one, and its numbers."""
    return {
        name: {"ok": part.problem is None, **({"problem": part.problem} if part.problem else {}), **part.facts}
        for name, part in findings.parts.items()
    }
