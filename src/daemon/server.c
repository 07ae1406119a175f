/* The server: see server.h. Order of start: storage, readers, edges, timers; of end: the other way
 * round. */
#include "daemon/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include "api/api.h"
#include "base/limits.h"
#include "base/log.h"
#include "crypto/seal.h"
#include "daemon/checkpoint.h"
#include "daemon/metrics.h"
#include "daemon/server_private.h"
#include "notify/timestamp.h"
#include "service/atlas.h"
#include "service/catch_up.h"
#include "service/definitions.h"
#include "store/journal.h"

enum {
	BEAT_MS = 2000,
	MAX_LISTENERS = 8,
	READ_TIMEOUT_S = 20,
	MAX_HTTP = 16000,
	MAX_HTTP_A_SOURCE =
		1000, /* an office behind one address; whoever wants all finds no more */
};

/* --- from the executor's thread to the loop */

struct delivery {
	struct server *server;
	struct batch *batch;
};

/* An alert whose telephone is to be told. */
struct turn {
	struct id alert;
	void (*tell)(struct gate *g, struct id alert);
};

static void (*teller_of(enum entry_kind kind))(struct gate *g, struct id alert)
{
	switch (kind) {
	case ENTRY_CLOSED:
		return gate_alert_closed;
	case ENTRY_REOPENED:
		return gate_alert_reopened;
	case ENTRY_PAINTED:
		return gate_alert_painted;
	default:
		return NULL;
	}
}

/* Those of the batch, in order; the caller frees the list. */
static size_t turns_of(const struct batch *batch, struct turn **ret_list)
{
	size_t count = 0;

	*ret_list = NULL;
	for (const struct publication *p = batch->published; p; p = p->next) {
		if (!teller_of(p->kind))
			continue;
		*ret_list = xrealloc(*ret_list, (count + 1) * sizeof(**ret_list));
		(*ret_list)[count++] = (struct turn){p->alert, teller_of(p->kind)};
	}
	return count;
}

static void deliver(void *arg)
{
	struct delivery *d = arg;
	struct server *s = d->server;
	struct turn *turns;
	size_t count = turns_of(d->batch, &turns);

	if (s->clock)
		alarm_clock_wake(s->clock, d->batch->soonest_deadline_ms);
	if (d->batch->outbox_changed && s->notify)
		notify_wake(s->notify);
	api_deliver(s->api, d->batch);
	/* After the answers: a telephone knows its alert by then. */
	for (size_t i = 0; i < count; i++)
		turns[i].tell(s->gate, turns[i].alert);
	free(turns);
	free(d);
}

static void on_batch(void *context, struct batch *batch)
{
	struct server *s = context;
	struct delivery *d = xmalloc(sizeof(*d));

	*d = (struct delivery){s, batch};
	loop_post(s->loop, deliver, d);
}

static void post(void *context, void (*call)(void *arg), void *arg)
{
	struct server *s = context;

	loop_post(s->loop, call, arg);
}

/* --- what the api asks of the gate */

static bool ask(void *context, struct id device, const char *request, int seconds)
{
	static const struct {
		const char *name;
		enum watch_request request;
	} requests[] = {{"locate", WATCH_LOCATE},
			{"interval", WATCH_INTERVAL},
			{"discreet", WATCH_DISCREET}};
	struct server *s = context;

	if (!strcmp(request, "listen"))
		return gate_listen(s->gate, device);
	for (size_t i = 0; i < ARRAY_LEN(requests); i++)
		if (!strcmp(request, requests[i].name))
			return gate_ask(s->gate, device, requests[i].request, seconds);
	return false;
}

/* What a watch was asked for ends by itself: as long as the alert is open, it is asked again. */
static void on_fired(struct command *command)
{
	struct server *s = command->context;

	if (command->as.timer.kind == TIMER_DEVICE && command->outcome.in_alert)
		gate_ask(s->gate, command->outcome.device, WATCH_LOCATE, 0);
	if (command->as.timer.kind == TIMER_VISIT && command->outcome.in_alert)
		gate_visit_missed(s->gate, command->outcome.device, command->outcome.subject);
	command_free(command);
}

