/* The load generator's options, given as name=value, and the request bytes made of them. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include "poller.h"

#define MAX_BODY_BYTES (32u << 20)

struct options {
    int port, streams, reopen, connections;
    long count, abort_every, chunks;
    int64_t warmup_ns, window_ns, ramp_ns, drain_ns;
    const char *path, *body, *abort_body;
    char headers[4096];
};

struct request {
    char *bytes;
    size_t len;
};

static inline int64_t seconds_ns(const char *text) { return (int64_t)(atof(text) * 1e9); }

static inline int option(const char *argument, const char *name, const char **value) {
    size_t len = strlen(name);
    if (strncmp(argument, name, len) || argument[len] != '=') return 0;
    *value = argument + len + 1;
    return 1;
}

static inline struct options read_options(int argc, char **argv) {
    struct options o = {.reopen = 1, .connections = 1, .window_ns = SECOND_NS, .drain_ns = 3 * SECOND_NS, .path = "/v1/chat/completions"};
    const char *v;
    for (int i = 1; i < argc; i++) {
        if (option(argv[i], "port", &v)) o.port = atoi(v);
        else if (option(argv[i], "path", &v)) o.path = v;
        else if (option(argv[i], "body", &v)) o.body = v;
        else if (option(argv[i], "abort_body", &v)) o.abort_body = v;
        else if (option(argv[i], "connections", &v)) o.connections = atoi(v);
        else if (option(argv[i], "streams", &v)) o.streams = atoi(v);
        else if (option(argv[i], "reopen", &v)) o.reopen = atoi(v);
        else if (option(argv[i], "count", &v)) o.count = atol(v);
        else if (option(argv[i], "chunks", &v)) o.chunks = atol(v);
        else if (option(argv[i], "abort_every", &v)) o.abort_every = atol(v);
        else if (option(argv[i], "warmup_s", &v)) o.warmup_ns = seconds_ns(v);
        else if (option(argv[i], "window_s", &v)) o.window_ns = seconds_ns(v);
        else if (option(argv[i], "ramp_s", &v)) o.ramp_ns = seconds_ns(v);
        else if (option(argv[i], "drain_s", &v)) o.drain_ns = seconds_ns(v);
        else if (option(argv[i], "header", &v) && strlen(o.headers) + strlen(v) + 3 < sizeof o.headers) strcat(strcat(o.headers, v), "\r\n");
        else {
            fprintf(stderr, "load: bad option %s\n", argv[i]);
            exit(2);
        }
    }
    if (!o.port || !o.body || o.connections < 1 || o.connections > MAX_FDS / 2) {
        fprintf(stderr, "load: port=, body=FILE and connections=1..%d are needed\n", MAX_FDS / 2);
        exit(2);
    }
    return o;
}

static inline struct request read_request(const struct options *o, const char *body_file) {
    FILE *file = fopen(body_file, "rb");
    char head[8192], *body = grown(NULL, MAX_BODY_BYTES);
    if (!file) die(body_file);
    size_t body_len = fread(body, 1, MAX_BODY_BYTES, file);
    fclose(file);
    int head_len = snprintf(head, sizeof head, "POST %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nContent-Type: application/json\r\n%sContent-Length: %zu\r\n\r\n",
                            o->path, o->port, o->headers, body_len);
    struct request request = {grown(NULL, (size_t)head_len + body_len), (size_t)head_len + body_len};
    memcpy(request.bytes, head, (size_t)head_len);
    memcpy(request.bytes + head_len, body, body_len);
    free(body);
    return request;
}

#endif
