/* Reading definitions: see definitions.h. What is consistent is said by core; here, what is well
 * formed. */
#include "service/definitions.h"

#include <assert.h>
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

/* On which line the n-th object of the list begins: braces within braces, but for those in texts.
 */
static unsigned line_of_rule(const char *path, size_t n)
{
	FILE *file = fopen(path, "re");
	unsigned line = 1;
	size_t seen = 0;
	int depth = 0, c;
	bool in_text = false;

	while (file && (c = getc(file)) != EOF) {
		line += c == '\n';
		if (in_text && c == '\\')
			(void)getc(file);
		else if (c == '"')
			in_text = !in_text;
		else if (!in_text && c == '{' && ++depth == 2 && seen++ == n)
			break;
		else if (!in_text && c == '}')
			depth--;
	}
	if (file)
		fclose(file);
	return line;
}

static bool says(const json_t *object, const char *key, const char *word)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && !strcmp(text, word);
}

static int kind_of(const json_t *object)
{
	int i = 0;

	while (i < RETENTION_KINDS && !says(object, "category", retention_rows[i].category))
		i++;
	return i;
}

static int refuse_word(struct place at, const char *key, const char *word)
{
	char text[80];

	snprintf(text, sizeof(text), "« %s » est attendu pour cette catégorie", word);
	return refuse(at, key, text);
}

/* Below 0: it is shorter. */
static int64_t compare_period(const struct period *p, const char *with)
{
	struct period other;
	int64_t from = paris_day_begins_ms(0);
	int wrong = period_parse(str_from(with), &other);

	assert(!wrong);
	(void)wrong;
	return paris_after(from, p) - paris_after(from, &other);
}

static int read_period(json_t *object, struct place at, const struct retention_row *row,
		       struct period *ret_period)
{
	const char *text = json_string_value(json_object_get(object, "after"));
	char why[120];

	if (!text || period_parse(str_from(text), ret_period))
		return refuse(at, "after",
			      "une durée est attendue, comme P30D, P1Y6M ou PT10M (ISO 8601)");
	if (row->in_days && (ret_period->years || ret_period->months || ret_period->ms))
		return refuse(at, "after", "un nombre de jours est attendu, comme P30D");
	if (compare_period(ret_period, row->shortest) < 0)
		snprintf(why, sizeof(why), "au moins %s pour « %s »", row->shortest, row->category);
	else if (compare_period(ret_period, row->longest) > 0)
		snprintf(why, sizeof(why), "au plus %s pour « %s »", row->longest, row->category);
	else
		return 0;
	return refuse(at, "after", why);
}

static int read_rule(json_t *object, struct place at, bool seen[], struct retention *retention)
{
	static const char *const known[] = {"category", "event", "after", "action", NULL};
	int kind = kind_of(object), r;

	if (!json_is_object(object))
		return refuse(at, "", "un objet est attendu");
	r = refuse_unknown_keys(object, known, at);
	if (r)
		return r;
	if (kind == RETENTION_KINDS)
		return refuse(at, "category", "catégorie inconnue");
	if (!says(object, "event", retention_rows[kind].event))
		return refuse_word(at, "event", retention_rows[kind].event);
	if (!says(object, "action", retention_rows[kind].action))
		return refuse_word(at, "action", retention_rows[kind].action);
	if (seen[kind])
		return refuse(at, "category", "cette règle est donnée deux fois");
	seen[kind] = true;
	return read_period(object, at, &retention_rows[kind], &retention->after[kind]);
}

/* Nothing may be kept because a line was forgotten. */
static int refuse_absent(struct place top, const bool seen[])
{
	char text[120];

	for (int i = 0; i < RETENTION_KINDS; i++)
		if (!seen[i]) {
			snprintf(text, sizeof(text), "la règle de « %s » manque",
				 retention_rows[i].category);
			return refuse(top, "rules", text);
		}
	return 0;
}

static int read_retention(const char *path, json_t *root, char *why, struct retention *retention)
{
	static const char *const known[] = {"version", "rules", NULL};
	json_t *list = json_object_get(root, "rules");
	bool seen[RETENTION_KINDS] = {false};
	struct place top = {why, ""};
	char parent[48];
	int r;

	if (!json_is_object(root) || json_integer_value(json_object_get(root, "version")) != 2)
		return refuse(top, "version",
			      "la version 2 est attendue : des durées ISO 8601, une règle par "
			      "catégorie (docs/retention.md)");
	r = refuse_unknown_keys(root, known, top);
	if (!r && !json_is_array(list))
		return refuse(top, "rules", "une liste est attendue");
	for (size_t i = 0; !r && i < json_array_size(list); i++) {
		snprintf(parent, sizeof(parent), "ligne %u, rules[%zu]", line_of_rule(path, i), i);
		r = read_rule(json_array_get(list, i), (struct place){why, parent}, seen,
			      retention);
	}
	return r ? r : refuse_absent(top, seen);
}

int definitions_load_retention(const char *path, struct retention *ret_retention,
			       char ret_why[DEFINITION_WHY_SIZE])
{
	struct retention retention = retention_default();
	int r = 0;
	json_t *root = load(path, ret_why, &r);

	if (root)
		r = read_retention(path, root, ret_why, &retention);
	if (r == -ENOENT)
		r = 0;
	if (!r)
		*ret_retention = retention;
	json_decref(root);
	return r;
}
