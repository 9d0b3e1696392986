"""A server with models of all sorts for the journeys of the web UI: paced, seeing, thinking, lying, breaking.

`python -m tests.support.ui_provider` starts it as `tests.support.upstream` starts: same line on standard output, same
control port with the same commands (`UpstreamProcess("tests.support.ui_provider")` is a client), and two more,
`POST /ports/<id>/pace {"tokens_per_second": 20, "first_token_s": 0}` and `POST /ports/<id>/imitate "lmstudio"`.

What a model does is said in the prompt, as `name=value` anywhere in it; see `prompt.Prompt`:

    steady       `words=300 rate=50`: w1 w2 … w300. `style=markdown`: headings, lists, tables and code of about so many
                 words; `hurry=200000`: so many characters first, at 40 times the rate
    sees         how many images came, of which type and how many pixels, after decoding them
    thinks       reasons r1 … r20 before it answers
    tools        calls the tool `look_up`
    echo         says what follows `Say exactly:` and a line break; everything it was sent, without that mark
    slow-first   waits `first=5` seconds before its first token
    liar         says that another model answered
    breaks       `fault=500|429|cut|error|stall` and `after=20` words
    text-embedding-numbers   makes vectors
"""
