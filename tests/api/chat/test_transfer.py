from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from werkzeug.test import TestResponse

from app.api.chat.transfer.json_values import MAX_DEPTH, events_of
from app.api.chat.transfer.views import MAX_IMPORT_BYTES
from app.domain.errors import TooLarge
from tests.api.callers import failure
from tests.api.chat.files import png
from tests.api.chat.people import CONVERSATIONS, Person
from tests.api.chat.test_attachments import FORM, form, kept
from tests.api.chat.test_search import found

IMPORT, EXPORT = f"{CONVERSATIONS}/import", f"{CONVERSATIONS}/export"
JSON, ZIP = "application/json", "application/zip"


def send(person: Person, data: bytes, content_type: str = JSON) -> TestResponse:
    return person.asker.ask("POST", IMPORT, data=data, content_type=content_type)


def taken(person: Person, document: Any) -> Any:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    reply = send(person, data)
    assert reply.status_code == 200, reply.text
    return reply.json["data"]  # type: ignore[index]


def exported(person: Person) -> Any:
    reply = person.asker.get(EXPORT)
    assert reply.status_code == 200
    return json.loads(reply.data)


def messages(person: Person, conversation_id: str) -> list[Any]:
    return person.get(f"{CONVERSATIONS}/{conversation_id}/messages?limit=200")["items"]  # type: ignore[no-any-return]


