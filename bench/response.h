/* An incremental HTTP/1.1 response parser (Content-Length, chunked, until close) and a splitter of event lines. */
#ifndef BENCH_RESPONSE_H
#define BENCH_RESPONSE_H

#include "poller.h"

#define MAX_HEAD_BYTES 16384

enum phase { HEAD, BY_LENGTH, CHUNK_SIZE, CHUNK_DATA, CHUNK_END, TRAILER, UNTIL_CLOSE, COMPLETE, BROKEN };

struct response {
    enum phase phase;
    int status, keep_alive;
    size_t remaining;      /* of the body or of the chunk */
    size_t body_bytes;
    char *line;            /* head, size line or trailer that came in parts */
    size_t line_len, line_cap;
    char *event;           /* the unfinished line of an event stream */
    size_t event_len, event_cap;
};

typedef void body_handler(void *owner, char *bytes, size_t len);

static inline void response_reset(struct response *r) {
    r->phase = HEAD;
    r->status = 0;
    r->keep_alive = 1;
    r->remaining = r->body_bytes = r->line_len = r->event_len = 0;
}

static inline void keep(char **buffer, size_t *len, size_t *cap, const char *bytes, size_t more) {
    if (*len + more > *cap) {
        *cap = (*len + more) * 2;
        *buffer = grown(*buffer, *cap);
    }
    memcpy(*buffer + *len, bytes, more);
    *len += more;
}

static inline void read_head(struct response *r, char *head, size_t len) {
    int chunked = 0, sized = 0;
    char *end = head + len;
    if (len < 12 || memcmp(head, "HTTP/1.", 7)) { r->phase = BROKEN; return; }
    r->status = atoi(head + 9);
    if (head[7] == '0') r->keep_alive = 0;
    for (char *line = head; line < end;) {
        char *next = memmem(line, (size_t)(end - line), "\r\n", 2);
        if (!next) break;
        *next = 0;
        if (strncasecmp(line, "content-length:", 15) == 0) sized = 1, r->remaining = strtoul(line + 15, NULL, 10);
        else if (strncasecmp(line, "transfer-encoding: chunked", 26) == 0) chunked = 1;
        else if (strncasecmp(line, "connection: close", 17) == 0) r->keep_alive = 0;
        line = next + 2;
    }
    if (r->status / 100 == 1) r->phase = HEAD;
    else if (chunked) r->phase = CHUNK_SIZE;
    else if (!sized) r->phase = UNTIL_CLOSE, r->keep_alive = 0;
    else r->phase = r->remaining ? BY_LENGTH : COMPLETE;
}

/* Takes bytes up to and with the end mark into r->line. Returns how many it took; *found says whether it is whole. */
static inline size_t take_until(struct response *r, const char *bytes, size_t len, const char *mark, int *found) {
    size_t mark_len = strlen(mark), before = r->line_len;
    keep(&r->line, &r->line_len, &r->line_cap, bytes, len);
    size_t from = before >= mark_len ? before - mark_len + 1 : 0;
    char *at = memmem(r->line + from, r->line_len - from, mark, mark_len);
    *found = at != NULL;
    if (!at) {
        if (r->line_len > MAX_HEAD_BYTES) r->phase = BROKEN;
        return len;
    }
    r->line_len = (size_t)(at - r->line) + mark_len;
    return r->line_len - before;
}

static inline void line_done(struct response *r) {
    if (r->phase == HEAD) {
        read_head(r, r->line, r->line_len);
    } else if (r->phase == CHUNK_SIZE) {
        r->remaining = strtoul(r->line, NULL, 16);
        r->phase = r->remaining ? CHUNK_DATA : TRAILER;
    } else if (r->phase == CHUNK_END) {
        r->phase = CHUNK_SIZE;
    } else if (r->phase == TRAILER && r->line_len == 2) {
        r->phase = COMPLETE;
    }
    r->line_len = 0;
}

/* Feeds bytes; returns how many belonged to this response. */
static inline size_t response_feed(struct response *r, char *bytes, size_t len, body_handler *on_body, void *owner) {
    size_t used = 0;
    while (used < len && r->phase != COMPLETE && r->phase != BROKEN) {
        if (r->phase == BY_LENGTH || r->phase == CHUNK_DATA || r->phase == UNTIL_CLOSE) {
            size_t n = len - used;
            if (r->phase != UNTIL_CLOSE && n > r->remaining) n = r->remaining;
            on_body(owner, bytes + used, n);
            r->body_bytes += n;
            used += n;
            if (r->phase == UNTIL_CLOSE || (r->remaining -= n)) continue;
            r->phase = r->phase == BY_LENGTH ? COMPLETE : CHUNK_END;
        } else {
            int found;
            used += take_until(r, bytes + used, len - used, r->phase == HEAD ? "\r\n\r\n" : "\r\n", &found);
            if (found) line_done(r);
        }
    }
    return used;
}

/* Calls on_line for every whole line of an event stream, without its end. */
static inline void split_lines(struct response *r, char *bytes, size_t len, body_handler *on_line, void *owner) {
    char *end = bytes + len, *newline;
    for (; bytes < end && (newline = memchr(bytes, '\n', (size_t)(end - bytes))); bytes = newline + 1) {
        if (r->event_len) {
            keep(&r->event, &r->event_len, &r->event_cap, bytes, (size_t)(newline - bytes));
            on_line(owner, r->event, r->event_len);
            r->event_len = 0;
        } else {
            on_line(owner, bytes, (size_t)(newline - bytes));
        }
    }
    if (bytes < end) keep(&r->event, &r->event_len, &r->event_cap, bytes, (size_t)(end - bytes));
}

#endif
