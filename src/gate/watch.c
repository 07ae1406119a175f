/*
 * Watches over TCP (docs/protocol/watch.md). A session a connection; frames are decoded as they
 * come, and acknowledged as their vendor requires: a heartbeat at once (the watch sends nothing
 * else until it is answered), a call for help only when it is on disk (I1).
 */
#include <errno.h>

#include "base/limits.h"
#include "base/log.h"
#include "gate/gate_private.h"
#include "gate/phone_session.h"
#include "wire/amr.h"

enum {
	/* Frames of one connection waiting for the executor, beyond which it is not read. */
	PENDING_PAUSE = 64,
	PENDING_RESUME = 16,
	/* Of one that no device is known by: 15,000 strangers cannot fill the queue of calls. */
	STRANGER_PAUSE = 4,
	STRANGER_RESUME = 1,
	/* And a short turn of the loop: 64 KiB of frames that mean nothing are milliseconds. */
	STRANGER_BYTES = 2048,
	IDENT_SIZE = 33, /* the codec reads 32 */
};

struct watch_session {
	struct gate *gate;
	uint64_t connection;
	struct id device;       /* of the last report that was accepted */
	char ident[IDENT_SIZE]; /* the device's; before it is known, of the last frame */
	/* Of the last frame; maker[0] zero: there was none, index[0] zero: it carries none. */
	char maker[2], index[4];
	uint16_t pending;
	bool paused, introduced;
	struct watch_walk walk;
};

static void *on_open(void *context, struct tcp_connection *c)
{
	struct watch_session *s = xcalloc(1, sizeof(*s));

	s->gate = context;
	s->connection = tcp_id(c);
	tcp_share(c, STRANGER_BYTES);
	s->gate->figures.connections++;
	return s;
}

/* Nobody finds this connection by its device any more. */
static void forget_device(struct watch_session *s)
{
	if (!id_is_none(s->device) && map_get(&s->gate->watches, s->device) == s)
		map_remove(&s->gate->watches, s->device);
}

static void on_close(void *session, uint64_t id, const char *reason)
{
	struct watch_session *s = session;

	s->gate->figures.connections--;
	forget_device(s);
	log_debug("watch.closed", "connection=%llu reason=\"%s\"", (unsigned long long)id, reason);
	free(s);
}

/* --- one frame */

/*
 * The connection a device was last heard on is the one that reaches it, and a connection reaches
 * the device last heard on it.
 */
static void know_device(struct watch_session *s, struct id device, struct str ident)
{
	if (!id_eq(s->device, device))
		forget_device(s);
	s->device = device;
	map_set(&s->gate->watches, device, s);
	if (ident.len < IDENT_SIZE) {
		memcpy(s->ident, ident.ptr, ident.len);
		s->ident[ident.len] = '\0';
	}
}

/* The envelope commands to it go in. */
static struct watch_frame envelope(const struct watch_session *s)
{
	return (struct watch_frame){.maker = str_of(s->maker, sizeof(s->maker)),
				    .id = str_from(s->ident),
				    .index = s->index[0] ? str_of(s->index, sizeof(s->index))
							 : STR_NONE};
}

/* False: not without an envelope, or seconds out of their bounds. */
static bool ask(struct watch_session *s, struct tcp_connection *c, enum watch_request request,
		int seconds)
{
	struct watch_frame to = envelope(s);
	struct buf frames = BUF_INIT;
	bool sent = s->maker[0] && !watch_ask(&to, request, seconds, &frames);

	tcp_send(c, buf_str(&frames));
	buf_fini(&frames);
	return sent;
}

static bool is_stranger(const struct watch_session *s)
{
	return id_is_none(s->device);
}

/*
 * A device that calls, or comes back in the middle of an alert, is asked where it is; one that is
 * to be silent is told so each time it comes back, whatever was done to it meanwhile.
 */
static void on_heard(struct watch_session *s, struct tcp_connection *c,
		     const struct command *command)
{
	const struct outcome *o = &command->outcome;
	bool is_back = !id_eq(s->device, command->actor.id);

	know_device(s, command->actor.id, command->as.report.ident);
	tcp_share(c, 0);
	if (is_back && o->discreet)
		ask(s, c, WATCH_DISCREET, 0);
	if (command->as.report.call_for_help || (is_back && o->in_alert))
		ask(s, c, WATCH_LOCATE, 0);
}

/* One less is on its way: the connection is read again. */
static void is_answered(struct watch_session *s, struct tcp_connection *c)
{
	s->pending--;
	if (!s->paused || s->pending > (is_stranger(s) ? STRANGER_RESUME : PENDING_RESUME))
		return;
	s->paused = false;
	tcp_pause(c, false);
}

/*
 * What the command keeps of its frame: the acknowledgement, written only if the report was stored.
 * The listener of the connection travels as its gate: the connection itself is found again by its
 * id.
 */
