"""The shell scripts of deploy/, run for real: secrets, databases, backup and restore."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.deploy.reading import read_compose
from tests.services.postgresql import PostgresServer, find_programs
from tests.tooling.processes import ROOT

pytestmark = pytest.mark.pure

HOST = "cho.example.vn"


def run(script: str, *arguments: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """A script of deploy/ with this machine's own shell."""
    return subprocess.run(
        ["sh", str(ROOT / "deploy" / script), *arguments],
        env={**os.environ, **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deploy") / "secrets"
    made = run("secrets.sh", HOST, str(folder))
    assert made.returncode == 0, made.stderr
    return folder


def test_every_secret_is_made(secrets: Path) -> None:
    wanted = {Path(each["file"]).name for each in read_compose()["secrets"].values()}
    assert wanted <= {path.name for path in secrets.iterdir()}
    assert stat.S_IMODE(secrets.stat().st_mode) == 0o700
    for name in wanted:
        # A program in a container is not the owner of the file; the folder keeps everybody else of the server out.
        assert stat.S_IMODE((secrets / name).stat().st_mode) == 0o444, name
        assert (secrets / name).read_text().strip(), name
    assert stat.S_IMODE((secrets / "mqtt_authority_key").stat().st_mode) == 0o400
    passwords = {path.read_text() for path in secrets.glob("*_password")}
    assert len(passwords) == 3


def test_a_second_time_changes_nothing(secrets: Path) -> None:
    before = {path.name: path.read_bytes() for path in secrets.iterdir()}
    again = run("secrets.sh", HOST, str(secrets))
    assert (again.returncode, again.stdout) == (0, "")
    assert {path.name: path.read_bytes() for path in secrets.iterdir()} == before


def test_the_broker_s_certificate_can_be_made_anew_and_the_boxes_still_know_it(
    secrets: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "secrets"
    shutil.copytree(secrets, folder)
    (folder / "mqtt_certificate.pem").unlink()
    again = run("secrets.sh", HOST, str(folder))
    assert again.stdout == f"{folder}/mqtt_certificate.pem\n"
    assert (folder / "mqtt_certificate.pem").read_bytes() != (secrets / "mqtt_certificate.pem").read_bytes()
    check = ["openssl", "verify", "-verify_hostname", HOST, "-CAfile", str(secrets / "mqtt_authority.pem")]
    subprocess.run([*check, str(folder / "mqtt_certificate.pem")], check=True, capture_output=True)


def test_secrets_want_a_name(tmp_path: Path) -> None:
    assert run("secrets.sh").returncode != 0


def test_a_program_that_knows_only_variables_is_given_its_files(tmp_path: Path) -> None:
    key = "-----BEGIN KEY-----\nab$c 'd' \"e\"\n-----END KEY-----"
    (tmp_path / "key").write_text(key + "\n")
    done = run(
        "with-secrets.sh",
        *("sh", "-c", 'printf "%s|%s|%s" "$RSA_PRIVATE_KEY" "${RSA_PRIVATE_KEY_FILE-gone}" "$1"', "x", "a b"),
        env={
            "RSA_PRIVATE_KEY_FILE": str(tmp_path / "key"),
            "SECRETS": str(tmp_path),
            "OTHER_FILE": "/nowhere",
        },
    )
    assert done.stdout == f"{key}|gone|a b"


def test_a_missing_secret_starts_nothing(tmp_path: Path) -> None:
    secrets = {"SECRET_KEY_FILE": str(tmp_path / "none"), "SECRETS": str(tmp_path)}
    done = run("with-secrets.sh", "echo", "started", env=secrets)
    assert (done.returncode != 0, done.stdout) == (True, "")


class Server:
    """A PostgreSQL as the scripts meet it: reachable by PGHOST and PGPORT, with their secrets."""

    def __init__(self, port: int, user: str, secrets: Path, files: Path) -> None:
        self.port = port
        self.backups = files / "backups"
        self.files = files / "files"
        for folder in (self.backups, self.files / "market", self.files / "saleor"):
            folder.mkdir(parents=True)
        programs = find_programs()
        self.env = {
            "PATH": f"{programs}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(port),
            "PGUSER": user,
            "POSTGRES_USER": user,
            "SECRETS": str(secrets),
            "BACKUPS": str(self.backups),
            "FILES": str(self.files),
        }

    def run(self, script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(script, *arguments, env=self.env)

    def connect(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            f"postgres://{name}@127.0.0.1:{self.port}/{name}", autocommit=True, connect_timeout=5
        )


@pytest.fixture(scope="module")
def server(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    programs = find_programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with PostgresServer(programs) as running:
        url = urlsplit(running.url)
        admin = psycopg.connect(running.url, autocommit=True)
        # The tests' server has a database called market already, of its superuser of that name.
        admin.execute("CREATE ROLE operator SUPERUSER LOGIN")
        admin.close()
        with psycopg.connect(
            f"postgres://operator@127.0.0.1:{url.port}/postgres", autocommit=True
        ) as operator:
            operator.execute("DROP DATABASE market")
            operator.execute("ALTER ROLE market RENAME TO founder")
        made = Server(url.port or 0, "operator", secrets, tmp_path_factory.mktemp("files"))
        done = made.run("databases.sh")
        assert (done.returncode, done.stderr) == (0, "")
        yield made


def test_each_has_a_database_of_its_own_and_sees_nothing_of_the_other(server: Server) -> None:
    for name, other in (("market", "saleor"), ("saleor", "market")):
        with server.connect(name) as connection:
            found = connection.execute(
                "SELECT rolsuper, rolcreatedb, rolcreaterole FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            assert found == (False, False, False)
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            psycopg.connect(f"postgres://{name}@127.0.0.1:{server.port}/{other}", connect_timeout=5)


def test_saleor_s_migrations_may_create_their_extensions(server: Server) -> None:
    with server.connect("saleor") as connection:
        for extension in ("hstore", "pg_trgm", "pgcrypto", "btree_gin"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
        found = connection.execute("SELECT count(*) FROM pg_extension WHERE extname <> 'plpgsql'").fetchone()
        assert found == (4,)


def test_the_passwords_are_those_of_the_files(server: Server, secrets: Path) -> None:
    """As PostgreSQL keeps them: a SCRAM verifier that only the right password makes."""
    with psycopg.connect(f"postgres://operator@127.0.0.1:{server.port}/postgres") as operator:
        for name in ("market", "saleor"):
            row = operator.execute("SELECT rolpassword FROM pg_authid WHERE rolname = %s", [name]).fetchone()
            assert row is not None
            rounds, _, rest = str(row[0]).removeprefix("SCRAM-SHA-256$").partition(":")
            salt, _, keys = rest.partition("$")
            password = (secrets / f"{name}_database_password").read_text().strip()
            salted = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64decode(salt), int(rounds))
            client = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
            assert keys.partition(":")[0] == base64.b64encode(client).decode()


def _hmac(key: bytes, text: bytes) -> bytes:
    return hmac.new(key, text, "sha256").digest()


@pytest.fixture
def backup(server: Server) -> str:
    """A backup of one row and one file in each."""
    for name in ("market", "saleor"):
        with server.connect(name) as connection:
            connection.execute("DROP TABLE IF EXISTS goods")
            connection.execute("CREATE TABLE goods (name text)")
            connection.execute("INSERT INTO goods VALUES ('nấm linh chi')")
        shutil.rmtree(server.files / name)
        (server.files / name / "media").mkdir(parents=True)
        (server.files / name / "media" / "nam.webp").write_bytes(b"picture")
    done = server.run("backup.sh")
    assert done.returncode == 0, done.stderr
    return Path(done.stdout.strip()).name


def test_a_backup_holds_databases_and_files(server: Server, backup: str) -> None:
    folder = server.backups / backup
    assert {path.name for path in folder.iterdir()} == {
        *("market.dump", "saleor.dump", "market-files.tar.gz", "saleor-files.tar.gz")
    }
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not list(server.backups.glob("*.part"))


def test_what_was_lost_or_changed_comes_back(server: Server, backup: str) -> None:
    for name in ("market", "saleor"):
        with server.connect(name) as connection:
            connection.execute("UPDATE goods SET name = 'gone'")
            connection.execute("CREATE TABLE later (id int)")
        (server.files / name / "media" / "nam.webp").unlink()
        (server.files / name / "later").write_text("x")
    done = server.run("restore.sh", backup)
    assert done.returncode == 0, done.stderr
    for name in ("market", "saleor"):
        with server.connect(name) as connection:
            assert connection.execute("SELECT name FROM goods").fetchall() == [("nấm linh chi",)]
            assert connection.execute("SELECT to_regclass('later')").fetchone() == (None,)
            connection.execute("CREATE TABLE mine (id int)")  # it is the owner's still
            connection.execute("DROP TABLE mine")
        assert (server.files / name / "media" / "nam.webp").read_bytes() == b"picture"
        assert not (server.files / name / "later").exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "saleor.dump").write_bytes(b"half a dump"),
        lambda folder: (folder / "saleor-files.tar.gz").unlink(),
    ],
    ids=["dump", "files"],
)
def test_a_backup_that_is_not_whole_touches_nothing(
    server: Server, backup: str, spoil: Callable[[Path], object]
) -> None:
    spoil(server.backups / backup)
    with server.connect("market") as connection:
        connection.execute("INSERT INTO goods VALUES ('new since')")
    assert server.run("restore.sh", backup).returncode != 0
    with server.connect("market") as connection:
        assert connection.execute("SELECT count(*) FROM goods").fetchone() == (2,)
    assert (server.files / "market" / "media" / "nam.webp").exists()


def test_nothing_is_restored_under_a_running_market(server: Server, backup: str) -> None:
    with server.connect("market") as running:
        done = server.run("restore.sh", backup)
        assert done.returncode != 0
        assert "being accessed by other users" in done.stderr
        assert running.execute("SELECT count(*) FROM goods").fetchone() == (1,)