static struct device_presence presence(void *context, struct arena *arena)
{
	struct server *s = context;

	return gate_presence(s->gate, arena);
}

static void mobile(void *context, const struct http_request *r, enum protocol protocol)
{
	struct server *s = context;

	gate_mobile(s->gate, r, protocol);
}

static void phone(void *context, const struct http_request *r)
{
	struct server *s = context;

	gate_phone(s->gate, r);
}

static void kept(void *context, uint64_t socket, uint32_t epoch, uint32_t next)
{
	struct server *s = context;

	gate_kept(s->gate, socket, epoch, next);
}

static void hang_up(void *context, uint64_t socket, uint16_t code)
{
	struct server *s = context;

	gate_hang_up(s->gate, socket, code);
}

static void forget(void *context, struct id device)
{
	struct server *s = context;

	gate_forget(s->gate, device);
}

static void changed(void *context, struct id device)
{
	struct server *s = context;

	gate_changed(s->gate, device);
}

static bool talk(void *context, struct id device, struct id alert, struct str frame)
{
	struct server *s = context;

	return gate_talk(s->gate, device, alert, frame);
}

static void metrics(void *context, const struct backlog *backlog, struct buf *out)
{
	metrics_write(context, backlog, out);
}

/* --- timers and signals */

static void on_beat(void *arg)
{
	struct server *s = arg;

	feed_beat(api_feed(s->api), clock_now_ms());
}

static void on_end(void *arg)
{
	struct server *s = arg;

	log_info("server.ending", "uptime_s=%lld",
		 (long long)(clock_monotonic_ms() - s->started_ms) / 1000);
	loop_stop(s->loop);
}

static void on_reload(void *arg)
{
	struct server *s = arg;

	if (s->tls && !tls_server_reload(s->tls))
		log_info("certificate.reloaded", "days_left=%d", tls_server_days_left(s->tls));
}

/* --- starting */

/* What an administrator makes of an error at start-up. */
static const char *reason(int error)
{
	static const struct {
		int error;
		const char *text;
	} known[] = {
		{-EACCES, "it must belong to the server's user, keys with mode 0600"},
		{-ENOENT, "not found: see egidectl init"},
		{-EBADMSG, "altered, or keys and database of two different systems"},
		{-EINVAL, "not understood"},
		{-EPIPE, "the database does not answer"},
		{-EPERM, "fsync, full_page_writes or synchronous_commit is off"},
		{-EPROTO, "the database was made by a newer version"},
		{-EWOULDBLOCK, "another egided uses it"},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].error == error)
			return known[i].text;
	return strerror(-error);
}

/* One server a data folder: SQLite's checkpoints count on being beside the only writer
 * (store/db.h). */
