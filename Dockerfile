# The project's images, one target each: operator, workload, redis.
#
#     docker build --target operator --tag trading-operator .
#
# Every build step that asks a registry may be given the machine's own settings as secrets: `pip.conf`, `ca.crt` and
# `apt.sources`. They are mounted for that step and are in no layer; without them the official registries are asked.
# BASE_IMAGE is any Debian bookworm with Python 3.11, its pip and its venv.
ARG BASE_IMAGE=docker.io/library/python:3.11-slim-bookworm


# An environment without pip, which the base image's pip fills from outside: what runs cannot install anything.
FROM ${BASE_IMAGE} AS builder
ENV PIP_CACHE_DIR=/var/cache/pip \
    PIP_CONFIG_FILE=/run/secrets/pip.conf \
    PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_ROOT_USER_ACTION=ignore \
    PIP_NO_COMPILE=1 \
    PYTHONDONTWRITEBYTECODE=1
RUN python3 -m venv --without-pip /opt/venv
WORKDIR /src


# The project itself, apart from what it needs: an edited source file rebuilds this small part alone.
FROM builder AS project
COPY requirements/build.txt requirements/
RUN --mount=type=secret,id=pip.conf --mount=type=secret,id=ca.crt --mount=type=cache,target=/var/cache/pip \
    python3 -m venv --without-pip /opt/build \
    && python3 -m pip --python /opt/build/bin/python install --require-hashes --requirement requirements/build.txt
COPY pyproject.toml README.md LICENSE ./
COPY operator operator
COPY workloads workloads
# Bytecode that is never compared with its source: times change when layers are copied, and the sources do not.
RUN python3 -m pip --python /opt/build/bin/python wheel --no-deps --no-index --no-build-isolation --wheel-dir /wheels . \
    && python3 -m pip --python /opt/venv/bin/python install --no-deps --no-index \
        --root /project --prefix /opt/venv /wheels/*.whl \
    && python3 -m compileall -q --invalidation-mode unchecked-hash \
        -s /project -p / /project/opt/venv/lib


FROM builder AS operator-dependencies
COPY requirements/operator.txt requirements/
RUN --mount=type=secret,id=pip.conf --mount=type=secret,id=ca.crt --mount=type=cache,target=/var/cache/pip \
    python3 -m pip --python /opt/venv/bin/python install --require-hashes --requirement requirements/operator.txt \
    && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib


FROM builder AS workload-dependencies
COPY requirements/workload.txt requirements/
RUN --mount=type=secret,id=pip.conf --mount=type=secret,id=ca.crt --mount=type=cache,target=/var/cache/pip \
    python3 -m pip --python /opt/venv/bin/python install --require-hashes --requirement requirements/workload.txt \
    && python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash /opt/venv/lib


# Everything runs as a user without rights, by number, so that `runAsNonRoot` can be checked. It has a name because
# libraries ask for one, and no home: the root file system may be read-only. No program gives it another user's rights.
FROM ${BASE_IMAGE} AS runtime
RUN echo 'nonroot:x:65532:65532:nonroot:/tmp:/usr/sbin/nologin' >> /etc/passwd \
    && echo 'nonroot:x:65532:' >> /etc/group \
    && find / -xdev -type f -perm /6000 -exec chmod a-s {} +
LABEL org.opencontainers.image.vendor="Signal Trading Operator" \
      org.opencontainers.image.licenses="Apache-2.0"


FROM runtime AS python
ENV PATH=/opt/venv/bin:/usr/local/bin:/usr/bin:/bin \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /tmp


FROM python AS operator
LABEL org.opencontainers.image.title="trading-operator" \
      org.opencontainers.image.description="Kubernetes operator for trading systems, strategies and backtests"
COPY --from=operator-dependencies /opt/venv /opt/venv
COPY --from=project /project /
USER 65532:65532
ENTRYPOINT ["trading-operator"]


FROM python AS workload
LABEL org.opencontainers.image.title="trading-workloads" \
      org.opencontainers.image.description="Services, strategy runners and jobs of a trading system"
COPY --from=workload-dependencies /opt/venv /opt/venv
COPY --from=project /project /
USER 65532:65532
ENTRYPOINT ["trading-workloads"]


# Debian's Redis (7.0), for machines that no registry reaches.
FROM runtime AS redis
RUN --mount=type=secret,id=apt.sources --mount=type=secret,id=ca.crt \
    set -eu; \
    if [ -s /run/secrets/apt.sources ]; then \
        set -- -o Dir::Etc::SourceList=/run/secrets/apt.sources -o Dir::Etc::SourceParts=-; \
    fi; \
    if [ -s /run/secrets/ca.crt ]; then set -- "$@" -o Acquire::https::CAInfo=/run/secrets/ca.crt; fi; \
    apt-get "$@" update -q; \
    apt-get "$@" install -q -y --no-install-recommends redis-server; \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/*
LABEL org.opencontainers.image.title="redis" \
      org.opencontainers.image.description="Redis as Debian builds it"
WORKDIR /data
USER 65532:65532
EXPOSE 6379
ENTRYPOINT ["redis-server"]
