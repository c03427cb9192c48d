/* Load over one TCP connection: how much passes, and how long a round trip takes.
 *
 *   load serve PORT                    serves any number of clients
 *   load stream ADDRESS PORT SECONDS   sends as much as it can, prints Mbit/s that arrived
 *   load rr ADDRESS PORT SECONDS       one byte to and fro, prints "p50 p99" in microseconds
 *
 * Exit codes: 0 done, 1 a system call failed, 2 wrong usage. Build: cc -O2 -static -o load load.c
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { STREAM = 's', ROUND_TRIPS = 'r', BLOCK = 128 * 1024, MAX_TRIPS = 4 * 1000 * 1000 };

static char block[BLOCK];

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void send_all(int fd, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t n = send(fd, bytes, length, MSG_NOSIGNAL);
        if (n < 0) die("send");
        bytes += n;
        length -= (size_t)n;
    }
}

/* A stream is counted until its sender shuts down; the count, not the sending, is the measure. */
static void serve_one(int fd) {
    char kind;
    if (recv(fd, &kind, 1, 0) != 1) return;
    uint64_t bytes = 0;
    ssize_t n;
    if (kind == STREAM) {
        while ((n = recv(fd, block, BLOCK, 0)) > 0) bytes += (uint64_t)n;
        send_all(fd, (const char *)&bytes, sizeof bytes);
    } else {
        while ((n = recv(fd, block, 1, 0)) == 1) send_all(fd, block, 1);
    }
}

static void serve(uint16_t port) {
    struct sockaddr_in me = {.sin_family = AF_INET, .sin_port = htons(port)};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one)) die("socket");
    if (bind(fd, (struct sockaddr *)&me, sizeof me) || listen(fd, 64)) die("listen");
    signal(SIGCHLD, SIG_IGN);
    for (;;) {
        int client = accept(fd, NULL, NULL);
        if (client < 0) continue;
        if (fork() == 0) {
            close(fd);
            setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            serve_one(client);
            _exit(0);
        }
        close(client);
    }
}

static int connected(const char *address, uint16_t port, char kind) {
    struct sockaddr_in peer = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct timeval patience = {.tv_sec = 15};
    int one = 1, fd = socket(AF_INET, SOCK_STREAM, 0);
    if (inet_pton(AF_INET, address, &peer.sin_addr) != 1) { errno = EINVAL; die(address); }
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer)) die("connect");
    send_all(fd, &kind, 1);
    return fd;
}

static void stream(int fd, double seconds) {
    uint64_t from = now_ns(), end = from + (uint64_t)(seconds * 1e9), arrived;
    while (now_ns() < end) send_all(fd, block, BLOCK);
    shutdown(fd, SHUT_WR);
    if (recv(fd, &arrived, sizeof arrived, MSG_WAITALL) != sizeof arrived) die("no count from the server");
    printf("%.1f\n", (double)arrived * 8e3 / (double)(now_ns() - from));
}

static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void round_trips(int fd, double seconds) {
    uint32_t *took = malloc(MAX_TRIPS * sizeof *took);
    size_t n = 0;
    if (!took) die("malloc");
    for (uint64_t end = now_ns() + (uint64_t)(seconds * 1e9), t = now_ns(); t < end && n < MAX_TRIPS; n++) {
        send_all(fd, block, 1);
        if (recv(fd, block, 1, 0) != 1) die("recv");
        uint64_t back = now_ns();
        took[n] = (uint32_t)(back - t);
        t = back;
    }
    qsort(took, n, sizeof *took, ascending);
    printf("%.1f %.1f\n", took[n / 2] / 1e3, took[n * 99 / 100] / 1e3);
}

int main(int argc, char **argv) {
    if (argc == 3 && !strcmp(argv[1], "serve")) serve((uint16_t)atoi(argv[2]));
    if (argc == 5 && !strcmp(argv[1], "stream")) {
        stream(connected(argv[2], (uint16_t)atoi(argv[3]), STREAM), atof(argv[4]));
        return 0;
    }
    if (argc == 5 && !strcmp(argv[1], "rr")) {
        round_trips(connected(argv[2], (uint16_t)atoi(argv[3]), ROUND_TRIPS), atof(argv[4]));
        return 0;
    }
    fprintf(stderr, "usage: load serve PORT | load stream ADDRESS PORT SECONDS | load rr ADDRESS PORT SECONDS\n");
    return 2;
}
