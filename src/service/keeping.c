/* What is kept of an alert's sound: see keeping.h. */
#include "service/keeping.h"

#include <errno.h>

#include "core/access.h"
#include "service/directory.h"
#include "service/json.h"
#include "service/merges.h"
#include "store/clips.h"
#include "store/journal.h"
#include "store/track_erase.h"

enum { DAY_MS = 24 * 3600 * 1000, AT_ONCE = 16 };

static void set_date(int days, struct keeping *k, const struct alert *alert)
{
	bool may_go = k->has_sound && (k->state == KEEPING_FREE || k->state == KEEPING_SEAL_ASKED);

	k->delete_at_ms = may_go && alert->closed_at_ms != TIME_NONE
				  ? alert->closed_at_ms + (int64_t)days * DAY_MS
				  : TIME_NONE;
}

/* --- all of one event */

struct event {
	struct vault *v;
	struct keeping list[1 + MERGED_MAX];
	size_t count;
};

static int add_to_event(void *context, struct id alert)
{
	struct event *e = context;
	struct keeping *k = &e->list[e->count];
	int r = keeping_load(e->v, alert, k);

	if (r && r != -ENOENT)
		return r;
	if (r)
		*k = (struct keeping){.alert = alert, .delete_at_ms = TIME_NONE};
	e->count++;
	return 0;
}

/* The first of them comes first. */
static int event_of(struct vault *v, const struct alert *alert, struct event *ret_event)
{
	struct id first = id_is_none(alert->merged_into) ? alert->id : alert->merged_into;
	int r;

	*ret_event = (struct event){.v = v};
	r = add_to_event(ret_event, first);
	return r ? r : alerts_under(v, first, MERGED_MAX, add_to_event, ret_event);
}

/* What was deleted must not come back with what is new. Nothing is refused for it: what cannot be
 * condemned now is erased by the next housekeeping, or said by its log. */
static void condemn_deleted(struct work *w, struct id alert)
{
	if (w->options->sound_folder)
		(void)track_condemn(w->options->sound_folder, alert);
}

/* New sound of an alert of which nothing is kept: as that of its event is. */
static int begin_as_event(struct vault *v, const struct alert *alert, int64_t now_ms,
			  struct keeping *ret_keeping)
{
	const struct keeping *lead;
	struct event e;
	int r = event_of(v, alert, &e);

	if (r)
		return r;
	lead = keeping_lead(e.list, e.count);
	*ret_keeping = (struct keeping){.alert = alert->id, .at_ms = now_ms, .has_sound = true};
	if (lead)
		keeping_goes_along(ret_keeping, lead);
	return 0;
}

/* --- what an alert has */

int keeping_begin(struct work *w, const struct alert *alert)
{
	struct keeping k;
	int r = keeping_load(w->vault, alert->id, &k);

	if (r && r != -ENOENT)
		return r;
	if (!r && k.state == KEEPING_DELETED)
		condemn_deleted(w, alert->id);
	if (r || k.state == KEEPING_DELETED) {
		r = begin_as_event(w->vault, alert, w->now_ms, &k);
		if (r)
			return r;
	}
	k.has_sound = true;
	set_date(w->options->sound_days, &k, alert);
	return keeping_save(w->vault, &k);
}

int keeping_follow(struct work *w, const struct alert *alert)
{
	struct keeping k;
	int r = keeping_load(w->vault, alert->id, &k);

	if (r)
		return r == -ENOENT ? 0 : r;
	set_date(w->options->sound_days, &k, alert);
	return keeping_save(w->vault, &k);
}

int keeping_adopt(struct vault *v, int days, int64_t now_ms, struct id alert)
{
	struct arena arena = ARENA_INIT;
	struct keeping k;
	struct alert a;
	bool is_new;
	int r = keeping_load(v, alert, &k);

	if ((r && r != -ENOENT) || (!r && (k.has_sound || k.state == KEEPING_DELETED)))
		return r;
	is_new = r == -ENOENT;
	r = alert_load(v, &arena, alert, &a, NULL);
	if (!r && is_new)
		r = begin_as_event(v, &a, now_ms, &k);
	if (!r) {
		k.has_sound = true;
		set_date(days, &k, &a);
		r = keeping_save(v, &k);
	}
	arena_fini(&arena);
	return r;
}

/* --- sealing */

static const struct {
	enum problem problem;
	const char *text;
} refusals[KEEPING_REFUSALS] = {
	[KEEPING_NEEDS_ANOTHER] = {PROBLEM_CONFLICT,
				   "Vous l'avez demandé : une autre personne doit confirmer."},
	[KEEPING_ALREADY] = {PROBLEM_CONFLICT, "C'est déjà le cas."},
	[KEEPING_GONE] = {PROBLEM_CONFLICT, "Le son de cette alerte a été supprimé."},
};

