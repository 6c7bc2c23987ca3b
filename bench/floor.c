/* The floor of a fan-out: one loop of send() over all viewers' sockets, and nothing else.
 *
 *     cc -O2 -o floor floor.c && ./floor PORT VIEWERS EVENTS PAYLOAD_BYTES [EVENTS_PER_S]
 *
 * Answers VIEWERS handshakes (any request is taken for one) and says "ready" on stdout. Then, for every line on stdin,
 * it sends EVENTS events to all, each the same WebSocket text frame for everybody, and tells in a line of JSON what it
 * took; EVENTS_PER_S 0: without a pause. A payload begins with the event's number and its time of sending, as the load
 * generator wants it. A full socket is waited for: the floor drops nothing. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char ANSWER[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

int main(int argc, char **argv) {
  if (argc < 5) {
    fprintf(stderr, "floor PORT VIEWERS EVENTS PAYLOAD_BYTES [EVENTS_PER_S]\n");
    return 2;
  }
  int port = atoi(argv[1]), viewers = atoi(argv[2]), wanted = atoi(argv[3]), payload = atoi(argv[4]);
  double per_s = argc > 5 ? atof(argv[5]) : 0;
  struct rlimit files;
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);
  signal(SIGPIPE, SIG_IGN);

  int listening = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listening, (struct sockaddr *)&at, sizeof at) || listen(listening, 4096)) fail("listen");
  printf("listening\n");
  fflush(stdout);

  int *sockets = malloc(sizeof(int) * viewers);
  char request[4096];
  for (int i = 0; i < viewers; i++) {
    if ((sockets[i] = accept(listening, NULL, NULL)) < 0) fail("accept");
    setsockopt(sockets[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    size_t got = 0;
    while (got < 4 || memcmp(request + got - 4, "\r\n\r\n", 4)) {
      ssize_t n = recv(sockets[i], request + got, sizeof request - got, 0);
      if (n <= 0) fail("handshake");
      got += n;
    }
    if (send(sockets[i], ANSWER, sizeof ANSWER - 1, 0) < 0) fail("answer");
  }
  printf("ready\n");
  fflush(stdout);

  int head = payload < 126 ? 2 : 4, size = head + payload;
  char *frame = malloc(size + 64);
  frame[0] = (char)0x81;
  if (head == 2) {
    frame[1] = (char)payload;
  } else {
    frame[1] = 126;
    frame[2] = (char)(payload >> 8);
    frame[3] = (char)payload;
  }
  unsigned long long number = 0;
  while (fgets(request, sizeof request, stdin)) {
    struct timespec started;
    clock_gettime(CLOCK_REALTIME, &started);
    unsigned long long events = 0, deliveries = 0, waits = 0;
    double began = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), now = began;
    while (events < (unsigned long long)wanted) {
      struct timespec sent;
      clock_gettime(CLOCK_REALTIME, &sent);
      memset(frame + head, 'x', payload);
      int text = sprintf(frame + head, "n=%llu t=%lld", ++number, sent.tv_sec * 1000000000LL + sent.tv_nsec);
      frame[head + text] = ' ';
      for (int i = 0; i < viewers; i++) {
        int done = 0;
        while (done < size) {
          ssize_t n = send(sockets[i], frame + done, size - done, MSG_DONTWAIT | MSG_NOSIGNAL);
          if (n >= 0) {
            done += n;
          } else if (errno == EAGAIN) {
            struct pollfd full = {.fd = sockets[i], .events = POLLOUT};
            waits++;
            poll(&full, 1, 1000);
          } else {
            fail("send");
          }
        }
        deliveries++;
      }
      events++;
      now = seconds_of(CLOCK_MONOTONIC);
      if (per_s > 0) {
        double due = began + events / per_s;
        if (due > now) usleep((useconds_t)((due - now) * 1e6));
        now = seconds_of(CLOCK_MONOTONIC);
      }
    }
    double took = now - began;
    cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    printf("{\"viewers\":%d,\"events\":%llu,\"deliveries\":%llu,\"took_s\":%.4f,\"cpu_s\":%.4f,\"waits\":%llu,"
           "\"deliveries_per_s\":%.1f,\"cpu_us_each\":%.4f,\"began_ns\":%lld}\n",
           viewers, events, deliveries, took, cpu, waits, deliveries / took, cpu * 1e6 / deliveries,
           started.tv_sec * 1000000000LL + started.tv_nsec);
    fflush(stdout);
  }
  return 0;
}
