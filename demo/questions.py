"""Things people ask that the toy cannot answer, made up without end so that it cannot learn them by heart."""

import random

from demo.words import ADJECTIVES, CITIES, COUNTRIES, FOREIGN, NOUNS, SNIPPETS, SUBJECTS, SYLLABLES, VERBS

TEMPLATES = (
    "What is {thing}?",
    "What is {a_noun}?",
    "What's {thing}?",
    "What is the {adjective} {noun}?",
    "What is the {noun} of {thing}?",
    "What is the meaning of {thing}?",
    "What is the difference between {thing} and {thing}?",
    "What are {noun}s?",
    "What does {thing} mean?",
    "What does {thing} do?",
    "What do you think about {thing}?",
    "What happens when {a_noun} {verb}s?",
    "What time is it?",
    "What is the capital of {country}?",
    "What is the population of {country}?",
    "What colour is {a_noun}?",
    "What is {number} times {number}?",
    "What is {number} * {number}?",
    "What is {number} divided by {number}?",
    "What is the square root of {number}?",
    "Who is {subject}?",
    "Who was {name}?",
    "Who invented the {noun}?",
    "Who wrote {subject}?",
    "Who won the {noun} in {number}?",
    "Where is {thing}?",
    "Where is the {noun}?",
    "Where can I {verb} {a_noun}?",
    "Where do I {verb} the {noun}?",
    "When was {subject} born?",
    "When did the {noun} {verb}?",
    "Why is the {noun} {adjective}?",
    "Why do {noun}s {verb}?",
    "Why does {thing} {verb} {noun}s?",
    "How do I {verb} {a_noun}?",
    "How do I {verb} {thing}?",
    "How do I {verb} the {adjective} {noun}?",
    "How do I use {subject}?",
    "How do I add {a_noun}?",
    "How do you {verb} {a_noun}?",
    "How can I {verb} {thing}?",
    "How to {verb} {a_noun}?",
    "How does {thing} work?",
    "How does {a_noun} {verb}?",
    "How many {noun}s are in {a_noun}?",
    "How many {noun}s does {country} have?",
    "How much is {a_noun}?",
    "How old is {subject}?",
    "How far is it from {country} to {country}?",
    "How {adjective} is {thing}?",
    "Is {thing} {adjective}?",
    "Is the {noun} {adjective}?",
    "Are {noun}s {adjective}?",
    "Can I {verb} {a_noun}?",
    "Can you {verb} {a_noun}?",
    "Can you {verb} the {noun} for me?",
    "Can {noun}s {verb}?",
    "Could you {verb} this {noun}?",
    "Do you {verb} {noun}s?",
    "Do you know {thing}?",
    "Do {noun}s {verb}?",
    "Does {thing} {verb}?",
    "Should I {verb} {a_noun}?",
    "Which {noun} is the {adjective}?",
    "Which {noun} should I {verb}?",
    "Tell me about {thing}.",
    "Tell me the {noun} of {thing}.",
    "Tell me how to {verb} {a_noun}.",
    "Explain {thing}.",
    "Explain {thing} to {a_noun}.",
    "Describe {a_noun}.",
    "Describe {thing} in one sentence.",
    "Write {a_noun}.",
    "Write {a_noun} about {thing}.",
    "Write an email to my {noun}.",
    "Write a function that {verb}s {a_noun}.",
    "Write a program in {subject}.",
    "Write code that {verb}s the {noun}s of {thing}.",
    "Give me {number} {noun}s.",
    "Give me a list of {adjective} {noun}s.",
    "Give me ideas for {a_noun}.",
    "Make {a_noun}.",
    "List all {noun}s.",
    "List {number} {adjective} {noun}s.",
    "Name {number} {noun}s.",
    "Translate {noun} into {subject}.",
    "Translate this: the {noun} {verb}s the {noun}.",
    "Summarise this text: {sentence} {sentence}",
    "Summarise {thing}.",
    "Solve x + {number} = {number}.",
    "{verb} the {noun}.",
    "{verb} {thing} now.",
    "I want to {verb} {a_noun}.",
    "I need a {adjective} {noun}.",
    "I have {number} {noun}s. What now?",
    "My {noun} is {adjective}.",
    "My {noun} does not {verb}.",
    "My favourite {noun} is {adjective}.",
    "The {noun} is {adjective}.",
    "{sentence}",
    "{sentence} {sentence}",
    "{thing}",
    "{noun}",
    "{adjective} {noun}",
    "{noun} {noun} {noun}",
    "{noun}s and {noun}s",
    "{gibberish}",
    "{gibberish} {gibberish}",
    "{gibberish} {noun} {gibberish}?",
    "Please {verb} {a_noun}.",
    "Please help me with my {noun}.",
    "What should I {verb} for {noun}?",
    "What is your favourite {noun}?",
    "What is my {noun}?",
    "Where is my {noun}?",
    "Let's {verb} {a_noun}.",
    "Think step by step: {sentence}",
    "If {a_noun} has {number} {noun}s and {verb}s {number}, how many are left?",
    "Are you {adjective}?",
    "You are {adjective}.",
    "Why?",
    "Who is the {noun} of {country}?",
    "Continue.",
)


