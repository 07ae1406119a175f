/* Reading definitions: see definitions.h. What is consistent is said by core; here, what is well
 * formed. */
#include "service/definitions.h"

#include <errno.h>
#include <stdarg.h>

#include <jansson.h>

#include "base/alloc.h"

/* Where a value stands, for the sentence that refuses it. */
struct place {
	char *why;          /* DEFINITION_WHY_SIZE */
	const char *parent; /* "steps[2]", or "" at the top */
};

struct name {
	const char *text;
	int value;
};

static const struct name unless_names[] = {{"painted", UNLESS_PAINTED},
					   {"claimed", UNLESS_CLAIMED},
					   {"acted", UNLESS_ACTED},
					   {NULL, 0}};
static const struct name target_names[] = {{"own", TARGET_OWN},
					   {"neighbour", TARGET_NEIGHBOUR},
					   {"second", TARGET_SECOND},
					   {"zone", TARGET_ZONE},
					   {NULL, 0}};

static const struct {
	const char *key;
	size_t offset;
	int absent; /* in a file that was edited before there was such a delay; 0: refused */
} delays[] = {
	{"message_sent_s", offsetof(struct ladder, message_sent_s), 10},
	{"contact_answer_s", offsetof(struct ladder, contact_answer_s), 0},
	{"message_validity_s", offsetof(struct ladder, message_validity_s), 0},
	{"unit_receipt_s", offsetof(struct ladder, unit_receipt_s), 0},
	{"take_over_free_s", offsetof(struct ladder, take_over_free_s), 0},
	{"duplicate_s", offsetof(struct ladder, duplicate_s), 0},
	{"device_silent_s", offsetof(struct ladder, device_silent_s), 0},
};

static int refuse(struct place at, const char *key, const char *text)
{
	const char *dot = at.parent[0] && key[0] ? "." : "";

	snprintf(at.why, DEFINITION_WHY_SIZE, "%s%s%s : %s", at.parent, dot, key, text);
	return -EINVAL;
}

static int refuse_unknown_keys(json_t *object, const char *const *known, struct place at)
{
	const char *key;
	json_t *value;

	json_object_foreach(object, key, value)
	{
		size_t i = 0;

		while (known[i] && strcmp(known[i], key) != 0)
			i++;
		if (!known[i])
			return refuse(at, key, "champ inconnu");
	}
	return 0;
}

static int read_seconds(json_t *object, const char *key, struct place at, int absent,
			int *ret_seconds)
{
	json_t *value = json_object_get(object, key);

	if (!value && absent) {
		*ret_seconds = absent;
		return 0;
	}
	if (!json_is_integer(value))
		return refuse(at, key, "un nombre entier de secondes est attendu");
	if (json_integer_value(value) < 1 || json_integer_value(value) > 3600)
		return refuse(at, key, "le délai doit être compris entre 1 et 3600 secondes");
	*ret_seconds = (int)json_integer_value(value);
	return 0;
}

static int read_text(json_t *object, const char *key, struct place at, char *ret_text, size_t size)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_string(value) || json_string_length(value) == 0)
		return refuse(at, key, "un texte est attendu");
	if (json_string_length(value) >= size)
		return refuse(at, key, "texte trop long");
	snprintf(ret_text, size, "%s", json_string_value(value));
	return 0;
}

static int read_name(json_t *object, const char *key, const struct name *names, struct place at,
		     int *ret_value)
{
	const char *text = json_string_value(json_object_get(object, key));

	for (; text && names->text; names++) {
		if (strcmp(text, names->text) == 0) {
			*ret_value = names->value;
			return 0;
		}
	}
	return refuse(at, key, "valeur absente ou inconnue");
}

static int read_yes_or_no(json_t *object, const char *key, struct place at, bool *ret_value)
{
	json_t *value = json_object_get(object, key);

	if (!json_is_boolean(value))
		return refuse(at, key, "true ou false est attendu");
	*ret_value = json_is_true(value);
	return 0;
}

static int read_step(json_t *object, struct place at, struct ladder_step *ret_step)
{
	static const char *const known[] = {"name", "label",        "after_s", "unless",
					    "show", "message_duty", NULL};
	struct ladder_step step = {0};
	int unless = 0, show = 0, r;

	if (!json_is_object(object))
		return refuse(at, "", "un objet est attendu");
	r = refuse_unknown_keys(object, known, at);
	r = r ?: read_text(object, "name", at, step.name, sizeof(step.name));
	r = r ?: read_text(object, "label", at, step.label, sizeof(step.label));
	r = r ?: read_seconds(object, "after_s", at, 0, &step.after_s);
	r = r ?: read_name(object, "unless", unless_names, at, &unless);
	r = r ?: read_name(object, "show", target_names, at, &show);
	r = r ?: read_yes_or_no(object, "message_duty", at, &step.message_duty);
	if (r < 0)
		return r;
	step.unless = (enum ladder_unless)unless;
	step.show = (enum ladder_target)show;
	*ret_step = step;
	return 0;
}

static int read_steps(json_t *steps, char *why, struct ladder *ladder)
{
	char parent[32];
	struct place top = {why, ""}, at = {why, parent};

	if (!json_is_array(steps))
		return refuse(top, "steps", "une liste est attendue");
	if (json_array_size(steps) > LADDER_MAX_STEPS)
		return refuse(top, "steps", "trop d'échelons");
	for (size_t i = 0; i < json_array_size(steps); i++) {
		int r;

		snprintf(parent, sizeof(parent), "steps[%zu]", i);
		r = read_step(json_array_get(steps, i), at, &ladder->steps[i]);
		if (r < 0)
			return r;
		ladder->step_count++;
	}
	return 0;
}

