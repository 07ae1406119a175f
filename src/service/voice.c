/*
 * Voice clips of a watch: kept with the alert it speaks in, if the administration may record. What
 * is refused here is told to the watch, which keeps it.
 */
#include <errno.h>

#include "service/case.h"
#include "service/json.h"
#include "service/keeping.h"
#include "service/reports.h"
#include "store/clips.h"

static int alert_of(struct work *w, const struct device *device, struct id *ret_alert)
{
	struct open_alerts open = {ID_NONE, ID_NONE};
	int r = report_alerts(w, device, &open);

	*ret_alert = id_is_none(open.real) ? open.test : open.real;
	return r;
}

/* A line of the timeline when the clip is whole. */
static int tell(struct work *w, struct command *command, struct id alert, struct id clip)
{
	struct buf b = BUF_INIT;
	struct case_file c;
	int r = case_load(w, alert, &c);

	if (r)
		return r;
	buf_add_byte(&b, '{');
	json_id(&b, "clip", clip);
	json_close(&b, '}');
	case_entry(w, command, &c, ENTRY_VOICE, ID_NONE, work_keep(w, &b));
	return case_finish(w, command, &c);
}

static int begin_keeping(struct work *w, struct id alert)
{
	struct alert a;
	int r = alert_load(w->vault, w->arena, alert, &a, NULL);

	return r ? r : keeping_begin(w, &a);
}

static int keep(struct work *w, struct command *command, struct id alert)
{
	struct clip_part part = {
		.alert = alert,
		.name = command->name.len ? command->name : command->text,
		.part = command->as.voice.part,
		.parts = command->as.voice.parts,
		.at_ms = w->now_ms,
		.sound = command->text,
	};
	int64_t count;
	struct id clip;
	bool is_new;
	int have, r = clip_parts_of(w->vault, alert, &count);

	if (!r && count >= LIMIT_ALERT_CLIP_PARTS) {
		command_refuse(command, PROBLEM_TOO_MANY,
			       "Cette alerte a trop de messages vocaux.");
		return 0;
	}
	if (!r)
		r = clip_part_add(w->vault, &part, &clip, &is_new, &have);
	if (r)
		return r;
	command->outcome.repeated = !is_new;
	command->outcome.subject = alert;
	if (is_new)
		r = begin_keeping(w, alert);
	if (r)
		return r;
	return is_new && have == part.parts ? tell(w, command, alert, clip) : 0;
}

int handle_voice(struct work *w, struct command *command)
{
	struct device device;
	struct id alert = ID_NONE;
	int r = report_device(w, &command->as.voice.report, &device);

	if (r == -ENOENT || r == -EACCES) {
		command_refuse(command, PROBLEM_NOT_FOUND, "Cet appareil n'est pas enregistré.");
		return 0;
	}
	command->actor = (struct actor){.kind = ACTOR_DEVICE, .id = device.id};
	if (!r)
		r = alert_of(w, &device, &alert);
	if (r)
		return r;
	if (!w->options->may_record || id_is_none(alert)) {
		command_refuse(
			command, PROBLEM_FORBIDDEN,
			"Hors alerte, ou sans le droit d'enregistrer, aucun son n'est gardé.");
		return 0;
	}
	return keep(w, command, alert);
}
