/* saw PORT: answers every datagram with "<host name> saw <address of the sender, as seen here>".
 * socat with fork would do, but left one ask in a hundred unanswered on one node; its children seem to race for datagrams. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int count, char **arguments) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_port = htons(count == 2 ? atoi(arguments[1]) : 0)}, from;
  int udp = socket(AF_INET, SOCK_DGRAM, 0);
  char name[256] = "", data[2048];
  gethostname(name, sizeof name - 1);
  if (here.sin_port == 0 || bind(udp, (struct sockaddr *)&here, sizeof here)) {
    perror("saw PORT");
    return 1;
  }
  for (;;) {
    socklen_t length = sizeof from;
    if (recvfrom(udp, data, sizeof data, 0, (struct sockaddr *)&from, &length) < 0) continue;
    int size = snprintf(data, sizeof data, "%s saw %s\n", name, inet_ntoa(from.sin_addr));
    sendto(udp, data, size, 0, (struct sockaddr *)&from, length);
  }
}
