/* The default ladder, and what makes one consistent: see ladder.h. */
#include "core/ladder.h"

#include <errno.h>

static const struct ladder_step default_steps[] = {
	{"neighbour", 5, UNLESS_PAINTED, TARGET_NEIGHBOUR, true},
	{"supervisor", 10, UNLESS_CLAIMED, TARGET_NEIGHBOUR, true},
	{"second", 20, UNLESS_CLAIMED, TARGET_SECOND, false},
	{"zone", 45, UNLESS_CLAIMED, TARGET_ZONE, false},
	{"inactive", 60, UNLESS_ACTED, TARGET_OWN, true},
};

void ladder_default(struct ladder *ret_ladder)
{
	*ret_ladder = (struct ladder){
		.step_count = sizeof(default_steps) / sizeof(default_steps[0]),
		.contact_answer_s = 60,
		.message_validity_s = 600,
		.unit_receipt_s = 60,
		.take_over_free_s = 20,
		.duplicate_s = 60,
		.device_silent_s = 90,
	};
	memcpy(ret_ladder->steps, default_steps, sizeof(default_steps));
}

static int refuse(char why[160], const char *text, const char *name)
{
	snprintf(why, 160, "%s : %s", name, text);
	return -EINVAL;
}

static bool seconds_are_sane(int seconds)
{
	return seconds >= 1 && seconds <= 3600;
}

static int check_step(const struct ladder *ladder, unsigned at, char ret_why[160])
{
	const struct ladder_step *step = &ladder->steps[at], *before = at ? step - 1 : NULL;

	if (!step->name[0])
		return refuse(ret_why, "un échelon doit avoir un nom", "échelle");
	if (!seconds_are_sane(step->after_s))
		return refuse(ret_why, "le délai doit être compris entre 1 et 3600 secondes", step->name);
	for (unsigned i = 0; i < at; i++)
		if (!strcmp(ladder->steps[i].name, step->name))
			return refuse(ret_why, "deux échelons portent ce nom", step->name);
	if (before && before->unless == UNLESS_ACTED && step->unless != UNLESS_ACTED)
		return refuse(ret_why, "les échelons comptés depuis la prise en charge viennent en dernier",
			      step->name);
	if (before && before->unless != UNLESS_ACTED && step->unless != UNLESS_ACTED &&
	    step->after_s < before->after_s)
		return refuse(ret_why, "les délais doivent être croissants", step->name);
	return 0;
}

int ladder_check(const struct ladder *ladder, char ret_why[160])
{
	const int times[] = {ladder->contact_answer_s, ladder->message_validity_s,
			     ladder->unit_receipt_s,   ladder->take_over_free_s,
			     ladder->duplicate_s,      ladder->device_silent_s};

	if (!ladder->step_count || ladder->step_count > LADDER_MAX_STEPS)
		return refuse(ret_why, "entre 1 et 12 échelons", "échelle");
	for (unsigned i = 0; i < ladder->step_count; i++)
		if (check_step(ladder, i, ret_why))
			return -EINVAL;
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (!seconds_are_sane(times[i]))
			return refuse(ret_why, "chaque délai doit être compris entre 1 et 3600 secondes", "échelle");
	return 0;
}
