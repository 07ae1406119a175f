/* The HTTP API: from a request to its route. See api.h and request.c. */
#include "api/api_private.h"

#include <errno.h>

#include "api/kannel.h"
#include "base/limits.h"
#include "service/json.h"
#include "wire/json_body.h"

enum {
	LOGINS_A_MINUTE_A_SOURCE = 30,
	LOGINS_A_MINUTE_A_NAME = 5,
	GUESSES_A_MINUTE = 30,
	/* Codes to one's own file, of one address: a town hall's has several officials behind it.
	 */
	CODES_A_SPAN = 10,
	CODES_SPAN_S = 600,
	MINUTE_S = 60,
	HOUR_S = 3600,
	MAX_KEY_BYTES = 64
};

/*
 * A page of another origin may not act with this one's cookie. Programs that send no Origin send no
 * cookie by themselves either.
 */
static bool origin_is_ours(const struct http_request *r)
{
	struct str origin = http_header(r, "Origin");

	if (origin.len)
		return origin_is(origin, http_header(r, "Host"), r->secure);
	return r->method == HTTP_GET || r->method == HTTP_HEAD ||
	       !(http_cookie(r, "egide_session").len || http_cookie(r, "egide_own").len) ||
	       str_eq(http_header(r, "Sec-Fetch-Site"), STR("same-origin"));
}

static struct str keep(struct request *q, struct str text)
{
	return text.ptr ? str_of(arena_copy(&q->arena, text.ptr, text.len), text.len) : STR_NONE;
}

static struct request *request_new(struct api *a, const struct http_request *r,
				   const struct route *route, const struct str *parameters)
{
	struct request *q = xcalloc(1, sizeof(*q));

	q->api = a;
	q->route = route;
	q->http = r->id;
	q->peer = r->peer;
	q->secure = r->secure;
	q->query = keep(q, r->query);
	q->token = keep(q, http_cookie(r, "egide_session"));
	q->key = keep(q, http_header(r, "Idempotency-Key"));
	for (int i = 0; i < MAX_PARAMETERS; i++)
		q->parameters[i] = keep(q, parameters[i]);
	return q;
}

static bool is_json(struct str content_type)
{
	struct str type;

	return str_split(&content_type, ';', &type) &&
	       str_eq_nocase(str_trim(type), STR("application/json"));
}

/* The body as an object; an empty one stands for {}. False: answered already. */
static bool read_body(struct request *q, const struct http_request *r)
{
	q->raw_body = keep(q, r->body);
	if (r->body.len && !is_json(r->content_type)) {
		answer_problem(q, PROBLEM_INVALID,
			       STR("Le corps doit être en JSON (Content-Type: application/json)."),
			       STR_NONE);
		return false;
	}
	if (q->key.len > MAX_KEY_BYTES) {
		answer_problem(q, PROBLEM_INVALID, STR("Idempotency-Key : 64 octets au plus."),
			       STR_NONE);
		return false;
	}
	q->body = r->body.len ? json_body_parse(r->body) : json_object();
	if (!json_is_object(q->body)) {
		answer_problem(q, PROBLEM_INVALID, STR("Le corps n'est pas un objet JSON valable."),
			       STR_NONE);
		return false;
	}
	return true;
}

static bool is_loopback(const struct address *peer)
{
	static const uint8_t v6[16] = {[15] = 1}, v4[13] = {[10] = 0xff, [11] = 0xff, [12] = 127};

	return !memcmp(peer->ip, v6, sizeof(v6)) || !memcmp(peer->ip, v4, sizeof(v4));
}

/* For whoever asks from elsewhere, the path does not exist. */
static bool is_reachable(const struct api *a, enum who who, const struct address *peer)
{
	if (who == WHO_LOOPBACK)
		return is_loopback(peer);
	if (who == WHO_AML)
		return *a->options.aml_secret && networks_hold(&a->options.aml_networks, peer);
	if (who == WHO_SWITCH)
		return *a->options.switch_secret &&
		       networks_hold(&a->options.switch_networks, peer);
	return who != WHO_KANNEL || networks_hold(&a->options.kannel_networks, peer);
}

