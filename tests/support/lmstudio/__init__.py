"""LM Studio as it looks from outside, in a process of its own, over real HTTP: versions 0.3.5 to 1.1.x.

By hand, with the pace of a real machine (a load takes seconds and tells how far it is):

    python -m tests.support.lmstudio --port 1234 --version 0.4.23 --pace real --stay

In a test (fixtures `lmstudio` and `new_lmstudio` in `tests.support.fixtures`; `server.LMStudio` is the client):

    server = new_lmstudio("0.4.0", load_s=0.5, loaded=["qwen/qwen3-8b"])    # fields of `switches.Switches`
    server.set(serves_another=True)                                          # at any time
    server.will(web_page(500), on="GET /api/v1/models")                      # everything that an upstream can be told
    server.state.loaded                                                      # what is in memory

Started alone, it prints the same line as `tests.support.upstream` and takes the same commands on its control port.
`POST /_control` on the port itself changes switches too, `GET /_control` tells them and what is in memory:

    curl -d '{"version": "0.3.6", "jit": false}' http://127.0.0.1:1234/_control

What it does is what is known of LM Studio from its documentation, its SDK's source, recorded traffic and bug reports.
Of what nobody knows (docs/providers.md lists it) it does the plainest thing, and no test of the vendor relies on it.
Of its package's websockets it has what loads models. It does not have: `/v1/responses`, MCP and plugins.
"""
