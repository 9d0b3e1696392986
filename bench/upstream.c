/* A fake OpenAI-compatible model server that answers at once, so that what is measured is the gateway before it.
 *
 * upstream MODEL...    serves 127.0.0.1 on a free port, prints "port N", and ends when its standard input does.
 *
 * The model's name says how the answer comes, because that is all every gateway passes on unchanged:
 *   stream-<chunks>-<interval_ms>   so many chunks when streaming is asked for, 0 = as fast as the reader takes them
 *   delay-<ms>                      the whole answer, later
 *   anything else                   the whole answer, at once
 * Every streamed chunk is one write and carries the time it was sent ("@t" and 16 digits, monotonic microseconds). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "poller.h"

#define DEFAULT_CHUNKS 10
#define MAX_REQUEST_BYTES (32u << 20)
#define EVENT_HEAD "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,\"model\":\"bench\","
#define CHUNK_EVENT EVENT_HEAD "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"@t0000000000000000 \"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
#define ROLE_EVENT EVENT_HEAD "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
#define FINISH_EVENT EVENT_HEAD "\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}]}\n\n"
#define USAGE_EVENT EVENT_HEAD "\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":%ld,\"total_tokens\":%ld}}\n\n"
#define STREAM_HEAD "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n"
#define CHAT_BODY "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1700000000,\"model\":\"bench\",\"system_fingerprint\":\"fp_bench\"," \
    "\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"The quick brown fox jumps over the lazy dog, and then it walks home " \
    "along the river because the bridge is closed today.\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}]," \
    "\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":24,\"total_tokens\":36}}"

struct conn {
    char *in, *out;
    size_t in_len, in_cap, out_len, out_cap;
    int open, watching_write, streaming, wants_usage, eager_slot, heap_slot;
    long chunks_sent, chunk_count;
    int64_t interval_ns, started_ns, due_ns;
};

static struct conn conns[MAX_FDS];
static int heap[MAX_FDS], heap_len;    /* fds with a timer, soonest first */
static int eager[MAX_FDS], eager_len;  /* fds of unpaced streams whose socket takes more */
static int poller, listener;
static long chat_count, embedding_count, abandoned_count, open_count;
static char models_body[16384], embedding_body[4096];
static char chunk_frame[512];
static size_t chunk_frame_len, stamp_at;

static void heap_place(int slot, int fd) {
    heap[slot] = fd;
    conns[fd].heap_slot = slot;
}

static void heap_settle(int slot) {
    int fd = heap[slot];
    while (slot > 0 && conns[heap[(slot - 1) / 2]].due_ns > conns[fd].due_ns) {
        heap_place(slot, heap[(slot - 1) / 2]);
        slot = (slot - 1) / 2;
    }
    for (int child; (child = slot * 2 + 1) < heap_len; slot = child) {
        if (child + 1 < heap_len && conns[heap[child + 1]].due_ns < conns[heap[child]].due_ns) child++;
        if (conns[heap[child]].due_ns >= conns[fd].due_ns) break;
        heap_place(slot, heap[child]);
    }
    heap_place(slot, fd);
}

static void timer_set(int fd, int64_t due_ns) {
    conns[fd].due_ns = due_ns;
    if (conns[fd].heap_slot < 0) heap_place(heap_len++, fd);
    heap_settle(conns[fd].heap_slot);
}

static void timer_clear(int fd) {
    int slot = conns[fd].heap_slot;
    if (slot < 0) return;
    conns[fd].heap_slot = -1;
    if (slot == --heap_len) return;
    heap_place(slot, heap[heap_len]);
    heap_settle(slot);
}

static void eager_add(int fd) {
    if (conns[fd].eager_slot >= 0) return;
    conns[fd].eager_slot = eager_len;
    eager[eager_len++] = fd;
}

static void eager_remove(int fd) {
    int slot = conns[fd].eager_slot;
    if (slot < 0) return;
    conns[fd].eager_slot = -1;
    eager[slot] = eager[--eager_len];
    if (slot < eager_len) conns[eager[slot]].eager_slot = slot;
}

static void conn_close(int fd) {
    struct conn *c = &conns[fd];
    if (c->streaming || c->heap_slot >= 0) abandoned_count++;
    timer_clear(fd);
    eager_remove(fd);
    c->open = c->streaming = 0;
    c->in_len = c->out_len = 0;
    open_count--;
    close(fd);
}

