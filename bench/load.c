/* Closed-loop HTTP load on 127.0.0.1, requests or event streams, from one thread.
 *
 * load port=N body=FILE [connections=N] [warmup_s=S] [window_s=S] [ramp_s=S] [drain_s=S] [header="Name: value"]…
 *      [streams=1 [chunks=N] [reopen=0]] [count=N] [abort_every=N abort_body=FILE] [path=/v1/chat/completions]
 *
 * Every connection sends its next request when the last answer is complete. It prints "begin" and "end" around the
 * measured window (so that who started it can read the server's CPU time at both), lets what is under way finish, and
 * prints one line of JSON. Times are microseconds. A chunk is an event carrying upstream.c's mark "@t<16 digits>", and
 * its delay runs from that moment to its arrival here. Of every abort_every requests one is left by the client: by turns
 * right after it is sent, or (with abort_body) when the first bytes of its answer have come. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "options.h"
#include "response.h"

#define RETRY_NS (20 * MILLISECOND_NS)
#define STAMP_DIGITS 16

enum leave { STAY, LEAVE_AT_ONCE, LEAVE_AT_FIRST_BYTE };

struct samples {
    float *values;
    size_t len, cap;
};

struct client {
    int fd, connected, busy, finished, done_seen, watching_write;
    enum leave leave;
    const struct request *request;
    size_t sent;
    int64_t open_at_ns, started_ns;
    long chunks, answered;
    struct response response;
};

static struct options options;
static struct request plain, abandoned;
static struct client *clients;
static struct client *owner_of[MAX_FDS];
static int poller, measuring, stopping, waiting_to_open;
static long issued, requests, requests_total, chunks, chunks_total, errors, non_2xx, aborted, incomplete, streams_done, reconnects, body_bytes;
static long error_events;
static struct samples latency, delay, first_chunk;

static void add(struct samples *s, double value) {
    if (s->len == s->cap) {
        s->cap = s->cap ? s->cap * 2 : 4096;
        s->values = grown(s->values, s->cap * sizeof *s->values);
    }
    s->values[s->len++] = (float)value;
}

static int by_value(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static void print_samples(const char *name, struct samples *s) {
    double p50 = 0, p90 = 0, p99 = 0, max = 0;
    if (s->len) {
        qsort(s->values, s->len, sizeof *s->values, by_value);
        p50 = s->values[s->len / 2];
        p90 = s->values[s->len * 9 / 10];
        p99 = s->values[s->len * 99 / 100];
        max = s->values[s->len - 1];
    }
    printf(", \"%s\": {\"count\": %zu, \"p50_us\": %.1f, \"p90_us\": %.1f, \"p99_us\": %.1f, \"max_us\": %.1f}", name, s->len, p50, p90, p99, max);
}

static void hang_up(struct client *c) {
    if (c->fd >= 0) {
        owner_of[c->fd] = NULL;
        close(c->fd);
    }
    c->fd = -1;
    c->connected = c->busy = c->watching_write = 0;
}

static void open_later(struct client *c, int64_t at_ns) {
    hang_up(c);
    if (stopping || c->finished) return;
    c->open_at_ns = at_ns;
    waiting_to_open++;
}

static void want_write(struct client *c, int want) {
    if (c->watching_write == want) return;
    c->watching_write = want;
    poller_watch(poller, c->fd, 0, want);
}

static void failed(struct client *c) {
    errors++;
    if (!options.reopen) c->finished = 1;
    open_later(c, now_ns() + RETRY_NS);
}

static void client_left(struct client *c) {
    aborted++;
    open_later(c, now_ns());
}

static void send_rest(struct client *c) {
    ssize_t n = write(c->fd, c->request->bytes + c->sent, c->request->len - c->sent);
    if (n < 0 && !would_block()) { failed(c); return; }
    if (n > 0) c->sent += (size_t)n;
    int unsent = c->sent < c->request->len;
    want_write(c, unsent);
    if (!unsent && c->leave == LEAVE_AT_ONCE) client_left(c);
}

static void issue(struct client *c) {
    if (stopping || c->finished) return;
    if (options.count && issued >= options.count) return;
    issued++;
    c->leave = STAY;
    if (options.abort_every && issued % options.abort_every == 0)
        c->leave = options.abort_body && issued / options.abort_every % 2 ? LEAVE_AT_FIRST_BYTE : LEAVE_AT_ONCE;
    c->request = c->leave == LEAVE_AT_FIRST_BYTE ? &abandoned : &plain;
    c->busy = 1;
    c->sent = 0;
    c->chunks = c->done_seen = 0;
    response_reset(&c->response);
    c->started_ns = now_ns();
    send_rest(c);
}

static void open_client(struct client *c) {
    struct sockaddr_in address = loopback(options.port);
    c->fd = loopback_socket(socket(AF_INET, SOCK_STREAM, 0));
    if (c->fd < 0) die("socket");
    owner_of[c->fd] = c;
    c->answered = 0;
    c->watching_write = 1;
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS) { failed(c); return; }
    poller_watch(poller, c->fd, 1, 1);
}

static void on_event_line(void *owner, char *line, size_t len) {
    struct client *c = owner;
    if (len < 6 || memcmp(line, "data:", 5)) return;
    char *mark = memmem(line, len, "@t", 2);
    if (mark && mark + 2 + STAMP_DIGITS <= line + len) {
        int64_t now = now_ns(), sent_us = 0;
        for (int i = 0; i < STAMP_DIGITS; i++) sent_us = sent_us * 10 + (mark[2 + i] - '0');
        if (++c->chunks == 1 && (measuring || !options.reopen)) add(&first_chunk, (now - c->started_ns) / 1e3);
        chunks_total++;
        if (measuring) chunks++, add(&delay, now / 1e3 - (double)sent_us);
    } else if (memmem(line, len, "[DONE]", 6)) {
        c->done_seen = 1;
    } else if (memmem(line, len < 40 ? len : 40, "\"error\"", 7)) {
        if (!error_events++) fprintf(stderr, "load: %.*s\n", (int)(len < 300 ? len : 300), line);
    }
}

static void on_body(void *owner, char *bytes, size_t len) {
    struct client *c = owner;
    if (c->response.status / 100 != 2) {
        if (!non_2xx) fprintf(stderr, "load: status %d: %.*s\n", c->response.status, (int)(len < 300 ? len : 300), bytes);
    } else if (options.streams) {
        split_lines(&c->response, bytes, len, on_event_line, c);
    }
}

static void answered(struct client *c) {
    int ok = c->response.status / 100 == 2;
    c->busy = 0;
    c->answered++;
    if (!ok) non_2xx++;
    if (ok && options.streams) {
        if (c->done_seen && (!options.chunks || c->chunks == options.chunks)) streams_done++;
        else incomplete++;
    }
    if (ok) requests_total++, body_bytes += (long)c->response.body_bytes;
    if (ok && measuring) requests++, add(&latency, (now_ns() - c->started_ns) / 1e3);
    if (!options.reopen) c->finished = 1;
    if (c->response.keep_alive && !c->finished) { issue(c); return; }
    if (!c->finished) reconnects++;
    open_later(c, now_ns());
}

static void on_closed(struct client *c) {
    if (c->busy && c->response.phase == UNTIL_CLOSE) { c->response.keep_alive = 0; answered(c); return; }
    /* A server may close a kept connection just as the next request leaves: that request is sent again. */
    if (!c->busy || (c->answered && c->response.phase == HEAD && !c->response.line_len)) {
        if (c->busy) issued--;
        reconnects++;
        open_later(c, now_ns());
        return;
    }
    failed(c);
}

