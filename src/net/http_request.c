/*
 * What a request says, checked once at the edge: see http.h. evhttp is lenient about what frames a
 * body; whatever two readers could understand differently is refused here, because a reverse
 * proxy may be the other reader (request smuggling).
 */
#include "net/http_private.h"

#include <event2/buffer.h>
#include <event2/keyvalq_struct.h>
#include <sys/queue.h>

#include "net/socket.h"

static const struct evkeyvalq *headers_of(const struct http_connection *c)
{
	return evhttp_request_get_input_headers(c->request);
}

/* RFC 9110 §5.6.2 */
static bool is_token(const char *text)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	if (!*text)
		return false;
	for (; *text; text++)
		if (!((*text >= 'a' && *text <= 'z') || (*text >= 'A' && *text <= 'Z') ||
		      (*text >= '0' && *text <= '9') || strchr(others, *text)))
			return false;
	return true;
}

struct framing {
	unsigned lengths, encodings, hosts;
	struct str length, encoding;
	bool odd; /* a header whose name is no token */
};

static struct framing framing_of(const struct evkeyvalq *headers)
{
	struct framing f = {0};
	const struct evkeyval *h;

	TAILQ_FOREACH(h, headers, next)
	{
		struct str name = str_from(h->key);

		if (str_eq_nocase(name, STR("content-length"))) {
			f.lengths++;
			f.length = str_from(h->value);
		} else if (str_eq_nocase(name, STR("transfer-encoding"))) {
			f.encodings++;
			f.encoding = str_from(h->value);
		} else if (str_eq_nocase(name, STR("host"))) {
			f.hosts++;
		}
		f.odd |= !is_token(h->key);
	}
	return f;
}

/* Whether evhttp has read the body every other reader would have read. */
static bool framing_is_plain(const struct framing *f, enum http_method method)
{
	int64_t length = 0;

	if (f->odd || f->hosts > 1 || f->lengths + f->encodings > 1)
		return false;
	if (f->encodings && !str_eq_nocase(f->encoding, STR("chunked")))
		return false;
	/* str_parse_i64 takes a sign. */
	if (f->lengths && (str_parse_i64(f->length, 0, INT64_MAX, &length) < 0 ||
			   str_starts(f->length, STR("+")) || str_starts(f->length, STR("-"))))
		return false;
	/* evhttp never reads a body of HEAD: what follows would be the next request. */
	return method != HTTP_HEAD || (!f->encodings && !length);
}

static enum http_method method_of(enum evhttp_cmd_type type)
{
	switch (type) {
	case EVHTTP_REQ_GET:
		return HTTP_GET;
	case EVHTTP_REQ_HEAD:
		return HTTP_HEAD;
	case EVHTTP_REQ_POST:
		return HTTP_POST;
	case EVHTTP_REQ_PUT:
		return HTTP_PUT;
	case EVHTTP_REQ_PATCH:
		return HTTP_PATCH;
	case EVHTTP_REQ_DELETE:
		return HTTP_DELETE;
	default:
		return HTTP_OTHER;
	}
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Percent-decoding; STR_NONE for a malformed escape or what is not UTF-8 without control
 * characters. */
static struct str decode(struct arena *arena, struct str encoded, bool plus_is_space)
{
	char *out = arena_alloc(arena, encoded.len + 1);
	size_t len = 0;

	for (size_t i = 0; i < encoded.len; i++) {
		char c = encoded.ptr[i];

		if (c == '%') {
			int high = i + 2 < encoded.len ? hex_digit(encoded.ptr[i + 1]) : -1;
			int low = high >= 0 ? hex_digit(encoded.ptr[i + 2]) : -1;

			if (low < 0)
				return STR_NONE;
			c = (char)(high << 4 | low);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		out[len++] = c;
	}
	return str_is_utf8(str_of(out, len)) ? str_of(out, len) : STR_NONE;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < ' ' || s.ptr[i] == 0x7f)
			return true;
	return false;
}

/* No empty segment but the last, no "." and no "..": the path names one thing in one way. */
static bool path_is_canonical(struct str path)
{
	struct str rest = str_slice(path, 1, path.len), segment;

	if (!str_starts(path, STR("/")) || has_control(path))
		return false;
	while (str_split(&rest, '/', &segment))
		if ((!segment.len && rest.ptr) || str_eq(segment, STR(".")) ||
		    str_eq(segment, STR("..")))
			return false;
	return true;
}

/* The part of the target from the path on: RFC 9112 §3.2, origin-form or absolute-form. */
static struct str origin_form(struct str target)
{
	static const struct str schemes[] = {STR("http://"), STR("https://")};

	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t at = schemes[i].len;

