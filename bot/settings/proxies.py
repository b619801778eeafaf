"""Which proxy an address is asked through: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as curl and Python read them."""

from __future__ import annotations

from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from bot.errors import ConfigError
from bot.settings.values import is_loopback


def proxy_for(url: str) -> str | None:
    """Its address; None where the environment names none, and always for this machine itself. ConfigError for other kinds.

    HTTPS_PROXY counts for addresses that begin with https, HTTP_PROXY for http.
    """
    target = urlsplit(url)
    host = target.hostname or ""
    if is_loopback(host) or proxy_bypass(host):
        return None
    proxy = getproxies().get(target.scheme)
    if not proxy:
        return None
    address = proxy if "://" in proxy else f"http://{proxy}"  # curl takes host:port too
    if urlsplit(address).scheme not in ("http", "https"):
        name = f"{target.scheme.upper()}_PROXY"
        raise ConfigError([f"{name} names a proxy that is neither http nor https; write it like http://proxy.example.org:3128."])
    return address
