# The market's programs for docker-compose.yml: one image, one command per service. `make run` needs none of this.
FROM python:3.13.7-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends mosquitto \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY requirements/uv.txt requirements/run.txt requirements/
RUN python -m venv .venv \
    && .venv/bin/pip install --no-cache-dir --require-hashes -r requirements/run.txt
COPY manage.py ./
COPY backend backend
COPY payments payments
COPY devices devices
COPY integrations integrations
COPY storefront storefront
RUN useradd --system --uid 10001 market && mkdir /data && chown market /data
USER market
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DATA_DIR=/data DEMO=0 DJANGO_SETTINGS_MODULE=backend.project.settings
VOLUME /data
