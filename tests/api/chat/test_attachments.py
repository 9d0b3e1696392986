from __future__ import annotations

import io
import subprocess
import sys
from typing import Any

import pytest

from app.api.chat.rendering import attachment_json
from app.api.chat.shapes import AttachmentOut
from app.api.chat.uploads import MAX_UPLOAD_BYTES
from app.gateway.conversations.attachments import file_name
from app.storage import chats
from tests.api.callers import failure
from tests.api.chat.files import bomb, encrypted, jpeg, pdf, png, webp
from tests.api.chat.people import CONVERSATIONS, Person

ATTACHMENTS = "/api/v1/attachments"
FORM = "multipart/form-data; boundary=xyz"


def form(data: bytes, name: str = "file", media_type: str = "text/plain") -> bytes:
    """As a browser writes it: Flask's test client would leave a file open for each large one."""
    shown = name.replace("\\", "\\\\").replace('"', "%22")
    head = f'--xyz\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\nContent-Type: {media_type}'
    return head.encode() + b"\r\n\r\n" + data + b"\r\n--xyz--\r\n"


def send(person: Person, data: bytes, name: str = "file", media_type: str = "application/octet-stream") -> Any:
    return person.asker.ask("POST", ATTACHMENTS, data=form(data, name, media_type), content_type=FORM)


def kept(person: Person, data: bytes, name: str = "file", media_type: str = "application/octet-stream") -> Any:
    reply = send(person, data, name, media_type)
    assert reply.status_code == 201, reply.text
    return reply.json["data"]


def refusal(reply: Any) -> str:
    """The words about `file`."""
    assert failure(reply) == (400, "invalid_request")
    (detail,) = reply.json["error"]["details"]
    assert detail["field"] == "file"
    return str(detail["problem"])


@pytest.mark.parametrize(
    ("data", "media_type", "size"),
    [
        (png(3, 2), "image/png", (3, 2)),
        (jpeg(640, 480), "image/jpeg", (640, 480)),
        (jpeg(5, 4, frame=0xC0), "image/jpeg", (5, 4)),
        (webp(b"VP8 ", 550, 368), "image/webp", (550, 368)),
        (webp(b"VP8L", 386, 395), "image/webp", (386, 395)),
        (webp(b"VP8X", 8000, 6000), "image/webp", (8000, 6000)),
    ],
)
def test_images_are_told_by_their_content(ada: Person, data: bytes, media_type: str, size: tuple[int, int]) -> None:
    attachment = kept(ada, data, "photo.txt", "text/plain")

    assert attachment == {
        "id": attachment["id"],
        "kind": "image",
        "name": "photo.txt",
        "media_type": media_type,
        "size_bytes": len(data),
        "width": size[0],
        "height": size[1],
        "pages": None,
        "text_chars": None,
        "created_at": attachment["created_at"],
    }
    reply = ada.asker.get(f"{ATTACHMENTS}/{attachment['id']}")
    assert (reply.data, reply.headers["Content-Type"]) == (data, media_type)
    assert reply.headers["Content-Disposition"].startswith("inline;")
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert failure(ada.asker.get(f"{ATTACHMENTS}/{attachment['id']}/text")) == (404, "not_found")


@pytest.mark.parametrize(
    "data", [png()[:20], jpeg()[:30], b"\xff\xd8\xff", webp()[:25], b"RIFF\0\0\0\0WEBPXXXX" + bytes(40), png(0, 5)]
)
def test_an_image_without_a_readable_size_is_refused(ada: Person, data: bytes) -> None:
    assert refusal(send(ada, data)) == "is not a JPEG, PNG or WebP image"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_text_is_read_in_every_unicode_encoding(ada: Person, encoding: str) -> None:
    text = "def main():\n\tprint('Grüße')\n" * 3

    attachment = kept(ada, text.encode(encoding), "src/main.py")

    assert (attachment["kind"], attachment["name"], attachment["text_chars"]) == ("file", "main.py", len(text))
    assert ada.get(f"{ATTACHMENTS}/{attachment['id']}/text") == {"text": text}
    reply = ada.asker.get(f"{ATTACHMENTS}/{attachment['id']}")
    assert reply.data == text.encode(encoding)
    assert reply.headers["Content-Disposition"] == "attachment; filename=\"main.py\"; filename*=UTF-8''main.py"


