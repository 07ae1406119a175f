/* What became of SMS: the gateway's answers, the centre's receipts in any order, people's replies.
 */
#include <errno.h>

#include "base/phone.h"
#include "service/case.h"
#include "service/directory.h"
#include "store/links.h"
#include "store/outbox.h"
#include "store/people.h"

/* Kannel's DLR mask: 1 delivered, 2 not delivered, 4 buffered, 8 submitted, 16 rejected (34
 * expired, 66 unknown hold bit 2). */
enum { DLR_DELIVERED = 1, DLR_FAILED = 2, DLR_SUBMITTED = 8, DLR_REJECTED = 16 };
enum { INBOUND_REPEAT_MS = 24 * 3600 * 1000 };

/*
 * Receipts may come before the gateway's own answer, and from either gateway: the state is what all
 * of them say together. It has failed when every gateway that had it says so.
 */
static enum message_state state_of(const int bits[SMS_ROUTES], enum message_state otherwise)
{
	bool asked = false, sent = false, held = false;

	for (int i = 0; i < SMS_ROUTES; i++) {
		if (bits[i] & DLR_DELIVERED)
			return MESSAGE_DELIVERED;
		asked |= bits[i] != 0;
		if (!bits[i] || bits[i] & (DLR_FAILED | DLR_REJECTED))
			continue;
		held = true;
		sent |= bits[i] & DLR_SUBMITTED;
	}
	if (sent)
		return MESSAGE_SENT;
	if (held)
		return otherwise == MESSAGE_QUEUED || otherwise == MESSAGE_FAILED ? MESSAGE_ACCEPTED
										  : otherwise;
	return asked ? MESSAGE_FAILED : otherwise;
}

static int tell_alert(struct work *w, struct command *command, const struct message *m,
		      enum message_state state, struct str why)
{
	bool duty = m->kind == OUTBOX_DUTY;
	struct alert_command event = {.event = duty ? EVENT_DUTY_MESSAGE : EVENT_MESSAGE,
				      .target = m->target,
				      .message = state};
	struct case_file c;
	int r = case_load(w, m->alert, &c);

	if (r)
		return r == -ENOENT ? 0 : r;
	/* Each SMS to the duty officer is told apart: the alert remembers the last only. */
	if (!duty || state != m->state)
		r = case_apply(w, command, &c, &event, why);
	/* A contact that left the alert meanwhile is nothing to complain about. */
	if (command->outcome.problem)
		command->outcome = (struct outcome){0};
	return r ? r : case_finish(w, command, &c);
}

/* What one gateway has accepted and its operator refuses, or does not take in time, the next one is
 * asked. */
static void plan_other_route(struct work *w, struct message *m, enum message_state state,
			     int accepted_by)
{
	if ((state != MESSAGE_ACCEPTED && state != MESSAGE_FAILED) ||
	    accepted_by + 1 >= w->options->sms_routes)
		return;
	m->route = accepted_by + 1;
	m->next_at_ms = w->now_ms;
	if (state == MESSAGE_ACCEPTED)
		m->next_at_ms += w->ladder->message_sent_s * 1000LL;
}

/* The row, and what is known of it. -ENOENT: no such row. */
static int load_with_receipts(struct work *w, struct id id, struct message *m, int bits[SMS_ROUTES])
{
	int r = message_load(w->vault, w->arena, id, m);

	return r ? r : receipts_of(w->vault, m->id, bits);
}

static int save_and_tell(struct work *w, struct command *command, struct message *m,
			 enum message_state state, struct str why)
{
	struct message before = *m;
	int r;

	m->state = state;
	r = message_set(w->vault, m);
	if (m->next_at_ms != TIME_NONE)
		w->outbox_changed = true;
	return r ? r : tell_alert(w, command, &before, state, why);
}

/* A step of a test alert's SMS: nobody has it, and the row says when the next step is. */
static int simulated_step(struct work *w, struct command *command, struct message *m)
{
	if (m->next_at_ms != TIME_NONE)
		m->next_at_ms = command->as.message.retry_at_ms;
	return save_and_tell(w, command, m, command->as.message.state, command->text);
}