static int take_folder(const struct config *config)
{
	char path[1024];
	int fd, r = 0;

	if ((size_t)snprintf(path, sizeof(path), "%s/egided.lock", config->data_folder) >=
	    sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		r = -errno;
	if (r)
		log_error("folder.refused", "path=%s error=\"%s\"", path, reason(r));
	/* Kept open until the process ends, which gives the lock back, however it ends. */
	return r;
}

static void name_sound_folder(struct server *s, const struct config *config)
{
	struct buf folder = BUF_INIT;

	buf_printf(&folder, "%s/sound", config->data_folder);
	s->sound_folder = str_dup(buf_str(&folder));
	buf_fini(&folder);
}

static int start_storage(struct server *s, const struct config *config)
{
	struct service_hooks hooks = {on_batch, s};
	struct service_options options = {
		.database_url = config->database,
		.public_url = config->public_url,
		.may_record = config_may(config, "record"),
		.sms_routes =
			(config->sendsms_url[0] != '\0') + (config->backup_sendsms_url[0] != '\0'),
		.session_hours = (int)config->session_hours,
		.consent_sheet = !strcmp(config->consent_sheet, "on"),
		.unverified_per_minute = (int)config->unverified_per_minute,
		.sound_folder = s->sound_folder,
		.atlas_shelf = s->atlas_shelf,
	};
	struct retention retention;
	char path[1024], why[DEFINITION_WHY_SIZE];
	unsigned line = 0;
	int r = keyring_open(config->keys, &s->ring, &line);

	if (r) {
		log_error("keys.refused", "path=%s line=%u error=\"%s\"", config->keys, line,
			  reason(r));
		return r;
	}
	snprintf(path, sizeof(path), "%s/ladder.json", config->definitions_folder);
	r = definitions_load_ladder(path, &s->ladder, why);
	if (r) {
		log_error("definitions.refused", "why=\"%s\"", why);
		return r;
	}
	snprintf(path, sizeof(path), "%s/retention.json", config->definitions_folder);
	r = definitions_load_retention(path, &retention, why);
	if (r) {
		log_error("definitions.refused", "path=%s why=\"%s\"", path, why);
		return r;
	}
	options.ladder = s->ladder;
	options.retention = retention;
	options.sound_days = s->sound_days = retention.after[RETENTION_ALERT_SOUND].days;
	r = service_open(&options, s->ring, &hooks, &s->service);
	if (r)
		log_error("database.refused", "error=\"%s\"", reason(r));
	if (!r)
		r = service_follow_ladder(s->service);
	if (!r)
		r = service_catch_up(s->service);
	if (!r)
		r = checkpoint_start(vault_db(service_vault(s->service)), &s->checkpoint);
	return r;
}

static int start_readers(struct server *s, const struct config *config)
{
	struct readers_options options = {
		config->database, s->ring, &s->ladder, (unsigned)config->readers, post, s,
		s->atlas_shelf};

	return readers_start(&options, &s->readers);
}

static int start_recorder(struct server *s, const struct config *config)
{
	struct recorder_options options = {
		.database_url = config->database, .ring = s->ring, .post = post, .context = s};

	options.folder = s->sound_folder;
	options.reserve_bytes = (uint64_t)config->sound_reserve_mib * 1024 * 1024;
	return config_may(config, "record") ? recorder_new(&options, &s->recorder) : 0;
}

static void look_for_pages(const char *folder)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/salle.html", folder);
	if (access(path, R_OK))
		log_warning("pages.missing", "path=%s error=\"%s\"", path, strerror(errno));
}

static int start_api(struct server *s, const struct config *config)
{
	struct http_options http = {.max_body_bytes = LIMIT_HTTP_BODY_BYTES,
				    .max_header_bytes = LIMIT_HTTP_HEADER_BYTES,
				    .read_timeout_s = READ_TIMEOUT_S,
				    .max_connections = MAX_HTTP,
				    .max_per_source = MAX_HTTP_A_SOURCE};
	struct api_options api = {
		.loop = s->loop,
		.service = s->service,
		.readers = s->readers,
		.devices = {ask, presence, mobile, phone, kept, hang_up, forget, changed, talk, s},
		.recorder = s->recorder,
		.sound_folder = s->sound_folder,
		.timestamp_url = config->timestamp_url[0] ? config->timestamp_url : NULL,
		.timestamp = timestamp_fetch,
		.may_listen = config_may(config, "listen"),
		.may_dial = config->listen_number[0] != '\0',
		.web_folder = config->web_folder,
		.definitions_folder = config->definitions_folder,
		.public_url = config->public_url,
		.tile_url = config->tile_url,
		.tile_attribution = config->tile_attribution,
		.map_lon = config->map_lon,
		.map_lat = config->map_lat,
		.map_zoom = config->map_zoom,
		.kannel_secret = config->kannel_secret,
		.switch_secret = config->switch_secret,
		.aml_secret = config->aml_secret,
		.password_strength = (int)config->password_strength,
		.metrics = metrics,
		.metrics_context = s,
	};
	int64_t epoch, number;
	int r = networks_parse(str_from(config->trusted_proxies), &http.trusted_proxies);

	look_for_pages(config->web_folder);
	if (!r)
		r = networks_parse(str_from(config->kannel_networks), &api.kannel_networks);
	if (!r)
		r = networks_parse(str_from(config->switch_networks), &api.switch_networks);
	if (!r)
		r = networks_parse(str_from(config->aml_networks), &api.aml_networks);
	if (!r)
		r = api_new(&api, &http, &s->api);
	if (!r)
		r = journal_head(service_vault(s->service), &epoch, &number, NULL);
	if (r)
		return r;
	if (!number)
		log_warning("database.empty", "hint=\"egidectl init\"");
	feed_start(api_feed(s->api), epoch, number);
	return 0;
}

