# The market's programs for docker-compose.yml (docs/deploy.md); `make run` needs none of this.
#   packages  builds the virtual environment, and stays behind with its tools
#   broker    the MQTT broker: mosquitto, and our program that keeps its access list in step with the market; no packages
#   market    everything else, the same image for web, worker, gateway and manage.py

FROM python:3.13.7-slim-bookworm AS packages
WORKDIR /app
COPY requirements/run.txt requirements/run.txt
RUN python -m venv --without-pip .venv \
    && pip --python .venv/bin/python install --no-cache-dir --no-compile --require-hashes -r requirements/run.txt

FROM python:3.13.7-slim-bookworm AS broker
RUN apt-get update \
    && apt-get install --yes --no-install-recommends mosquitto \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 market \
    && useradd --uid 10001 --gid market --no-create-home --shell /usr/sbin/nologin market \
    && install --directory --owner market --group market --mode 0700 /data /data/mqtt
WORKDIR /app
COPY devices devices
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DATA_DIR=/data MQTT_HOST=127.0.0.1 MQTT_PORT=1883
USER 10001:10001
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s \
    CMD ["python", "-m", "devices.mqtt.broker", "--check"]
CMD ["python", "-m", "devices.mqtt.broker", "--kind", "mosquitto"]

FROM python:3.13.7-slim-bookworm AS market
RUN groupadd --gid 10001 market \
    && useradd --uid 10001 --gid market --no-create-home --shell /usr/sbin/nologin market \
    && install --directory --owner market --group market --mode 0700 /data /data/mqtt
WORKDIR /app
COPY --from=packages /app/.venv .venv
COPY requirements/run.txt requirements/run.txt
COPY manage.py manage.py
COPY backend backend
COPY payments payments
COPY devices devices
COPY integrations integrations
COPY storefront storefront
# Compiled once here: the containers' root is read-only.
RUN .venv/bin/python -m compileall -q backend payments devices integrations storefront .venv/lib
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    DATA_DIR=/data DEMO=0 BIND=0.0.0.0 PORT=8000 DJANGO_SETTINGS_MODULE=backend.project.settings
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s \
    CMD ["python", "-m", "backend.project.healthcheck", "web"]
CMD ["gunicorn", "backend.project.wsgi:application", "--config", "python:backend.project.web_server"]
