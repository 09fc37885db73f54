"""The proxy's configuration in a real Caddy: what buyers reach, and what only the staff's door has."""

from __future__ import annotations

import http.client
import http.server
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.services.ports import free_ports
from tests.tooling.processes import ROOT, until

pytestmark = pytest.mark.pure


class Echo(http.server.BaseHTTPRequestHandler):
    """Stands for a program behind the proxy: answers with its name, the path, and who it was told is asking."""

    def do_GET(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.rfile.read(length)
        said = f"{self.server.name} {self.path} {self.headers['X-Forwarded-For']}".encode()  # type: ignore[attr-defined]
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_POST = do_GET

    def log_message(self, *_words: object) -> None:
        pass


class Proxy:
    def __init__(self, buyers: int, staff: int) -> None:
        self.ports = {"buyers": buyers, "staff": staff}

    def ask(self, door: str, path: str, method: str = "GET", **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.ports[door], timeout=5)
        try:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    caddy = shutil.which("caddy")
    if caddy is None:
        pytest.skip("caddy is not installed (apt-get install caddy)")
    folder = tmp_path_factory.mktemp("caddy")
    media = folder / "media"
    (media / "products").mkdir(parents=True)
    (media / "products" / "nam.webp").write_text("picture")
    (folder / "secret").write_text("secret")
    servers = []
    for name in ("market", "saleor", "dashboard"):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Echo)
        server.name = name  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
    market, saleor, dashboard = (f"127.0.0.1:{server.server_port}" for server in servers)
    first = free_ports(3)
    process = subprocess.Popen(
        [caddy, "run", "--config", str(ROOT / "deploy" / "Caddyfile"), "--adapter", "caddyfile"],
        env={
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
            # Without TLS here: certificates come from the world outside.
            "MARKET_ADDRESS": f"http://127.0.0.1:{first}",
            "STAFF_PORT": str(first + 1),
            "ADMIN_PORT": str(first + 2),
            "MARKET_WEB": market,
            "SALEOR_API": saleor,
            "SALEOR_DASHBOARD": dashboard,
            "SALEOR_MEDIA": str(media),
        },
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("wb"),
    )
    made = Proxy(first, first + 1)
    try:
        until(lambda: _answers(process, made, folder / "log"), "Caddy answers")
        yield made
    finally:
        process.terminate()
        process.wait(20)
        for server in servers:
            server.shutdown()
            server.server_close()


def _answers(process: subprocess.Popen[bytes], proxy: Proxy, log: Path) -> bool:
    assert process.poll() is None, log.read_text()
    try:
        return proxy.ask("staff", "/nothing")[0] == 404
    except OSError:
        return False


@pytest.mark.parametrize(
    "path", ["/", "/hang/nam/", "/graphql/", "/market/graphql/", "/hooks/sepay/1/", "/dashboard/"]
)
def test_buyers_reach_the_market(proxy: Proxy, path: str) -> None:
    assert proxy.ask("buyers", path) == (200, f"market {path} 127.0.0.1")


def test_nobody_says_for_himself_where_he_comes_from(proxy: Proxy) -> None:
    status, said = proxy.ask("buyers", "/", **{"X-Forwarded-For": "8.8.8.8"})
    assert (status, said) == (200, "market / 127.0.0.1")


@pytest.mark.parametrize(
    "path",
    [
        *(
            "/graphql/",
            "/graphql",
            "//graphql/",
            "/GraphQL/",
            "/thumbnail/../graphql/",
            "/saleor-media/../graphql/",
        ),
        *(
            "/thumbnail/%2e%2e/graphql/",
            "/thumbnail/..%2fgraphql/",
            "/.well-known/jwks.json",
            "/thumbnail/1/256/",
        ),
        *("/saleor-media/products/nam.webp", "/dashboard/", "/saleor-media/../secret"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_of_saleor_is_public(proxy: Proxy, method: str, path: str) -> None:
    status, said = proxy.ask("buyers", path, method)
    assert (status, said.split()[0]) == (200, "market")


def test_pictures_are_there_to_look_at_inside(proxy: Proxy) -> None:
    path = "/thumbnail/UHJvZHVjdA==/256/"
    assert proxy.ask("staff", path) == (200, f"saleor {path} 127.0.0.1")
    assert proxy.ask("staff", path, "POST")[0] == 404
    assert proxy.ask("staff", "/saleor-media/products/nam.webp") == (200, "picture")
    assert proxy.ask("staff", "/saleor-media/products/")[0] == 404
    assert proxy.ask("staff", "/saleor-media/../secret")[1] != "secret"
    assert proxy.ask("staff", "/saleor-media/%2e%2e/secret")[1] != "secret"


def test_the_staff_reach_dashboard_and_api_through_their_own_door(proxy: Proxy) -> None:
    assert proxy.ask("staff", "/graphql/", "POST") == (200, "saleor /graphql/ 127.0.0.1")
    assert proxy.ask("staff", "/dashboard/orders") == (200, "dashboard /dashboard/orders 127.0.0.1")
    assert proxy.ask("staff", "/")[0] == 302
    assert proxy.ask("staff", "/.well-known/jwks.json")[1].startswith("saleor ")
    assert proxy.ask("staff", "/ban-hang/") == (404, "")


def test_the_certificate_and_the_name_are_left_to_the_server(need_program: Callable[[str], str]) -> None:
    """With the name alone, as docker-compose.yml gives it: HTTPS, and HTTP only to redirect to it."""
    done = subprocess.run(
        [
            need_program("caddy"),
            "adapt",
            "--config",
            str(ROOT / "deploy" / "Caddyfile"),
            "--adapter",
            "caddyfile",
        ],
        env={"MARKET_ADDRESS": "cho.example.vn"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert '"listen":[":443"]' in done.stdout
    assert '"host":["cho.example.vn"]' in done.stdout
