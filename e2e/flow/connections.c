/* TCP connections to one address, told apart by who answers.
 *
 *   connections serve PORT                    tells every client its host name and a newline, then echoes
 *   connections count ADDRESS PORT NUMBER     connects so many times; prints "HOSTNAME COUNT" for each that answered,
 *                                             and "- COUNT" for what failed, or was silent for 2 s
 *   connections watch ADDRESS PORT SECONDS    connects every 10 ms; prints "SECONDS HOSTNAME" of each that answered, with
 *                                             the time of its start, on the clock of /proc/uptime
 *   connections hold ADDRESS PORT SECONDS     one connection, on which a byte is echoed every 20 ms; prints
 *                                             "HOSTNAME", and at the end "echoed NUMBER longest_gap_ms NUMBER"
 *   connections refused ADDRESS PORT SECONDS  begins a connection every 20 ms, whatever becomes of those before; prints
 *                                             "connected" after the first, and when one fails, on the clock of /proc/uptime
 *
 * Exit codes: 0 done, 1 a system call failed or the held connection broke, 2 wrong usage.
 * Build: cc -O2 -static -s -o connections connections.c -lpthread
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { NAME = 64, NAMES = 256, THREADS = 4 };

static struct sockaddr_in peer = {.sin_family = AF_INET};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct {
    char name[NAME];
    long count;
} answered[NAMES];
static long left;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void die(const char *what) {
    fprintf(stderr, "connections: %s: %s\n", what, strerror(errno));
    exit(1);
}

/* Its host name, and an open connection; or "-", and -1. */
static int ask(char name[NAME]) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    struct timeval limit = {.tv_sec = 2};
    /* closed by a reset: no port is left in TIME_WAIT, however many connections follow */
    struct linger reset = {.l_onoff = 1};
    if (fd < 0) die("socket");
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(fd, (struct sockaddr *)&peer, sizeof peer) == 0) {
        size_t length = 0;
        while (length < NAME - 1 && recv(fd, name + length, 1, 0) == 1) {
            if (name[length] == '\n') {
                name[length] = 0;
                return fd;
            }
            length++;
        }
    }
    close(fd);
    strcpy(name, "-");
    return -1;
}

static void *count(void *unused) {
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&lock);
        int more = left-- > 0;
        pthread_mutex_unlock(&lock);
        if (!more) return NULL;
        char name[NAME];
        int fd = ask(name), i = 0;
        if (fd >= 0) close(fd);
        pthread_mutex_lock(&lock);
        while (i < NAMES - 1 && answered[i].count && strcmp(answered[i].name, name)) i++;
        strcpy(answered[i].name, name);
        answered[i].count++;
        pthread_mutex_unlock(&lock);
    }
}

static void watch(double seconds) {
    double end = now() + seconds;
    while (now() < end) {
        char name[NAME];
        double started = now();
        int fd = ask(name);
        if (fd >= 0) close(fd);
        printf("%.3f %s\n", started, name);
        usleep(10000);
    }
}

static void hold(double seconds) {
    char name[NAME], byte = 'x';
    long echoed = 0;
    double end = now() + seconds, last = now(), gap = 0;
    int fd = ask(name);
    if (fd < 0) die("connect");
    printf("%s\n", name); /* the caller may begin */
    while (now() < end) {
        if (send(fd, &byte, 1, MSG_NOSIGNAL) != 1 || recv(fd, &byte, 1, 0) != 1) die("the connection broke");
        echoed++;
        if (now() - last > gap) gap = now() - last;
        last = now();
        usleep(20000);
    }
    printf("echoed %ld longest_gap_ms %.0f\n", echoed, gap * 1000);
}

static void refused(double seconds) {
    static struct pollfd begun[3000];
    nfds_t count = 0;
    int error = 0, connected = 0;
    double end = now() + seconds;
    while (now() < end && !error) {
        int fd = socket(AF_INET, SOCK_STREAM, 0);
        if (fd < 0) die("socket");
        fcntl(fd, F_SETFL, O_NONBLOCK);
        if (connect(fd, (struct sockaddr *)&peer, sizeof peer) && errno != EINPROGRESS) error = errno;
        begun[count++] = (struct pollfd){.fd = fd, .events = POLLOUT};
        if (count == sizeof begun / sizeof *begun) die("so many silent connections");
        double next = now() + 0.02;
        for (int left; !error && (left = (int)((next - now()) * 1000)) > 0;) {
            if (poll(begun, count, left) < 1) continue;
            for (nfds_t i = 0; i < count; i++) {
                if (!begun[i].revents) continue;
                socklen_t length = sizeof error;
                getsockopt(begun[i].fd, SOL_SOCKET, SO_ERROR, &error, &length);
                if (error) break;
                if (!connected++) printf("connected\n");
                close(begun[i].fd);
                begun[i--] = begun[--count];
            }
        }
    }
    if (!error) die("none failed");
    printf("%.3f %s\n", now(), strerror(error));
}

static void *client(void *its) {
    int fd = (int)(intptr_t)its;
    char buffer[1024];
    ssize_t got;
    if (gethostname(buffer, NAME - 1)) die("hostname");
    buffer[NAME - 2] = 0;
    strcat(buffer, "\n");
    send(fd, buffer, strlen(buffer), MSG_NOSIGNAL);
    while ((got = recv(fd, buffer, sizeof buffer, 0)) > 0)
        if (send(fd, buffer, (size_t)got, MSG_NOSIGNAL) != got) break;
    close(fd);
    return NULL;
}

static void serve(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    peer.sin_addr.s_addr = INADDR_ANY;
    if (bind(fd, (struct sockaddr *)&peer, sizeof peer) || listen(fd, 1024)) die("listen");
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&small, 64 << 10);
    for (;;) {
        pthread_t thread;
        int accepted = accept(fd, NULL, NULL);
        if (accepted < 0) continue; /* a client that went again */
        setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (pthread_create(&thread, &small, client, (void *)(intptr_t)accepted)) close(accepted);
    }
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    signal(SIGTERM, exit); /* pid 1 of a container ignores it otherwise */
    if (argc > 2) peer.sin_port = htons((uint16_t)atoi(argv[argc == 3 ? 2 : 3]));
    if (argc == 3 && !strcmp(argv[1], "serve")) serve();
    if (argc != 5 || inet_pton(AF_INET, argv[2], &peer.sin_addr) != 1) {
        fprintf(stderr, "usage: connections serve PORT | count ADDRESS PORT NUMBER | watch|hold|refused ADDRESS PORT SECONDS\n");
        return 2;
    }
    if (!strcmp(argv[1], "count")) {
        left = atol(argv[4]);
        pthread_t threads[THREADS];
        for (int i = 0; i < THREADS; i++)
            if (pthread_create(&threads[i], NULL, count, NULL)) die("thread");
        for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
        for (int i = 0; i < NAMES && answered[i].count; i++) printf("%s %ld\n", answered[i].name, answered[i].count);
    } else if (!strcmp(argv[1], "watch")) {
        watch(atof(argv[4]));
    } else if (!strcmp(argv[1], "hold")) {
        hold(atof(argv[4]));
    } else if (!strcmp(argv[1], "refused")) {
        refused(atof(argv[4]));
    } else {
        return 2;
    }
    return 0;
}
