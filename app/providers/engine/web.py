"""Asking the hub, or any other server, through huggingface_hub. Only the fetching process imports this.

The library knows the hub: its addresses, headers, pages of lists, rate limits and refusals. How a server is reached is
said here once for all its requests: whom to trust, where never to go, and how long to wait.
"""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import certifi
import httpx2
from huggingface_hub import HfApi, hf_hub_url, set_client_factory
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from huggingface_hub.hf_api import RepoFile
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status, http_stream_backoff

from app.providers.addresses import Reach, classify
from app.providers.engine.hub import HubFile, Repository, WrongWish

_IDLE_S = 60.0
_NOWHERE = (Reach.LINK_LOCAL, Reach.METADATA)
_HEADERS = {"user-agent": "patchbay"}


class Problem(Exception):
    """`code` is wrong_wish, not_found, refused, unreachable, no_space, bad_file or failed."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Broken(Exception):
    """The connection broke, or the server has too much to do: asking again may help."""


class Asked(NamedTuple):
    """What a request is about, as people call it."""

    name: str
    page: str | None = None
    """Of a hub: where access is asked for."""


class Web:
    """The token is for the hub alone, and not for where it sends us."""

    def __init__(self, endpoint: str, token: str | None) -> None:
        self.endpoint = endpoint
        self._token = token
        # False: the library would else look for one in the home folder.
        self._api = HfApi(endpoint=endpoint, token=token or False, headers=_HEADERS)
        set_client_factory(_client)

    def files(self, wish: Repository) -> list[HubFile]:
        """Everything in a repository. Raises WrongWish or Problem."""
        try:
            with self._told(Asked(wish.id, self.page(wish))):
                tree = self._api.list_repo_tree(wish.id, recursive=True, revision=wish.revision)
                return [file for entry in tree for file in _file(entry)]
        except Broken as error:
            raise Problem("unreachable", "The hub can't be reached, or has too much to do.") from error
        except HFValidationError as error:
            raise WrongWish(f"{wish.id} is no name that a repository can have.") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # What the library makes of an answer that is no list of files.
            raise Problem("failed", "The hub's answer can't be read.") from error

    def page(self, wish: Repository) -> str:
        return f"{self.endpoint}/{wish.id}"

    def file_url(self, wish: Repository, file: HubFile) -> str:
        return hf_hub_url(wish.id, file.path, revision=wish.revision, endpoint=self.endpoint)

    @contextmanager
    def open(
        self, url: str, asked: Asked, headers: Mapping[str, str] | None = None, *, method: Any = "GET"
    ) -> Iterator[httpx2.Response]:
        """The answer, whose content has not been read. Raises Problem or Broken, also while it is read."""
        token = self._token if self._token and url.startswith(f"{self.endpoint}/") else False
        # Without compression, because ranges are those of the file.
        more = {**_HEADERS, "accept-encoding": "identity", **(headers or {})}
        all_headers = build_hf_headers(token=token, headers=more)
        with (
            self._told(asked),
            # The library waits as long as the hub's rate limit says.
            http_stream_backoff(
                method, url, headers=all_headers, timeout=_IDLE_S, retry_on_exceptions=(), retry_on_status_codes=429
            ) as response,
        ):
            hf_raise_for_status(response)
            yield response

    @contextmanager
    def _told(self, asked: Asked) -> Iterator[None]:
        try:
            yield
        except HfHubHTTPError as error:
            raise self._refusal(error, asked) from error
        except (httpx2.TooManyRedirects, httpx2.InvalidURL, httpx2.UnsupportedProtocol) as error:
            raise Problem("failed", f"The server of {asked.name} sends us nowhere.") from error
        except (Broken, httpx2.RequestError) as error:
            raise _break(error, asked) from error

    def _refusal(self, error: HfHubHTTPError, asked: Asked) -> Exception:
        name, status = asked.name, error.response.status_code
        match error:
            case GatedRepoError() if self._token:
                return Problem(
                    "refused", f"{name} is gated, and whoever HF_TOKEN belongs to may not: ask at {asked.page}."
                )
            case GatedRepoError():
                return Problem(
                    "refused", f"{name} is gated: accept its conditions at {asked.page}, and set HF_TOKEN of who did."
                )
            case DisabledRepoError():
                return Problem("refused", f"The hub has closed {name} to everybody.")
            case RevisionNotFoundError():
                return Problem("not_found", f"There is no such revision of {name}.")
            case RepositoryNotFoundError():
                return Problem(
                    "not_found", f"There is no {name}, or it is not for everybody: set HF_TOKEN of somebody who may."
                )
        if status == 401 and asked.page and self._token:
            return Problem("refused", "The hub does not know HF_TOKEN: it is mistyped, has expired or was withdrawn.")
        return _refusal(status, name)


def _refusal(status: int, name: str) -> Exception:
    if status == 416:
        return Problem("bad_file", f"{name} is not what it was when the download began. Order it again.")
    if status == 404:
        return Problem("not_found", f"There is no {name}.")
    if status in (401, 403):
        return Problem("refused", f"{name} is not for everybody: the server refuses it with status {status}.")
    if status == 429 or status >= 500:
        return Broken(f"status {status}")
    return Problem("failed", f"{name} was refused with status {status}.")


def _break(error: BaseException, asked: Asked) -> Exception:
    causes = list(_causes(error))
    if any(isinstance(one, ssl.SSLCertVerificationError) for one in causes):
        return Problem("unreachable", f"The server of {asked.name} has a certificate that nobody vouches for.")
    if any(isinstance(one, socket.gaierror) for one in causes):
        server = urlsplit(asked.page or "").hostname
        where = f"{server}, where {asked.name} is," if server else f"The server of {asked.name}"
        return Problem("unreachable", f"{where} can't be found.")
    return Broken(type(error).__name__)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _file(entry: object) -> Iterator[HubFile]:
    """None for a folder, and for what does not say what it must."""
    match entry:
        case RepoFile(path=str(path), size=int(), blob_id=str(), lfs=lfs) if lfs is not None:
            yield HubFile(path, int(lfs.size), str(lfs.sha256), str(lfs.sha256))
        case RepoFile(path=str(path), size=int(size), blob_id=str(blob)):
            yield HubFile(path, size, blob)


# How servers are reached.


def _client() -> httpx2.Client:
    return httpx2.Client(
        verify=_trust(),
        follow_redirects=True,
        event_hooks={"request": [_prepare], "response": [_check_redirect]},
    )


def _trust() -> ssl.SSLContext:
    """The authorities of the system, and those that come along for systems that have none."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _prepare(request: httpx2.Request) -> None:
    """The library itself would list files without any time limit."""
    limits = httpx2.Timeout(_IDLE_S).as_dict()
    request.extensions = {**request.extensions, "timeout": limits, "trace": _watch}


def _watch(event: str, info: Mapping[str, Any]) -> None:
    """Look where a connection leads before anything is sent, and don't have the library try a lost cause for long."""
    match event:
        case "connection.connect_tcp.complete":
            peer = info["return_value"].get_extra_info("server_addr")
            if classify(peer[0]) in _NOWHERE:
                raise Problem("refused", "The address leads to where nothing is ever fetched from.")
        case "connection.connect_tcp.failed" | "connection.start_tls.failed":
            raise Broken("no connection") from info["exception"]


def _check_redirect(response: httpx2.Response) -> None:
    """From https only to https."""
    if not response.has_redirect_location or response.url.scheme != "https":
        return
    if response.url.join(response.headers["Location"]).scheme != "https":
        raise Problem("failed", "The server sends us to an address without https.")