static void on_readable(struct client *c) {
    static char buffer[262144];
    ssize_t n = read(c->fd, buffer, sizeof buffer);
    if (n < 0 && would_block()) return;
    if (n <= 0) { on_closed(c); return; }
    if (!c->busy) { failed(c); return; }
    if (c->leave == LEAVE_AT_FIRST_BYTE) { client_left(c); return; }
    size_t used = response_feed(&c->response, buffer, (size_t)n, on_body, c);
    if (c->response.phase == BROKEN || used < (size_t)n) failed(c);
    else if (c->response.phase == COMPLETE) answered(c);
}

static void on_writable(struct client *c) {
    int failure = 0;
    socklen_t size = sizeof failure;
    if (c->connected) { send_rest(c); return; }
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &failure, &size);
    if (failure) { failed(c); return; }
    c->connected = 1;
    want_write(c, 0);
    issue(c);
}

static int64_t open_due_clients(int64_t now) {
    int64_t next = now + SECOND_NS;
    for (int i = 0; waiting_to_open && i < options.connections; i++) {
        struct client *c = &clients[i];
        if (!c->open_at_ns) continue;
        if (c->open_at_ns > now) {
            if (c->open_at_ns < next) next = c->open_at_ns;
            continue;
        }
        c->open_at_ns = 0;
        waiting_to_open--;
        if (!stopping) open_client(c);
    }
    return next;
}