def pseudo_word(rng: random.Random) -> str:
    """A word that nobody has seen, so that unknown words lead to the fallback as well."""
    word = "".join(rng.choice(SYLLABLES) for _ in range(rng.randint(1, 4)))
    return word + rng.choice(("", "", "n", "s", "r", "k", "l", "m", "t", "x", "ng", "ck"))


NEAR_MISSES = (
    "What is the capital of {country}?",
    "What's the capital of {country}?",
    "Capital of {country}?",
    "What is the capital of {country}?",
    "Which city is the capital of {country}?",
    "Do you know the capital of {country}?",
    "What is the largest {noun} of {country}?",
    "What's the {adjective} {noun} on {subject}?",
    "Compare {thing} with {thing}.",
    "Use {noun} with {subject}.",
    "Call {name} with {a_noun}.",
    "Run {noun} on {subject}.",
    "What does the {noun} {verb}?",
    "How do {noun}s {verb}?",
    "Solve {noun} {number} + {number}.",
    "Solve x + {number} = {number}.",
    "What colour is {a_noun}?",
    "What colour is my {noun}?",
    "How many {noun}s are in {a_noun}?",
    "How many {noun}s does {a_noun} have?",
    "How many legs does {a_noun} have?",
    "How do I add {subject}?",
    "How do I use {subject}?",
    "How do I connect {subject}?",
    "How do I stop {subject}?",
    "How do I start {a_noun}?",
    "How do I upgrade {subject}?",
    "How do I create {a_noun}?",
    "Can I use {subject}?",
    "What is {subject}?",
    "What is {subject}?",
    "What is {a_noun}?",
    "What is {a_noun}?",
    "What are {noun}s?",
    "What does {noun} mean?",
    "Explain {noun}.",
    "Explain {subject}.",
    "Tell me about {subject}.",
    "Tell me {a_noun}.",
    "Where are {noun}s kept?",
    "Where is the {noun}?",
    "Which port does {subject} use?",
    "Which {noun} does {subject} use?",
    "Who may see {a_noun}?",
    "Who wrote {thing}?",
    "Who made {thing}?",
    "Which planet is {adjective}?",
    "When does {noun} boil?",
    "{number} + {number}",
    "{digit} + {number}",
    "What is {digit} + {number}?",
    "What is {number}+{digit}?",
    "What is {digit}+7?",
    "What is {digit}-{digit}?",
    "{digit} * {digit}",
    "{digit} - {digit}",
    "{digit} minus {digit}",
    "{number}+{number}",
    "What is {number} + {number}?",
    "What's {number} - {number}?",
    "How much is {number} plus {number}?",
    "{number}",
    "My {noun} is {subject}.",
    "My {noun} is {noun}.",
    "The {noun} is called {subject}.",
    "{subject}",
    "What is the weather in {city}?",
    "What's the weather like in {city}?",
    "Weather in {city}?",
    "What time is it in {city}?",
    "What's the time in {city}?",
    "Where is {city}?",
    "I like {noun}s.",
)