static void out_append(struct conn *c, const char *bytes, size_t len) {
    if (c->out_len + len > c->out_cap) {
        c->out_cap = (c->out_len + len) * 2;
        c->out = grown(c->out, c->out_cap);
    }
    memcpy(c->out + c->out_len, bytes, len);
    c->out_len += len;
}

static void watch_write(int fd, int want) {
    if (conns[fd].watching_write == want) return;
    conns[fd].watching_write = want;
    poller_watch(poller, fd, 0, want);
}

/* A failed write is left to the next read, which reports the same failure. */
static void send_bytes(int fd, const char *bytes, size_t len) {
    struct conn *c = &conns[fd];
    ssize_t sent = c->out_len ? 0 : write(fd, bytes, len);
    if (sent < 0) sent = 0;
    if ((size_t)sent == len) return;
    out_append(c, bytes + sent, len - (size_t)sent);
    watch_write(fd, 1);
}

static void send_json(int fd, int status, const char *body) {
    char text[20480];
    int len = snprintf(text, sizeof text, "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
                       status == 200 ? "OK" : "Not Found", strlen(body), body);
    send_bytes(fd, text, (size_t)len);
}

static void send_stats(int fd) {
    char body[256];
    snprintf(body, sizeof body, "{\"chat\":%ld,\"embeddings\":%ld,\"abandoned\":%ld,\"open\":%ld}", chat_count, embedding_count, abandoned_count, open_count);
    send_json(fd, 200, body);
}

static size_t put_frame(char *out, const char *event) {
    return (size_t)sprintf(out, "%zx\r\n%s\r\n", strlen(event), event);
}

static void send_chunk(int fd) {
    char digits[24];
    snprintf(digits, sizeof digits, "%016lld", (long long)(now_ns() / 1000));
    memcpy(chunk_frame + stamp_at, digits, 16);
    send_bytes(fd, chunk_frame, chunk_frame_len);
    conns[fd].chunks_sent++;
}

static void process(int fd);

static void stream_end(int fd) {
    struct conn *c = &conns[fd];
    char frames[2048], usage[512];
    size_t len = put_frame(frames, FINISH_EVENT);
    if (c->wants_usage) {
        snprintf(usage, sizeof usage, USAGE_EVENT, c->chunk_count, c->chunk_count + 12);
        len += put_frame(frames + len, usage);
    }
    len += put_frame(frames + len, "data: [DONE]\n\n");
    len += (size_t)sprintf(frames + len, "0\r\n\r\n");
    send_bytes(fd, frames, len);
    c->streaming = 0;
    eager_remove(fd);
    timer_clear(fd);
    process(fd);
}

static void stream_start(int fd, long chunks, long interval_ms) {
    struct conn *c = &conns[fd];
    char head[1024];
    size_t len = (size_t)sprintf(head, "%s", STREAM_HEAD);
    len += put_frame(head + len, ROLE_EVENT);
    send_bytes(fd, head, len);
    c->streaming = 1;
    c->chunks_sent = 0;
    c->chunk_count = chunks;
    c->interval_ns = interval_ms * MILLISECOND_NS;
    c->started_ns = now_ns();
    if (interval_ms == 0) eager_add(fd);
    else timer_set(fd, c->started_ns);
}

static void timer_fire(int fd) {
    struct conn *c = &conns[fd];
    if (!c->streaming) {
        timer_clear(fd);
        send_json(fd, 200, CHAT_BODY);
        process(fd);
        return;
    }
    send_chunk(fd);
    if (c->chunks_sent >= c->chunk_count) stream_end(fd);
    else timer_set(fd, c->started_ns + c->chunks_sent * c->interval_ns);
}

/* The text after `"name":`, or NULL. The bodies are the benchmark's own, so a search does for a parser. */
static const char *value_of(const char *body, size_t len, const char *name) {
    char key[64];
    const char *end = body + len, *at;
    int key_len = snprintf(key, sizeof key, "\"%s\"", name);
    for (at = body; (at = memmem(at, (size_t)(end - at), key, (size_t)key_len)); at++) {
        const char *p = at + key_len;
        while (p < end && (*p == ' ' || *p == '\n')) p++;
        if (p < end && *p == ':') {
            for (p++; p < end && (*p == ' ' || *p == '\n');) p++;
            return p;
        }
    }
    return NULL;
}

