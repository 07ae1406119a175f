/* The figures of every room: one row a metric. */
#include "daemon/metrics.h"

#include <math.h>

#include "daemon/server_private.h"

struct figures {
	struct service_figures service;
	struct gate_figures gate;
	struct feed_figures feed;
	struct notify_figures notify;
	struct sound_figures sound;
	unsigned retention_failing;
	bool date_is_believed;
	double sound_room_bytes;       /* NAN: nothing is recorded */
	const struct backlog *backlog; /* NULL: not known */
	double uptime_s, longest_turn_s;
	double http_connections, websockets, certificate_days;
};

struct metric {
	const char *name, *kind, *help;
	double (*value)(const struct figures *f);
};

#define METRIC(id, expression)                    \
	static double id(const struct figures *f) \
	{                                         \
		return (double)(expression);      \
	}
METRIC(uptime, f->uptime_s)
METRIC(commands, f->service.commands)
METRIC(commits, f->service.commits)
METRIC(refused, f->service.refused)
METRIC(failed, f->service.failed)
METRIC(repeated, f->service.repeated)
METRIC(queued, f->service.queue_len)
METRIC(longest_commit, f->service.longest_commit_us / 1e6)
METRIC(longest_turn, f->longest_turn_s)
METRIC(watch_connections, f->gate.connections)
METRIC(phone_sockets, f->gate.phones)
METRIC(frames, f->gate.frames)
METRIC(frames_rejected, f->gate.rejected)
METRIC(alerts, f->gate.alerts)
METRIC(unverified, f->gate.unverified)
METRIC(consoles, f->feed.subscribers)
METRIC(consoles_visible, f->feed.visible)
METRIC(http_connections, f->http_connections)
METRIC(websockets, f->websockets)
METRIC(sms_requests, f->notify.requests)
METRIC(sms_accepted, f->notify.accepted)
METRIC(sms_failed, f->notify.failed)
METRIC(sms_refused, f->notify.refused)
METRIC(sms_expired, f->notify.expired)
METRIC(sms_gateway, f->notify.gateway_answers)
METRIC(sound_streams, f->sound.streams)
METRIC(sound_listeners, f->sound.listeners)
METRIC(sound_frames, f->sound.frames)
METRIC(sound_refused, f->sound.refused)
METRIC(sound_jumps, f->sound.jumps)
METRIC(sound_failing, f->sound.failing)
METRIC(sound_bytes, f->sound.bytes)
METRIC(sound_room, f->sound_room_bytes)
METRIC(retention_failing, f->retention_failing)
METRIC(date_believed, f->date_is_believed)
METRIC(certificate_days, f->certificate_days)
METRIC(alerts_open, f->backlog ? f->backlog->alerts : NAN)
METRIC(alerts_unclaimed, f->backlog ? f->backlog->unclaimed : NAN)
METRIC(deadlines_late, f->backlog ? f->backlog->deadlines : NAN)
METRIC(sms_due, f->backlog ? f->backlog->messages : NAN)

