# The tag follows the security updates of Python 3.11 and Debian 12. To have the same bytes each time, append the digest
# that `docker images --digests` shows.
FROM python:3.11-slim-bookworm

LABEL org.opencontainers.image.title="ArXiv Daily for Discord" \
      org.opencontainers.image.description="New arXiv papers that match a lab's query, in its Discord channel, once." \
      org.opencontainers.image.licenses="MIT"

WORKDIR /app

# Time zones come with the tzdata among these.
COPY requirements.txt ./
RUN pip install --no-cache-dir --root-user-action=ignore -r requirements.txt

COPY LICENSE config.json ./
COPY bot bot
COPY cogs cogs
COPY deploy/healthcheck.py deploy/

# Compiled now, because the bot may write to its volume only.
RUN python -m compileall -q bot cogs deploy \
 && useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin arxiv-daily \
 && install --directory --owner=arxiv-daily --mode=0700 /data
VOLUME /data
USER 10001

ENV DATABASE_URL=sqlite:////data/arxiv-daily.db \
    PORT=8080
EXPOSE 8080
HEALTHCHECK --interval=1m --timeout=15s --start-period=1m CMD ["python", "deploy/healthcheck.py"]

# Lists, not shell lines: the bot itself gets SIGTERM.
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
