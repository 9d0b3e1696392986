"""What a person reads after a test: what is wrong, and what to do next."""

from __future__ import annotations

from urllib.parse import urlsplit

from app.domain.catalog import ProviderConfig
from app.providers.http.target import Target
from app.providers.ladder.climb import Outcome
from app.providers.ladder.repairs import redirect_target
from app.providers.ladder.report import Diagnosis, Fault
from app.providers.ladder.vendors import Vendor

_REPAIRED = {
    Diagnosis.NOTHING_LISTENING: "Nothing is listening at {place}, but {vendor} answers at {repair}.",
    Diagnosis.TLS_ON_PLAIN_PORT: "The server at {place} does not use TLS. It answers at {repair}.",
    Diagnosis.PLAIN_ON_TLS_PORT: "The server at {place} uses TLS. It answers at {repair}.",
    Diagnosis.WEB_PAGE: "This is a web page; {vendor}'s API is at {repair}.",
    Diagnosis.ERROR_IN_200: "The server knows nothing at this address; {vendor}'s API is at {repair}.",
    Diagnosis.MISSING_V1: "The address lacks /v1 at its end. The API is at {repair}.",
    Diagnosis.DOUBLED_V1: "The address has /v1 twice. The API is at {repair}.",
    Diagnosis.DOUBLE_SLASH: "The address has two slashes in a row. The API is at {repair}.",
    Diagnosis.ENDPOINT_IN_URL: "The address ends in the name of one call. The API itself is at {repair}.",
    Diagnosis.REDIRECTS: "The server sends callers on to another address. Use that one: {repair}.",
}
_REPAIRED_ELSE = "The API is not at this address. It answers at {repair}."
_NOT_REPAIRED = {
    Diagnosis.DNS_FAILED: "The name {host} can't be found. Check its spelling, or this machine's network.",
    Diagnosis.NOTHING_LISTENING: "Nothing is listening at {place}. {start}",
    Diagnosis.UNREACHABLE: "There is no way to {place} ({detail}). Check the address and the network.",
    Diagnosis.CONNECT_TIMEOUT: "Nothing answers at {place}. Check the address, and whether a firewall is between.",
    Diagnosis.TLS_NAME: "The certificate at {place} is made out to another name. Use the name it is made out to.",
    Diagnosis.TLS_EXPIRED: "The certificate at {place} is out of date. Renew it, or check this machine's clock.",
    Diagnosis.TLS_UNTRUSTED: "The certificate at {place} is signed by nobody this machine trusts. "
    "If it is your own, enter its authority's certificate under CA.",
    Diagnosis.TLS_ON_PLAIN_PORT: "The server at {place} does not use TLS. Write http:// instead of https:// if the"
    " network between is yours.",
    Diagnosis.PLAIN_ON_TLS_PORT: "The server at {place} uses TLS. Write https:// instead of http://.",
    Diagnosis.NOT_HTTP: "Something listens at {place}, but it is no web server ({detail}). Check the port.",
    Diagnosis.WEB_PAGE: "This is a web page, not an API. Look up the address of {vendor}'s API; often it ends in /v1.",
    Diagnosis.MISSING_V1: "The address lacks /v1 at its end.",
    Diagnosis.DOUBLED_V1: "The address has /v1 twice. Leave one of them out.",
    Diagnosis.DOUBLE_SLASH: "The address has two slashes in a row. Leave one of them out.",
    Diagnosis.ENDPOINT_IN_URL: "The address ends in the name of one call. Leave it out: the address ends in /v1.",
    Diagnosis.REDIRECTS: "The server sends callers on to {location}. Patchbay does not follow, because the key would "
    "go there too. If you trust it, enter that address.",
    Diagnosis.ERROR_IN_200: "The server answers, but with an error where its models should be. Check the address; "
    "often it ends in /v1.",
    Diagnosis.KEY_MISSING: "{vendor} wants a key. {get_key}",
    Diagnosis.KEY_REFUSED: "{vendor} refuses this key. {get_key}",
    Diagnosis.FORBIDDEN: "{vendor} knows the key, but does not allow it this ({detail}). Check the key's rights and the"
    " account.",
    Diagnosis.NOT_FOUND: "The server answers, but there is no API at this address ({detail}). Check the path; often it "
    "is /v1.",
    Diagnosis.RATE_LIMITED: "{vendor} is reached, but the limit of this key or account is used up. Try again later, or "
    "check the plan.",
    Diagnosis.SERVER_ERROR: "{vendor} is reached, but it fails ({detail}). Try again in a moment; if it stays, look at "
    "the server's log.",
    Diagnosis.NO_MODELS: "{vendor} answers, but it has no models. {get_models}",
    Diagnosis.ONLY_EMBEDDINGS: "{vendor} answers, but it has only embedding models. {get_models}",
    Diagnosis.BAD_JSON: "The server answers, but not in OpenAI's format ({detail}). Check the address.",
    Diagnosis.TOO_SLOW: "The server at {place} accepts connections, but does not answer in time. Try again when "
    "it is less busy.",
    Diagnosis.TOO_LARGE: "The list of models is too large to be one ({detail}). Check the address.",
    Diagnosis.ADDRESS_NOT_ALLOWED: "The address of {host} ({detail}) is in a network that providers may not use. "
    "Use another address, or ask an administrator.",
}
_IN_COMPLETION = {
    Diagnosis.TOO_SLOW: "{vendor} is reached, but the model has not answered in time. It may still be loading: try "
    "again in a minute.",
    Diagnosis.NOT_FOUND: "{vendor} is reached, but does not know the model that was asked ({detail}). Choose another "
    "default model.",
    Diagnosis.ERROR_IN_200: "{vendor} is reached, but answers a question with an error. Look at the server's log.",
}
_AT_HANDSHAKE = (
    "The server at {place} and this machine can't agree on a TLS connection. Look at the server's TLS settings."
)
_WRONG_ADDRESS = "This is not an address: it needs http:// or https:// and the name of a server."