static int busy_clients(void) {
    int busy = 0;
    for (int i = 0; i < options.connections; i++) busy += clients[i].busy;
    return busy;
}

static int all_finished(void) {
    if (options.count) return issued >= options.count && !busy_clients();
    if (options.reopen) return 0;
    for (int i = 0; i < options.connections; i++) if (!clients[i].finished) return 0;
    return 1;
}

static void serve(int64_t until_ns) {
    struct ready events[MAX_EVENTS];
    int64_t now = now_ns(), next = open_due_clients(now);
    if (next > until_ns) next = until_ns;
    int n = poller_wait(poller, events, next > now ? next - now : 0);
    for (int i = 0; i < n; i++) {
        int fd = events[i].fd;
        struct client *c = owner_of[fd];
        if (c && events[i].writable) on_writable(c);
        if (events[i].readable && c && owner_of[fd] == c && c->connected) on_readable(c);
    }
}

static void mark(const char *word) {
    printf("%s\n", word);
    fflush(stdout);
}

/* Returns the length of the window in seconds. Streams that are opened once may finish after it; the others stop. */
static double run(void) {
    int64_t start = now_ns(), begin = start + options.warmup_ns, end = begin + options.window_ns;
    for (int i = 0; i < options.connections; i++) {
        clients[i].fd = -1;
        open_later(&clients[i], start + options.ramp_ns * i / options.connections);
    }
    while (now_ns() < begin && !all_finished()) serve(begin);
    begin = now_ns();
    measuring = 1;
    mark("begin");
    while (now_ns() < end && !all_finished()) serve(end);
    end = now_ns();
    measuring = 0;
    mark("end");
    stopping = options.reopen;
    int64_t limit = end + options.drain_ns;
    while (now_ns() < limit && (options.reopen ? busy_clients() > 0 : !all_finished())) serve(limit);
    return (end - begin) / 1e9;
}

int main(int argc, char **argv) {
    prepare_process();
    options = read_options(argc, argv);
    plain = read_request(&options, options.body);
    if (options.abort_body) abandoned = read_request(&options, options.abort_body);
    clients = calloc((size_t)options.connections, sizeof *clients);
    if (!clients || (poller = poller_open()) < 0) die("poller");
    double window_s = run();
    printf("{\"window_s\": %.6f, \"requests\": %ld, \"requests_per_s\": %.1f, \"requests_total\": %ld, \"issued\": %ld, \"unfinished\": %d, \"errors\": %ld, "
           "\"non_2xx\": %ld, \"aborted\": %ld, \"reconnects\": %ld, \"body_bytes\": %ld, ",
           window_s, requests, requests / window_s, requests_total, issued, busy_clients(), errors, non_2xx, aborted, reconnects, body_bytes);
    printf("\"chunks\": %ld, \"chunks_per_s\": %.1f, \"chunks_total\": %ld, \"streams_done\": %ld, \"streams_incomplete\": %ld, \"error_events\": %ld",
           chunks, chunks / window_s, chunks_total, streams_done, incomplete, error_events);
    print_samples("latency", &latency);
    print_samples("chunk_delay", &delay);
    print_samples("first_chunk", &first_chunk);
    printf("}\n");
    return 0;
}
