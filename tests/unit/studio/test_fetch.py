import io
import tarfile
import time
import zipfile

import httpx
import pytest
from tests.made_studio import described

from facsimile.data.description import DataSetDescription
from facsimile.errors import UserError
from facsimile.studio.addresses import AddressError
from facsimile.studio.errors import TooLargeError
from facsimile.studio.fetch import Fetch, Fetcher, FetchError, file_name
from facsimile.studio.jobs import CancelledError
from facsimile.studio.settings import Limits, StudioSettings
from facsimile.studio.sources import Sources

PUBLIC = "93.184.216.34"
CONTENT = bytes(range(256)) * 4096  # a megabyte


class Steps:
    """Progress that notes what it is told, and cancels after so many steps."""

    def __init__(self, cancel_after=None):
        self.told, self.cancel_after = [], cancel_after

    def step(self, done, total=None, note=""):
        self.told.append((done, total, note))
        if self.cancel_after is not None and len(self.told) > self.cancel_after:
            raise CancelledError


def streamed(content, status=200, **headers):
    """An answer as a server gives it: in pieces, its length told."""
    pieces = (content[start : start + 65536] for start in range(0, len(content), 65536))
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    length = {"content-length": str(len(content))}
    return httpx.Response(status, content=pieces, headers=length | named)


class Server:
    """Answers with a file, in parts where it is asked to, or as `answers` say by path."""

    def __init__(self, content=CONTENT, **answers):
        self.content, self.answers, self.seen = content, answers, []
        self.etag = '"v1"'

    def __call__(self, request):
        self.seen.append(request)
        if (answer := self.answers.get(request.url.path.strip("/"))) is not None:
            return answer(request) if callable(answer) else answer
        wanted = request.headers.get("range")
        if wanted and request.headers["if-range"] == self.etag:
            first = int(wanted.removeprefix("bytes=").removesuffix("-"))
            size = len(self.content)
            part = f"bytes {first}-{size - 1}/{size}"
            return streamed(self.content[first:], 206, content_range=part, etag=self.etag)
        return streamed(self.content, etag=self.etag)


def fetcher(server, addresses=(PUBLIC,)):
    return Fetcher(lambda host, port: list(addresses), httpx.MockTransport(server))


def download(server, tmp_path, address="https://example.org/a.zip", steps=None, **limits):
    target = tmp_path / "a.zip"
    fetcher(server).download(address, target, Limits(**limits), steps or Steps())
    return target


def test_a_file_is_fetched(tmp_path):
    server, steps = Server(), Steps()
    assert download(server, tmp_path, steps=steps).read_bytes() == CONTENT
    [request] = server.seen
    assert (request.url.host, request.headers["host"]) == (PUBLIC, "example.org")
    assert {"cookie", "authorization"}.isdisjoint(request.headers)
    assert steps.told[-1] == (len(CONTENT), len(CONTENT), "fetching")
    assert [path.name for path in tmp_path.iterdir()] == ["a.zip"]


def test_what_was_cut_off_goes_on_from_there(tmp_path):
    server = Server()
    with pytest.raises(CancelledError):
        download(server, tmp_path, steps=Steps(cancel_after=1))
    part = tmp_path / "a.zip.part"
    have = part.stat().st_size
    assert 0 < have < len(CONTENT)
    assert download(server, tmp_path).read_bytes() == CONTENT
    assert server.seen[-1].headers["range"] == f"bytes={have}-"


def test_another_version_is_fetched_anew(tmp_path):
    server = Server()
    with pytest.raises(CancelledError):
        download(server, tmp_path, steps=Steps(cancel_after=1))
    server.content, server.etag = CONTENT[::-1], '"v2"'
    assert download(server, tmp_path).read_bytes() == CONTENT[::-1]


def test_a_part_that_was_not_asked_for_is_refused(tmp_path):
    odd = httpx.Response(206, content=b"x", headers={"content-range": "bytes 7-7/8"})
    with pytest.raises(FetchError, match="another part"):
        download(Server(**{"a.zip": odd}), tmp_path)


