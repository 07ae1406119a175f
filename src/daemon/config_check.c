/* What the values of the configuration mean: see config.h. */
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>

#include "base/alloc.h"
#include "base/network.h"
#include "base/phone.h"
#include "daemon/config.h"
#include "net/tcp.h"
#include "net/tls.h"
#include "notify/notify.h"
#include "service/definitions.h"
#include "store/db.h"

/* "FILE, ligne N : " and the sentence; line 0: the value is the default. False, for the caller. */
__attribute__((format(printf, 4, 5))) static bool
refuse(const struct config *c, int line, struct buf *ret_why, const char *format, ...)
{
	char text[600];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	buf_printf(ret_why, "%s", c->path);
	if (line)
		buf_printf(ret_why, ", ligne %d", line);
	buf_printf(ret_why, " : %s", text);
	return false;
}

/* --- one value */

static bool each_part(const char *list, bool (*is_good)(struct str part))
{
	struct str rest = str_trim(str_from(list)), part;

	if (!rest.len)
		return true;
	while (str_split(&rest, ',', &part))
		if (!is_good(str_trim(part)))
			return false;
	return true;
}

static bool are_addresses(const char *value)
{
	return each_part(value, tcp_address_is_valid);
}

static bool is_local_address(struct str address)
{
	return tcp_address_is_valid(address) &&
	       (str_starts(address, STR("127.")) || str_starts(address, STR("[::1]:")));
}

static bool are_local_addresses(const char *value)
{
	return each_part(value, is_local_address);
}

static bool are_networks(const char *value)
{
	struct network_list list;

	return !networks_parse(str_from(value), &list);
}

static bool is_host(struct str host)
{
	struct address a;

	if (str_starts(host, STR("[")) && str_ends(host, STR("]")))
		return !address_parse(str_slice(host, 1, host.len - 1), &a);
	for (size_t i = 0; i < host.len; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._",
			    host.ptr[i]))
			return false;
	return host.len;
}

/* "host", "host:8080", "[::1]:8080". */
static bool is_authority(struct str text)
{
	size_t colon = text.len;
	int64_t port;

	while (colon && text.ptr[colon - 1] != ':' && text.ptr[colon - 1] != ']')
		colon--;
	if (!colon || text.ptr[colon - 1] == ']')
		return is_host(text);
	return is_host(str_slice(text, 0, colon - 1)) &&
	       !str_parse_i64(str_slice(text, colon, text.len), 1, 65535, &port);
}

/* What a program can be given as it stands, and a header or an SMS may hold. */
static bool is_url(const char *value)
{
	struct str rest = str_from(value);
	size_t end = 0;

	for (size_t i = 0; i < rest.len; i++)
		if (rest.ptr[i] <= ' ' || rest.ptr[i] > '~' || strchr("#\"'<>;\\", rest.ptr[i]))
			return false;
	if (str_starts(rest, STR("https://")))
		rest = str_slice(rest, 8, rest.len);
	else if (str_starts(rest, STR("http://")))
		rest = str_slice(rest, 7, rest.len);
	else
		return false;
	while (end < rest.len && !strchr("/?", rest.ptr[end]))
		end++;
	return is_authority(str_slice(rest, 0, end));
}

static bool is_url_or_empty(const char *value)
{
	return !*value || is_url(value);
}

/* The links are made of it: "…/s/…". */
static bool is_public_url(const char *value)
{
	return is_url(value) && !strchr(value, '?') && !str_ends(str_from(value), STR("/"));
}

/* Kannel expands % in it. */
static bool is_callback(const char *value)
{
	return is_url_or_empty(value) && !strchr(value, '%');
}

static bool is_secret_or_empty(const char *value)
{
	return !*value || notify_secret_is_plain(value);
}

/* Sent to watches as it is. */
static bool is_e164_or_empty(const char *value)
{
	char number[PHONE_SIZE];

	return !*value || (!phone_parse(str_from(value), number) && !strcmp(number, value));
}

/* clang-format off */
#define CHECK(option, is_good, expected) {#option, offsetof(struct config, option), is_good, expected}
/* clang-format on */
#define ADDRESSES "des adresses comme 0.0.0.0:5093 ou [::]:5093, séparées par des virgules"
#define LOCAL_ADDRESSES                                                                         \
	"des adresses de cette machine comme 127.0.0.1:5095 ou [::1]:5095, séparées par des " \
	"virgules : sans TLS, un secret et une voix passeraient en clair"
#define NETWORKS \
	"seize réseaux au plus, comme 10.0.0.0/8, 2001:db8::/32 ou ::1, séparés par des virgules"
#define ADDRESS_OF_A_PAGE "une adresse comme https://hote:8080/chemin"

