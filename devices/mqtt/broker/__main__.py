"""`python -m devices.mqtt.broker`: start the broker that this machine can run, and follow the accounts."""

from __future__ import annotations

import argparse
import ipaddress
import logging
import os
import socket
import ssl
import sys
from pathlib import Path

from devices.mqtt.broker import mosquitto


def main(arguments: list[str]) -> int:
    """Run until SIGTERM or SIGINT; return the exit code. Says in one sentence why it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m devices.mqtt.broker", description="MQTT broker")
    parser.add_argument("--host", default=os.environ.get("MQTT_HOST") or "127.0.0.1")
    parser.add_argument("--port", type=int, default=_default_port())
    parser.add_argument("--data-dir", type=Path, default=Path(os.environ.get("DATA_DIR") or "data"))
    parser.add_argument("--kind", choices=("auto", "mosquitto", "embedded"), default="auto")
    parser.add_argument("--tls-port", type=int, default=0, help="a door with TLS for the network; 0: none")
    parser.add_argument("--certificate", type=Path, help="of the door with TLS, as PEM")
    parser.add_argument("--key", type=Path, help="of the door with TLS, as PEM")
    parser.add_argument("--check", action="store_true", help="only say whether a running broker answers")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")

    try:
        host = str(ipaddress.ip_address("127.0.0.1" if options.host == "localhost" else options.host))
        loopback = ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        return _refuse(f"Máy chủ MQTT kèm theo chỉ nghe trên máy này, không nghe ở {options.host}.")
    if options.check:
        return check(host, options.port, options.tls_port)
    tls: mosquitto.TlsDoor | None = None
    if options.tls_port:
        unread = [
            path for path in (options.certificate, options.key) if path is None or not _is_readable(path)
        ]
        if unread or options.kind != "mosquitto":
            return _refuse("Cửa TLS cần --kind mosquitto và tệp đọc được ở --certificate, --key.")
        tls = mosquitto.TlsDoor(options.tls_port, options.certificate.resolve(), options.key.resolve())
    if not _is_free(host, options.port):
        return _refuse(f"Cổng {options.port} (MQTT) đang có chương trình khác dùng: hãy đặt MQTT_PORT khác.")
    binary = mosquitto.find_binary()
    if options.kind == "mosquitto" and binary is None:
        return _refuse("Chưa cài mosquitto trên máy này.")
    data_dir: Path = options.data_dir.resolve()
    (data_dir / "mqtt").mkdir(mode=0o700, parents=True, exist_ok=True)
    if binary is not None and options.kind != "embedded":
        return mosquitto.run(binary, host=host, port=options.port, data_dir=data_dir, tls=tls)
    # Imported here: where mosquitto runs, the embedded broker's 30 MB are not loaded.
    from devices.mqtt.broker import embedded

    return embedded.run(host=host, port=options.port, data_dir=data_dir)


def check(host: str, port: int, tls_port: int) -> int:
    """Exit code 0 when the broker's doors are open: the plain one to a connection, the other one to a TLS handshake."""
    try:
        with socket.create_connection((host, port), timeout=3):
            pass
        if tls_port:
            # Whether it is alive, not who it is: it is our own machine that asks.
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            with (
                socket.create_connection((host, tls_port), timeout=3) as plain,
                context.wrap_socket(plain, server_hostname=host),
            ):
                pass
    except OSError as error:
        return _refuse(f"Máy chủ MQTT không trả lời: {error}.")
    return 0


def _is_readable(path: Path) -> bool:
    try:
        path.open("rb").close()
    except OSError:
        return False
    return True


def _default_port() -> str:
    """MQTT_PORT, else PORT + 2, as the market's settings have it (docs/settings.md)."""
    port = os.environ.get("PORT") or "8000"
    return os.environ.get("MQTT_PORT") or (str(int(port) + 2) if port.isdecimal() else port)


def _is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
        return True


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