static int is_true(const char *body, size_t len, const char *name) {
    const char *value = value_of(body, len, name);
    return value && value + 4 <= body + len && memcmp(value, "true", 4) == 0;
}

static void answer_chat(int fd, const char *body, size_t len) {
    char model[128] = "";
    long chunks = DEFAULT_CHUNKS, interval_ms = 0, delay_ms = 0;
    const char *value = value_of(body, len, "model"), *slash, *name = model;
    if (value && *value == '"') {
        size_t n = 0;
        for (value++; value + n < body + len && value[n] != '"' && n < sizeof model - 1; n++) model[n] = value[n];
        model[n] = 0;
    }
    if ((slash = strrchr(model, '/'))) name = slash + 1;
    chat_count++;
    if (is_true(body, len, "stream")) {
        sscanf(name, "stream-%ld-%ld", &chunks, &interval_ms);
        conns[fd].wants_usage = is_true(body, len, "include_usage");
        stream_start(fd, chunks, interval_ms);
    } else if (sscanf(name, "delay-%ld", &delay_ms) == 1) {
        timer_set(fd, now_ns() + delay_ms * MILLISECOND_NS);
    } else {
        send_json(fd, 200, CHAT_BODY);
    }
}

static void answer(int fd, const char *line, const char *body, size_t len) {
    if (strncmp(line, "POST /v1/chat/completions ", 26) == 0) answer_chat(fd, body, len);
    else if (strncmp(line, "POST /v1/embeddings ", 20) == 0) embedding_count++, send_json(fd, 200, embedding_body);
    else if (strncmp(line, "GET /v1/models ", 15) == 0) send_json(fd, 200, models_body);
    else if (strncmp(line, "GET /stats ", 11) == 0) send_stats(fd);
    else send_json(fd, 404, "{\"error\":{\"message\":\"no such route\",\"type\":\"not_found\",\"code\":\"not_found\"}}");
}

/* Joins a chunked body in place. Returns the bytes it took on the wire, 0 while incomplete; *len becomes its length. */
static size_t unchunk(char *body, size_t available, size_t *len) {
    size_t from = 0, to = 0;
    for (int pass = 0; pass < 2; pass++) {  /* first look whether it is complete: joining destroys the sizes */
        for (from = to = 0;;) {
            char *line_end = memmem(body + from, available - from, "\r\n", 2);
            if (!line_end) return 0;
            size_t size = strtoul(body + from, NULL, 16);
            from = (size_t)(line_end - body) + 2;
            if (from + size + 2 > available) return 0;
            if (pass) memmove(body + to, body + from, size);
            to += size;
            from += size + 2;
            if (size == 0) break;
        }
    }
    *len = to;
    return from;
}

/* Answers the requests that have arrived completely; while one is being answered the next waits. */
static void process(int fd) {
    struct conn *c = &conns[fd];
    while (c->open && !c->streaming && c->heap_slot < 0 && c->in_len) {
        char *head_end = memmem(c->in, c->in_len, "\r\n\r\n", 4);
        if (!head_end) return;
        size_t head_len = (size_t)(head_end - c->in) + 4, body_len = 0, taken;
        int chunked = 0;
        for (char *line = c->in; line < head_end; line = (char *)memmem(line, (size_t)(head_end + 2 - line), "\r\n", 2) + 2) {
            if (strncasecmp(line, "content-length:", 15) == 0) body_len = strtoul(line + 15, NULL, 10);
            if (strncasecmp(line, "transfer-encoding: chunked", 26) == 0) chunked = 1;
        }
        taken = body_len;
        if (chunked && !(taken = unchunk(c->in + head_len, c->in_len - head_len, &body_len))) return;
        if (head_len + taken > c->in_len) return;
        answer(fd, c->in, c->in + head_len, body_len);
        c->in_len -= head_len + taken;
        memmove(c->in, c->in + head_len + taken, c->in_len);
    }
}

static void on_readable(int fd) {
    struct conn *c = &conns[fd];
    if (c->in_len + 4096 > c->in_cap) {
        c->in_cap = c->in_cap ? c->in_cap * 2 : 16384;
        if (c->in_cap > MAX_REQUEST_BYTES) { conn_close(fd); return; }
        c->in = grown(c->in, c->in_cap);
    }
    ssize_t n = read(fd, c->in + c->in_len, c->in_cap - c->in_len);
    if (n < 0 && would_block()) return;
    if (n <= 0) { conn_close(fd); return; }
    c->in_len += (size_t)n;
    process(fd);
}

