/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ask - say a line to a program that listens on a local socket.
 *
 *   ask SOCKET LINE
 *
 * Its answer is printed: what comes until the empty line behind it, or until it
 * has nothing more to say for a second. Status: 0 there was one; 1 there was
 * none.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_MS 10000
#define MORE_MS	 1000

static int open_to(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0 || strlen(path) >= sizeof(a.sun_path))
		return -1;
	memcpy(a.sun_path, path, strlen(path));
	if (connect(fd, (struct sockaddr *)&a, sizeof(a))) {
		close(fd);
		return -1;
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct pollfd p = { .events = POLLIN };
	char line[1024], answer[4096];
	int ms = FIRST_MS;
	ssize_t n;

	if (argc != 3) {
		fputs("usage: ask SOCKET LINE\n", stderr);
		return 2;
	}
	p.fd = open_to(argv[1]);
	snprintf(line, sizeof(line), "%s\n", argv[2]);
	if (p.fd < 0 || send(p.fd, line, strlen(line), 0) < 0) {
		perror(argv[1]);
		return 1;
	}
	while (poll(&p, 1, ms) > 0) {
		n = recv(p.fd, answer, sizeof(answer), 0);
		if (n <= 0)
			break;
		fwrite(answer, 1, (size_t)n, stdout);
		ms = MORE_MS;
		if (n >= 2 && !memcmp(answer + n - 2, "\n\n", 2))
			break;
	}
	return ms == FIRST_MS;
}