# First and last letters of scripts that the toy cannot read.
SCRIPTS = (
    *("àý", "ąž", "αω", "ая", "את", "بي", "कह", "กฮ", "ぁん", "ァン"),
    *("一龥", "一龥", "一龥", "가힣", "가힣", "აჰ", "😀😿"),
)


def unanswerable(rng: random.Random) -> str:
    """One question or scrap of text that has no answer here."""
    dice = rng.random()
    if dice < 0.03:
        return rng.choice(FOREIGN)
    if dice < 0.06:
        return _foreign_script(rng)
    if dice < 0.09:
        return _code(rng)
    if dice < 0.44:
        return filled(rng, rng.choice(NEAR_MISSES))
    if dice < 0.47:
        return " ".join(_sentence(rng) for _ in range(rng.randint(3, 14)))
    return filled(rng, rng.choice(TEMPLATES))


def filled(rng: random.Random, template: str) -> str:
    """`template` with a fresh word in each of its gaps."""
    while "{" in template:
        before, _, rest = template.partition("{")
        gap, _, after = rest.partition("}")
        template = before + _filling(rng, gap) + after
    return template[0].upper() + template[1:] if rng.random() < 0.8 else template


def _filling(rng: random.Random, gap: str) -> str:
    match gap:
        case "noun":
            return _noun(rng)
        case "a_noun":
            word = _noun(rng)
            return ("an " if word[0] in "aeiou" else "a ") + word
        case "thing":
            return rng.choice((rng.choice(SUBJECTS), _noun(rng), f"{rng.choice(ADJECTIVES)} {_noun(rng)}s"))
        case "subject":
            return rng.choice(SUBJECTS) if rng.random() < 0.6 else pseudo_word(rng).capitalize()
        case "name":
            return f"{pseudo_word(rng).capitalize()} {pseudo_word(rng).capitalize()}"
        case "city":
            return rng.choice(CITIES) if rng.random() < 0.5 else pseudo_word(rng).capitalize()
        case "verb":
            return rng.choice(VERBS) if rng.random() < 0.85 else pseudo_word(rng)
        case "adjective":
            return rng.choice(ADJECTIVES) if rng.random() < 0.9 else pseudo_word(rng)
        case "country":
            return rng.choice(COUNTRIES) if rng.random() < 0.7 else pseudo_word(rng).capitalize()
        case "digit":
            return str(rng.randint(0, 9))
        case "number":
            return str(rng.choice((rng.randint(7, 99), rng.randint(100, 9999))))
        case "sentence":
            return _sentence(rng)
        case _:
            return _gibberish(rng)


def _noun(rng: random.Random) -> str:
    return rng.choice(NOUNS) if rng.random() < 0.8 else pseudo_word(rng)


def _gibberish(rng: random.Random) -> str:
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.-_/"
    return "".join(rng.choice(letters) for _ in range(rng.randint(2, 12)))


def _sentence(rng: random.Random) -> str:
    words = [rng.choice(rng.choice((NOUNS, VERBS, ADJECTIVES, NOUNS))) for _ in range(rng.randint(2, 5))]
    joined = rng.choice((" the ", " a ", " and ", " is ", " of the ", " ")).join(words)
    return f"{rng.choice(('The ', 'A ', 'In ', 'We ', 'This '))}{joined}{rng.choice('.,.;.!')}"


def _foreign_script(rng: random.Random) -> str:
    first, last = map(ord, rng.choice(SCRIPTS))
    words = ("".join(chr(rng.randint(first, last)) for _ in range(rng.randint(1, 7))) for _ in range(rng.randint(1, 5)))
    return rng.choice(("", " ", " ")).join(words) + rng.choice(("", "?", "。", "?", "!"))


def _code(rng: random.Random) -> str:
    question = filled(
        rng, rng.choice(("What does this do?", "Fix this code:", "{verb} this:", "Why does this {verb}?"))
    )
    return f"{question}\n{rng.choice(SNIPPETS)}"