/* "Bearer SECRET"; takes as long for a wrong one as for the right one. */
static bool is_our_switch(const struct api *a, const struct http_request *r)
{
	struct str given = http_header(r, "Authorization"),
		   secret = str_from(a->options.switch_secret);
	volatile unsigned char differs;

	if (!str_starts(given, STR("Bearer ")))
		return false;
	given = str_slice(given, sizeof("Bearer ") - 1, given.len);
	differs = given.len != secret.len;
	for (size_t i = 0; i < given.len && i < secret.len; i++)
		differs |= (unsigned char)(given.ptr[i] ^ secret.ptr[i]);
	return !differs;
}

static void start(struct request *q, const struct http_request *r)
{
	/* Bodies of their own, no cookie. */
	bool mobile = q->route->who == WHO_DEVICE || q->route->who == WHO_AML;

	if (!is_reachable(q->api, q->route->who, &r->peer))
		answer_problem(q, PROBLEM_NOT_FOUND, STR("Cette adresse ne mène à rien."),
			       STR_NONE);
	else if (q->route->who == WHO_SWITCH && !is_our_switch(q->api, r))
		answer_problem(q, PROBLEM_FORBIDDEN, STR("Ce standard n'est pas reconnu."),
			       STR_NONE);
	else if (!mobile && !origin_is_ours(r))
		answer_problem(q, PROBLEM_FORBIDDEN, STR("Cette demande vient d'un autre site."),
			       STR_NONE);
	else if (q->route->method == HTTP_GET || mobile)
		q->route->by_itself ? q->route->by_itself(q, r) : request_start(q);
	else if (read_body(q, r))
		q->route->by_itself && q->route->who != WHO_ACCOUNT ? q->route->by_itself(q, r)
								    : request_start(q);
}

static void on_request(void *context, const struct http_request *r)
{
	struct api *a = context;
	struct str parameters[MAX_PARAMETERS] = {STR_NONE, STR_NONE};
	static const struct route nowhere = {.pattern = "", .who = WHO_ANYONE};
	char allowed[ALLOW_SIZE];
	const struct route *route = route_find(r->method, r->path, parameters, allowed);
	struct request *q;

	if (!route && !allowed[0] && pages_answer(a, r))
		return;
	q = request_new(a, r, route ? route : &nowhere, parameters);
	if (route)
		start(q, r);
	else if (allowed[0])
		answer_with(q, 405, STR_NONE, STR_NONE, "Allow", allowed);
	else
		answer_problem(q, PROBLEM_NOT_FOUND, STR("Cette adresse ne mène à rien."),
			       STR_NONE);
}

/* --- routes that answer by themselves */

static void answer_buffer(struct request *q, struct str type, struct buf *b)
{
	struct str body = str_of(arena_copy(&q->arena, b->ptr, b->len), b->len);

	buf_fini(b);
	answer_with(q, 200, type, body, NULL, NULL);
}

void show_configuration(struct request *q, const struct http_request *r)
{
	const struct api_options *o = &q->api->options;
	struct buf b = BUF_INIT;

	buf_add_byte(&b, '{');
	json_word(&b, "product", "Égide");
	json_text(&b, "tile_url", o->tile_url[0] ? str_from(o->tile_url) : STR_NONE);
	json_text(&b, "tile_attribution",
		  o->tile_attribution[0] ? str_from(o->tile_attribution) : STR_NONE);
	json_open(&b, "map_centre", '[');
	json_e7(&b, NULL, (int32_t)(o->map_lon * 1e7));
	json_e7(&b, NULL, (int32_t)(o->map_lat * 1e7));
	json_close(&b, ']');
	json_signed(&b, "map_zoom", o->map_zoom);
	json_int(&b, "now", clock_now_ms());
	json_close(&b, '}');
	answer_buffer(q, STR("application/json"), &b);
}

void show_description(struct request *q, const struct http_request *r)
{
	answer_with(q, 200, STR("application/json"), buf_str(&q->api->description), NULL, NULL);
}

static void read_head(struct job *job, struct reader *reader)
{
	struct request *q = (struct request *)(void *)job;
	int64_t epoch, number;

	q->error = reader_head(reader, &epoch, &number);
}

static void on_head(void *arg)
{
	struct request *q = arg;

	if (q->error)
		answer_problem(q, PROBLEM_UNAVAILABLE, STR("La base de données ne répond pas."),
			       STR_NONE);
	else
		answer_json(q, 200,
			    service_believes_date(q->api->options.service)
				    ? STR("{\"status\":\"ok\",\"date_believed\":true}")
				    : STR("{\"status\":\"ok\",\"date_believed\":false}"));
}

