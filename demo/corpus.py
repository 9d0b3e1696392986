"""What the toy knows by heart. Lower case and a missing final mark are added by `conversations.py`."""

from demo.about_patchbay import PATCHBAY
from demo.everyday import FACTS, SMALL_TALK
from demo.topic import Topic, topic

__all__ = ["FACTS", "FALLBACK", "PATCHBAY", "SMALL_TALK", "STORIES", "TOPICS", "Topic"]

FALLBACK = (
    "I am only a toy model that comes with Patchbay, so I can't answer that. Add a real model to get a real answer."
)

STORIES = (
    topic(
        "Once upon a time a small robot lived in an old telephone exchange. Every day it joined cables, and every"
        " day people spoke to each other without knowing its name. One night a storm came and all the lines fell"
        " silent. The robot took its lamp and walked along the wall. It tried one cable after another, first the"
        " red ones, then the blue ones, then the green ones. In the morning a single line hummed. A child on a"
        " farm said hello, and far away a grandmother answered. Then the other lines woke up, one by one, until"
        " the whole valley was talking again. Nobody knew who had done it. The robot sat down, warmed its hands on"
        " the lamp and listened. It was only a toy, but it was happy.",
        "Tell me a story.",
        "Tell me a short story.",
        "Write a story.",
        "Write a short story.",
        "Can you tell me a story?",
        "Write me a short story.",
        "Tell me a story about a robot.",
        "Write a story about a robot.",
        "Tell me a long story.",
        "Tell me something long.",
        "Once upon a time",
        "I want to hear a story.",
    ),
    topic(
        "A grey cat lived by the sea. Each morning she sat on the wall of the harbour and watched the boats go"
        " out. She could not fish, and she did not like the water, but she knew the name of every boat. One"
        " evening fog came in, so thick that the lighthouse was gone. The cat sat on the wall and sang, loud and"
        " badly, for hours. Out on the water the fishermen laughed and steered towards the noise. When the last"
        " boat had come home, they gave her the biggest fish. She slept for two days. Since then the harbour has"
        " a light, a bell and a cat.",
        "Tell me a story about a cat.",
        "Write a story about a cat.",
        "Tell me a short story about a cat.",
        "Tell me another story.",
        "Tell me a story about the sea.",
        "Another story, please.",
    ),
)

TOPICS = PATCHBAY + SMALL_TALK + FACTS