@pytest.mark.parametrize("said", [True, False], ids=["claimed", "unclaimed"])
def test_more_bytes_than_are_taken_are_refused(tmp_path, said):
    def stream():
        yield from (CONTENT for _ in range(5))

    many = streamed(CONTENT * 5) if said else httpx.Response(200, content=stream())
    with pytest.raises(TooLargeError):
        download(Server(**{"a.zip": many}), tmp_path, fetched=2 * len(CONTENT))
    part = tmp_path / "a.zip.part"
    assert not part.exists() or part.stat().st_size <= 2 * len(CONTENT)


def test_a_server_that_dawdles_is_left(tmp_path):
    def slowly():
        for _ in range(100):
            time.sleep(0.02)
            yield b"x" * (1 << 18)

    slow = httpx.Response(200, content=slowly())
    with pytest.raises(FetchError, match="longer"):
        download(Server(**{"a.zip": slow}), tmp_path, fetch_seconds=0.05)


def test_an_answer_that_ends_early_is_no_whole_file(tmp_path):
    short = httpx.Response(200, content=iter([b"abc"]), headers={"content-length": "10"})
    with pytest.raises(UserError, match="3 of 10 bytes"):
        download(Server(**{"a.zip": short}), tmp_path)
    assert not (tmp_path / "a.zip").exists()


@pytest.mark.parametrize("status", [204, 401, 404, 500])
def test_a_refusal_is_told(tmp_path, status):
    with pytest.raises(FetchError, match=str(status)):
        download(Server(**{"a.zip": httpx.Response(status)}), tmp_path)


def redirect(target, status=302):
    return httpx.Response(status, headers={"location": target})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(tmp_path, status):
    server = Server(**{"a.zip": redirect("/b.zip", status)})
    assert download(server, tmp_path).read_bytes() == CONTENT
    assert [request.url.path for request in server.seen] == ["/a.zip", "/b.zip"]


def test_redirects_have_an_end(tmp_path):
    with pytest.raises(FetchError, match="on and on"):
        download(Server(**{"a.zip": lambda request: redirect("/a.zip")}), tmp_path)


@pytest.mark.parametrize(
    "target",
    [
        *("http://127.0.0.1/", "https://127.0.0.1/a", "https://[::1]/a", "https://inside.lan/a"),
        *("file:///etc/passwd", "https://example.org:22/a", "http://example.org/a.zip"),
        *("https://user:secret@example.org/", "gopher://example.org/"),
    ],
)
def test_a_redirect_leads_to_nothing_inside(tmp_path, target):
    def resolver(host, port):
        return {"example.org": [PUBLIC], "inside.lan": ["10.0.0.7"]}.get(host, [host])

    server = Server(**{"a.zip": redirect(target)})
    with pytest.raises(AddressError):
        Fetcher(resolver, httpx.MockTransport(server)).download(
            "https://example.org/a.zip", tmp_path / "a.zip", Limits(), Steps()
        )
    assert len(server.seen) == 1