static const struct metric table[] = {
	{"egide_uptime_seconds", "gauge", "Since the server started", uptime},
	{"egide_commands_total", "counter", "Commands carried out", commands},
	{"egide_commits_total", "counter", "Commits", commits},
	{"egide_commands_refused_total", "counter", "Commands refused, with a reason", refused},
	{"egide_commands_failed_total", "counter",
	 "Commands storage could not take: not acknowledged", failed},
	{"egide_commands_repeated_total", "counter", "Commands that had been carried out before",
	 repeated},
	{"egide_commands_queued", "gauge", "Commands waiting for the executor", queued},
	{"egide_commit_longest_seconds", "gauge", "Longest commit since the last reading",
	 longest_commit},
	{"egide_loop_turn_longest_seconds", "gauge",
	 "Longest turn of the loop since the last reading", longest_turn},
	{"egide_watch_connections", "gauge", "Connections of watches", watch_connections},
	{"egide_phone_sockets", "gauge", "Sockets of enrolled telephones", phone_sockets},
	{"egide_device_frames_total", "counter", "Messages of devices", frames},
	{"egide_device_frames_rejected_total", "counter",
	 "Messages of devices that could not be read", frames_rejected},
	{"egide_alerts_total", "counter", "Calls for help accepted from known devices", alerts},
	{"egide_unverified_total", "counter", "Calls for help of unknown devices", unverified},
	{"egide_consoles", "gauge", "Consoles connected", consoles},
	{"egide_consoles_visible", "gauge", "Consoles on a visible screen with sound",
	 consoles_visible},
	{"egide_http_connections", "gauge", "HTTP connections", http_connections},
	{"egide_websockets", "gauge", "WebSockets", websockets},
	{"egide_sms_requests_total", "counter", "Requests to the SMS gateway", sms_requests},
	{"egide_sms_accepted_total", "counter", "SMS the gateway accepted", sms_accepted},
	{"egide_sms_failed_total", "counter", "Requests the gateway did not answer", sms_failed},
	{"egide_sms_refused_total", "counter", "SMS the gateway refused", sms_refused},
	{"egide_sms_expired_total", "counter", "SMS too old to be sent", sms_expired},
	{"egide_sms_gateway_up", "gauge", "1 when the gateway answered last time", sms_gateway},
	{"egide_sound_streams", "gauge", "Microphones that telephones send now", sound_streams},
	{"egide_sound_listeners", "gauge", "Those who listen now", sound_listeners},
	{"egide_sound_frames_total", "counter", "Frames of sound taken", sound_frames},
	{"egide_sound_frames_refused_total", "counter",
	 "Frames of sound too fast, of the future, or that could not be kept", sound_refused},
	{"egide_sound_jumps_total", "counter",
	 "Listeners too slow, who were brought to the live edge", sound_jumps},
	{"egide_sound_failing", "gauge", "Alerts whose sound is heard but not recorded",
	 sound_failing},
	{"egide_sound_recorded_bytes_total", "counter",
	 "Sound written to disk, before it is sealed", sound_bytes},
	{"egide_sound_room_bytes", "gauge", "What sound may still take of the disk", sound_room},
	{"egide_retention_failing", "gauge",
	 "What should be gone by the table of retention and could not go", retention_failing},
	{"egide_date_believed", "gauge",
	 "0 while the date is too far ahead to be believed: nothing is destroyed", date_believed},
	{"egide_certificate_days", "gauge", "Days until the certificate ends; -1 without one",
	 certificate_days},
	{"egide_alerts_open", "gauge", "Alerts that are open, tests left out", alerts_open},
	{"egide_alerts_unclaimed", "gauge", "Of those, alerts that nobody has claimed",
	 alerts_unclaimed},
	{"egide_deadlines_late", "gauge", "Deadlines more than two seconds past their time",
	 deadlines_late},
	{"egide_sms_due", "gauge", "SMS that should leave now", sms_due},
};

/* A figure that is not known is left out. */
static void write_metric(const struct metric *m, const struct figures *f, struct buf *out)
{
	double value = m->value(f);

	if (!isnan(value))
		buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n%s %.15g\n", m->name, m->help, m->name,
			   m->kind, m->name, value);
}

void metrics_write(struct server *s, const struct backlog *backlog, struct buf *out)
{
	struct figures f = {
		.uptime_s = (double)(clock_monotonic_ms() - s->started_ms) / 1000,
		.longest_turn_s = (double)loop_longest_turn_us(s->loop) / 1e6,
		.http_connections = (double)http_server_connections(api_http(s->api)),
		.websockets = (double)websocket_count(api_http(s->api)),
		.backlog = backlog,
		.retention_failing = housekeeping_failing(s),
		.date_is_believed = service_believes_date(s->service),
		.sound = sound_figures(api_sound(s->api)),
		.sound_room_bytes = s->recorder ? (double)recorder_room_bytes(s->recorder) : NAN,
		.certificate_days = s->tls ? tls_server_days_left(s->tls) : -1,
	};

	service_figures(s->service, &f.service);
	gate_figures(s->gate, &f.gate);
	feed_figures(api_feed(s->api), &f.feed);
	notify_figures(s->notify, &f.notify);
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		write_metric(&table[i], &f, out);
}