def success(config: ProviderConfig, vendor: Vendor, outcome: Outcome) -> str:
    count = len(outcome.models)
    return f"{vendor.label} answers at {_place(config)} with {count} {'model' if count == 1 else 'models'}."


def failure(
    config: ProviderConfig, vendor: Vendor, outcome: Outcome, diagnosis: Diagnosis, repair: str | None = None
) -> str:
    """Of `outcome`'s fault, which means `diagnosis`, and is mended by the base address `repair`."""
    fault = outcome.fault
    assert fault is not None
    return _template(outcome, diagnosis, repaired=repair is not None).format(
        place=_place(config),
        host=urlsplit(config.base_url).hostname,
        vendor=vendor.label,
        start=vendor.start,
        get_key=vendor.get_key,
        get_models=vendor.get_models,
        detail=fault.detail,
        location=_location(config, fault),
        repair=repair,
    )


def no_handshake(config: ProviderConfig) -> str:
    return _AT_HANDSHAKE.format(place=_place(config))


def no_address() -> str:
    return _WRONG_ADDRESS


def _template(outcome: Outcome, diagnosis: Diagnosis, *, repaired: bool) -> str:
    if repaired:
        return _REPAIRED.get(diagnosis, _REPAIRED_ELSE)
    if outcome.steps[-1].step == "completion" and diagnosis in _IN_COMPLETION:
        return _IN_COMPLETION[diagnosis]
    return _NOT_REPAIRED[diagnosis]


def _place(config: ProviderConfig) -> str:
    target = Target.of(config, allow_private=True)
    if target.proxy is not None:
        return f"{target.authority} (through the proxy {target.proxy.host}:{target.proxy.port})"
    return target.authority


def _location(config: ProviderConfig, fault: Fault) -> str:
    """Scheme, host and path only: what follows may hold somebody's token."""
    target = redirect_target(config.base_url, fault.location)
    return "another address" if target is None else f"{target.scheme}://{target.hostname}{target.path}"