def test_a_name_that_changes_its_address_is_asked_for_each_request_and_never_again(tmp_path):
    """DNS rebinding: what was looked at is what is connected to."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    asked = []

    def resolver(host, port):
        asked.append(host)
        return next(answers)

    server = Server(**{"a.zip": redirect("/b.zip")})
    with pytest.raises(AddressError):
        Fetcher(resolver, httpx.MockTransport(server)).download(
            "https://example.org/a.zip", tmp_path / "a.zip", Limits(), Steps()
        )
    assert asked == ["example.org"] * 2
    assert [request.url.host for request in server.seen] == [PUBLIC]


def test_another_ip_of_a_host_is_tried_where_one_is_down(tmp_path):
    def answer(request):
        if request.url.host == PUBLIC:
            raise httpx.ConnectError("down")
        return streamed(CONTENT)

    Fetcher(lambda host, port: [PUBLIC, "8.8.8.8"], httpx.MockTransport(answer)).download(
        "https://example.org/a.zip", tmp_path / "a.zip", Limits(), Steps()
    )
    assert (tmp_path / "a.zip").read_bytes() == CONTENT


def test_a_real_connection_goes_to_the_very_ip_that_was_checked(tmp_path, monkeypatch):
    """Over a socket on the loopback: `example.test` is known to our resolver only."""
    import http.server
    import threading

    from facsimile.studio import addresses

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):  # noqa: N802
            heard.append(self.headers["host"])
            self.send_response(200)
            self.send_header("content-length", "3")
            self.end_headers()
            self.wfile.write(b"abc")

        def log_message(self, *args):
            pass

    heard = []
    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(addresses, "is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setitem(addresses.PORTS, "http", server.server_port)
    address = f"http://example.test:{server.server_port}/a.zip"
    Fetcher(lambda host, port: ["127.0.0.1"]).download(
        address, tmp_path / "a.zip", Limits(), Steps()
    )
    server.shutdown()
    server.server_close()
    assert (tmp_path / "a.zip").read_bytes() == b"abc"
    assert heard == [f"example.test:{server.server_port}"]


@pytest.mark.parametrize(
    "address",
    [
        *("https://a/", "https://a/b", "https://a/b.exe", "https://a/.zip", "https://a/..%2f.zip"),
        "https://a/%2e%2e%5cb.zip",
    ],
)
def test_a_file_has_a_name_of_a_known_kind(address):
    with pytest.raises(UserError):
        file_name(address)


def zipped(**members):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return target.getvalue()


def tarred(name, content, kind=tarfile.REGTYPE, link=""):
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as archive:
        info = tarfile.TarInfo(name)
        info.size, info.type, info.linkname = len(content), kind, link
        archive.addfile(info, io.BytesIO(content))
    return target.getvalue()


@pytest.fixture
def fetched(tmp_path):
    """Fetches what a server answers for a data set `mine`; returns what was checked, and where."""

    def fetch(content, name="faces.zip", **limits):
        settings = StudioSettings(tmp_path / "local", tmp_path / "studio", tmp_path / "raw")
        checked = []
        job = Fetch(
            Sources(settings),
            fetcher(Server(content)),
            Limits(**limits),
            lambda number, said, progress: checked.append(number),
        )
        fields = described(tmp_path) | {"root": f"https://example.org/{name}"}
        job(7, DataSetDescription(**fields), Steps())
        return checked, tmp_path / "raw/mine"

    return fetch


def test_an_archive_is_unpacked_and_checked(fetched):
    checked, folder = fetched(zipped(**{"a/b.png": b"1", "c.png": b"2"}))
    assert checked == [7]
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.*"))
    assert names == ["faces/a/b.png", "faces/c.png"]


def test_a_compressed_tar_is_unpacked(fetched):
    _, folder = fetched(tarred("x/a.png", b"1"), "faces.tar.gz")
    assert (folder / "faces/x/a.png").read_bytes() == b"1"


@pytest.mark.parametrize(
    "content",
    [
        zipped(**{"../../evil.png": b"1"}),
        zipped(**{"/tmp/evil.png": b"1"}),
        zipped(**{"ok.png": b"0", "a/../../../evil.png": b"1"}),
        zipped(**{"..\\evil.png": b"1"}),
        tarred("../evil.png", b"1"),
    ],
)
def test_an_archive_cannot_leave_its_folder(fetched, tmp_path, content):
    with pytest.raises(UserError, match="outside"):
        fetched(content, "faces.tar.gz" if content[:2] == b"\x1f\x8b" else "faces.zip")
    assert not list(tmp_path.rglob("evil*")) and not list(tmp_path.rglob("ok*"))


def test_a_link_in_an_archive_is_not_unpacked(fetched):
    content = tarred("evil", b"", tarfile.SYMTYPE, "/etc/passwd")
    _, folder = fetched(content, "faces.tar.gz")
    assert not list(folder.rglob("evil"))


def test_an_archive_that_explodes_is_refused(fetched, tmp_path):
    bomb = zipped(**{"a.png": b"\0" * (20 << 20)})
    assert len(bomb) < 100_000
    with pytest.raises(UserError, match="more than"):
        fetched(bomb)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 2 * len(
        bomb
    )


def test_an_archive_of_too_many_files_is_refused(fetched):
    with pytest.raises(UserError, match="more than 3 files"):
        fetched(zipped(**{f"{n}.png": b"x" for n in range(4)}), members=3)


def test_an_archive_that_is_none_is_refused(fetched):
    with pytest.raises(UserError):
        fetched(b"<html>not found</html>")
