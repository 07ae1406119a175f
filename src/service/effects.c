/* The effects of a decision: see effects.h. */
#include "service/effects.h"
#include "service/directory.h"

#include <errno.h>

#include "crypto/random.h"
#include "service/sms_text.h"
#include "store/deadlines.h"
#include "store/links.h"
#include "store/outbox.h"
#include "store/people.h"

struct id ladder_room(struct work *w, struct case_file *c, enum ladder_target target)
{
	const struct unit *own =
		c->alert.room_count ? directory_unit(w->directory, c->alert.rooms[0]) : NULL;

	if (!own)
		return ID_NONE;
	switch (target) {
	case TARGET_NEIGHBOUR:
		return own->neighbour;
	case TARGET_SECOND:
		return own->second;
	case TARGET_ZONE:
		return own->zone;
	default:
		return own->id;
	}
}

const struct unit *ladder_duty(struct work *w, struct case_file *c, enum ladder_target target)
{
	const struct unit *room = directory_unit(w->directory, ladder_room(w, c, target));

	return room && room->duty_phone[0] ? room : NULL;
}

void effects_show_rooms(struct work *w, struct case_file *c, const struct decision *decision)
{
	for (unsigned i = 0; i < decision->effect_count; i++) {
		const struct effect *e = &decision->effects[i];

		if (e->kind == EFFECT_SHOW_ROOM)
			alert_show(&c->alert, ladder_room(w, c, e->room));
	}
}

/* Queues an SMS. No number: it fails at once, and says so. */
static int queue_message(struct work *w, struct case_file *c, enum outbox_kind kind,
			 struct id target, struct str to, struct str text)
{
	struct message m = {
		.id = random_id_v7(w->now_ms),
		.alert = c->alert.id,
		.target = target,
		.kind = kind,
		.to = to,
		.text = text,
		.simulated = c->alert.test,
		.state = MESSAGE_QUEUED,
		.created_at_ms = w->now_ms,
		.next_at_ms = w->now_ms,
		.valid_until_ms = w->now_ms + w->ladder->message_validity_s * 1000LL,
	};

	w->outbox_changed = true;
	return message_insert(w->vault, &m);
}

/* The link is dead, and the SMS that carries it does not leave any more. */
static int end_link(struct work *w, struct case_file *c, struct id target)
{
	int r = link_revoke(w->vault, c->alert.id, target, w->now_ms);

	return r ? r : messages_cancel(w->vault, c->alert.id, target);
}

static int new_link(struct work *w, struct case_file *c, enum link_kind kind, struct id target,
		    char ret_token[LINK_TOKEN_SIZE])
{
	struct link link = {kind, c->alert.id, target, w->now_ms, TIME_NONE};
	int r = c->is_new ? 0 : end_link(w, c, target);

	link_token_new(w->now_ms, ret_token);
	return r ? r : link_insert(w->vault, str_from(ret_token), &link);
}

static int message_contact(struct work *w, struct case_file *c, struct id target)
{
	char token[LINK_TOKEN_SIZE];
	const struct contact *contact;
	int r = case_contact(w, c, target, &contact);

	if (r || !contact)
		return r;
	r = new_link(w, c, LINK_FOLLOW, target, token);
	return r ? r
		 : queue_message(w, c, OUTBOX_CONTACT, target, contact->phone,
				 sms_for_contact(w, c, str_from(token)));
}

static int message_unit(struct work *w, struct case_file *c, struct id target)
{
	struct dispatch *d = alert_dispatch(&c->alert, target);
	const struct unit *unit = d ? directory_unit(w->directory, d->unit) : NULL;
	char token[LINK_TOKEN_SIZE];
	int r;

	if (!unit)
		return 0;
	r = new_link(w, c, LINK_PATROL, target, token);
	return r ? r
		 : queue_message(w, c, OUTBOX_UNIT, target, str_from(unit->phone),
				 sms_for_unit(w, c, str_from(token)));
}

static int message_duty(struct work *w, struct case_file *c, const struct effect *e)
{
	const struct unit *room = ladder_duty(w, c, e->room);

	return room ? queue_message(w, c, OUTBOX_DUTY, room->id, str_from(room->duty_phone),
				    sms_for_duty(w, c, e))
		    : 0;
}

static int carry_out(struct work *w, struct case_file *c, const struct effect *e)
{
	struct deadline d = {c->alert.id, e->target, e->timer, e->step, e->due_at_ms};

	switch (e->kind) {
	case EFFECT_MESSAGE_CONTACT:
		return message_contact(w, c, e->target);
	case EFFECT_MESSAGE_UNIT:
		return message_unit(w, c, e->target);
	case EFFECT_MESSAGE_DUTY:
		return message_duty(w, c, e);
	case EFFECT_DEADLINE_SET:
		if (d.due_at_ms < w->soonest_deadline_ms)
			w->soonest_deadline_ms = d.due_at_ms;
		return deadline_set(w->vault, &d);
	case EFFECT_DEADLINE_CLEAR:
		return deadline_clear(w->vault, c->alert.id, e->timer, e->target);
	case EFFECT_LINK_REVOKE:
		return end_link(w, c, e->target);
	case EFFECT_LINKS_END:
		return links_end(w->vault, c->alert.id, w->now_ms);
	case EFFECT_MESSAGES_CANCEL:
		return messages_cancel(w->vault, c->alert.id, e->target);
	case EFFECT_SHOW_ROOM:
		break; /* done before the entries were written */
	}
	return 0;
}

int effects_carry_out(struct work *w, struct case_file *c, const struct decision *decision)
{
	int r = 0;

	for (unsigned i = 0; !r && i < decision->effect_count; i++)
		r = carry_out(w, c, &decision->effects[i]);
	return r;
}