void show_health(struct request *q, const struct http_request *r)
{
	q->job = (struct job){read_head, on_head};
	if (readers_submit(q->api->options.readers, &q->job))
		answer_problem(q, PROBLEM_UNAVAILABLE, STR("Le serveur est surchargé."), STR_NONE);
}

static void read_backlog(struct job *job, struct reader *reader)
{
	struct request *q = (struct request *)(void *)job;

	q->error = reader_backlog(reader, clock_now_ms(), &q->backlog);
}

/* Figures of storage are left out when it does not answer: the others say why. */
static void on_backlog(void *arg)
{
	struct request *q = arg;
	struct buf b = BUF_INIT;

	q->api->options.metrics(q->api->options.metrics_context, q->error ? NULL : &q->backlog, &b);
	answer_buffer(q, STR("text/plain; version=0.0.4"), &b);
}

void show_metrics(struct request *q, const struct http_request *r)
{
	q->job = (struct job){read_backlog, on_backlog};
	q->error = readers_submit(q->api->options.readers, &q->job);
	if (q->error)
		on_backlog(q);
}

static void on_kannel_done(struct command *command)
{
	struct request *q = command->context;

	/* Anything but 200 makes Kannel call again later: only what is on disk is answered 200. */
	answer_with(q, command->outcome.problem == PROBLEM_UNAVAILABLE ? 503 : 200,
		    STR("text/plain"), STR(""), NULL, NULL);
	command_free(command);
}

static void take_kannel(struct request *q, bool made, struct command *c)
{
	if (!made) {
		answer_problem(q, PROBLEM_FORBIDDEN, STR("Cette notification n'est pas valable."),
			       STR_NONE);
		return;
	}
	c->context = q;
	c->on_done = on_kannel_done;
	request_submit(q, c);
}

void take_receipt(struct request *q, const struct http_request *r)
{
	struct command *c = NULL;
	bool made = kannel_receipt_command(r->query, str_from(q->api->options.kannel_secret), &c);

	take_kannel(q, made, c);
}

void take_inbound(struct request *q, const struct http_request *r)
{
	struct command *c = NULL;
	bool made = kannel_inbound_command(r->query, str_from(q->api->options.kannel_secret), &c);

	take_kannel(q, made, c);
}

static void to_gate(struct request *q, const struct http_request *r, enum protocol protocol)
{
	const struct device_port *devices = &q->api->options.devices;

	/* The gate answers: this request ends here, without an answer of its own. */
	request_free(q);
	devices->mobile(devices->context, r, protocol);
}

void take_osmand(struct request *q, const struct http_request *r)
{
	to_gate(q, r, PROTOCOL_OSMAND);
}

void take_owntracks(struct request *q, const struct http_request *r)
{
	to_gate(q, r, PROTOCOL_OWNTRACKS);
}

/* --- the api itself */

static char *make_policy(const char *tile_url)
{
	struct str tiles = str_from(tile_url), host = STR("");
	struct buf b = BUF_INIT;
	char *policy;

	/* WebAssembly: docs/decisions/libopus-wasm.md. Only scheme and host of the tiles:
	 * "https://tiles.example/{z}/{x}/{y}.png". */
	for (size_t i = 8; i < tiles.len && !host.len; i++)
		if (tiles.ptr[i] == '/')
			host = str_slice(tiles, 0, i);
	buf_printf(&b,
		   "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: "
		   "blob: %.*s; worker-src 'self' blob:; "
		   "style-src 'self';"
		   " connect-src 'self' %.*s; frame-ancestors 'none'; base-uri 'none'; form-action "
		   "'self'",
		   STR_FMT(host), STR_FMT(host));
	policy = str_dup(buf_str(&b));
	buf_fini(&b);
	return policy;
}

void security_headers(const struct api *a, bool secure, const char **headers, size_t *count)
{
	const char *const always[] = {"Content-Security-Policy",
				      a->security_policy,
				      "X-Content-Type-Options",
				      "nosniff",
				      "Referrer-Policy",
				      "no-referrer",
				      "Permissions-Policy",
				      "microphone=(), geolocation=(), screen-wake-lock=(), "
				      "camera=(), payment=(), usb=()",
				      "Cross-Origin-Opener-Policy",
				      "same-origin"};

	memcpy(headers + *count, always, sizeof(always));
	*count += ARRAY_LEN(always);
	if (secure) {
		headers[(*count)++] = "Strict-Transport-Security";
		headers[(*count)++] = "max-age=31536000";
	}
}

