"""Where files may be fetched from: nowhere inside the house, unless it is named."""

from __future__ import annotations

from io import BytesIO

import pytest

from segue.providers.base import ProviderError
from segue.providers.connections import surroundings
from segue.providers.files import Files
from segue.providers.hosts import Forbidden, Hosts
from tests.servers import behaviours
from tests.servers.upstream import Upstream

PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",  # noqa: S104
    "10.0.0.5",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "localhost",
    "2130706433",
    "0x7f.1",
    "127.1",
    "::1",
    "::",
    "fe80::1",
    "fc00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "192.0.0.192",
    "64:ff9b:1::a00:1",
    "::127.0.0.1",
    "::10.0.0.1",
    "::ffff:0:10.0.0.1",
    "fec0::1",
    "3fff::1",
]


@pytest.mark.parametrize("host", PRIVATE)
def test_what_is_inside_the_house_is_not_fetched(host: str) -> None:
    with pytest.raises(Forbidden):
        Hosts().resolve(host, 80)


@pytest.mark.parametrize("host", ["1.1.1.1", "2606:4700:4700::1111"])
def test_public_addresses_are_fine(host: str) -> None:
    assert Hosts().resolve(host, 443)


def test_a_named_host_is_allowed_on_any_port_or_on_its_own() -> None:
    assert Hosts([("localhost", None)]).resolve("LocalHost", 1234)
    assert Hosts([("127.0.0.1", 9000)]).resolve("127.0.0.1", 9000) == ["127.0.0.1"]
    with pytest.raises(Forbidden):
        Hosts([("127.0.0.1", 9000)]).resolve("127.0.0.1", 9001)


def test_a_providers_own_place_is_allowed_and_no_other_port_of_it() -> None:
    own = Hosts().also("http://127.0.0.1:9000/replicate/v1")
    assert own.resolve("127.0.0.1", 9000)
    with pytest.raises(Forbidden):
        own.resolve("127.0.0.1", 80)


def _fetch(address: str, hosts: Hosts) -> bytes:
    into = BytesIO()
    Files("The house", hosts).fetch(address, into)
    return into.getvalue()


def test_a_file_is_fetched_from_where_it_may_be(upstream: Upstream) -> None:
    address = upstream.files.output("abc")["audio"]
    assert _fetch(address, Hosts().also(address)) == upstream.files.media.audio


def test_a_file_inside_the_house_is_refused_before_anybody_is_contacted(upstream: Upstream) -> None:
    with pytest.raises(ProviderError, match="fetches nothing from there") as refusal:
        _fetch(f"{upstream.trap.address}/file.wav", Hosts().also(upstream.files.address))
    assert "SEGUE_FILE_HOSTS" in refusal.value.in_full
    assert upstream.trap.untouched


@pytest.mark.parametrize("hops", [1, 2])
def test_a_redirect_into_the_house_is_refused_at_any_hop(upstream: Upstream, hops: int) -> None:
    if hops == 2:
        upstream.files.on_audio(behaviours.redirect("/abc/audio.wav"), times=1)
    upstream.files.on_audio(behaviours.redirect(f"{upstream.trap.address}/x"))
    with pytest.raises(ProviderError, match=r"fetches nothing from there|address that is none"):
        _fetch(upstream.files.output("abc")["audio"], Hosts().also(upstream.files.address))
    assert upstream.trap.untouched


def test_a_redirect_to_another_scheme_is_refused(upstream: Upstream) -> None:
    upstream.files.on_audio(behaviours.redirect("file:///etc/passwd"))
    with pytest.raises(ProviderError):
        _fetch(upstream.files.output("abc")["audio"], Hosts().also(upstream.files.address))


def test_a_file_that_only_ever_moves_is_given_up(upstream: Upstream) -> None:
    upstream.files.on_audio(behaviours.redirect("/abc/audio.wav"))
    with pytest.raises(ProviderError):
        _fetch(upstream.files.output("abc")["audio"], Hosts().also(upstream.files.address))
    assert len(upstream.files.requests) == 6


def test_the_connection_goes_to_the_addresses_that_were_checked(upstream: Upstream) -> None:
    class Elsewhere(Hosts):
        """Says that every host is where the file host is."""

        def resolve(self, host: str, port: int) -> list[str]:
            return ["127.0.0.1"]

    address = f"http://a-name-nobody-has.invalid:{upstream.files.port}/abc/audio.wav"
    assert _fetch(address, Elsewhere()) == upstream.files.media.audio
    assert upstream.files.requests[0].headers["Host"].startswith("a-name-nobody-has.invalid")


def test_a_proxy_does_not_open_the_house(upstream: Upstream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", upstream.files.address)
    monkeypatch.setenv("no_proxy", "")
    with pytest.raises(ProviderError, match=r"fetches nothing from there|address that is none"):
        _fetch(f"http://127.0.0.1:{upstream.trap.port}/behind-a-proxy.wav", Hosts())
    assert upstream.files.requests == []


def test_what_is_inside_a_data_address_is_unpacked_or_refused() -> None:
    assert _fetch("data:audio/x-wav;base64,UklGRg==", Hosts()) == b"RIFF"
    with pytest.raises(ProviderError):
        _fetch("data:audio/x-wav;base64,UklG Rg=", Hosts())


@pytest.mark.parametrize(
    "address",
    [
        "http://10.0.0.1\\@93.184.216.34/x",
        "http://93.184.216.34\\@10.0.0.1/x",
        "http://user:word@93.184.216.34/x",
        "http://93.184.216.34@10.0.0.1/x",
        "http://10.0.0.1#@93.184.216.34/",
        "file:///etc/passwd",
        "gopher://93.184.216.34/",
        "http://",
    ],
)
@pytest.mark.parametrize("proxy", [True, False], ids=["proxy", "direct"])
def test_an_address_that_may_be_read_in_two_ways_is_refused(
    upstream: Upstream, monkeypatch: pytest.MonkeyPatch, address: str, proxy: bool
) -> None:
    if proxy:
        monkeypatch.setenv("http_proxy", upstream.files.address)
    surroundings.cache_clear()
    with pytest.raises(ProviderError, match=r"fetches nothing from there|address that is none"):
        _fetch(address, Hosts())
    surroundings.cache_clear()
    assert upstream.files.requests == []
