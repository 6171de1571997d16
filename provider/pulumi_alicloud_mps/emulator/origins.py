"""Which requests a foreign web page has made: it must not see or control what runs here."""

import ipaddress
from collections.abc import Mapping
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """Tell whether a name or an address is this machine, by its spelling alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return _is_address(host) and ipaddress.ip_address(host).is_loopback


def is_foreign(headers: Mapping[str, str], listens_at: str) -> bool:
    """Tell whether a foreign page may be behind a request.

    Args:
        headers: Headers of the request.
        listens_at: Host that the emulator listens at.
    """
    # Only browsers send an Origin, and none with what a page asks of its own server by GET.
    if "Origin" in headers:
        return True
    # A name can be made to point here (DNS rebinding), and then a page of that name is at home.
    # Beyond loopback names are in use: those of containers, for example.
    return is_loopback(listens_at) and "Host" in headers and not _is_own(headers["Host"])


def _is_own(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return is_loopback(name) or _is_address(name)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
