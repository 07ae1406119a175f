/* What a telephone is told: see phone_session.h. */
#include "gate/phone_session.h"
#include "service/json.h"

enum { STREAMS_TOLD = 64 };

static struct buf message_of(const char *type)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_word(&b, "type", type);
	return b;
}

static void send(struct phone_session *s, struct buf *b)
{
	json_close(b, '}');
	s->line->send(s, false, buf_str(b));
	buf_fini(b);
}

/* What is on disk of the alert's sound: the telephone goes on from there. */
static void add_streams(struct buf *b, const struct sound *sound, struct id alert)
{
	struct sound_stream list[STREAMS_TOLD];
	size_t count = sound ? sound_streams_of(sound, alert, list, STREAMS_TOLD) : 0;

	json_open(b, "streams", '[');
	for (size_t i = 0; i < count; i++) {
		json_open(b, NULL, '{');
		json_int(b, "epoch", list[i].epoch);
		json_int(b, "next", list[i].next);
		json_close(b, '}');
	}
	json_close(b, ']');
}

static void add_settings(struct buf *b, const struct sound *sound, const struct phone_facts *facts)
{
	json_bool(b, "sound", sound);
	json_bool(b, "silent", facts->silent);
	json_bool(b, "pins", facts->has_pins);
}

void phone_say_settings(struct phone_session *s, const struct sound *sound,
			const struct phone_facts *facts)
{
	struct buf b = message_of("settings");

	add_settings(&b, sound, facts);
	send(s, &b);
}

void phone_say_welcome(struct phone_session *s, const struct sound *sound,
		       const struct phone_facts *facts)
{
	struct buf b = message_of("welcome");

	json_int(&b, "now", clock_now_ms());
	add_settings(&b, sound, facts);
	json_id(&b, "alert", facts->alert);
	add_streams(&b, sound, facts->alert);
	json_raw(&b, "visit", facts->visit);
	send(s, &b);
}

void phone_say_called(struct phone_session *s, int64_t at_ms, struct id alert)
{
	struct buf b = message_of("called");

	json_time(&b, "at", at_ms);
	json_id(&b, "alert", alert);
	send(s, &b);
}

void phone_say_stored(struct phone_session *s, int64_t at_ms)
{
	struct buf b = message_of("stored");

	json_time(&b, "at", at_ms);
	send(s, &b);
}

void phone_say_now(struct phone_session *s)
{
	struct buf b = message_of("now");

	json_int(&b, "now", clock_now_ms());
	send(s, &b);
}

void phone_say_kept(struct phone_session *s, uint32_t epoch, uint32_t next)
{
	struct buf b = message_of("ack");

	json_int(&b, "epoch", epoch);
	json_int(&b, "next", next);
	send(s, &b);
}

void phone_say_ended(struct phone_session *s, struct id alert)
{
	struct buf b = message_of("ended");

	json_id(&b, "alert", alert);
	send(s, &b);
}

void phone_say_alert(struct phone_session *s, struct id alert)
{
	struct buf b = message_of("alert");

	json_id(&b, "alert", alert);
	send(s, &b);
}

void phone_say_locate(struct phone_session *s)
{
	struct buf b = message_of("locate");

	send(s, &b);
}

void phone_say_heard(struct phone_session *s, int64_t at_ms, bool right)
{
	struct buf b = message_of("heard");

	json_time(&b, "at", at_ms);
	json_bool(&b, "right", right);
	send(s, &b);
}

void phone_say_visit(struct phone_session *s, const struct visit_answer *answer)
{
	struct buf b = message_of("visit");

	json_time(&b, "at", answer->at_ms);
	json_bool(&b, "right", answer->right);
	json_text(&b, "problem", answer->problem);
	json_raw(&b, "visit", answer->visit);
	send(s, &b);
}

void phone_say_pins(struct phone_session *s, int64_t at_ms, struct str problem)
{
	struct buf b = message_of("pins");

	json_time(&b, "at", at_ms);
	json_text(&b, "problem", problem);
	send(s, &b);
}

void phone_say_tested(struct phone_session *s, const struct phone_test *t)
{
	const struct test_facts *f = t->facts;
	struct buf b = message_of("tested");

	json_time(&b, "at", t->at_ms);
	json_text(&b, "problem", t->problem);
	if (!t->problem.ptr) {
		json_id(&b, "alert", t->alert);
		json_text(&b, "room", f->room_name.len ? f->room_name : STR_NONE);
		json_int(&b, "screens", (int64_t)t->screens);
		json_int(&b, "ready", (int64_t)t->ready);
		json_int(&b, "contacts", f->contacts);
		json_bool(&b, "granted", f->granted);
		json_word(&b, "sms",
			  !f->has_sms ? "none"
			  : f->sms    ? message_state_name(f->sms)
				      : "untried");
		json_time(&b, "sms_at", f->sms ? f->sms_at_ms : TIME_NONE);
		json_int(&b, "sms_late", f->sms_late);
		json_bool(&b, "record", t->record);
		json_bool(&b, "listen", t->listen);
	}
	send(s, &b);
}

void phone_say_shown(struct phone_session *s, struct id alert)
{
	struct buf b = message_of("shown");

	json_id(&b, "alert", alert);
	send(s, &b);
}