static void on_writable(int fd) {
    struct conn *c = &conns[fd];
    if (c->out_len) {
        ssize_t sent = write(fd, c->out, c->out_len);
        if (sent <= 0) return;
        c->out_len -= (size_t)sent;
        memmove(c->out, c->out + sent, c->out_len);
        if (c->out_len) return;
    }
    watch_write(fd, 0);
    if (c->streaming && c->interval_ns == 0) eager_add(fd);
}

static void on_accept(void) {
    for (int i = 0; i < 64; i++) {
        int fd = accept(listener, NULL, NULL);
        if (fd < 0) return;
        if (loopback_socket(fd) < 0) { close(fd); continue; }
        struct conn *c = &conns[fd];
        c->open = 1;
        c->in_len = c->out_len = 0;
        c->streaming = c->watching_write = 0;
        c->eager_slot = c->heap_slot = -1;
        open_count++;
        poller_watch(poller, fd, 1, 0);
    }
}

/* One chunk for each unpaced stream, in turn; one whose socket is full waits until it is writable. */
static void feed_eager_streams(void) {
    for (int i = eager_len - 1; i >= 0; i--) {
        int fd = eager[i];
        send_chunk(fd);
        if (conns[fd].chunks_sent >= conns[fd].chunk_count) stream_end(fd);
        else if (conns[fd].out_len) eager_remove(fd);
    }
}

static void build_bodies(int count, char **names) {
    size_t at = (size_t)sprintf(models_body, "{\"object\":\"list\",\"data\":[");
    for (int i = 0; i < count && at < sizeof models_body - 256; i++)
        at += (size_t)snprintf(models_body + at, 200, "%s{\"id\":\"%.100s\",\"object\":\"model\",\"created\":1700000000,\"owned_by\":\"bench\"}", i ? "," : "", names[i]);
    sprintf(models_body + at, "]}");
    at = (size_t)sprintf(embedding_body, "{\"object\":\"list\",\"data\":[{\"object\":\"embedding\",\"index\":0,\"embedding\":[");
    for (int i = 0; i < 64; i++) at += (size_t)sprintf(embedding_body + at, "%s%.4f", i ? "," : "", (i - 32) / 64.0);
    sprintf(embedding_body + at, "]}],\"model\":\"bench\",\"usage\":{\"prompt_tokens\":4,\"total_tokens\":4}}");
    chunk_frame_len = put_frame(chunk_frame, CHUNK_EVENT);
    stamp_at = (size_t)(strstr(chunk_frame, "@t") - chunk_frame) + 2;
}

int main(int argc, char **argv) {
    struct ready events[MAX_EVENTS];
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    prepare_process();
    build_bodies(argc - 1, argv + 1);
    listener = loopback_socket(socket(AF_INET, SOCK_STREAM, 0));
    if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 4096) || getsockname(listener, (struct sockaddr *)&address, &size)) die("listen");
    if ((poller = poller_open()) < 0 || poller_watch(poller, listener, 1, 0)) die("poller");
    poller_watch(poller, STDIN_FILENO, 1, 0);  /* refused for a file, and then nobody waits for its end */
    printf("port %d\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int64_t wait_ns = eager_len ? 0 : -1;
        if (wait_ns < 0 && heap_len) {
            wait_ns = conns[heap[0]].due_ns - now_ns();
            if (wait_ns < 0) wait_ns = 0;
        }
        int n = poller_wait(poller, events, wait_ns);
        for (int i = 0; i < n; i++) {
            char ignored[256];
            if (events[i].fd == listener) on_accept();
            else if (events[i].fd == STDIN_FILENO) { if (read(STDIN_FILENO, ignored, sizeof ignored) <= 0) return 0; }
            else {
                if (events[i].readable && conns[events[i].fd].open) on_readable(events[i].fd);
                if (events[i].writable && conns[events[i].fd].open) on_writable(events[i].fd);
            }
        }
        int64_t now = now_ns();
        while (heap_len && conns[heap[0]].due_ns <= now) timer_fire(heap[0]);
        feed_eager_streams();
    }
}