static void on_stored(struct command *command)
{
	struct gate *g = command->context;
	struct tcp_connection *c = tcp_find(g->options.loop, command->context_id);
	struct watch_session *s = c ? tcp_session(c) : NULL;
	bool stored = !command->outcome.problem;

	if (command->as.report.call_for_help && stored) {
		g->figures.alerts += !command->outcome.repeated && !command->outcome.unverified;
		g->figures.unverified += command->outcome.unverified;
	}
	if (s) {
		if (stored && command->text.len)
			tcp_send(c, command->text);
		if (stored && !command->outcome.unverified && command->actor.kind == ACTOR_DEVICE)
			on_heard(s, c, command);
		/* A stranger whose source has had its share: nothing more of this is looked at.
		 * Whoever is none calls again. */
		if (command->outcome.problem == PROBLEM_TOO_MANY && is_stranger(s))
			tcp_close(c, "flood");
		is_answered(s, c);
	}
	command_free(command);
}

/* Kept or refused: the watch is told, and keeps what we did not. */
static void on_voice_stored(struct command *command)
{
	struct gate *g = command->context;
	struct tcp_connection *c = tcp_find(g->options.loop, command->context_id);
	struct watch_session *s = c ? tcp_session(c) : NULL;

	if (s) {
		tcp_send(c, command->outcome.problem ? command->as.voice.refused
						     : command->as.voice.kept);
		is_answered(s, c);
	}
	command_free(command);
}

static bool may_be_alarm(const struct report *report)
{
	return report->kind == REPORT_SOS || report->kind == REPORT_ALARM || report->sos;
}

static void hand_over(struct watch_session *s, struct tcp_connection *c, struct command *command)
{
	if (service_submit(s->gate->options.service, command)) {
		/* Not answered: the watch sends it again. */
		command_free(command);
		return;
	}
	s->introduced = true;
	if (++s->pending >= (is_stranger(s) ? STRANGER_PAUSE : PENDING_PAUSE) && !s->paused) {
		s->paused = true;
		tcp_pause(c, true);
	}
}

/* What a watch records, or the next part of it, as it was before it was escaped. */
static bool is_voice(const struct report *report, struct buf *ret_sound)
{
	return report->media_parts <= LIMIT_CLIP_PARTS &&
	       report->media.len <= 2 * LIMIT_CLIP_PART_BYTES &&
	       watch_unescape(report->media, ret_sound) >= 0 &&
	       ret_sound->len <= LIMIT_CLIP_PART_BYTES &&
	       (report->media_part > 1 || amr_begins(buf_str(ret_sound)));
}

static void submit(struct watch_session *s, struct tcp_connection *c, const struct report *report,
		   struct str reply)
{
	struct command *command = report_command(PROTOCOL_WATCH, report, tcp_peer(c));

	/* A heartbeat has been answered already, and the device is known to be here. */
	command->as.report.can_wait = !is_stranger(s) && !may_be_alarm(report) &&
				      report->fix.source == FIX_NONE &&
				      str_eq(report->device, str_from(s->ident));
	command->text = command_keep(command, reply);
	command->context = s->gate;
	command->context_id = s->connection;
	command->on_done = on_stored;
	hand_over(s, c, command);
}

/* What a command keeps of a frame's answers. */
static struct str reply_to(struct command *command, struct str raw, bool stored)
{
	struct buf reply = BUF_INIT;
	struct str kept;

	watch_reply(raw, stored, &reply);
	kept = command_keep(command, buf_str(&reply));
	buf_fini(&reply);
	return kept;
}

static void submit_voice(struct watch_session *s, struct tcp_connection *c,
			 const struct report *report, struct str raw)
{
	struct command *command = report_command(PROTOCOL_WATCH, report, tcp_peer(c));
	struct device_report who = command->as.report;
	struct buf sound = BUF_INIT;
	bool whole = !report->media_parts;

	command->verb = VERB_VOICE;
	command->as.voice.report = who;
	command->as.voice.part = whole ? 1 : report->media_part;
	command->as.voice.parts = whole ? 1 : report->media_parts;
	command->as.voice.kept = reply_to(command, raw, true);
	command->as.voice.refused = reply_to(command, raw, false);
	if (!whole)
		command->name = command_keep(command, report->media_name.len ? report->media_name
									     : STR("-"));
	command->context = s->gate;
	command->context_id = s->connection;
	command->on_done = on_voice_stored;
	if (!is_voice(report, &sound)) {
		tcp_send(c, command->as.voice.refused);
		command_free(command);
	} else {
		command->text = command_keep(command, buf_str(&sound));
		hand_over(s, c, command);
	}
	buf_fini(&sound);
}

static void remember_envelope(struct watch_session *s, struct str raw)
{
	struct watch_frame frame;

	if (watch_split(raw, &frame) || frame.id.len >= IDENT_SIZE)
		return;
	memcpy(s->maker, frame.maker.ptr, sizeof(s->maker));
	s->index[0] = '\0';
	if (frame.index.len == sizeof(s->index))
		memcpy(s->index, frame.index.ptr, sizeof(s->index));
	if (!is_stranger(s))
		return;
	memcpy(s->ident, frame.id.ptr, frame.id.len);
	s->ident[frame.id.len] = '\0';
}

