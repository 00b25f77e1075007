# Two stages: the first installs, the second only runs. Nothing secret is in any layer: secrets come in at run time, as
# environment variables or, better, as files (SLACK_BOT_TOKEN_FILE, CADENCE_KEYS_FILE, ...).
# Pin the base by digest for a release: docker buildx imagetools inspect python:3.13-slim
ARG PYTHON=python:3.13-slim

FROM ${PYTHON} AS install
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /app
RUN python -m venv /opt/cadence
COPY requirements.lock ./
RUN /opt/cadence/bin/pip install --require-hashes --only-binary :all: -r requirements.lock
COPY pyproject.toml README.md LICENSE manifest.yaml ./
COPY bot bot
COPY scheduler scheduler
COPY models models
COPY migrations migrations
COPY sandbox sandbox
COPY examples examples
RUN /opt/cadence/bin/pip install --no-deps --no-build-isolation -e . \
    && /opt/cadence/bin/python -m compileall -q bot scheduler models migrations

FROM ${PYTHON}
RUN groupadd --gid 10001 cadence \
    && useradd --uid 10001 --gid 10001 --home-dir /data --shell /usr/sbin/nologin cadence \
    && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=install /opt/cadence /opt/cadence
COPY --from=install /app /app
ENV PATH=/opt/cadence/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DATABASE_URL=sqlite:////data/cadence.db \
    HTTP_HOST=0.0.0.0 \
    HTTP_PORT=3000 \
    LOG_FORMAT=json
WORKDIR /data
VOLUME /data
EXPOSE 3000
USER 10001:10001
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 CMD ["cadence", "healthcheck"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["cadence"]
CMD ["run"]