static int read_ladder(json_t *root, char *why, struct ladder *ladder)
{
	const char *known[ARRAY_LEN(delays) + 3] = {"version", "steps"};
	struct place top = {why, ""};
	int r;

	for (size_t i = 0; i < ARRAY_LEN(delays); i++)
		known[i + 2] = delays[i].key;
	if (!json_is_object(root))
		return refuse(top, "échelle", "un objet est attendu");
	if (json_integer_value(json_object_get(root, "version")) != 1)
		return refuse(top, "version", "seule la version 1 est connue");
	r = refuse_unknown_keys(root, known, top);
	r = r ?: read_steps(json_object_get(root, "steps"), why, ladder);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(delays); i++)
		r = read_seconds(root, delays[i].key, top, delays[i].absent,
				 (int *)((char *)ladder + delays[i].offset));
	return r ?: ladder_check(ladder, why);
}

/* NULL: *ret_error, and why. */
static json_t *load(const char *path, char ret_why[DEFINITION_WHY_SIZE], int *ret_error)
{
	json_error_t error;
	json_t *root;

	errno = 0;
	root = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	if (root)
		return root;
	if (json_error_code(&error) == json_error_cannot_open_file) {
		*ret_error = errno ? -errno : -EIO;
		snprintf(ret_why, DEFINITION_WHY_SIZE, "fichier illisible : %s",
			 strerror(-*ret_error));
	} else {
		*ret_error = -EINVAL;
		snprintf(ret_why, DEFINITION_WHY_SIZE,
			 "ligne %d, colonne %d : ce n'est pas du JSON valable (%.120s)", error.line,
			 error.column, error.text);
	}
	return NULL;
}

int definitions_load_ladder(const char *path, struct ladder *ret_ladder,
			    char ret_why[DEFINITION_WHY_SIZE])
{
	struct ladder ladder = {0};
	int r = 0;
	json_t *root = load(path, ret_why, &r);

	if (root)
		r = read_ladder(root, ret_why, &ladder);
	if (r == 0)
		*ret_ladder = ladder;
	json_decref(root);
	return r;
}

/* --- retention */

static const struct rule {
	const char *category, *event, *action, *unless;
	size_t days;
	int most;
} rules[] = {
	/* Evidence that nobody sealed is no evidence; ten years is the longest anybody may keep it.
	 */
	{"alert_sound", "alert_closed", "delete", "sealed", offsetof(struct retention, sound_days),
	 3650},
	/* CSI R. 236-34: two years after collection. */
	{"emergency_call", "call_closed", "delete", "never", offsetof(struct retention, call_days),
	 3650},
	/* CSI R. 236-42: not longer than protection was asked for. So long it can be taken back.
	 */
	{"official", "registration_ended", "delete", "never",
	 offsetof(struct retention, ended_days), 60},
};

static bool says(const json_t *object, const char *key, const char *word)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && !strcmp(text, word);
}

static const struct rule *rule_of(const json_t *object)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (says(object, "category", rules[i].category) &&
		    says(object, "event", rules[i].event) &&
		    says(object, "action", rules[i].action) &&
		    says(object, "unless", rules[i].unless))
			return &rules[i];
	return NULL;
}

static int refuse_days(struct place at, int most)
{
	char text[80];

	snprintf(text, sizeof(text), "un nombre de jours est attendu, de 1 à %d", most);
	return refuse(at, "days", text);
}

static int read_rule(json_t *object, struct place at, struct retention *retention)
{
	static const char *const known[] = {"category", "event", "days", "action", "unless", NULL};
	const struct rule *rule = rule_of(object);
	int64_t days = json_integer_value(json_object_get(object, "days"));
	int *place, r;

	if (!json_is_object(object))
		return refuse(at, "", "un objet est attendu");
	r = refuse_unknown_keys(object, known, at);
	if (r)
		return r;
	if (!rule)
		return refuse(at, "category", "catégorie, événement ou action inconnus");
	place = (int *)(void *)((char *)retention + rule->days);
	if (*place)
		return refuse(at, "category", "cette règle est donnée deux fois");
	if (days < 1 || days > rule->most)
		return refuse_days(at, rule->most);
	*place = (int)days;
	return 0;
}

static int read_retention(json_t *root, char *why, struct retention *retention)
{
	static const char *const known[] = {"version", "rules", NULL};
	json_t *list = json_object_get(root, "rules");
	struct place top = {why, ""};
	char parent[32];
	int r;

	if (!json_is_object(root) || json_integer_value(json_object_get(root, "version")) != 1)
		return refuse(top, "version", "seule la version 1 est connue");
	r = refuse_unknown_keys(root, known, top);
	if (!r && json_array_size(list) != ARRAY_LEN(rules))
		return refuse(top, "rules", "chaque règle est attendue, une fois");
	for (size_t i = 0; !r && i < json_array_size(list); i++) {
		snprintf(parent, sizeof(parent), "rules[%zu]", i);
		r = read_rule(json_array_get(list, i), (struct place){why, parent}, retention);
	}
	return r;
}

int definitions_load_retention(const char *path, struct retention *ret_retention,
			       char ret_why[DEFINITION_WHY_SIZE])
{
	struct retention retention = {0};
	int r = 0;
	json_t *root = load(path, ret_why, &r);

	if (root)
		r = read_retention(root, ret_why, &retention);
	if (r == -ENOENT) {
		retention.sound_days = 30;
		retention.call_days = 730;
		retention.ended_days = 15;
		r = 0;
	}
	if (!r)
		*ret_retention = retention;
	json_decref(root);
	return r;
}