@pytest.mark.parametrize(
    ("name", "kept_as"),
    [
        ("C:\\fakepath\\main.py", "main.py"),
        ("../../etc/passwd", "passwd"),
        ("a\0b\u202egpj.exe", "abgpj.exe"),
        ("x" * 300, "x" * 200),
        ("dir/", None),
        (" \n", None),
        (None, None),
    ],
)
def test_a_files_name_is_its_last_part_without_what_can_not_be_seen(name: str | None, kept_as: str | None) -> None:
    assert file_name(name) == kept_as


def test_a_web_page_can_only_be_saved_never_shown(ada: Person) -> None:
    attachment = kept(ada, b"<script>alert(1)</script>", 'a"b\u202e.html', "text/html")

    reply = ada.asker.get(f"{ATTACHMENTS}/{attachment['id']}")

    assert (attachment["name"], attachment["media_type"]) == ('a"b.html', "text/html")
    assert reply.headers["Content-Disposition"] == "attachment; filename=\"a_b.html\"; filename*=UTF-8''a%22b.html"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "sent", "media_type"),
    [
        ("notes.md", "text/markdown", "text/markdown"),
        ("table.csv", "application/octet-stream", "text/csv"),
        ("data.json", "application/json", "application/json"),
        ("what", "application/octet-stream", "text/plain"),
        ("fake.png", "image/png", "text/plain"),
    ],
)
def test_a_texts_type_is_what_the_sender_or_the_name_says(ada: Person, name: str, sent: str, media_type: str) -> None:
    assert kept(ada, b"a,b\n1,2\n", name, sent)["media_type"] == media_type


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\t", "has no text in it"),
        (b"\xef\xbb\xbf", "has no text in it"),
        (b"\x7fELF" + bytes(range(256)), "is neither an image (JPEG, PNG, WebP), a PDF nor a text in UTF-8 or UTF-16"),
        (bytes(100), "is neither an image (JPEG, PNG, WebP), a PDF nor a text in UTF-8 or UTF-16"),
        ("Grüße".encode("latin-1"), "is neither an image (JPEG, PNG, WebP), a PDF nor a text in UTF-8 or UTF-16"),
        (b"PK\x03\x04" + bytes(200), "is neither an image (JPEG, PNG, WebP), a PDF nor a text in UTF-8 or UTF-16"),
        (b"x" * 2_000_001, "has more than 2000000 characters of text"),
        (b"%PDF-1.7\nnothing follows", "is not a PDF that can be read"),
        (pdf(""), "is a PDF without text, perhaps a scan: send its pages as images"),
    ],
)
def test_what_no_model_could_read_is_refused_with_the_reason(ada: Person, data: bytes, words: str) -> None:
    assert refusal(send(ada, data)) == words


def test_a_pdfs_text_and_pages_are_taken(ada: Person) -> None:
    attachment = kept(ada, b"\r\n" + pdf("First page", "Second page"), "report.pdf", "application/pdf")

    assert (attachment["kind"], attachment["media_type"], attachment["pages"]) == ("file", "application/pdf", 2)
    assert ada.get(f"{ATTACHMENTS}/{attachment['id']}/text") == {"text": "First page\n\nSecond page"}
    assert attachment["text_chars"] == len("First page\n\nSecond page")


def test_a_pdf_with_a_password_is_refused_and_one_that_everybody_may_read_is_not(ada: Person) -> None:
    assert refusal(send(ada, encrypted(pdf("Secret"), "geheim"))) == "is protected with a password"
    assert kept(ada, encrypted(pdf("Open"), ""))["text_chars"] == 4


