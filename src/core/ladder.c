/* The default ladder, and what makes one consistent: see ladder.h. */
#include "core/ladder.h"

#include <errno.h>

static const struct ladder_step default_steps[] = {
	{"neighbour", "Aucun écran n'a montré l'alerte", 5, UNLESS_PAINTED, TARGET_NEIGHBOUR, true},
	{"supervisor", "Personne n'a pris l'alerte", 10, UNLESS_CLAIMED, TARGET_NEIGHBOUR, true},
	{"second", "Toujours personne : second centre", 20, UNLESS_CLAIMED, TARGET_SECOND, false},
	{"zone", "Toujours personne : zone de défense", 45, UNLESS_CLAIMED, TARGET_ZONE, false},
	{"inactive", "Alerte prise, mais rien n'est fait", 60, UNLESS_ACTED, TARGET_OWN, true},
};

void ladder_default(struct ladder *ret_ladder)
{
	*ret_ladder = (struct ladder){
		.step_count = sizeof(default_steps) / sizeof(default_steps[0]),
		.message_sent_s = 10,
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

/* Delays grow, on each side: before the claim, then after it. */
static bool comes_after(const struct ladder_step *step, const struct ladder_step *before)
{
	if ((before->unless == UNLESS_ACTED) != (step->unless == UNLESS_ACTED))
		return step->unless == UNLESS_ACTED;
	return step->after_s >= before->after_s;
}

static int check_step(const struct ladder *ladder, unsigned at, char ret_why[160])
{
	const struct ladder_step *step = &ladder->steps[at];

	if (!step->name[0] || !step->label[0])
		return refuse(ret_why, "un échelon doit avoir un nom et un libellé", "échelle");
	if (!seconds_are_sane(step->after_s))
		return refuse(ret_why, "le délai doit être compris entre 1 et 3600 secondes",
			      step->name);
	for (unsigned i = 0; i < at; i++)
		if (!strcmp(ladder->steps[i].name, step->name))
			return refuse(ret_why, "deux échelons portent ce nom", step->name);
	if (at && !comes_after(step, step - 1))
		return refuse(
			ret_why,
			"les délais doivent être croissants, puis ceux d'après la prise en charge",
			step->name);
	return 0;
}

static bool climbs_when_unclaimed(const struct ladder *ladder)
{
	for (unsigned i = 0; i < ladder->step_count; i++)
		if (ladder->steps[i].unless == UNLESS_CLAIMED)
			return true;
	return false;
}

int ladder_check(const struct ladder *ladder, char ret_why[160])
{
	const int times[] = {ladder->message_sent_s,     ladder->contact_answer_s,
			     ladder->message_validity_s, ladder->unit_receipt_s,
			     ladder->take_over_free_s,   ladder->duplicate_s,
			     ladder->device_silent_s};

	if (!ladder->step_count || ladder->step_count > LADDER_MAX_STEPS)
		return refuse(ret_why, "entre 1 et 12 échelons", "échelle");
	for (unsigned i = 0; i < ladder->step_count; i++)
		if (check_step(ladder, i, ret_why))
			return -EINVAL;
	if (!climbs_when_unclaimed(ladder))
		return refuse(ret_why, "il faut un échelon pour l'alerte que personne ne prend",
			      "échelle");
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		if (!seconds_are_sane(times[i]))
			return refuse(ret_why,
				      "chaque délai doit être compris entre 1 et 3600 secondes",
				      "échelle");
	return 0;
}

static int step_named(const struct ladder *ladder, const char *name)
{
	for (unsigned i = 0; i < ladder->step_count; i++)
		if (!strcmp(ladder->steps[i].name, name))
			return (int)i;
	return -1;
}

uint32_t ladder_carry_over(uint32_t climbed, const struct ladder *before, const struct ladder *now)
{
	uint32_t carried = 0;

	for (unsigned i = 0; i < now->step_count; i++) {
		int at = step_named(before, now->steps[i].name);

		if (at >= 0 && climbed & 1u << at)
			carried |= 1u << i;
	}
	return carried;
}

bool ladder_climbs_alike(const struct ladder *a, const struct ladder *b)
{
	if (a->step_count != b->step_count)
		return false;
	for (unsigned i = 0; i < a->step_count; i++) {
		const struct ladder_step *one = &a->steps[i], *other = &b->steps[i];

		if (strcmp(one->name, other->name) != 0 || one->after_s != other->after_s ||
		    one->unless != other->unless)
			return false;
	}
	return true;
}
