"""What the demo model is there for, asked through the real engine."""

import json
from collections.abc import Iterable

import pytest

from demo.corpus import FACTS, FALLBACK, PATCHBAY, SMALL_TALK, STORIES, TOPICS, Topic
from tests.demo.toy import DEMO, Json, Toy, assistant, user

WEATHER: Json = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
TIME: Json = {
    "type": "function",
    "function": {
        "name": "get_time",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}
PATCHBAY_IS = PATCHBAY[0].answer


def as_typed(questions: Iterable[str]) -> list[str]:
    """Each question as printed, in lower case, and without its final mark."""
    return [typed for question in questions for typed in (question, question.lower(), question.rstrip("?.!"))]


@pytest.mark.parametrize("topic", PATCHBAY + SMALL_TALK + FACTS + STORIES, ids=lambda topic: topic.questions[0])
def test_it_answers_word_for_word_however_the_question_is_typed(toy: Toy, topic: Topic) -> None:
    answers = {question: toy.says(question) for question in as_typed(topic.questions[:1])}

    assert answers == dict.fromkeys(answers, topic.answer)


def test_it_answers_nearly_every_other_phrasing_too(toy: Toy) -> None:
    asked = [(typed, topic.answer) for topic in TOPICS for typed in as_typed(topic.questions)]
    wrong = [question for question, answer in asked if toy.says(question) != answer]

    assert len(wrong) / len(asked) < 0.005, wrong


def test_it_answers_almost_as_well_at_the_usual_temperature(toy: Toy) -> None:
    topics = PATCHBAY + SMALL_TALK + FACTS
    right = [
        toy.says(question, temperature=0.8, seed=seed) == topic.answer
        for seed, topic in enumerate(topics)
        for question in topic.questions
    ]

    assert sum(right) / len(right) > 0.97


def test_it_knows_enough_about_patchbay_to_greet_a_newcomer() -> None:
    assert len(PATCHBAY) + len(SMALL_TALK) + len(FACTS) >= 40
    assert all(len(topic.questions) > 1 for topic in PATCHBAY + SMALL_TALK)


def test_the_first_thing_it_says_about_itself_is_that_it_is_a_toy(toy: Toy) -> None:
    for question in ("Hello", "Who are you?", "What are you?", "Introduce yourself."):
        assert toy.says(question).partition(".")[0].endswith("the toy model that comes with Patchbay"), question


@pytest.mark.parametrize(
    "question",
    [
        "Explain how transistors amplify signals.",
        "How do I center a div?",
        "Write a bash script that renames all files.",
        "Give me a recipe for pancakes.",
        "What year did World War II end?",
        "Who is the president of the United States?",
        "Translate good morning into Spanish.",
        "What is the stock price of Nvidia?",
        "What is Kubernetes?",
        "What is the capital of Sweden?",
        "What is 17 * 23?",
        "How do I connect Slack?",
        "Wer bist du und was kannst du?",
        "Comment est-ce que je peux réparer mon vélo ?",
        "今天天气怎么样？",
        "asdf jkl qwerty",
        "SELECT * FROM orders WHERE total > 100;",
        "import os\nprint(os.getcwd())",
        "Dear team, please find attached the report for the third quarter. Sales went up by 4 percent while costs"
        " fell. We expect the same for the next quarter. Summarise this email for me in two bullet points.",
        "Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore.",
    ],
)
def test_it_says_honestly_that_it_is_a_toy_when_it_cannot_answer(toy: Toy, question: str) -> None:
    assert toy.says(question) == FALLBACK


@pytest.mark.parametrize("name", ["Ada", "Grace", "Linus", "Bob", "Zaphod", "Henrik", "Siobhan", "Marvin"])
def test_it_remembers_a_name_told_earlier(toy: Toy, name: str) -> None:
    chat = [user(f"My name is {name}.")]
    chat.append(assistant(toy.says(chat)))
    chat += [user("What is Patchbay?"), assistant(PATCHBAY_IS), user("Tell me a joke.")]
    chat += [assistant(toy.says(chat)), user("What is my name?")]

    assert chat[1]["content"] == f"Nice to meet you, {name}."
    assert toy.says(chat) == f"Your name is {name}."


def test_it_does_not_invent_a_name_it_was_not_told(toy: Toy) -> None:
    assert toy.says("What is my name?") == "You have not told me your name yet."


@pytest.mark.parametrize("last", [5, 10, 20, 30, 50, 100])
def test_it_counts(toy: Toy, last: int) -> None:
    assert toy.says(f"Count to {last}.") == ", ".join(map(str, range(1, last + 1)))


@pytest.mark.parametrize(("sum_", "result"), [("2+2", 4), ("2 + 2", 4), ("3 plus 4", 7), ("5+5", 10), ("1+1", 2)])
def test_it_does_small_sums(toy: Toy, sum_: str, result: int) -> None:
    assert toy.says(f"What is {sum_}?").endswith(f"={result}.")


def test_its_story_is_longer_than_a_hundred_tokens(toy: Toy) -> None:
    usage = toy.post("/chat/completions", {"messages": [user("Tell me a story.")], "temperature": 0})["usage"]

    assert usage["completion_tokens"] > 100


@pytest.mark.parametrize(
    "system",
    [
        "You are a helpful assistant.",
        "Speak like a pirate, and never use more than ten words.",
        "You are a senior lawyer. Cite every source. Answer in German.",
    ],
)
def test_a_system_prompt_does_not_lead_it_astray(toy: Toy, system: str) -> None:
    prompt: Json = {"role": "system", "content": system}

    assert toy.says([prompt, user("What is Patchbay?")]) == PATCHBAY_IS
    assert toy.says([prompt, user("How do I cook rice?")]) == FALLBACK


@pytest.mark.parametrize("city", ["Paris", "Berlin", "Oslo", "Boston", "Zagreb"])
@pytest.mark.parametrize(
    ("question", "name"),
    [("What is the weather in {}?", "get_weather"), ("What time is it in {}?", "get_time")],
)
def test_it_calls_the_tool_that_fits(toy: Toy, question: str, name: str, city: str) -> None:
    message = toy.message(question.format(city), tools=[WEATHER, TIME])

    (call,) = message["tool_calls"]
    assert (call["function"]["name"], json.loads(call["function"]["arguments"])) == (name, {"city": city})


def test_it_passes_on_what_the_tool_returned(toy: Toy) -> None:
    asked = user("What is the weather in Paris?")
    called = {**toy.message([asked], tools=[WEATHER]), "content": None}
    result: Json = {"role": "tool", "tool_call_id": called["tool_calls"][0]["id"], "content": "18 degrees, cloudy"}

    assert toy.says([asked, called, result], tools=[WEATHER]) == "get_weather says: 18 degrees, cloudy"


def test_tools_do_not_keep_it_from_answering(toy: Toy) -> None:
    assert toy.says("What is Patchbay?", tools=[WEATHER]) == PATCHBAY_IS
    assert toy.says("What is the weather in Paris?") == FALLBACK


@pytest.mark.parametrize("choice", ["required", {"type": "function", "function": {"name": "get_weather"}}])
def test_a_call_can_be_demanded(toy: Toy, choice: object) -> None:
    message = toy.message("What is the weather in Oslo?", tools=[WEATHER], tool_choice=choice)

    assert message["tool_calls"][0]["function"]["name"] == "get_weather"


def test_its_answer_can_be_forced_into_a_schema(toy: Toy) -> None:
    properties = {"answer": {"type": "string"}, "certain": {"type": "boolean"}}
    schema = {"type": "object", "properties": properties, "required": ["answer", "certain"]}
    wanted = {"type": "json_schema", "json_schema": {"name": "answer", "schema": schema, "strict": True}}

    answer = json.loads(toy.says("What is the capital of France?", response_format=wanted))

    assert answer["answer"] == "The capital of France is Paris."
    assert isinstance(answer["certain"], bool)


def test_content_may_come_in_parts(toy: Toy) -> None:
    parts = [{"type": "text", "text": "What is "}, {"type": "text", "text": "Patchbay?"}]

    assert toy.says([user(parts)]) == PATCHBAY_IS


def test_it_still_answers_after_several_hundred_tokens(toy: Toy) -> None:
    chat: list[Json] = [user("My name is Ada."), assistant("Nice to meet you, Ada.")]
    for topic in PATCHBAY[:12]:
        chat += [user(topic.questions[0]), assistant(topic.answer)]

    assert toy.says([*chat, user("How do I stop the server?")]) == (
        "Press Ctrl-C in the terminal where Patchbay runs. Answers that are running may finish first."
    )
    assert toy.says([*chat, user("What is my name?")]) == "Your name is Ada."


def test_its_embeddings_are_stable(toy: Toy) -> None:
    texts = ["How do I add a provider?", "The sky is blue."]
    first, again = (toy.post("/embeddings", {"input": texts})["data"] for _ in range(2))

    assert first == again
    assert first[0]["embedding"] != first[1]["embedding"]


def test_it_is_small(toy: Toy) -> None:
    assert DEMO.stat().st_size <= 3_000_000