/* Who asks says why; who confirms or withdraws may. */
static bool is_request(enum entry_kind entry)
{
	return entry == ENTRY_SEAL_ASKED || entry == ENTRY_UNSEAL_ASKED;
}

struct sealing {
	struct work *w;
	struct command *command;
	struct event event;
};

/* A line of that alert, whose keeping is as it is now. What is gone is passed over. */
static int write_down(struct sealing *s, struct keeping *k, enum entry_kind entry,
		      struct str reason)
{
	struct work *w = s->w;
	struct case_file c;
	int r = case_load(w, k->alert, &c);

	if (r)
		return r == -ENOENT ? 0 : r;
	set_date(w->options->sound_days, k, &c.alert);
	r = keeping_save(w->vault, k);
	if (r || entry == ENTRY_NONE)
		return r;
	case_entry(w, s->command, &c, entry, ID_NONE, work_one_text(w, "reason", reason));
	return case_publish(w, s->command, &c);
}

static bool go_along(struct sealing *s, struct keeping *k, const struct keeping *lead)
{
	bool was_deleted = k->state == KEEPING_DELETED, changed = keeping_goes_along(k, lead);

	if (was_deleted && changed)
		condemn_deleted(s->w, k->alert);
	return changed;
}

/* The line is of the alert it is said of, whatever that one has, and of each that changes. */
static int carry_out(struct sealing *s, const struct keeping *lead, enum entry_kind entry)
{
	int r = 0;

	for (size_t i = 0; !r && i < s->event.count; i++) {
		struct keeping *k = &s->event.list[i];
		bool changed = go_along(s, k, lead);

		if (!changed && !id_eq(k->alert, s->command->subject))
			continue;
		r = write_down(s, k, entry, s->command->text);
	}
	return r;
}

static bool was_deleted(const struct event *e)
{
	for (size_t i = 0; i < e->count; i++)
		if (e->list[i].state == KEEPING_DELETED)
			return true;
	return false;
}

static int apply(struct sealing *s, struct case_file *c)
{
	struct command *command = s->command;
	const struct keeping *lead = keeping_lead(s->event.list, s->event.count);
	enum keeping_refusal refusal = KEEPING_GONE;
	enum entry_kind entry = ENTRY_NONE;
	struct keeping next;
	int r;

	if (!lead && !was_deleted(&s->event)) {
		command_refuse(command, PROBLEM_CONFLICT, "Rien n'est enregistré de cette alerte.");
		return 0;
	}
	if (lead) {
		next = *lead;
		refusal = keeping_apply(&next, command->as.keep.seal, command->actor.id,
					s->w->now_ms, &entry);
	}
	if (!refusal && is_request(entry) && !command->text.len) {
		command_invalid(command, "reason", "Un motif est nécessaire pour le demander.");
		return 0;
	}
	if (refusal) {
		command_refuse(command, refusals[refusal].problem, refusals[refusal].text);
		return 0;
	}
	r = carry_out(s, &next, entry);
	c->first_entry = s->w->entry_count; /* its lines have their card */
	return r ? r : case_publish(s->w, command, c);
}

int handle_keep(struct work *w, struct command *command)
{
	struct sealing s = {.w = w, .command = command};
	struct case_file c;
	int r = case_load(w, command->subject, &c);

	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, case_not_found);
	if (r)
		return r == -ENOENT ? 0 : r;
	if (!case_may(command, &c.alert, RIGHT_ALERT_HANDLE))
		return 0;
	r = event_of(w->vault, &c.alert, &s.event);
	return r ? r : apply(&s, &c);
}

static struct str with(struct work *w, const struct alert *other)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "Avec l'alerte n° %lld.", (long long)other->ref);
	return work_keep(w, &b);
}

int keeping_unite_event(struct work *w, struct command *command, const struct alert *first,
			const struct alert *merged)
{
	struct sealing s = {.w = w, .command = command};
	struct outcome outcome = command->outcome;
	struct actor actor = command->actor;
	struct keeping lead;
	int r = event_of(w->vault, first, &s.event);

	if (r || !keeping_unite(s.event.list, s.event.count, w->now_ms, &lead))
		return r;
	command->actor = (struct actor){.kind = ACTOR_SYSTEM};
	for (size_t i = 0; !r && i < s.event.count; i++) {
		struct keeping *k = &s.event.list[i];
		enum keeping_state before = k->state;
		bool changed = go_along(&s, k, &lead);

		if (k->state == lead.state)
			r = write_down(&s, k,
				       changed ? keeping_united(before, k->state) : ENTRY_NONE,
				       with(w, id_eq(k->alert, merged->id) ? first : merged));
	}
	command->actor = actor;
	command->outcome = outcome;
	return r;
}

/* --- deletion */

static struct str deletion_body(struct work *w, int64_t clips, bool recorded)
{
	struct buf b = BUF_INIT;

