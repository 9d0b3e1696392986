"""A repair that is offered has been tried: applying it turns the test green."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from app.domain.catalog import ProviderConfig
from app.providers.http.target import Target
from app.providers.ladder import Diagnosis, LadderReport
from app.providers.ladder.climb import Climb
from app.providers.ladder.diagnosing import Diagnosing
from app.providers.ladder.repairs import path_fault
from app.providers.ladder.vendors import vendor_of
from tests.providers.ladder.faults import LIST, SHORT, at, climb, provider
from tests.support.fixtures import NewUpstream
from tests.support.replies import openai_error, redirect_to, respond, string_error, unexpected_endpoint, web_page
from tests.support.upstream import Upstream
from tests.support.vendors import openai_models


def imitating(vendor: str, change: Callable[[Upstream], str], **fields: str) -> Callable[[NewUpstream], ProviderConfig]:
    def make(new_upstream: NewUpstream) -> ProviderConfig:
        upstream = new_upstream()
        upstream.imitate(vendor)
        return provider(change(upstream), **fields)

    return make


def _page_beside_an_api(new_upstream: NewUpstream) -> ProviderConfig:
    upstream = new_upstream()
    upstream.will(web_page(), on="* *")
    upstream.imitate("openai")
    return provider(upstream.url)


def _open_webui(new_upstream: NewUpstream) -> ProviderConfig:
    """The page somebody has open in the browser."""
    upstream = new_upstream()
    upstream.will(web_page(), on="* *")
    upstream.imitate("openai")
    return provider(f"{upstream.url}/chat")


def _redirect_to_other_path(new_upstream: NewUpstream) -> ProviderConfig:
    upstream = new_upstream()
    upstream.will(redirect_to("/gateway/models", 301), on="GET /v1/models")
    upstream.will(respond(200, openai_models()), on="GET /gateway/models")
    return provider(upstream.base_url)


def _redirect_to_tls(new_upstream: NewUpstream) -> ProviderConfig:
    plain, secure = new_upstream(), new_upstream(speaks="tls")
    plain.will(redirect_to(f"{secure.base_url}/models", 308), on=LIST)
    return provider(f"http://localhost:{plain.port}/v1", ca_pem=secure.ca_pem, api_key="sk-right")


def _tls_port_that_answers_400(new_upstream: NewUpstream) -> ProviderConfig:
    """As nginx and Go do when plain HTTP comes to a TLS port."""
    page = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"
    upstream = new_upstream(speaks="tls", plain_reply=page)
    return provider(f"http://localhost:{upstream.port}/v1", ca_pem=upstream.ca_pem)


def _tls_port_that_sends_an_alert(new_upstream: NewUpstream) -> ProviderConfig:
    upstream = new_upstream(speaks="tls", plain_reply=b"\x15\x03\x01\x00\x02\x02\x46")
    return provider(f"http://localhost:{upstream.port}", ca_pem=upstream.ca_pem)


CASES = {
    "missing_v1": (Diagnosis.MISSING_V1, at(lambda upstream: upstream.url)),
    "missing_v1 with a slash": (Diagnosis.MISSING_V1, at(lambda upstream: f"{upstream.url}/")),
    "missing_v1 of Ollama": (Diagnosis.MISSING_V1, imitating("ollama", lambda upstream: upstream.url)),
    "missing_v1 of vLLM": (Diagnosis.MISSING_V1, imitating("vllm", lambda upstream: upstream.url)),
    "missing_v1 of Groq": (Diagnosis.MISSING_V1, imitating("groq", lambda u: f"{u.url}/openai", kind="groq")),
    "doubled_v1": (Diagnosis.DOUBLED_V1, at(lambda upstream: f"{upstream.base_url}/v1")),
    "doubled_v1 of LM Studio": (
        Diagnosis.DOUBLED_V1,
        imitating("lmstudio", lambda upstream: f"{upstream.base_url}/v1", kind="lmstudio"),
    ),
    "double_slash": (Diagnosis.DOUBLE_SLASH, at(lambda upstream: f"{upstream.url}//v1")),
    "double_slash and more": (Diagnosis.DOUBLE_SLASH, at(lambda upstream: f"{upstream.url}//v1//v1/")),
    "endpoint_in_url": (Diagnosis.ENDPOINT_IN_URL, at(lambda upstream: f"{upstream.base_url}/chat/completions")),
    "endpoint_in_url without v1": (Diagnosis.ENDPOINT_IN_URL, at(lambda u: f"{u.url}/chat/completions")),
    "endpoint_in_url of the list": (Diagnosis.ENDPOINT_IN_URL, at(lambda upstream: f"{upstream.base_url}/models/")),
    "endpoint_in_url of Ollama": (
        Diagnosis.ENDPOINT_IN_URL,
        imitating("ollama", lambda upstream: f"{upstream.url}/api/chat", preset="ollama"),
    ),
    "redirects to another path": (Diagnosis.REDIRECTS, _redirect_to_other_path),
    "redirects to TLS": (Diagnosis.REDIRECTS, _redirect_to_tls),
    "tls_on_plain_port": (Diagnosis.TLS_ON_PLAIN_PORT, at(lambda u: f"https://127.0.0.1:{u.port}/v1")),
    "tls_on_plain_port without v1": (Diagnosis.TLS_ON_PLAIN_PORT, at(lambda u: f"https://127.0.0.1:{u.port}")),
    "plain_on_tls_port": (
        Diagnosis.PLAIN_ON_TLS_PORT,
        at(lambda upstream: f"http://localhost:{upstream.port}/v1", speaks="tls"),
    ),
    "plain_on_tls_port with a 400": (Diagnosis.PLAIN_ON_TLS_PORT, _tls_port_that_answers_400),
    "plain_on_tls_port with an alert": (Diagnosis.PLAIN_ON_TLS_PORT, _tls_port_that_sends_an_alert),
    "web_page": (Diagnosis.WEB_PAGE, _page_beside_an_api),
    "web_page of a chat": (Diagnosis.WEB_PAGE, _open_webui),
    "web_page of OpenRouter": (
        Diagnosis.WEB_PAGE,
        imitating("openrouter", lambda upstream: upstream.url, preset="openrouter"),
    ),
    "error_in_200 of LM Studio without v1": (
        Diagnosis.ERROR_IN_200,
        imitating("lmstudio", lambda upstream: upstream.url, kind="lmstudio"),
    ),
    "bad_json of LM Studio's native list": (
        Diagnosis.BAD_JSON,
        imitating("lmstudio", lambda upstream: f"{upstream.url}/api/v1", kind="lmstudio"),
    ),
    "not_found at another path": (Diagnosis.NOT_FOUND, at(lambda upstream: f"{upstream.url}/api/v2")),
}


@pytest.mark.parametrize(("diagnosis", "make"), CASES.values(), ids=CASES.keys())
def test_applying_a_repair_turns_the_test_green(
    new_upstream: NewUpstream, diagnosis: Diagnosis, make: Callable[[NewUpstream], ProviderConfig]
) -> None:
    config = make(new_upstream)

    report = climb(config)

    assert report.diagnosis is diagnosis
    assert report.repair is not None
    assert report.repair["base_url"] in report.message
    assert climb(repaired(config, report)).ok


def test_every_diagnosis_that_can_be_repaired_is_among_the_cases() -> None:
    assert {diagnosis for diagnosis, _ in CASES.values()} == {
        Diagnosis.MISSING_V1,
        Diagnosis.DOUBLED_V1,
        Diagnosis.DOUBLE_SLASH,
        Diagnosis.ENDPOINT_IN_URL,
        Diagnosis.REDIRECTS,
        Diagnosis.TLS_ON_PLAIN_PORT,
        Diagnosis.PLAIN_ON_TLS_PORT,
        Diagnosis.WEB_PAGE,
        Diagnosis.ERROR_IN_200,
        Diagnosis.BAD_JSON,
        Diagnosis.NOT_FOUND,
    }


@pytest.mark.parametrize(("listens", "asked"), [("::1", "127.0.0.1"), ("127.0.0.1", "[::1]"), ("::1", "127.0.0.2")])
def test_the_other_address_of_this_machine_is_tried(new_upstream: NewUpstream, listens: str, asked: str) -> None:
    upstream = new_upstream(host=listens)
    config = provider(f"http://{asked}:{upstream.port}/v1")

    report = climb(config)

    assert (report.diagnosis, report.repair) == ("nothing_listening", {"base_url": upstream.base_url})
    assert climb(repaired(config, report)).ok


def test_the_usual_port_of_the_vendor_is_tried(new_upstream: NewUpstream) -> None:
    ollama, nobody = new_upstream(), new_upstream(speaks="nothing")
    ollama.imitate("ollama")
    config = provider(f"http://localhost:{nobody.port}", preset="ollama")
    vendor = replace(vendor_of(config), port=ollama.port)
    outcome = Climb(config, Target.of(config, allow_private=True), SHORT).run()

    report = Diagnosing(config, vendor, outcome, allow_private=True, limits=SHORT).report()

    assert report.diagnosis == "nothing_listening"
    assert report.message == (
        f"Nothing is listening at localhost:{nobody.port}, but Ollama answers at http://localhost:{ollama.port}/v1."
    )
    assert climb(repaired(config, report)).ok


def test_nothing_is_offered_that_does_not_work_either(upstream: Upstream) -> None:
    upstream.will(openai_error(500), on="* *")

    report = climb(provider(f"{upstream.url}/chat/completions"))

    assert report.repair is None
    assert report.diagnosis == "server_error"


def test_a_wrong_address_is_named_even_while_the_key_is_wrong_too(upstream: Upstream) -> None:
    upstream.will(string_error(404), on="GET *")
    upstream.will(string_error(401), on="GET /v1/models")

    report = climb(provider(f"{upstream.base_url}/chat/completions"))

    assert (report.diagnosis, report.repair) == ("endpoint_in_url", None)
    assert report.message == "The address ends in the name of one call. Leave it out: the address ends in /v1."


def test_a_redirect_to_nothing_is_not_offered(upstream: Upstream) -> None:
    upstream.will(redirect_to("/nothing/models"), on=LIST)
    upstream.will(openai_error(404), on="GET /nothing/models")

    assert climb(provider(upstream.base_url)).repair is None


def test_a_server_without_plain_http_on_its_tls_port_and_a_bad_certificate_is_not_offered(
    new_upstream: NewUpstream,
) -> None:
    upstream = new_upstream(speaks="tls", certificate="expired")

    report = climb(provider(f"http://localhost:{upstream.port}/v1", ca_pem=upstream.ca_pem))

    assert (report.diagnosis, report.repair) == ("plain_on_tls_port", None)


def test_an_error_in_200_everywhere_is_not_offered_a_repair(upstream: Upstream) -> None:
    upstream.will(unexpected_endpoint(), on="* *")

    report = climb(provider(upstream.url, kind="lmstudio"))

    assert (report.diagnosis, report.repair) == ("error_in_200", None)


@pytest.mark.parametrize(
    ("path", "fault", "mended"),
    [
        ("/v1", None, "/v1"),
        ("", None, ""),
        ("/openai/v1/", None, "/openai/v1"),
        ("/v1/v1", "doubled_v1", "/v1"),
        ("/v1/v1/v1", "doubled_v1", "/v1"),
        ("//v1", "double_slash", "/v1"),
        ("/api//v1///", "double_slash", "/api/v1"),
        ("/v1/chat/completions", "endpoint_in_url", "/v1"),
        ("/v1/completions/", "endpoint_in_url", "/v1"),
        ("/openai/v1/models", "endpoint_in_url", "/openai/v1"),
        ("//v1/v1/embeddings", "endpoint_in_url", "/v1"),
        ("/api/generate", "endpoint_in_url", ""),
        ("/models-of-mine", None, "/models-of-mine"),
    ],
)
def test_a_path_is_judged_by_its_looks(path: str, fault: str | None, mended: str) -> None:
    assert path_fault(path) == (fault, mended)


def repaired(config: ProviderConfig, report: LadderReport) -> ProviderConfig:
    assert report.repair is not None
    return replace(config, base_url=report.repair["base_url"])
