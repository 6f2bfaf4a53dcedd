"""Requests no browser sends: each is answered, in French, and none is an error of ours."""

from __future__ import annotations

from typing import Any

import pytest

URLENCODED = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=a"


def part(disposition: str, content: str = "x") -> bytes:
    """A multipart form of one part."""
    return f"--a\r\nContent-Disposition: {disposition}\r\n\r\n{content}\r\n--a--\r\n".encode()


@pytest.mark.parametrize(
    "disposition",
    [
        "form-data",
        "form-data; filename=x",
        'form-data; name="a\0b"',
        'form-data; name="a"; filename="b\0.csv"',
        "form-data; name*=utf-8''a%00",
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/connexion"), ("GET", "/fiches"), ("POST", "/nulle-part")])
def test_a_part_nobody_could_name_is_not_understood(client: Any, disposition: str, method: str, path: str) -> None:
    response = client.open(path, method=method, data=part(disposition), content_type=MULTIPART)
    assert response.status_code == 400
    assert "Demande incomprise" in response.text


@pytest.mark.parametrize("typed", [b"a=%00", b"%00=a"])
def test_a_nul_in_a_form_is_not_understood(client: Any, typed: bytes) -> None:
    response = client.post("/connexion", data=typed, content_type=URLENCODED)
    assert response.status_code == 400
    assert "Demande incomprise" in response.text


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"csrf_token=a&a=" + b"x" * 2_200_000, URLENCODED),
        (b"a=" + b"x" * 21_000_000, URLENCODED),
        (part("form-data; name=a", "x" * 2_200_000), MULTIPART),
    ],
)
def test_a_form_too_long_says_so_and_keeps_the_copy_of_the_browser(
    client: Any, content: bytes, content_type: str
) -> None:
    response = client.post("/connexion", data=content, content_type=content_type)
    assert response.status_code == 413
    assert "raccourcissez" in response.text
    assert "Rien n’a été enregistré" in response.text
    assert "data-fichetrack-keep" in response.text


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/fiches/%ff%fe", 404),
        ("/fiches/a%00", 400),
        ("/static/%ed%a0%80%ff", 404),
        ("/static/../../etc/passwd", 404),
        ("/fiches?q=%ff%fe&%ff=%ff&territoire=%ff&depot=%ed%a0%80", 200),
        ("/fiches?a" + "[b]" * 2_000 + "=1", 200),
        ("/fiches?q=" + "x" * 100_000, 414),
        ("/fiches/" + "x" * 100_000, 404),
        ("/fiches?page=-1&tri=zz&vue=zz", 200),
        ("/fiches?q=%22%27%3A*%26%7C!%28%3C-%3E%29%5C", 200),
    ],
)
def test_an_odd_address_is_answered(client: Any, path: str, status: int) -> None:
    assert client.get(path).status_code == status


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        (b"a=%ff&%ff=%ed%a0%80", URLENCODED),
        ("&".join(f"a{number}=1" for number in range(10_000)).encode(), URLENCODED),
        (b"a" + b"[b]" * 5_000 + b"=1", URLENCODED),
        (b"a=1", "application/x-www-form-urlencoded; charset=nimp"),
        (b"{", "application/json"),
        (b"a=1", "/;;;="),
        (part("form-data; name=a"), "multipart/form-data"),
        (part("form-data; name=a"), "multipart/form-data; boundary=" + "a" * 5_000),
        (part("form-data; name=a"), "multipart/form-data; boundary=é"),
        (part("form-data; name=a"), "multipart/form-data; boundary*0=a; boundary*9999999999=b"),
        (part("form-data; name*=nimp''a%ff"), MULTIPART),
        (part("form-data; name=a\r\nContent-Type: text/plain; charset=zlib"), MULTIPART),
        (part("form-data; name=a")[:-7], MULTIPART),
    ],
)
def test_a_form_nobody_filled_in_is_refused(client: Any, content: bytes, content_type: str) -> None:
    response = client.post("/connexion", data=content, content_type=content_type)
    assert response.status_code == 400
    assert "<h1>" in response.text


@pytest.mark.parametrize(
    "headers",
    [
        {"Cookie": "fichetrack=\xff; \x01=; ;;=;fichetrack=a.b.c"},
        {"Cookie": "fichetrack=.eJ" + "x" * 4_000},
        {"Range": "bytes=9999999999999999999999-1,abc"},
        {"Range": "octets=\xb2-", "If-Range": '"'},
        {"If-None-Match": 'W/"' + "\xff" * 100},
        {"If-Modified-Since": "Thu, 99 Foo 99999 99:99:99 GMT"},
        {"Accept": ";;q=nan,*/*;q=1e999", "Accept-Language": "x" * 5_000},
        {"HX-Request": "true", "HX-Current-URL": "\xff%ff", "HX-Current-URL-URI-AutoEncoded": "zz"},
        {"Authorization": "Basic \xff="},
        {"Host": "[::1"},
        {"Content-Length": "-5"},
        {"Referer": "http://[", "Origin": "http://["},
    ],
)
def test_odd_headers_change_no_answer(client: Any, headers: dict[str, str]) -> None:
    for path in ("/fiches", "/territoires/contours.geojson", "/fiches/export.csv", "/fiches/export.xlsx"):
        assert client.get(path, headers=headers).status_code < 500
    assert client.post("/connexion", data={"a": "b"}, headers=headers).status_code < 500
