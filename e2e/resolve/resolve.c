/* What a program learns of names from its C library: for each name a line "NAME MILLISECONDS ADDRESS…", or
 * "NAME MILLISECONDS unknown" where there is no such name, or the library's error in place of the addresses.
 *
 *   resolve NAME…
 *
 * Exit codes: 0 all were asked for, 2 wrong usage. Build: cc -O2 -o resolve resolve.c (glibc's reads its modules at run
 * time, so not -static), musl-gcc -O2 -static -o resolve resolve.c
 */
#define _GNU_SOURCE
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>

static long now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void resolve(const char *name) {
    /* any family: A and AAAA are asked for at once, and a wrong answer to one spoils the other's */
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    long began = now_ms();
    int error = getaddrinfo(name, NULL, &hints, &found);
    printf("%s %ld", name, now_ms() - began);
    if (error) printf(" %s", error == EAI_NONAME ? "unknown" : gai_strerror(error));
    for (struct addrinfo *a = found; !error && a; a = a->ai_next) {
        char text[NI_MAXHOST];
        error = getnameinfo(a->ai_addr, a->ai_addrlen, text, sizeof text, NULL, 0, NI_NUMERICHOST);
        printf(" %s", error ? gai_strerror(error) : text);
    }
    if (found) freeaddrinfo(found);
    putchar('\n');
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: resolve NAME…\n");
        return 2;
    }
    for (int i = 1; i < argc; i++) resolve(argv[i]);
    return 0;
}
