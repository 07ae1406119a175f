/* Internet addresses and ranges of them. */
#ifndef BASE_NETWORK_H
#define BASE_NETWORK_H

#include "base/id.h"
#include "base/str.h"

/* An IPv4 or IPv6 address; IPv4 is kept as ::ffff:a.b.c.d. */
struct address {
	uint8_t ip[16];
	uint16_t port;
};
enum { ADDRESS_TEXT_SIZE = 64 };
void address_print(const struct address *a, char out[ADDRESS_TEXT_SIZE]); /* without the port */
/* Who is behind an address, for what is counted a source: an IPv4 address, or the /64 of an IPv6
 * one, within which a subscriber chooses as they like. */
struct id address_source(const uint8_t ip[16]);
bool address_eq_ip(const struct address *a, const struct address *b);

/* A network range "10.0.0.0/8", "2001:db8::/32" or one address. -EINVAL. */
struct network {
	uint8_t ip[16];
	uint8_t prefix_bits; /* 0…128, of the IPv6 form */
};
int network_parse(struct str text, struct network *ret_network);
bool network_holds(const struct network *n, const struct address *a);
/* A list, "127.0.0.0/8, ::1"; "" is an empty one. -EINVAL, and *ret_list untouched, when a part is
 * none or there are more than NETWORKS_MAX. */
enum { NETWORKS_MAX = 16 };
struct network_list {
	struct network network[NETWORKS_MAX];
	unsigned count;
};
int networks_parse(struct str text, struct network_list *ret_list);
bool networks_hold(const struct network_list *list, const struct address *a);
/* An address without a port, IPv4 or IPv6. -EINVAL. */
int address_parse(struct str text, struct address *ret_address);

#endif
