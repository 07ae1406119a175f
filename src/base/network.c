/* Addresses and ranges: see network.h. */
#include "base/network.h"

#include <arpa/inet.h>
#include <errno.h>

/* ::ffff:0:0/96, where IPv4 lives (RFC 4291 §2.5.5.2). */
static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

static bool is_v4(const uint8_t ip[16])
{
	return !memcmp(ip, mapped, sizeof(mapped));
}

void address_print(const struct address *a, char out[ADDRESS_TEXT_SIZE])
{
	if (is_v4(a->ip))
		inet_ntop(AF_INET, a->ip + 12, out, ADDRESS_TEXT_SIZE);
	else
		inet_ntop(AF_INET6, a->ip, out, ADDRESS_TEXT_SIZE);
}

struct id address_source(const uint8_t ip[16])
{
	static const uint8_t v4[12] = {[10] = 0xff, [11] = 0xff};
	struct id source = ID_NONE;

	memcpy(source.bytes, ip, memcmp(ip, v4, sizeof(v4)) ? 8 : 16);
	return source;
}

bool address_eq_ip(const struct address *a, const struct address *b)
{
	return !memcmp(a->ip, b->ip, sizeof(a->ip));
}

int address_parse(struct str text, struct address *ret_address)
{
	char copy[INET6_ADDRSTRLEN];
	struct address a = {.port = 0};

	if (!text.len || text.len >= sizeof(copy))
		return -EINVAL;
	memcpy(copy, text.ptr, text.len);
	copy[text.len] = '\0';
	if (strlen(copy) != text.len)
		return -EINVAL;
	memcpy(a.ip, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, copy, a.ip + 12) != 1 && inet_pton(AF_INET6, copy, a.ip) != 1)
		return -EINVAL;
	*ret_address = a;
	return 0;
}

int network_parse(struct str text, struct network *ret_network)
{
	ptrdiff_t slash = str_find(text, '/');
	struct address a;
	int64_t bits, most;

	if (address_parse(slash < 0 ? text : str_slice(text, 0, (size_t)slash), &a) < 0)
		return -EINVAL;
	/* ::ffff:10.0.0.0/104 is written with IPv6's prefix, 10.0.0.0/8 with IPv4's. */
	most = str_find(text, ':') < 0 ? 32 : 128;
	bits = most;
	if (slash >= 0 &&
	    str_parse_i64(str_slice(text, (size_t)slash + 1, text.len), 0, most, &bits) < 0)
		return -EINVAL;
	bits += 128 - most;
	/* Bits beyond the prefix mean a slip of the pen: 10.1.0.0/8. */
	for (int64_t i = bits; i < 128; i++)
		if (a.ip[i / 8] & 0x80 >> i % 8)
			return -EINVAL;
	memcpy(ret_network->ip, a.ip, sizeof(a.ip));
	ret_network->prefix_bits = (uint8_t)bits;
	return 0;
}

bool network_holds(const struct network *n, const struct address *a)
{
	unsigned whole = n->prefix_bits / 8, rest = n->prefix_bits % 8;

	if (memcmp(n->ip, a->ip, whole))
		return false;
	return !rest || !((n->ip[whole] ^ a->ip[whole]) >> (8 - rest));
}

int networks_parse(struct str text, struct network_list *ret_list)
{
	struct network_list list = {.count = 0};
	struct str part;

	text = str_trim(text);
	if (!text.len)
		text = STR_NONE;
	while (str_split(&text, ',', &part)) {
		if (list.count == NETWORKS_MAX ||
		    network_parse(str_trim(part), &list.network[list.count]))
			return -EINVAL;
		list.count++;
	}
	*ret_list = list;
	return 0;
}

bool networks_hold(const struct network_list *list, const struct address *a)
{
	for (unsigned i = 0; i < list->count; i++)
		if (network_holds(&list->network[i], a))
			return true;
	return false;
}