	buf_add_byte(&b, '{');
	json_int(&b, "days", w->options->sound_days);
	json_bool(&b, "recording", recorded);
	json_int(&b, "clips", clips);
	json_close(&b, '}');
	return work_keep(w, &b);
}

static int delete_one(struct work *w, struct command *command, struct keeping *k)
{
	struct stretch kept = {w->now_ms - (int64_t)w->options->sound_days * DAY_MS, w->now_ms};
	struct case_file c;
	int64_t clips = 0;
	bool recorded = false, younger;
	int r = journal_is_younger(w->vault, k->alert, ENTRY_CLOSED, &kept, &younger);

	if (r || younger)
		return r;
	r = case_load(w, k->alert, &c);
	if (!r)
		r = clips_delete(w->vault, k->alert, &clips);
	if (!r && w->options->sound_folder)
		r = track_set_aside(w->options->sound_folder, k->alert, &recorded);
	if (r)
		return r;
	k->state = KEEPING_DELETED;
	k->has_sound = false;
	k->at_ms = w->now_ms;
	k->asked_by = ID_NONE;
	k->delete_at_ms = TIME_NONE;
	case_entry(w, command, &c, ENTRY_SOUND_DELETED, ID_NONE, deletion_body(w, clips, recorded));
	r = keeping_save(w->vault, k);
	return r ? r : case_finish(w, command, &c);
}

struct deletion {
	struct work *w;
	struct command *command;
	struct keeping *keeping;
};

static int delete_apart(void *context, struct id alert)
{
	struct deletion *d = context;
	size_t lines = d->w->entry_count;
	int r = keeping_is_due(d->keeping, d->w->now_ms) ? delete_one(d->w, d->command, d->keeping)
							 : 0;

	if (r)
		d->w->entry_count = lines;
	return r;
}

int keeping_delete_due(struct work *w, struct command *command, struct portion *portion)
{
	struct keeping list[AT_ONCE];
	int count, r;

	portion->limit = AT_ONCE;
	count = keeping_due(w->vault, w->now_ms, portion->skip, list, AT_ONCE);
	r = count < 0 ? count : 0;
	for (int i = 0; !r && i < count; i++) {
		struct deletion d = {w, command, &list[i]};

		r = portion_step(w->vault, portion, delete_apart, &d, list[i].alert);
	}
	return r;
}

int keeping_deleted_at(struct vault *v, struct id alert, int64_t *ret_at_ms)
{
	struct keeping k;
	int r = keeping_load(v, alert, &k);

	*ret_at_ms = !r && k.state == KEEPING_DELETED ? k.at_ms : TIME_NONE;
	return r == -ENOENT ? 0 : r;
}

/* --- while it is open, where nobody may listen */

const char keeping_clip_refused[] =
	"L'écoute n'est pas autorisée ici : ce message vocal se lit une fois l'alerte close.";
const char keeping_archive_refused[] =
	"L'écoute n'est pas autorisée ici : cette alerte a du son, et son archive se fait une fois "
	"l'alerte close.";

int keeping_has_sound(struct vault *v, const struct alert *alert, bool may_record, bool *ret_has)
{
	struct keeping k;
	int r = keeping_load(v, alert->id, &k);

	*ret_has = (!r && k.has_sound) || (may_record && !id_is_none(alert->phone));
	return r == -ENOENT ? 0 : r;
}

/* --- the card */

/* Its own; of one without, that of its event, which can be sealed from there as well. */
static int shown_of(struct vault *v, const struct alert *alert, struct keeping *ret_keeping)
{
	const struct keeping *lead;
	struct event e;
	int r = keeping_load(v, alert->id, ret_keeping);
	bool is_known = !r;

	if ((r && r != -ENOENT) || (!r && ret_keeping->state != KEEPING_DELETED))
		return r;
	r = event_of(v, alert, &e);
	lead = r ? NULL : keeping_lead(e.list, e.count);
	if (lead)
		*ret_keeping = *lead;
	return r || lead || is_known ? r : -ENOENT;
}

int keeping_json(struct vault *v, const struct directory *directory, const struct alert *alert,
		 struct buf *b)
{
	struct keeping k;
	int r = shown_of(v, alert, &k);

	if (r == -ENOENT) {
		json_nothing(b, "keeping");
		return 0;
	}
	if (r)
		return r;
	json_open(b, "keeping", '{');
	json_word(b, "state", keeping_state_name(k.state));
	json_time(b, "at", k.at_ms);
	json_text(b, "asked_by",
		  id_is_none(k.asked_by) ? STR_NONE
					 : directory_account_name(directory, k.asked_by));
	json_id(b, "asked_by_id", k.asked_by);
	json_time(b, "delete_at", k.delete_at_ms);
	json_close(b, '}');
	return 0;
}
