"""Numbers for Prometheus."""

from __future__ import annotations

import math
from types import SimpleNamespace

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Gauge, ProcessCollector, disable_created_metrics, generate_latest

from bot.daemon.health import Findings
from bot.digest.report import Report

PREFIX = "arxiv_daily_"


class Metrics:
    """Counters grow with each digest's report and each request's end; gauges are set when somebody looks."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)

        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(PREFIX + name, meaning, labels, registry=registry)

        def gauge(name: str, meaning: str, *labels: str) -> Gauge:
            return Gauge(PREFIX + name, meaning, labels, registry=registry)

        self._papers = counter("papers_posted", "Papers in the cards and lists sent")
        self._messages = counter("messages", "Messages by what was done: sent or edited", "action")
        self._deliveries = counter("deliveries", "Deliveries by kind and by what became of them", "kind", "outcome")
        self._digests = counter("digests", "Digests that were due: served, or failed and to be tried again", "result")
        self._arxiv = counter("arxiv_requests", "Requests to arXiv by HTTP status, or unreachable", "outcome")
        self._throttled = counter("discord_429", "Requests that Discord answered with 429")

        self._lag = gauge("loop_lag_seconds", "How late the event loop came back at worst in the last minute")
        self._latency = gauge("gateway_latency_seconds", "From a heartbeat to its answer; NaN while the gateway is lost")
        self._pending = gauge("pending_deliveries", "Messages filed and not confirmed by Discord")
        self._failing = gauge("failing_queries", "Queries without a usable answer since they were last asked")
        self._healthy = gauge("healthy", "1 while this part works, else 0", "part")
        self._begin()

    def _begin(self) -> None:
        """What has not happened yet reads 0: a rate needs a first value."""
        for action in ("sent", "edited"):
            self._messages.labels(action)
        for result in ("served", "failed"):
            self._digests.labels(result)

    def count(self, report: Report) -> None:
        """A digest has ended."""
        for channel in report.channels.values():
            self._papers.inc(channel.posted)
            self._messages.labels("sent").inc(channel.sent)
            self._messages.labels("edited").inc(channel.edited)
            for (kind, outcome), number in channel.outcomes.items():
                self._deliveries.labels(kind, outcome.__name__.lower()).inc(number)
        if report.slots:
            self._digests.labels("failed" if report.failures else "served").inc()

    def failed(self) -> None:
        """A digest has ended without a report."""
        self._digests.labels("failed").inc()

    def of_arxiv(self) -> aiohttp.TraceConfig:
        """For the session that arXiv is asked with."""

        async def ended(session: object, context: SimpleNamespace, request: aiohttp.TraceRequestEndParams) -> None:
            self._arxiv.labels(str(request.response.status)).inc()

        async def broke(session: object, context: SimpleNamespace, request: aiohttp.TraceRequestExceptionParams) -> None:
            self._arxiv.labels("unreachable").inc()

        trace = aiohttp.TraceConfig()
        trace.on_request_end.append(ended)
        trace.on_request_exception.append(broke)
        return trace

    def listen(self, discord: aiohttp.TraceConfig) -> None:
        """To requests to Discord; before the first one."""

        async def ended(session: object, context: SimpleNamespace, request: aiohttp.TraceRequestEndParams) -> None:
            self._throttled.inc(request.response.status == 429)

        discord.on_request_end.insert(
            0, ended
        )  # bot.delivery.requests ends with an exception, and what comes after it is not called

    def exposed(self, findings: Findings) -> bytes:
        """In Prometheus' text format; NaN for what cannot be known now."""
        pulse, unknown = findings.pulse, math.nan
        self._lag.set(findings.lag)
        self._latency.set(unknown if findings.latency is None else findings.latency)
        self._pending.set(unknown if pulse is None else pulse.pending)
        self._failing.set(unknown if pulse is None else pulse.failing)
        for name, part in findings.parts.items():
            self._healthy.labels(name).set(part.problem is None)
        return generate_latest(self._registry)
