/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datagram - send standard input as one UDP datagram.
 *
 *   datagram ADDRESS PORT <TEXT
 *
 * (The shell's /dev/udp makes a datagram of every line.)
 */
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
				  .ai_flags = AI_NUMERICHOST };
	struct addrinfo *a;
	char text[65507];
	size_t len;
	int fd;

	if (argc != 3 || getaddrinfo(argv[1], argv[2], &hints, &a)) {
		fputs("usage: datagram ADDRESS PORT <TEXT\n", stderr);
		return 2;
	}
	len = fread(text, 1, sizeof(text), stdin);
	fd = socket(a->ai_family, SOCK_DGRAM, 0);
	if (fd < 0 || sendto(fd, text, len, 0, a->ai_addr, a->ai_addrlen) < 0) {
		perror("datagram");
		return 1;
	}
	close(fd);
	freeaddrinfo(a);
	return 0;
}
