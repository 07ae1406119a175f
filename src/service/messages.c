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

/* Receipts may come before the gateway's own answer: the state is what all of them say together. */
static enum message_state state_of(int bits, enum message_state gateway)
{
	if (bits & DLR_DELIVERED)
		return MESSAGE_DELIVERED;
	if (bits & (DLR_FAILED | DLR_REJECTED))
		return MESSAGE_FAILED;
	if (bits & DLR_SUBMITTED)
		return MESSAGE_SENT;
	return gateway;
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

int handle_message(struct work *w, struct command *command)
{
	enum message_state state = command->as.message.state;
	int64_t retry_at_ms = command->as.message.retry_at_ms;
	struct message m;
	int bits, r = message_load(w->vault, w->arena, command->subject, &m);

	if (!r)
		r = receipts_of(w->vault, m.id, &bits);
	if (r)
		return r == -ENOENT ? 0 : r;
	if (state == MESSAGE_ACCEPTED || state == MESSAGE_FAILED)
		state = state_of(bits, state);
	/* The first gateway has it all the same. */
	if (state == MESSAGE_FAILED && m.route > 0 && m.state == MESSAGE_ACCEPTED)
		state = m.state;
	/*
	 * Not tried again: what was cancelled while it was being sent (the alert was closed), and
	 * what left all the same (a receipt came, only the gateway's answer was lost).
	 */
	if (m.next_at_ms == TIME_NONE ||
	    (state != command->as.message.state && state != MESSAGE_ACCEPTED))
		retry_at_ms = TIME_NONE;
	r = message_set(w->vault, m.id, state, m.attempts + 1, retry_at_ms);
	if (retry_at_ms != TIME_NONE)
		w->outbox_changed = true;
	return r ? r : tell_alert(w, command, &m, state, command->text);
}

int handle_receipt(struct work *w, struct command *command)
{
	struct message m;
	enum message_state state;
	bool is_new;
	int bits, r = receipt_insert(w->vault, command->subject, command->as.message.bits,
				     w->now_ms, &is_new);

	if (r || !is_new)
		return r;
	r = message_load(w->vault, w->arena, command->subject, &m);
	if (!r)
		r = receipts_of(w->vault, m.id, &bits);
	if (r)
		return r == -ENOENT ? 0 : r;
	state = state_of(bits, m.state);
	if (state == m.state)
		return 0;
	r = message_set(w->vault, m.id, state, m.attempts, TIME_NONE);
	return r ? r : tell_alert(w, command, &m, state, STR("non remis par l'opérateur"));
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