static const struct {
	const char *option;
	size_t offset;
	bool (*is_good)(const char *value);
	const char *expected;
} checks[] = {
	CHECK(database, db_url_is_known, "sqlite:CHEMIN ou postgresql:CONNEXION"),
	CHECK(http, are_addresses, ADDRESSES),
	CHECK(https, are_addresses, ADDRESSES),
	CHECK(watch, are_addresses, ADDRESSES),
	CHECK(watch_tls, are_addresses, ADDRESSES),
	CHECK(agent_tls, are_addresses, ADDRESSES),
	CHECK(agent, are_local_addresses, LOCAL_ADDRESSES),
	CHECK(public_url, is_public_url,
	      "une adresse comme https://egide.example, sans barre finale"),
	CHECK(tile_url, is_url_or_empty, "une adresse comme https://hote/{z}/{x}/{y}.png"),
	CHECK(sendsms_url, is_url_or_empty, ADDRESS_OF_A_PAGE),
	CHECK(kannel_callback, is_callback, ADDRESS_OF_A_PAGE ", sans « % »"),
	CHECK(backup_sendsms_url, is_url_or_empty, ADDRESS_OF_A_PAGE),
	CHECK(timestamp_url, is_url_or_empty, ADDRESS_OF_A_PAGE),
	CHECK(backup_kannel_callback, is_callback, ADDRESS_OF_A_PAGE ", sans « % »"),
	CHECK(kannel_secret, is_secret_or_empty, "au moins 16 lettres, chiffres, « - » ou « _ »"),
	CHECK(kannel_networks, are_networks, NETWORKS),
	CHECK(switch_secret, is_secret_or_empty, "au moins 16 lettres, chiffres, « - » ou « _ »"),
	CHECK(switch_networks, are_networks, NETWORKS),
	CHECK(aml_secret, is_secret_or_empty, "au moins 16 lettres, chiffres, « - » ou « _ »"),
	CHECK(aml_networks, are_networks, NETWORKS),
	CHECK(trusted_proxies, are_networks, NETWORKS),
	CHECK(listen_number, is_e164_or_empty, "un numéro international, comme +33549000000"),
};

static bool values_are_sound(const struct config *c, struct buf *ret_why)
{
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		const char *value =
			*(const char *const *)(const void *)((const char *)c + checks[i].offset);

		if (!checks[i].is_good(value))
			return refuse(c, config_line(c, checks[i].option), ret_why,
				      "« %s » attend %s", checks[i].option, checks[i].expected);
	}
	return true;
}

/* --- values together, and the files they name */

static bool gateways_are_sound(const struct config *c, struct buf *ret_why)
{
	const char *option = c->sendsms_url[0] ? "sendsms_url" : "backup_sendsms_url";

	if (c->kannel_secret[0] || (!c->sendsms_url[0] && !c->backup_sendsms_url[0]))
		return true;
	return refuse(c, config_line(c, option), ret_why,
		      "« %s » demande un « kannel_secret » d'au moins 16 lettres, chiffres, "
		      "« - » ou « _ »",
		      option);
}

/* A file that no line names is asked for by the one that wants TLS. */
static bool certificate_is_sound(const struct config *c, struct buf *ret_why)
{
	const char *option, *path, *what;
	struct tls_fault fault;
	int line;

	if (!config_tls_option(c) || !tls_check(c->certificate, c->certificate_key, &fault))
		return true;
	option = fault.is_key ? "certificate_key" : "certificate";
	path = fault.is_key ? c->certificate_key : c->certificate;
	line = config_line(c, option) ?: config_line(c, config_tls_option(c));
	what = fault.is_key
		       ? "ce n'est pas une clé PEM sans mot de passe, ou pas celle du certificat"
		       : "ce n'est pas un certificat PEM";
	return refuse(c, line, ret_why, "« %s », %s : %s", option, path,
		      fault.error == -EBADMSG ? what : strerror(-fault.error));
}

/* The ladder has lines of its own. */
static bool ladder_is_sound(const struct config *c, struct buf *ret_why)
{
	char why[DEFINITION_WHY_SIZE];
	struct buf path = BUF_INIT;
	struct ladder ladder;
	int r;

	buf_printf(&path, "%s/ladder.json", c->definitions_folder);
	r = definitions_load_ladder(buf_cstr(&path), &ladder, why);
	if (r)
		buf_printf(ret_why, "%s : %s", buf_cstr(&path), why);
	buf_fini(&path);
	return !r;
}

static bool retention_is_sound(const struct config *c, struct buf *ret_why)
{
	char why[DEFINITION_WHY_SIZE];
	struct buf path = BUF_INIT;
	struct retention retention;
	int r;

	buf_printf(&path, "%s/retention.json", c->definitions_folder);
	r = definitions_load_retention(buf_cstr(&path), &retention, why);
	if (r)
		buf_printf(ret_why, "%s : %s", buf_cstr(&path), why);
	buf_fini(&path);
	return !r;
}

bool config_is_sound(const struct config *c, struct buf *ret_why)
{
	return values_are_sound(c, ret_why) && gateways_are_sound(c, ret_why) &&
	       certificate_is_sound(c, ret_why) && ladder_is_sound(c, ret_why) &&
	       retention_is_sound(c, ret_why);
}