def packed(**files: bytes) -> bytes:
    """A ZIP file; `__` in a name is a slash, `_json` an ending."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            # Without the time of day: the names of tests are made of this.
            member = zipfile.ZipInfo(name.replace("__", "/").replace("_json", ".json"))
            archive.writestr(member, data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# Our own format.


def furnished(person: Person) -> None:
    """Conversations with everything that one can have."""
    folder = person.ask("POST", "/api/v1/folders", json={"name": "Work"})
    image, file = kept(person, png(), "a.png"), kept(person, "Grüße".encode("utf-16"), "b.txt")
    full = person.conversation(
        title="Full",
        model="demo/small",
        parameters={"temperature": 0.5, "stop": ["x"]},
        system_prompt="Be brief.",
        pinned=True,
        folder_id=folder["id"],
    )
    root = person.says(full, "What is it?", "A dot.", attachments=(image["id"], file["id"]))
    left = person.says(full, "Left?", "Left.", root.answer)
    person.says(full, "Right?", "Right.", root.answer)
    person.ask("PATCH", f"{CONVERSATIONS}/{full['id']}/messages/{left.answer}", json={"feedback": "up"})
    columns = [{"model": "a/one", "message_id": left.answer}, {"model": "b/two", "message_id": None}]
    person.ask(
        "PATCH",
        f"{CONVERSATIONS}/{full['id']}",
        json={"active_message_id": left.answer, "compare": {"columns": columns}, "archived": True},
    )
    person.conversation()
    gone = person.conversation(title="deleted")
    person.ask("DELETE", f"{CONVERSATIONS}/{gone['id']}")
    person.conversation(title="temporary", temporary=True)


def without_ids(document: Any) -> Any:
    """Ids become the turn in which they first appear."""
    turns: dict[str, str] = {}

    def plain(value: Any, name: str = "") -> Any:
        if isinstance(value, dict):
            return {key: plain(one, key) for key, one in value.items()}
        if isinstance(value, list):
            return [plain(one, name) for one in value]
        if isinstance(value, str) and (name == "id" or name.endswith("_id")):
            return turns.setdefault(value, f"#{len(turns)}")
        return value

    # The messages first, so that they are numbered in their own order.
    return [plain({"messages": one["messages"], **one}) for one in document["conversations"]]


def test_what_was_exported_can_be_imported_and_is_the_same(ada: Person, eve: Person) -> None:
    furnished(ada)
    first = exported(ada)

    result = taken(eve, first)
    second = exported(eve)

    assert (result["imported"], result["skipped"]) == (2, [])
    assert (first["format"], first["version"]) == ("patchbay.conversations", 1)
    assert without_ids(second) == without_ids(first)
    full, empty = first["conversations"]
    assert (full["title"], full["folder"], empty["messages"]) == ("Full", "Work", [])
    assert base64.b64decode(full["messages"][0]["images"][0]["data_base64"]) == png()
    assert full["messages"][0]["files"][0]["text"] == "Grüße"
    ids = {one["id"] for conversation in first["conversations"] for one in [conversation, *conversation["messages"]]}
    assert ids.isdisjoint(
        one["id"] for conversation in second["conversations"] for one in [conversation, *conversation["messages"]]
    )
    mine = eve.get(f"{CONVERSATIONS}/{result['conversation_ids'][0]}")
    assert mine["message_count"] == 6
    assert {one["name"]: one["conversation_count"] for one in eve.get("/api/v1/folders")["items"]} == {"Work": 1}
    assert len(found(eve, "right")) == 2
    image = messages(eve, mine["id"])[0]["images"][0]
    assert eve.asker.get(f"/api/v1/attachments/{image['id']}").data == png()


def test_one_conversation_can_be_exported_and_imported(ada: Person, eve: Person) -> None:
    furnished(ada)
    conversation = ada.get(f"{CONVERSATIONS}?archived=true")["items"][0]

    reply = ada.asker.get(f"{CONVERSATIONS}/{conversation['id']}/export?format=json")

    assert reply.headers["Content-Disposition"] == "attachment; filename=\"Full.json\"; filename*=UTF-8''Full.json"
    assert without_ids(json.loads(reply.data)) == without_ids(exported(ada))[:1]
    assert taken(ada, reply.data)["imported"] == 1
    assert failure(eve.asker.get(f"{CONVERSATIONS}/{conversation['id']}/export")) == (404, "not_found")
    assert failure(ada.asker.get(f"{CONVERSATIONS}/{conversation['id']}/export?format=pdf")) == (400, "invalid_request")


def test_the_branch_that_is_shown_can_be_exported_to_read(ada: Person) -> None:
    furnished(ada)
    conversation = ada.get(f"{CONVERSATIONS}?archived=true")["items"][0]

    reply = ada.asker.get(f"{CONVERSATIONS}/{conversation['id']}/export")

    assert reply.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert reply.text == (
        f"# Full\n\n*{conversation['created_at']}*\n\n## System prompt\n\nBe brief.\n\n"
        "## You\n\n*[Image: a.png]*\n\n*[File: b.txt]*\n\nWhat is it?\n\n## Assistant (demo/small)\n\nA dot.\n\n"
        "## You\n\nLeft?\n\n## Assistant (demo/small)\n\nLeft.\n"
    )


def test_a_files_name_is_made_of_the_title(ada: Person) -> None:
    titles = ["../../etc/passwd", 'a"b\\c: d?', "日本", "..."]
    names = []
    for title in titles:
        conversation = ada.conversation(title=title)
        reply = ada.asker.get(f"{CONVERSATIONS}/{conversation['id']}/export")
        names.append(reply.headers["Content-Disposition"].partition("''")[2])

    assert names == ["etc%20passwd.md", "a%20b%20c%20d.md", "%E6%97%A5%E6%9C%AC.md", "conversation.md"]


def ours(*conversations: Any, **more: Any) -> Any:
    return {"format": "patchbay.conversations", "version": 1, "conversations": list(conversations), **more}


def said(identity: str, parent: str | None = None, **more: Any) -> Any:
    return {"id": identity, "parent_id": parent, "role": "user", "content": f"I am {identity}", **more}


def test_an_answer_that_was_being_written_is_interrupted_after_its_import(ada: Person, eve: Person) -> None:
    conversation = ada.conversation()
    ada.begins(conversation)

    (identity,) = taken(eve, exported(ada))["conversation_ids"]

    assert [one["status"] for one in messages(eve, identity)] == ["done", "interrupted"]
    assert eve.get(f"{CONVERSATIONS}/{identity}")["running"] == []


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"role": "robot"}, "Invalid enum value 'robot'"),
        ({"content": 1}, "Expected `str`, got `int`"),
        ({"content": None}, "Expected `str`, got `null`"),
        ({"images": [{"name": "x", "data_base64": "AAAA"}]}, "An image is not a JPEG, PNG or WebP image"),
        ({"images": [{"name": "x", "data_base64": "?"}]}, "An attachment is not valid base64"),
        ({"files": [{"name": "x", "data_base64": ""}]}, "A file has no text"),
        ({"files": [{"name": "x", "data_base64": "", "text": "", "media_type": "a\r\nb"}]}, "Expected `str` matching"),
        ({"usage": {"prompt_tokens": -1, "completion_tokens": 0}}, "Expected `int` >= 0"),
        ({"reasoning_ms": 2**40}, "Expected `int` <= 2147483647"),
        ({"cost_usd": "free"}, "Expected `float | null`, got `str`"),
        ({"request": {"dropped": 1}}, "A request must have a model"),
        ({"id": ""}, "Expected `str` of length >= 1"),
        ({"created_at": "yesterday"}, "Invalid RFC3339 encoded datetime"),
    ],
)
def test_a_conversation_with_something_wrong_is_skipped_with_the_reason(
    ada: Person, message: dict[str, Any], words: str
) -> None:
    bad = {"title": "Bad", "messages": [{**said("a"), **message}]}

    result = taken(ada, ours(bad, {"title": "Good", "messages": [said("a")]}))

    assert result["imported"] == 1
    ((skipped),) = result["skipped"]
    assert skipped["title"] == "Bad"
    assert words in skipped["problem"]
    assert [one["title"] for one in ada.get(CONVERSATIONS)["items"]] == ["Good"]


@pytest.mark.parametrize("conversation", [1, None, "x", [], {}, {"messages": {}}, {"messages": [], "parameters": 1}])
def test_what_is_no_conversation_is_skipped(ada: Person, conversation: Any) -> None:
    result = taken(ada, ours(conversation))

    assert (result["imported"], len(result["skipped"])) == (0, 1)


def test_odd_characters_and_circles_harm_nothing(ada: Person) -> None:
    odd = {
        "title": "a\0b",
        "messages": [said("a\0", content="NUL \0"), said("b", "a\0"), said("c", "d"), said("d", "c")],
    }

    (identity,) = taken(ada, ours(odd))["conversation_ids"]

    assert ada.get(f"{CONVERSATIONS}/{identity}")["title"] == "a\ufffdb"
    assert [one["content"] for one in messages(ada, identity)] == ["NUL \ufffd", "I am b"]


def test_messages_in_any_order_find_their_parents(ada: Person) -> None:
    backwards = {"messages": [said("c", "b"), said("b", "a"), said("a", "nowhere")], "active_message_id": "b"}

    (identity,) = taken(ada, ours(backwards))["conversation_ids"]

    read = messages(ada, identity)
    assert [one["content"] for one in read] == ["I am a", "I am b", "I am c"]
    assert [one["parent_id"] for one in read] == [None, read[0]["id"], read[1]["id"]]
    assert ada.get(f"{CONVERSATIONS}/{identity}")["active_message_id"] == read[1]["id"]


def test_messages_stay_in_the_order_of_the_file_whatever_their_times_say(ada: Person) -> None:
    times = ["2026-01-03T00:00:00Z", "2026-01-02T00:00:00Z", "2026-01-01T00:00:00Z"]
    branches = [said(str(number), "root", created_at=time) for number, time in enumerate(times)]

    (identity,) = taken(ada, ours({"messages": [said("root", created_at=times[0]), *branches]}))["conversation_ids"]

    read = messages(ada, identity)
    assert [one["content"] for one in read] == ["I am root", "I am 0", "I am 1", "I am 2"]
    assert read[-1]["created_at"] == "2026-01-01T00:00:00.000Z"


# ChatGPT's format.


def node(key: str, parent: str | None, text: Any = None, role: str = "user", **message: Any) -> Any:
    content = text if isinstance(text, dict) else {"content_type": "text", "parts": [text]}
    made = {"author": {"role": role}, "create_time": 1_700_000_000.5, "content": content, "metadata": {}, **message}
    return {"id": key, "parent": parent, "children": [], "message": None if text is None else made}


def chat(*nodes: Any, **more: Any) -> Any:
    mapping = {one["id"]: one for one in nodes}
    return {
        "title": "A chat",
        "create_time": 1_700_000_000,
        "update_time": 1_700_000_100.25,
        "mapping": mapping,
        **more,
    }


TREE = chat(
    node("root", None),
    node("system", "root", "", "system"),
    node("context", "system", "About me", metadata={"is_visually_hidden_from_conversation": True}),
    node("q", "context", "Why?"),
    node("think", "q", {"content_type": "thoughts", "thoughts": [{"summary": "Hm", "content": "Well"}]}, "assistant"),
    node("recap", "think", {"content_type": "reasoning_recap", "content": "Thought"}, "assistant"),
    node("a1", "recap", "Because.", "assistant", metadata={"model_slug": "gpt-5"}, create_time=1_700_000_002),
    node("a2", "q", "So.", "assistant", create_time=1_700_000_001),
    node("code", "a2", {"content_type": "code", "language": "python", "text": "1+1"}, "assistant"),
    node("run", "code", {"content_type": "execution_output", "text": "2"}, "tool"),
    node("see", "run", {"content_type": "multimodal_text", "parts": [{"content_type": "image_asset_pointer"}, "This"]}),
    current_node="recap",
    is_archived=True,
    is_starred=True,
)


def test_chatgpts_tree_times_and_roles_are_kept_and_hidden_nodes_close_up(ada: Person) -> None:
    (identity,) = taken(ada, [TREE])["conversation_ids"]

    conversation, read = ada.get(f"{CONVERSATIONS}/{identity}"), messages(ada, identity)
    named = {one["id"]: one["content"] for one in read}
    assert [(one["role"], one["content"], named.get(one["parent_id"])) for one in read] == [
        ("user", "Why?", None),
        ("assistant", "So.", "Why?"),
        ("assistant", "```python\n1+1\n```", "So."),
        ("tool", "```\n2\n```", "```python\n1+1\n```"),
        ("user", "[Image]\n\nThis", "```\n2\n```"),
        ("assistant", "Because.", "Why?"),
    ]
    answer = read[-1]
    assert (answer["reasoning"], answer["model"], answer["created_at"]) == ("Well", "gpt-5", "2023-11-14T22:13:22.000Z")
    assert {one["status"] for one in read} == {"done"}
    assert (conversation["title"], conversation["title_source"]) == ("A chat", "model")
    assert (conversation["pinned"], conversation["archived"]) == (True, True)
    assert conversation["created_at"] == "2023-11-14T22:13:20.000Z"
    assert conversation["updated_at"] == "2023-11-14T22:15:00.250Z"
    # `recap` is hidden: what stands above it is shown.
    assert conversation["active_message_id"] == read[0]["id"]


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (json.dumps([TREE, TREE]).encode(), JSON),
        (b"\xef\xbb\xbf" + json.dumps([TREE, TREE]).encode(), "application/octet-stream"),
        (packed(conversations_json=json.dumps([TREE, TREE]).encode(), chat=b"<html>"), ZIP),
        (packed(**{f"export__conversations-00{number}_json": json.dumps([TREE]).encode() for number in "01"}), ZIP),
        (form(packed(conversations_json=json.dumps([TREE, TREE]).encode()), "x.zip", ZIP), FORM),
        (form(json.dumps([TREE, TREE]).encode(), "conversations.json", JSON), FORM),
    ],
)
def test_a_file_may_come_plain_packed_or_in_a_form(ada: Person, data: bytes, content_type: str) -> None:
    reply = send(ada, data, content_type)

    assert reply.status_code == 200, reply.text
    assert reply.json["data"]["imported"] == 2  # type: ignore[index]


def test_a_single_conversation_of_chatgpts_may_stand_alone(ada: Person) -> None:
    assert taken(ada, {**TREE, "safe_urls": [], "plugin_ids": None})["imported"] == 1


@pytest.mark.parametrize(
    "conversation",
    [
        chat(),
        chat(node("a", "b", "x"), node("b", "a", "y")),
        chat(node("a", "a", "x")),
        chat(node("a", None)),
        chat({"id": "a"}, {"id": "b", "message": 5, "parent": []}, {"id": "c", "message": {"content": {"parts": 3}}}),
        {"mapping": []},
        {"mapping": {"a": None, "b": 1, "c": []}},
        {"mapping": {"a": {"message": {"author": [], "content": {"content_type": "text", "parts": [1, None, {}]}}}}},
        {"mapping": {"a": {"message": {"author": {"role": "user"}, "content": {"content_type": ["x"]}}}}},
        {"title": ["x"], "mapping": {}},
        7,
        "text",
        None,
        [[]],
    ],
)
def test_chats_without_a_message_that_can_be_reached_are_skipped(ada: Person, conversation: Any) -> None:
    result = taken(ada, [conversation, TREE])

    assert (result["imported"], len(result["skipped"])) == (1, 1)
    assert result["skipped"][0]["problem"]


@pytest.mark.parametrize("time", [None, "x", -1, 1e300, True, [], 253_402_300_799, 0])
def test_times_that_are_none_are_replaced(ada: Person, time: Any) -> None:
    odd = chat(node("a", None, "x", create_time=time), create_time=time, update_time=time, title=None)

    (identity,) = taken(ada, [odd])["conversation_ids"]

    assert ada.get(f"{CONVERSATIONS}/{identity}")["title_source"] == "none"
    assert messages(ada, identity)[0]["created_at"] >= "2026"


def test_a_node_whose_parent_is_missing_begins_a_branch(ada: Person) -> None:
    (identity,) = taken(ada, [chat(node("a", "nowhere", "x"), node("b", "a", "y"))])["conversation_ids"]

    assert [one["content"] for one in messages(ada, identity)] == ["x", "y"]


def test_a_very_long_chat_is_taken_without_recursion(ada: Person) -> None:
    long = chat(*(node(str(number), str(number - 1), f"message {number}") for number in range(5000)))

    (identity,) = taken(ada, [long])["conversation_ids"]

    assert ada.get(f"{CONVERSATIONS}/{identity}")["message_count"] == 5000


# Files that mean harm, or nothing.


def deep(levels: int) -> bytes:
    return b'[{"title": "Deep", "mapping": ' + b'{"a":' * levels + b"1" + b"}" * levels + b"}, " + GOOD[1:]


GOOD = json.dumps([TREE]).encode()


@pytest.mark.parametrize("levels", [MAX_DEPTH, 100_000])
def test_what_is_nested_too_deeply_is_skipped(ada: Person, levels: int) -> None:
    result = taken(ada, deep(levels))

    assert result["imported"] == 1
    assert result["skipped"] == [{"title": "", "problem": f"It is nested more than {MAX_DEPTH} levels deep"}]


def test_a_file_that_ends_early_keeps_what_came_before(ada: Person) -> None:
    result = taken(ada, GOOD[:-1] + b", {" + GOOD[2:-40])

    assert result["imported"] == 1
    assert result["skipped"] == [
        {"title": "", "problem": "The rest of the file was left out. The file is not valid JSON, or not complete."}
    ]


INVALID_JSON, INVALID = (400, "invalid_json"), (400, "invalid_request")


@pytest.mark.parametrize(
    ("data", "refusal"),
    [
        (b"", INVALID_JSON),
        (b" ", INVALID_JSON),
        (b"[", INVALID_JSON),
        (b"{]", INVALID_JSON),
        (b"[1,]", INVALID_JSON),
        (b'["\xff"]', INVALID_JSON),
        (b"[1e999]", INVALID_JSON),
        (b"[" * 100_000, INVALID_JSON),
        (b"\xff\xfe[\0]\0", INVALID_JSON),
        (b"[] []", INVALID_JSON),
        (b"%PDF-1.7", INVALID_JSON),
        (b"1", INVALID),
        (b'"x"', INVALID),
        (b"null", INVALID),
        (b"{}", INVALID),
        (b'{"mapping": 5}', INVALID),
        (b'{"conversations": 5}', INVALID),
        (b'{"conversations": []}', INVALID),
        (b'{"format": "x", "version": 1, "conversations": [{"messages": []}]}', INVALID),
        (b'{"format": "patchbay.conversations", "version": 2, "conversations": [{"messages": []}]}', INVALID),
        (b"PK\x03\x04", INVALID),
        (b"PK\x03\x04" + bytes(1000), INVALID),
        (packed(other_json=b"[]"), INVALID),
        (packed(conversations_json=b"x" * 100)[:60], INVALID),
    ],
)
def test_a_file_of_which_nothing_can_be_read_is_refused(ada: Person, data: bytes, refusal: tuple[int, str]) -> None:
    assert failure(send(ada, data)) == refusal
    assert ada.get(CONVERSATIONS)["items"] == []


def test_the_members_of_our_file_may_stand_in_any_order(ada: Person) -> None:
    document = ours({"messages": []})

    assert taken(ada, {name: document[name] for name in ("conversations", "version", "format")})["imported"] == 1
    # It says too late that it is something else: what came before is kept, and it is said.
    late = taken(ada, {"conversations": document["conversations"], "version": 1, "format": "x"})
    assert late["imported"] == 1
    assert "The rest of the file was left out" in late["skipped"][0]["problem"]


def test_a_zip_bomb_is_stopped(ada: Person) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("conversations.json", "w") as member:
        member.write(b'["')
        block = b"x" * 1024 * 1024
        for _ in range(70):
            member.write(block)
    assert len(out.getvalue()) < 100_000

    reply = send(ada, out.getvalue(), ZIP)

    assert failure(reply) == (413, "too_large")


def test_a_zip_that_says_it_lists_millions_of_files_is_refused(ada: Person) -> None:
    data = bytearray(packed(conversations_json=GOOD))
    end = data.rfind(b"PK\x05\x06")
    data[end + 12 : end + 16] = (2**31).to_bytes(4, "little")

    assert failure(send(ada, bytes(data), ZIP)) == INVALID


def test_an_encrypted_or_broken_member_is_refused(ada: Person) -> None:
    whole = packed(conversations_json=GOOD * 20)
    locked = bytearray(whole)
    locked[6] |= 1
    locked[locked.rfind(b"PK\x01\x02") + 8] |= 1
    broken = bytearray(whole)
    broken[60:90] = bytes(30)

    assert failure(send(ada, bytes(locked), ZIP)) == INVALID
    assert failure(send(ada, bytes(broken), ZIP))[0] == 400


def test_other_types_and_larger_files_are_refused(ada: Person) -> None:
    assert failure(send(ada, b"[]", "text/plain")) == (415, "not_json")
    assert failure(send(ada, b"[]", "")) == (415, "not_json")
    length = {"CONTENT_LENGTH": str(MAX_IMPORT_BYTES + 1)}
    large = ada.asker.ask("POST", IMPORT, data=b"[]", content_type=JSON, environ_overrides=length)
    assert failure(large) == (413, "too_large")


class Counted(io.BytesIO):
    """Counts how often it is read."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        return super().read(size)


@pytest.mark.parametrize("mark", ["", '\\"', "\\\\", "é", "\\n"])
def test_long_texts_are_read_in_few_pieces(mark: str) -> None:
    text = ("x" * 30 + mark) * (20_000_000 // 32)
    file = Counted(b"\xef\xbb\xbf" + f'["a", "{text}", {{"b": [1.5, null, true]}}]'.encode())

    events = list(events_of(file))

    # The parser reads a text again with each piece of it: 300 pieces would be 3 GB.
    assert file.reads < 30
    assert events[1:3] == [("string", "a"), ("string", json.loads(f'"{text}"'))]
    assert [kind for kind, _ in events[3:]] == [
        *("start_map", "map_key", "start_array", "number", "null", "boolean", "end_array", "end_map", "end_array")
    ]


@pytest.mark.parametrize("data", [b"[" + b"1" * 3_000_000, b"[" + b" " * 3_000_000 + b"]", b'["' + b"x" * 60_000_000])
def test_what_never_ends_is_too_large(data: bytes) -> None:
    with pytest.raises(TooLarge):
        list(events_of(io.BytesIO(data)))