static int start_gate(struct server *s, const struct config *config)
{
	struct gate_options options = {
		.loop = s->loop,
		.service = s->service,
		.readers = s->readers,
		.http = api_http(s->api),
		.sound = strcmp(config->sound, "off") ? api_sound(s->api) : NULL,
		.feed = api_feed(s->api),
		.may_record = config_may(config, "record"),
		.may_listen = config_may(config, "listen"),
		.listen_number = config->listen_number,
		.idle_timeout_s = (int)config->watch_idle_s,
		.max_connections = (size_t)config->max_connections,
		.max_per_source = (size_t)config->max_per_source,
	};

	s->gate = gate_new(&options);
	return 0;
}

typedef int listen_on(struct server *s, const char *address, struct tls_server *tls,
		      uint16_t *ret_port);

static int listen_http(struct server *s, const char *address, struct tls_server *tls,
		       uint16_t *ret_port)
{
	return http_listen(api_http(s->api), address, tls, ret_port);
}

static int listen_watch(struct server *s, const char *address, struct tls_server *tls,
			uint16_t *ret_port)
{
	return gate_listen_watch(s->gate, address, tls, ret_port);
}

static int listen_agent(struct server *s, const char *address, struct tls_server *tls,
			uint16_t *ret_port)
{
	return gate_listen_agent(s->gate, address, tls, ret_port);
}

/* Each address of a comma-separated list. */
static int listen_list(struct server *s, const char *what, const char *list, struct tls_server *tls,
		       listen_on *on)
{
	struct str rest = str_from(list), part;

	while (list[0] && str_split(&rest, ',', &part)) {
		char *address = str_dup(str_trim(part));
		uint16_t port = 0;
		int r = on(s, address, tls, &port);

		if (r)
			log_error("listener.failed", "what=%s address=%s error=\"%s\"", what,
				  address, strerror(-r));
		else
			log_info("listener.open", "what=%s address=%s port=%u", what, address,
				 port);
		free(address);
		if (r)
			return r;
	}
	return 0;
}

static int start_listeners(struct server *s, const struct config *config)
{
	int r = 0;

	if (config_tls_option(config))
		r = tls_server_new(config->certificate, config->certificate_key, &s->tls);
	if (!r)
		r = listen_list(s, "http", config->http, NULL, listen_http);
	if (!r)
		r = listen_list(s, "https", config->https, s->tls, listen_http);
	if (!r)
		r = listen_list(s, "watch", config->watch, NULL, listen_watch);
	if (!r)
		r = listen_list(s, "watch_tls", config->watch_tls, s->tls, listen_watch);
	if (!r)
		r = listen_list(s, "agent", config->agent, NULL, listen_agent);
	if (!r)
		r = listen_list(s, "agent_tls", config->agent_tls, s->tls, listen_agent);
	return r ? r : control_listen(s, config->control_socket);
}

