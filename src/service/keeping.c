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
	bool may_go = k->state == KEEPING_FREE || k->state == KEEPING_SEAL_ASKED;

	k->delete_at_ms = may_go && alert->closed_at_ms != TIME_NONE
				  ? alert->closed_at_ms + (int64_t)days * DAY_MS
				  : TIME_NONE;
}

int keeping_begin(struct work *w, const struct alert *alert)
{
	struct keeping k;
	int r = keeping_load(w->vault, alert->id, &k);

	if (r && r != -ENOENT)
		return r;
	/* What was deleted must not come back with what is new. No clip is refused for it: what
	 * cannot be condemned now is erased by the next housekeeping, or said by its log. */
	if (!r && k.state == KEEPING_DELETED && w->options->sound_folder)
		(void)track_condemn(w->options->sound_folder, alert->id);
	if (r || k.state == KEEPING_DELETED)
		k = (struct keeping){.alert = alert->id, .at_ms = w->now_ms};
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
	struct keeping k = {.alert = alert, .at_ms = now_ms}, known;
	struct arena arena = ARENA_INIT;
	struct alert a;
	int r = keeping_load(v, alert, &known);

	if (r != -ENOENT)
		return r;
	r = alert_load(v, &arena, alert, &a, NULL);
	if (!r) {
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
	const struct keeping *first;
	enum entry_kind entry;
};

static int write_down(struct sealing *s, struct case_file *c, struct keeping *k)
{
	struct work *w = s->w;
	int r;

	set_date(w->options->sound_days, k, &c->alert);
	case_entry(w, s->command, c, s->entry, ID_NONE,
		   work_one_text(w, "reason", s->command->text));
	r = keeping_save(w->vault, k);
	return r ? r : case_finish(w, s->command, c);
}

static int go_along(void *context, struct id alert)
{
	struct sealing *s = context;
	struct case_file c;
	struct keeping k;
	int r = keeping_load(s->w->vault, alert, &k);

	if (r || !keeping_goes_along(&k, s->first, s->entry))
		return r == -ENOENT ? 0 : r;
	r = case_load(s->w, alert, &c);
	return r ? r : write_down(s, &c, &k);
}

static int apply(struct work *w, struct command *command, struct case_file *c, struct keeping *k)
{
	struct sealing s = {w, command, k, ENTRY_NONE};
	struct outcome outcome;
	enum keeping_refusal refusal =
		keeping_apply(k, command->as.keep.seal, command->actor.id, w->now_ms, &s.entry);
	int r;

	if (!refusal && is_request(s.entry) && !command->text.len) {
		command_invalid(command, "reason", "Un motif est nécessaire pour le demander.");
		return 0;
	}
	if (refusal) {
		command_refuse(command, refusals[refusal].problem, refusals[refusal].text);
		return 0;
	}
	r = write_down(&s, c, k);
	outcome = command->outcome;
	if (!r)
		r = alerts_under(w->vault, c->alert.id, MERGED_MAX, go_along, &s);
	command->outcome = outcome;
	return r;
}

int handle_keep(struct work *w, struct command *command)
{
	struct case_file c;
	struct keeping k;
	int r = case_load(w, command->subject, &c);

	if (r == -ENOENT)
		command_refuse(command, PROBLEM_NOT_FOUND, case_not_found);
	if (r)
		return r == -ENOENT ? 0 : r;
	if (!case_may(command, &c.alert, RIGHT_ALERT_HANDLE))
		return 0;
	r = keeping_load(w->vault, command->subject, &k);
	if (r == -ENOENT)
		command_refuse(command, PROBLEM_CONFLICT, "Rien n'est enregistré de cette alerte.");
	if (r)
		return r == -ENOENT ? 0 : r;
	return apply(w, command, &c, &k);
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
	k->at_ms = w->now_ms;
	k->asked_by = ID_NONE;
	k->delete_at_ms = TIME_NONE;
	case_entry(w, command, &c, ENTRY_SOUND_DELETED, ID_NONE, deletion_body(w, clips, recorded));
	r = keeping_save(w->vault, k);
	return r ? r : case_finish(w, command, &c);
}

int keeping_delete_due(struct work *w, struct command *command)
{
	struct keeping list[AT_ONCE];
	int count = keeping_due(w->vault, w->now_ms, list, AT_ONCE), r = count < 0 ? count : 0;

	for (int i = 0; !r && i < count; i++)
		if (keeping_is_due(&list[i], w->now_ms))
			r = delete_one(w, command, &list[i]);
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

	*ret_has = !r || (may_record && !id_is_none(alert->phone));
	return r == -ENOENT ? 0 : r;
}

/* --- the card */

int keeping_json(struct vault *v, const struct directory *directory, struct id alert, struct buf *b)
{
	struct keeping k;
	int r = keeping_load(v, alert, &k);

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
