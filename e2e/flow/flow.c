/* A sequence-numbered UDP flow: what is lost, and for how long nothing comes back.
 *
 *   flow echo PORT                          answers every datagram
 *   flow who PORT                           answers with "HOSTNAME saw ADDRESS"
 *   flow send ADDRESS PORT RATE SECONDS     sends RATE datagrams a second, waits 1 s for stragglers, prints
 *                                           "sent N received N lost N longest_gap_ms N starved N", and when the first
 *                                           were lost. Starved: dropped by the two programs' own sockets, which were full
 *
 * Exit codes: 0 done, 1 a system call failed, 2 wrong usage. Build: cc -O2 -static -o flow flow.c -lpthread
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int fd;
static volatile int done;
static uint64_t received, longest_gap;
static uint32_t echo_drops_first, echo_drops_last;

/* What is echoed; the echo adds what its own socket has dropped so far. */
struct datagram {
    uint32_t number, drops;
};
static uint8_t *seen;
static uint32_t total;

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void die(const char *what) {
    fprintf(stderr, "flow: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* The kernel caps it at net.core.rmem_max: what the instrument itself drops must not be counted against the network. */
static void roomy(int socket) {
    int bytes = 8 << 20;
    if (setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes)) die("SO_RCVBUF");
}

/* What this socket dropped because nobody read it in time (SK_MEMINFO_DROPS of linux/sock_diag.h). */
static uint32_t drops(int socket) {
    uint32_t info[9] = {0};
    socklen_t length = sizeof info;
    if (getsockopt(socket, SOL_SOCKET, 55 /* SO_MEMINFO */, info, &length)) die("SO_MEMINFO");
    return info[8];
}

static void *receive(void *unused) {
    (void)unused;
    uint64_t last = now_ns();
    while (!done) {
        struct datagram d;
        ssize_t got = recv(fd, &d, sizeof d, 0); /* SO_RCVTIMEO ends the wait; ICMP errors are not the end */
        if (got != sizeof d || d.number >= total || seen[d.number]) continue;
        seen[d.number] = 1;
        if (received++ == 0) echo_drops_first = d.drops;
        echo_drops_last = d.drops;
        uint64_t t = now_ns();
        if (t - last > longest_gap) longest_gap = t - last;
        last = t;
    }
    return NULL;
}

/* Speaks IPv4, too, by mapped addresses (RFC 4291, section 2.5.5.2). */
static int open_socket(void) {
    int off = 0, opened = socket(AF_INET6, SOCK_DGRAM, 0);
    if (opened < 0 || setsockopt(opened, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off)) die("socket");
    roomy(opened);
    return opened;
}

static void serve(int port, int says_who) {
    struct sockaddr_in6 me = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
    if (bind(fd = open_socket(), (struct sockaddr *)&me, sizeof me)) die("bind");
    for (;;) {
        _Alignas(struct datagram) char buffer[2048];
        char host[256], address[INET6_ADDRSTRLEN];
        struct sockaddr_in6 peer;
        socklen_t length = sizeof peer;
        ssize_t got = recvfrom(fd, buffer, sizeof buffer, 0, (struct sockaddr *)&peer, &length);
        if (got < 0) continue;
        if (!says_who && got == sizeof(struct datagram)) ((struct datagram *)buffer)->drops = drops(fd);
        if (says_who) {
            if (gethostname(host, sizeof host)) die("hostname");
            inet_ntop(AF_INET6, &peer.sin6_addr, address, sizeof address);
            const char *shown = IN6_IS_ADDR_V4MAPPED(&peer.sin6_addr) ? strrchr(address, ':') + 1 : address;
            got = snprintf(buffer, sizeof buffer, "%s saw %s\n", host, shown);
        }
        sendto(fd, buffer, (size_t)got, 0, (struct sockaddr *)&peer, length);
    }
}

int main(int argc, char **argv) {
    if (argc == 3 && (!strcmp(argv[1], "echo") || !strcmp(argv[1], "who"))) serve(atoi(argv[2]), argv[1][0] == 'w');
    if (argc != 6 || strcmp(argv[1], "send")) {
        fprintf(stderr, "usage: flow echo PORT | flow who PORT | flow send ADDRESS PORT RATE SECONDS\n");
        return 2;
    }
    struct sockaddr_in6 peer = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)atoi(argv[3]))};
    peer.sin6_addr = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}};
    if (inet_pton(AF_INET, argv[2], &peer.sin6_addr.s6_addr[12]) != 1 && inet_pton(AF_INET6, argv[2], &peer.sin6_addr) != 1)
        die(argv[2]);
    uint32_t rate = (uint32_t)atoi(argv[4]);
    total = rate * (uint32_t)atoi(argv[5]);
    seen = calloc(total, 1);
    struct timeval wait = {.tv_usec = 100000};
    if (connect(fd = open_socket(), (struct sockaddr *)&peer, sizeof peer) ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait))
        die("connect");
    pthread_t receiver;
    if (pthread_create(&receiver, NULL, receive, NULL)) die("thread");
    uint32_t refused = 0;
    uint64_t start = now_ns();
    for (uint32_t n = 0; n < total; n++) {
        uint64_t due = start + (uint64_t)n * 1000000000u / rate;
        struct timespec at = {.tv_sec = (time_t)(due / 1000000000u), .tv_nsec = (long)(due % 1000000000u)};
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        struct datagram d = {.number = n};
        if (send(fd, &d, sizeof d, 0) < 0) refused++; /* has no answer: counted as lost, too */
    }
    uint64_t end = now_ns() + 1000000000u;
    while (received < total && now_ns() < end) usleep(1000);
    done = 1;
    pthread_join(receiver, NULL);
    printf("sent %u received %lu lost %lu longest_gap_ms %lu starved %u\n", total, (unsigned long)received,
           (unsigned long)(total - received), (unsigned long)(longest_gap / 1000000u),
           echo_drops_last - echo_drops_first + drops(fd));
    /* when: a run of losses is a cut, scattered ones are a queue that overflowed */
    for (uint32_t n = 0, printed = 0; n < total && printed < 20; n++)
        if (!seen[n]) {
            uint32_t first = n;
            while (n < total && !seen[n]) n++;
            printf("lost at %lu ms: %u\n", (unsigned long)((uint64_t)first * 1000u / rate), n - first);
            printed++;
        }
    if (refused) printf("sends refused: %u\n", refused);
    return 0;
}
