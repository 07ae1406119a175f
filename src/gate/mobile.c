/*
 * Reports over HTTP: OsmAnd / Traccar Client and OwnTracks. Each carries the device's own
 * credential (HTTP Basic, or parameters id and secret): a report without one goes to the unverified
 * lane.
 */
#include <errno.h>

#include "gate/gate_private.h"
#include "service/secrets.h"
#include "wire/osmand.h"
#include "wire/owntracks.h"

enum {
	/* A credential that was right is believed for so long without asking the database again. */
	CREDENTIAL_KEPT_MS = 30000,
	CREDENTIALS_KEPT = 20000,
};

struct credential {
	struct id device;
	int64_t until_ms; /* monotonic */
};

/* One HTTP report on its way. */
struct mobile {
	struct job job;
	struct gate *gate;
	uint64_t request;
	enum protocol protocol;
	struct arena arena;
	struct address peer;
	struct str ident, secret;
	struct id fingerprint; /* of protocol, ident and secret */
	struct report report;
	struct id device;
	int error;
};

void credentials_forget(struct gate *g)
{
	struct id key;
	void *credential;

	for (size_t at = 0; map_next(&g->credentials, &at, &key, &credential);)
		free(credential);
	map_fini(&g->credentials);
}

static void answer(struct mobile *m, int status)
{
	static const char *const challenge[] = {"WWW-Authenticate", "Basic realm=\"appareil\"",
						NULL};
	struct http_response response = {
		.status = status,
		.content_type = STR("application/json"),
		/* OwnTracks wants a list of commands back; the others read nothing. */
		.body = STR("[]"),
		.headers = status == 401 ? challenge : NULL,
	};

	http_reply(m->gate->options.http, m->request, &response);
	arena_fini(&m->arena);
	free(m);
}

static void on_stored(struct command *command)
{
	struct mobile *m = command->context;
	enum problem problem = command->outcome.problem;
	bool unverified = command->outcome.unverified, help = command->as.report.call_for_help;
	struct gate *g = m->gate;

	g->figures.alerts += help && !problem && !unverified && !command->outcome.repeated;
	g->figures.unverified += unverified;
	command_free(command);
	if (problem)
		answer(m, problem == PROBLEM_TOO_MANY ? 429 : 503);
	else if (unverified)
		answer(m, help ? 202 : 401); /* I4: a call for help is never answered "no" */
	else
		answer(m, 200);
}

static void submit(struct mobile *m)
{
	struct command *command = report_command(m->protocol, &m->report, &m->peer);

	command->as.report.authenticated = m->device;
	if (!command->as.report.ident.len)
		command->as.report.ident = command_keep(command, m->ident);
	command->context = m;
	command->on_done = on_stored;
	if (service_submit(m->gate->options.service, command)) {
		command_free(command);
		answer(m, 503);
	}
}

static void check_credential(struct job *job, struct reader *reader)
{
	struct mobile *m = (struct mobile *)(void *)job;

	m->error = reader_device_credential(reader, m->protocol, m->ident, m->secret, &m->device);
}

static void on_checked(void *arg)
{
	struct mobile *m = arg;
	struct gate *g = m->gate;

	if (m->error && m->error != -ENOENT) {
		answer(m, 503);
		return;
	}
	if (!m->error) {
		struct credential *c = xmalloc(sizeof(*c));

		if (g->credentials.len >= CREDENTIALS_KEPT)
			credentials_forget(g);
		*c = (struct credential){m->device, clock_monotonic_ms() + CREDENTIAL_KEPT_MS};
		free(map_set(&g->credentials, m->fingerprint, c));
	}
	submit(m);
}

/* "Basic base64(ident:secret)", or the parameters. */
static void read_credential(struct mobile *m, const struct http_request *r)
{
	struct str basic = http_header(r, "Authorization");

	if (basic.len > 6 && str_eq_nocase(str_slice(basic, 0, 6), STR("Basic ")) &&
	    basic_credential(&m->arena, str_slice(basic, 6, basic.len), &m->ident, &m->secret))
		return;
	m->secret = http_param(&m->arena, r->query, "secret");
	m->ident = m->report.device;
}

static bool is_stored_kind(const struct report *r)
{
	return r->kind != REPORT_NONE && (r->kind != REPORT_REJECT || r->sos);
}

static bool decode(struct mobile *m, const struct http_request *r)
{
	struct str body = str_of(arena_copy(&m->arena, r->body.ptr, r->body.len), r->body.len);
	struct str target =
		str_of(arena_copy(&m->arena, r->target.ptr, r->target.len), r->target.len);
	struct str type = str_of(arena_copy(&m->arena, r->content_type.ptr, r->content_type.len),
				 r->content_type.len);

	if (m->protocol == PROTOCOL_OSMAND)
		osmand_decode(target, type, body, &m->arena, &m->report);
	else
		owntracks_decode(body, &m->arena, &m->report);
	return is_stored_kind(&m->report);
}

/* What cannot be read, or names nobody. OwnTracks also says much that is not kept: that is taken.
 */
static bool is_refused(const struct mobile *m)
{
	return m->report.kind == REPORT_REJECT || m->protocol == PROTOCOL_OSMAND;
}

void gate_mobile(struct gate *g, const struct http_request *r, enum protocol protocol)
{
	struct mobile *m = xcalloc(1, sizeof(*m));
	struct credential *known;

	*m = (struct mobile){.job = {check_credential, on_checked},
			     .gate = g,
			     .request = r->id,
			     .protocol = protocol,
			     .arena = ARENA_INIT,
			     .peer = r->peer};
	g->figures.frames++;
	if (!decode(m, r)) {
		bool refused = is_refused(m);

		g->figures.rejected += refused;
		answer(m, refused ? 400 : 200);
		return;
	}
	read_credential(m, r);
	m->fingerprint = secret_fingerprint(protocol, m->ident, m->secret);
	known = map_get(&g->credentials, m->fingerprint);
	if (known && known->until_ms > clock_monotonic_ms()) {
		m->device = known->device;
		submit(m);
	} else if (readers_submit(g->options.readers, &m->job)) {
		answer(m, 503);
	}
}