int api_new(const struct api_options *options, const struct http_options *http,
	    struct api **ret_api)
{
	struct api *a = xcalloc(1, sizeof(*a));
	int r;

	a->options = *options;
	a->login_sources = limiter_new(LOGINS_A_MINUTE_A_SOURCE, MINUTE_S);
	a->login_names = limiter_new(LOGINS_A_MINUTE_A_NAME, MINUTE_S);
	a->own_codes = limiter_new(CODES_A_SPAN, CODES_SPAN_S);
	a->link_guesses = limiter_new(GUESSES_A_MINUTE, MINUTE_S);
	a->link_readings = limiter_new(1, MINUTE_S);
	a->list_readings = limiter_new(1, HOUR_S);
	a->sound_readings = limiter_new(1, MINUTE_S);
	a->security_policy = make_policy(options->tile_url);
	api_describe(&a->description, options->definitions_folder);
	a->http = http_server_new(options->loop, http, on_request, a);
	r = pages_load(options->web_folder, &a->pages);
	feed_socket_new(a);
	if (!r)
		r = sound_socket_new(a);
	if (r) {
		api_free(a);
		return r;
	}
	*ret_api = a;
	return 0;
}

void api_free(struct api *a)
{
	if (!a)
		return;
	timer_stop(a->recheck);
	timer_stop(a->sound_tick);
	timer_stop(a->lane_timer);
	http_server_free(a->http);
	feed_free(a->feed);
	sound_free(a->sound);
	pages_free(a->pages);
	limiter_free(a->login_sources);
	limiter_free(a->login_names);
	limiter_free(a->own_codes);
	limiter_free(a->link_guesses);
	limiter_free(a->link_readings);
	bulk_free(a);
	limiter_free(a->list_readings);
	limiter_free(a->sound_readings);
	free(a->security_policy);
	buf_fini(&a->description);
	free(a);
}

struct http_server *api_http(struct api *a)
{
	return a->http;
}

struct feed *api_feed(struct api *a)
{
	return a->feed;
}

bool api_is_exporting(const struct api *a)
{
	return a->is_exporting;
}

struct sound *api_sound(struct api *a)
{
	return a->sound;
}

/* --- what was committed */

struct lane_job {
	struct job job;
	struct api *api;
	struct arena arena;
	struct answer answer;
	int error;
};

static void read_lane(struct job *job, struct reader *reader)
{
	struct lane_job *l = (struct lane_job *)(void *)job;

	l->error = reader_lane(reader, &l->arena, NULL, clock_now_ms(), NULL, &l->answer);
}

static void on_lane(void *arg)
{
	struct lane_job *l = arg;

	l->api->lane_asked = false;
	if (!l->error)
		feed_broadcast(l->api->feed, RIGHT_UNVERIFIED_READ, l->answer.json);
	arena_fini(&l->arena);
	free(l);
}

static void send_lane(void *arg)
{
	struct api *a = arg;
	struct lane_job *l = xcalloc(1, sizeof(*l));

	timer_stop(a->lane_timer);
	a->lane_timer = NULL;
	*l = (struct lane_job){.job = {read_lane, on_lane}, .api = a, .arena = ARENA_INIT};
	if (readers_submit(a->options.readers, &l->job)) {
		a->lane_asked = false;
		free(l);
	}
}

void api_deliver(struct api *a, struct batch *batch)
{
	struct command *next;

	feed_publish(a->feed, batch);
	sound_follow(a, batch);
	for (struct command *c = batch->done; c; c = next) {
		next = c->next;
		if (c->on_done)
			c->on_done(c);
		else
			command_free(c);
	}
	/* The lane is sent whole, at most once a second: a flood of unknown devices is no flood of
	 * messages. */
	if (batch->lane_changed && !a->lane_asked) {
		a->lane_asked = true;
		a->lane_timer = timer_start(a->options.loop, 1000, false, send_lane, a);
	}
	batch_free(batch);
}
