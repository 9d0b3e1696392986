/* What upstream.c and load.c share: a readiness poller (epoll on Linux, kqueue elsewhere), the clock and
 * non-blocking sockets on the loopback interface. Owners are plain file descriptors, so that an event left over
 * for a closed one can only cause a read that would block. */
#ifndef BENCH_POLLER_H
#define BENCH_POLLER_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__) && !defined(BENCH_KQUEUE)
#include <sys/epoll.h>
#include <sys/syscall.h>
#else
#include <sys/event.h>
#endif

#define MAX_FDS 65536
#define MAX_EVENTS 256
#define MILLISECOND_NS 1000000LL
#define SECOND_NS 1000000000LL

struct ready {
    int fd, readable, writable;
};

static inline int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * SECOND_NS + t.tv_nsec;
}

static inline void die(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    exit(1);
}

static inline void *grown(void *memory, size_t bytes) {
    void *bigger = realloc(memory, bytes);
    if (!bigger) die("realloc");
    return bigger;
}

#if defined(__linux__) && !defined(BENCH_KQUEUE)

static inline int poller_open(void) { return epoll_create1(EPOLL_CLOEXEC); }

/* Reading is always watched, which is how a peer that leaves is noticed; writing only while bytes wait. */
static inline int poller_watch(int poller, int fd, int first_time, int want_write) {
    struct epoll_event event = {.events = EPOLLIN | (want_write ? EPOLLOUT : 0), .data.fd = fd};
    return epoll_ctl(poller, first_time ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd, &event);
}

static inline int poller_wait(int poller, struct ready *out, int64_t timeout_ns) {
    static int coarse = 0;
    struct epoll_event events[MAX_EVENTS];
    int n = -1;
#ifdef SYS_epoll_pwait2
    if (!coarse) {
        struct timespec limit = {timeout_ns / SECOND_NS, timeout_ns % SECOND_NS};
        n = (int)syscall(SYS_epoll_pwait2, poller, events, MAX_EVENTS, timeout_ns < 0 ? NULL : &limit, NULL, 0);
        if (n < 0 && errno == ENOSYS) coarse = 1;
    }
#else
    coarse = 1;
#endif
    /* Kernels before 5.11 wait in whole milliseconds: the last one is spent polling. */
    if (coarse) n = epoll_wait(poller, events, MAX_EVENTS, timeout_ns < 0 ? -1 : (int)(timeout_ns / MILLISECOND_NS));
    for (int i = 0; i < n; i++) {
        uint32_t e = events[i].events;
        out[i] = (struct ready){events[i].data.fd, !!(e & (EPOLLIN | EPOLLHUP | EPOLLERR)), !!(e & (EPOLLOUT | EPOLLERR))};
    }
    return n;
}

#else

static inline int poller_open(void) { return kqueue(); }

static inline int poller_watch(int poller, int fd, int first_time, int want_write) {
    struct kevent change;
    if (first_time) {
        EV_SET(&change, fd, EVFILT_READ, EV_ADD, 0, 0, 0);
        if (kevent(poller, &change, 1, NULL, 0, NULL) < 0) return -1;
        if (!want_write) return 0;
    }
    EV_SET(&change, fd, EVFILT_WRITE, want_write ? EV_ADD : EV_DELETE, 0, 0, 0);
    return kevent(poller, &change, 1, NULL, 0, NULL);
}

static inline int poller_wait(int poller, struct ready *out, int64_t timeout_ns) {
    struct kevent events[MAX_EVENTS];
    struct timespec limit = {timeout_ns / SECOND_NS, timeout_ns % SECOND_NS};
    int n = kevent(poller, NULL, 0, events, MAX_EVENTS, timeout_ns < 0 ? NULL : &limit);
    for (int i = 0; i < n; i++) {
        int writing = events[i].filter == EVFILT_WRITE;
        out[i] = (struct ready){(int)events[i].ident, !writing, writing};
    }
    return n;
}

#endif

static inline int would_block(void) { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

static inline int loopback_socket(int fd) {
    int on = 1;
    if (fd < 0 || fd >= MAX_FDS) return -1;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static inline struct sockaddr_in loopback(int port) {
    struct sockaddr_in address;
    memset(&address, 0, sizeof address);
    address.sin_family = AF_INET;
    address.sin_port = htons((uint16_t)port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static inline void prepare_process(void) {
    struct rlimit files;
    signal(SIGPIPE, SIG_IGN);
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max > MAX_FDS ? MAX_FDS : files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
}

#endif