static void on_frame(struct watch_session *s, struct tcp_connection *c, struct str raw)
{
	struct buf reply = BUF_INIT;
	struct report report;

	s->gate->figures.frames++;
	watch_decode(raw, &report);
	s->gate->figures.rejected += report.kind == REPORT_REJECT;
	remember_envelope(s, raw);
	if (report.kind == REPORT_VOICE) {
		submit_voice(s, c, &report, raw);
		return;
	}
	watch_reply(raw, true, &reply);
	if (may_be_alarm(&report)) {
		submit(s, c, &report, buf_str(&reply));
	} else {
		if (reply.len)
			tcp_send(c, buf_str(&reply));
		/* The first frame of a connection says that the watch is there, even when it is a
		 * bare heartbeat: without it nobody could ask the watch anything. */
		if (report.kind == REPORT_STATUS || report.kind == REPORT_POSITION ||
		    (report.kind == REPORT_NONE && !s->introduced))
			submit(s, c, &report, STR_NONE);
	}
	buf_fini(&reply);
}

/* What is no frame may be what is left of a call for help: it is heard, marked malformed (I3). */
static void on_noise(struct watch_session *s, struct tcp_connection *c, struct str bytes)
{
	struct report report;

	s->gate->figures.rejected++;
	if (!watch_may_be_sos(bytes))
		return;
	watch_decode(bytes, &report);
	report.kind = REPORT_REJECT;
	report.sos = true;
	if (!report.device.len)
		report.device = str_from(s->ident);
	submit(s, c, &report, STR_NONE);
}

/* Bytes used of the first frame, or of the noise before it; 0: it is not whole yet, or has no end.
 */
static size_t take_frame(struct watch_session *s, struct tcp_connection *c, struct str bytes)
{
	struct str raw;
	size_t skip = 0;
	ptrdiff_t r = watch_walk_on(bytes, &s->walk, &raw, &skip);

	if (r == -EMSGSIZE) {
		tcp_close(c, "too large");
		return 0;
	}
	if (!r)
		return 0;
	s->walk = (struct watch_walk){0};
	if (r > 0)
		on_frame(s, c, raw);
	else
		on_noise(s, c, raw);
	return r > 0 ? (size_t)r : skip;
}

static size_t on_data(void *session, struct tcp_connection *c, struct str bytes)
{
	struct watch_session *s = session;
	size_t used = 0, taken = 1;

	while (used < bytes.len && !s->paused && taken) {
		taken = take_frame(s, c, str_slice(bytes, used, bytes.len));
		used += taken;
	}
	return used;
}

/*
 * A network that is jammed cuts a call for help in two: what came of it is heard (I3). Frames that
 * had waited for their turn come first, as many as may be on their way at once.
 */
static void on_rest(void *session, struct tcp_connection *c, struct str bytes)
{
	struct watch_session *s = session;
	size_t taken = 1;

	for (int i = 0; i < (is_stranger(s) ? STRANGER_PAUSE : PENDING_PAUSE) && bytes.len && taken;
	     i++) {
		taken = take_frame(s, c, bytes);
		bytes = str_slice(bytes, taken, bytes.len);
	}
	/* A call for help says so at its beginning: a sound without an end is not searched whole.
	 */
	if (bytes.len && !taken)
		on_noise(s, c, str_slice(bytes, 0, LIMIT_WATCH_TEXT_BYTES));
}

int gate_listen_watch(struct gate *g, const char *address, struct tls_server *tls,
		      uint16_t *ret_port)
{
	static const struct tcp_handlers handlers = {on_open, on_data, on_rest, on_close};
	struct tcp_options options = {
		.address = address,
		.tls = tls,
		.idle_timeout_s = g->options.idle_timeout_s,
		.max_input_bytes = LIMIT_WATCH_FRAME_BYTES + 4096,
		.max_output_bytes = 256 * 1024,
	};

	return gate_open_listener(g, &options, &handlers, ret_port);
}

static struct watch_session *session_of(struct gate *g, struct id device,
					struct tcp_connection **ret_connection)
{
	struct watch_session *s = map_get(&g->watches, device);

	*ret_connection = s ? tcp_find(g->options.loop, s->connection) : NULL;
	return *ret_connection ? s : NULL;
}

bool gate_ask(struct gate *g, struct id device, enum watch_request request, int seconds)
{
	struct tcp_connection *c;
	struct watch_session *s = session_of(g, device, &c);

	if (s)
		return ask(s, c, request, seconds);
	return request == WATCH_LOCATE && phone_locate(g, device);
}

bool gate_listen(struct gate *g, struct id device)
{
	struct tcp_connection *c;
	struct watch_session *s = session_of(g, device, &c);
	struct buf frame = BUF_INIT;
	struct watch_frame to;

	if (!s || !s->maker[0] || !g->options.listen_number[0])
		return false;
	to = envelope(s);
	watch_ask_to_dial(&to, str_from(g->options.listen_number), &frame);
	tcp_send(c, buf_str(&frame));
	buf_fini(&frame);
	return true;
}