def test_a_pdf_that_unpacks_to_gigabytes_is_refused(ada: Person) -> None:
    data = bomb(2)
    assert len(data) < 8_000_000

    words = refusal(send(ada, data))

    assert words in ("is a PDF that takes too long or too much memory to read", "is not a PDF that can be read")


def test_the_process_that_reads_pdfs_has_little_memory() -> None:
    greedy = "from app.gateway.conversations.pdf_child import limit; limit(); bytearray(2**30)"

    ended = subprocess.run([sys.executable, "-c", greedy], capture_output=True, text=True, check=False, timeout=60)

    assert "MemoryError" in ended.stderr


def test_a_form_must_have_exactly_one_file_and_be_small_enough(ada: Person) -> None:
    kind = "multipart/form-data"
    two = {"file": [(io.BytesIO(b"a"), "a"), (io.BytesIO(b"b"), "b")]}
    more = {"file": (io.BytesIO(b"a"), "a"), "name": "x"}
    large = form(bytes(MAX_UPLOAD_BYTES))

    assert refusal(ada.asker.ask("POST", ATTACHMENTS, data={}, content_type=kind)) == "is required"
    assert refusal(ada.asker.ask("POST", ATTACHMENTS, data={"file": "text"}, content_type=kind)) == "must be one file"
    assert refusal(ada.asker.ask("POST", ATTACHMENTS, data=two, content_type=kind)) == "must be one file"
    assert refusal(ada.asker.ask("POST", ATTACHMENTS, data=b"{}", content_type="application/json")) == (
        "is required, in a form of the type multipart/form-data"
    )
    assert refusal(ada.asker.ask("POST", ATTACHMENTS, data=b"x", content_type="multipart/form-data")) == "is required"
    unknown: Any = ada.asker.ask("POST", ATTACHMENTS, data=more, content_type=kind)
    assert unknown.json["error"]["details"] == [{"field": "name", "problem": "is not a known field"}]
    assert failure(ada.asker.ask("POST", ATTACHMENTS, data=large, content_type=FORM)) == (413, "too_large")


def test_an_attachment_goes_while_no_message_has_it(ada: Person, eve: Person) -> None:
    free, used = kept(ada, b"free"), kept(ada, b"used")
    conversation = ada.conversation()
    turn = ada.says(conversation, "What is it?", attachments=(used["id"],))

    assert ada.ask("DELETE", f"{ATTACHMENTS}/{free['id']}") == {"id": free["id"], "deleted": True}
    assert failure(ada.asker.get(f"{ATTACHMENTS}/{free['id']}")) == (404, "not_found")
    assert failure(ada.asker.ask("DELETE", f"{ATTACHMENTS}/{used['id']}")) == (409, "conflict")
    for method, more in (("GET", ""), ("GET", "/text"), ("DELETE", "")):
        assert failure(eve.asker.ask(method, f"{ATTACHMENTS}/{used['id']}{more}")) == (404, "not_found")
    message = ada.get(f"{CONVERSATIONS}/{conversation['id']}/messages/{turn.question}")
    assert (message["files"], message["images"]) == ([used], [])


def test_removing_a_conversation_removes_the_attachments_that_only_it_has(ada: Person) -> None:
    own, shared = kept(ada, png(), "own.png"), kept(ada, b"shared")
    one, two = ada.conversation(), ada.conversation()
    ada.says(one, attachments=(own["id"], shared["id"]))
    ada.says(two, attachments=(shared["id"],))

    ada.ask("DELETE", f"{CONVERSATIONS}/{one['id']}?permanent=true")

    assert failure(ada.asker.get(f"{ATTACHMENTS}/{own['id']}")) == (404, "not_found")
    assert ada.asker.get(f"{ATTACHMENTS}/{shared['id']}").status_code == 200


def test_an_attachments_document_has_the_members_of_its_shape(ada: Person) -> None:
    attachment = kept(ada, png())

    found = chats.read(
        ada.door.parts.database, lambda stored: stored.attachments.metadata(ada.user.id, [attachment["id"]])
    )

    assert attachment_json(found[attachment["id"]]) == attachment
    assert set(attachment) == set(AttachmentOut.model_fields)