		if (!str_eq_nocase(str_slice(target, 0, at), schemes[i]))
			continue;
		while (at < target.len && target.ptr[at] != '/' && target.ptr[at] != '?')
			at++;
		return at < target.len && target.ptr[at] == '/' ? str_slice(target, at, target.len)
								: STR("/");
	}
	return target;
}

static int parse_target(struct arena *arena, struct http_request *r)
{
	struct str origin = origin_form(r->target), path = origin;
	ptrdiff_t question;

	for (size_t i = 0; i < r->target.len; i++)
		if (r->target.ptr[i] <= ' ' || r->target.ptr[i] >= 0x7f || r->target.ptr[i] == '#')
			return 400;
	question = str_find(origin, '?');
	r->query = STR("");
	if (question >= 0) {
		path = str_slice(origin, 0, (size_t)question);
		r->query = str_slice(origin, (size_t)question + 1, origin.len);
	}
	r->path = decode(arena, path, false);
	return r->path.ptr && path_is_canonical(r->path) ? 0 : 400;
}

/* Takes the part after the last comma off *list. False when the list is exhausted. */
static bool split_last(struct str *list, struct str *ret_part)
{
	size_t at = list->len;

	if (!list->ptr)
		return false;
	while (at && list->ptr[at - 1] != ',')
		at--;
	*ret_part = str_trim(str_slice(*list, at, list->len));
	*list = at ? str_slice(*list, 0, at - 1) : STR_NONE;
	return true;
}

/*
 * From the nearest hop outwards, as long as who speaks is trusted. A proxy may add a line of its
 * own below the client's, so the last line counts first.
 */
static void follow_proxies(const struct http_connection *c, struct http_request *r)
{
	const struct http_options *o = &c->door->server->options;
	const struct evkeyval *h;
	struct str hop;

	if (!networks_hold(&o->trusted_proxies, &r->peer))
		return;
	TAILQ_FOREACH_REVERSE(h, headers_of(c), evkeyvalq, next)
	{
		struct str list = str_from(h->value);

		if (!str_eq_nocase(str_from(h->key), STR("x-forwarded-proto")))
			continue;
		split_last(&list, &hop);
		r->secure = str_eq_nocase(hop, STR("https"));
		break;
	}
	TAILQ_FOREACH_REVERSE(h, headers_of(c), evkeyvalq, next)
	{
		struct str list = str_from(h->value);

		if (!str_eq_nocase(str_from(h->key), STR("x-forwarded-for")))
			continue;
		while (networks_hold(&o->trusted_proxies, &r->peer) && split_last(&list, &hop))
			if (address_parse(hop, &r->peer) < 0)
				return;
	}
}

int http_request_fill(const struct http_connection *c, struct arena *arena,
		      struct http_request *ret_r)
{
	struct evbuffer *body = evhttp_request_get_input_buffer(c->request);
	struct framing framing = framing_of(headers_of(c));
	struct http_request r = {
		.id = c->request_id,
		.method = method_of(evhttp_request_get_command(c->request)),
		.target = str_from(evhttp_request_get_uri(c->request)),
		.peer = c->peer,
		.secure = c->door->tls != NULL,
		.native = c->request,
	};
	int status;

	if (!framing_is_plain(&framing, r.method))
		return 400;
	status = parse_target(arena, &r);
	if (status)
		return status;
	r.body = str_of(evbuffer_pullup(body, -1), evbuffer_get_length(body));
	r.content_type = http_header(&r, "Content-Type");
	follow_proxies(c, &r);
	*ret_r = r;
	return 0;
}

struct str http_header(const struct http_request *r, const char *name)
{
	struct evhttp_request *native = (struct evhttp_request *)r->native;

	return str_from(evhttp_find_header(evhttp_request_get_input_headers(native), name));
}

struct str http_cookie(const struct http_request *r, const char *name)
{
	struct str rest = http_header(r, "Cookie"), pair;

	while (str_split(&rest, ';', &pair)) {
		ptrdiff_t equals;

		pair = str_trim(pair);
		equals = str_find(pair, '=');
		if (equals >= 0 && str_eq(str_slice(pair, 0, (size_t)equals), str_from(name)))
			return str_slice(pair, (size_t)equals + 1, pair.len);
	}
	return STR_NONE;
}

struct str http_param(struct arena *arena, struct str encoded, const char *name)
{
	struct str pair;

	while (str_split(&encoded, '&', &pair)) {
		ptrdiff_t equals = str_find(pair, '=');
		size_t key_len = equals < 0 ? pair.len : (size_t)equals;

		if (!str_eq(decode(arena, str_slice(pair, 0, key_len), true), str_from(name)))
			continue;
		return equals < 0 ? STR("")
				  : decode(arena, str_slice(pair, key_len + 1, pair.len), true);
	}
	return STR_NONE;
}