static int start_senders(struct server *s, const struct config *config)
{
	struct notify_options options = {
		.gateway = {config->sendsms_url, config->sms_user, config->sms_password,
			    config->sms_from, config->kannel_callback},
		.backup = {config->backup_sendsms_url, config->backup_sms_user,
			   config->backup_sms_password, config->backup_sms_from,
			   config->backup_kannel_callback},
		.callback_secret = config->kannel_secret,
		.database_url = config->database,
		.ring = s->ring,
		.ladder = &s->ladder,
		.submit = service_submit,
		.service = s->service,
	};
	struct alarm_clock_options clock;
	struct reader *reader;
	int r = notify_start(&options, &s->notify);

	if (!r)
		r = reader_open(config->database, s->ring, &s->ladder, &reader);
	if (r)
		return r;
	clock = (struct alarm_clock_options){reader, service_submit, s->service, on_fired, s};
	return alarm_clock_start(&clock, &s->clock);
}

static int start(struct server *s, const struct config *config)
{
	int r = take_folder(config);

	name_sound_folder(s, config);
	s->atlas_shelf = atlas_shelf_new();
	if (!r)
		r = start_storage(s, config);
	if (!r)
		r = start_readers(s, config);
	if (!r)
		housekeeping_prepare(s);
	if (!r)
		r = start_recorder(s, config);
	if (!r)
		r = start_api(s, config);
	if (!r)
		r = start_gate(s, config);
	if (!r && s->recorder)
		r = recorder_start(s->recorder);
	if (!r)
		r = service_start(s->service);
	if (!r)
		r = start_senders(s, config);
	/* Last: whoever connects finds everything running. */
	if (!r)
		r = start_listeners(s, config);
	return r;
}

/* --- ending */

static void end(struct server *s)
{
	timer_stop(s->beat);
	timer_stop(s->housekeeping);
	alarm_clock_stop(s->clock);
	s->clock = NULL;
	if (s->notify)
		notify_stop(s->notify);
	/* It watches the executor's connection, which must outlive it. */
	checkpoint_stop(s->checkpoint);
	/* What is queued is committed; its answers are posted to the loop, which runs once more for
	 * them. */
	service_stop(s->service);
	recorder_stop(s->recorder);
	readers_stop(s->readers);
	loop_run_posted(s->loop);
	control_close(s);
	gate_free(s->gate);
	notify_free(s->notify);
	s->notify = NULL;
	api_free(s->api);
	recorder_free(s->recorder);
	free(s->sound_folder);
	readers_free(s->readers);
	service_close(s->service);
	atlas_shelf_free(s->atlas_shelf);
	tls_server_free(s->tls);
	keyring_free(s->ring);
	loop_free(s->loop);
}

int server_run(const struct config *config)
{
	struct server s = {.started_ms = clock_monotonic_ms()};
	int64_t before_us = clock_monotonic_us();
	int r;

	s.loop = loop_new();
	r = start(&s, config);
	if (r) {
		log_error("server.start_failed", "error=\"%s\"", reason(r));
		/* Threads may run and hold what is half-made: the process ends at once, nothing was
		 * acknowledged. */
		_exit(1);
	}
	s.beat = timer_start(s.loop, BEAT_MS, true, on_beat, &s);
	housekeeping_start(&s);
	loop_on_signal(s.loop, SIGTERM, on_end, &s);
	loop_on_signal(s.loop, SIGINT, on_end, &s);
	loop_on_signal(s.loop, SIGHUP, on_reload, &s);
	log_info("server.ready", "milliseconds=%lld",
		 (long long)(clock_monotonic_us() - before_us) / 1000);
	loop_run(s.loop);
	end(&s);
	log_info("server.ended", "status=0");
	return 0;
}

void server_describe(const struct config *config, struct buf *out)
{
	api_describe(out, config->definitions_folder);
}
