/* One request to Kannel: see kannel_request.h, docs/protocol/sms.md. */
#include "notify/kannel_request.h"

#include "base/gsm7.h"

enum { MINUTE_MS = 60 * 1000 };

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '_' || c == '.' || c == '~';
}

static void add_encoded(struct buf *out, struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_unreserved(text.ptr[i]))
			buf_add_byte(out, (uint8_t)text.ptr[i]);
		else
			buf_printf(out, "%%%02X", (unsigned char)text.ptr[i]);
	}
}

static void add_param(struct buf *out, const char *name, struct str value)
{
	buf_printf(out, "&%s=", name);
	add_encoded(out, value);
}

/* An address as it was configured, ready for a parameter: it may have some of its own. */
static void add_address(struct buf *out, const char *url)
{
	size_t len = strlen(url);

	buf_add(out, url, len);
	if (!strchr(url, '?'))
		buf_add_byte(out, '?');
	else if (url[len - 1] != '?' && url[len - 1] != '&')
		buf_add_byte(out, '&');
}

/* What Kannel calls back, with %d for it to fill in: the mask of the receipt. */
static void add_callback(struct buf *out, const char *callback_url, const char *secret,
			 struct id message, unsigned route)
{
	struct buf url = BUF_INIT;
	char id[ID_TEXT_SIZE];

	id_print(message, id);
	add_address(&url, callback_url);
	buf_printf(&url, "id=%s&d=%%d&r=%u&secret=%s", id, route, secret);
	buf_add_str(out, STR("&dlr-mask=31"));
	add_param(out, "dlr-url", buf_str(&url));
	buf_fini(&url);
}

/* Rounded up: a message that still has a minute is not sent with none. */
static long long minutes_left(const struct outgoing *message, int64_t now_ms)
{
	int64_t left = (message->valid_until_ms - now_ms + MINUTE_MS - 1) / MINUTE_MS;

	return left > 1 ? left : 1;
}

void kannel_request_url(const struct notify_gateway *gateway, const char *callback_secret,
			const struct outgoing *message, unsigned route, int64_t now_ms,
			struct buf *out)
{
	bool is_gsm7 = gsm7_septets(message->text) >= 0;

	add_address(out, gateway->sendsms_url);
	buf_printf(out, "charset=UTF-8&coding=%d&priority=3&validity=%lld", is_gsm7 ? 0 : 2,
		   minutes_left(message, now_ms));
	add_param(out, "username", str_from(gateway->user));
	add_param(out, "password", str_from(gateway->password));
	add_param(out, "from", str_from(gateway->from));
	add_param(out, "to", message->to);
	add_param(out, "text", message->text);
	add_callback(out, gateway->callback_url, callback_secret, message->id, route);
}

/* The first row whose range holds the status. */
static const struct {
	long from, to;
	struct verdict verdict;
} verdicts[] = {
	{0, 0, {false, true, "passerelle SMS injoignable"}},
	{200, 299, {true, false, NULL}},
	{400, 400, {false, false, "numéro ou texte refusé par la passerelle SMS"}},
	{401, 401, {false, false, "accès refusé par la passerelle SMS"}},
	{403, 403, {false, false, "accès refusé par la passerelle SMS"}},
	{408, 408, {false, true, "passerelle SMS trop lente"}},
	{429, 429, {false, true, "passerelle SMS saturée"}},
	{500, 599, {false, true, "passerelle SMS en panne"}},
};

struct verdict kannel_request_verdict(long http_status)
{
	for (size_t i = 0; i < ARRAY_LEN(verdicts); i++)
		if (http_status >= verdicts[i].from && http_status <= verdicts[i].to)
			return verdicts[i].verdict;
	return (struct verdict){false, false, "passerelle SMS : réponse inattendue"};
}