int handle_message(struct work *w, struct command *command)
{
	enum message_state said = command->as.message.state, state;
	int route = command->as.message.route, bits[SMS_ROUTES];
	bool cancelled, is_new;
	struct message m;
	int r = load_with_receipts(w, command->subject, &m, bits);

	if (r)
		return r == -ENOENT ? 0 : r;
	m.attempts++;
	if (m.simulated)
		return simulated_step(w, command, &m);
	if (said == MESSAGE_ACCEPTED) {
		bits[route] |= RECEIPT_ACCEPTED;
		r = receipt_insert(w->vault, m.id, route, RECEIPT_ACCEPTED, w->now_ms, &is_new);
		if (r)
			return r;
	}
	state = state_of(bits, said);
	/* Not tried again: what was cancelled while it was being sent (the alert was closed), and
	 * what left all the same (a receipt came, only the gateway's answer was lost). */
	cancelled = m.next_at_ms == TIME_NONE;
	m.next_at_ms = state > MESSAGE_ACCEPTED && state != MESSAGE_FAILED
			       ? TIME_NONE
			       : command->as.message.retry_at_ms;
	if (said == MESSAGE_ACCEPTED)
		plan_other_route(w, &m, state, route);
	if (cancelled)
		m.next_at_ms = TIME_NONE;
	return save_and_tell(w, command, &m, state, command->text);
}

int handle_receipt(struct work *w, struct command *command)
{
	int bits[SMS_ROUTES], r;
	enum message_state state;
	struct message m;
	bool is_new;

	r = receipt_insert(w->vault, command->subject, command->as.message.route,
			   command->as.message.bits, w->now_ms, &is_new);
	if (r || !is_new)
		return r;
	r = load_with_receipts(w, command->subject, &m, bits);
	if (r)
		return r == -ENOENT ? 0 : r;
	state = state_of(bits, m.state);
	if (state == m.state)
		return 0;
	if (state == MESSAGE_FAILED && m.next_at_ms != TIME_NONE) {
		/* There is another way, or another try: now. */
		m.next_at_ms = w->now_ms;
		w->outbox_changed = true;
		return message_set(w->vault, &m);
	}
	/* "Buffered" says only that a gateway has it: its own answer decides what comes next. */
	if (state != MESSAGE_ACCEPTED)
		m.next_at_ms = TIME_NONE;
	return save_and_tell(w, command, &m, state, STR("non remis par l'opérateur"));
}

/* --- replies */

static bool says_ok(struct str text)
{
	text = str_trim(text);
	if (text.len < 2 || !str_eq_nocase(str_slice(text, 0, 2), STR("ok")))
		return false;
	return text.len == 2 || !((text.ptr[2] | 32) >= 'a' && (text.ptr[2] | 32) <= 'z');
}

/* Only somebody who was asked in this alert can answer it. */
static bool was_asked(struct case_file *c, struct id contact)
{
	const struct reach *reach = alert_contact(&c->alert, contact);

	return reach && reach->message != MESSAGE_NONE;
}

static int reply_to(struct work *w, struct command *command, const struct contact *contact, bool ok)
{
	struct alert_command event = {.event = ok ? EVENT_CONTACT_ANSWERED : EVENT_NOTE,
				      .target = contact->id,
				      .has_text = true};
	struct open_cases open;
	int r = cases_open_of(w, contact->official, &open);

	command->actor = (struct actor){.kind = ACTOR_CONTACT, .id = contact->id};
	for (unsigned i = 0; !r && i < open.count; i++) {
		struct case_file c;

		r = case_load(w, open.alerts[i], &c);
		if (r || c.alert.test || !was_asked(&c, contact->id))
			continue;
		r = case_apply(w, command, &c, &event, command->text);
		if (!r)
			r = case_finish(w, command, &c);
	}
	return r;
}

int handle_inbound(struct work *w, struct command *command)
{
	char number[PHONE_SIZE];
	struct contact *contacts;
	unsigned count;
	struct id made;
	bool is_new;
	int r = seen_lookup(w->vault, ID_NONE, command->key, w->now_ms - INBOUND_REPEAT_MS, &is_new,
			    &made);

	if (r || !is_new || phone_parse(command->number, number))
		return r;
	r = contact_by_number(w->vault, w->arena, str_from(number), &contacts, &count);
	for (unsigned i = 0; !r && i < count; i++)
		r = reply_to(w, command, &contacts[i], says_ok(command->text));
	return r ? r
		 : seen_insert(w->vault, ID_NONE, command->key, command->outcome.subject,
			       w->now_ms);
}
