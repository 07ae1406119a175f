/* Fields of administration commands: JSON to checked values. See admin.h and admin_parts.h. */
#include <assert.h>
#include <errno.h>
#include <jansson.h>

#include "base/limits.h"
#include "base/network.h"
#include "base/paris.h"
#include "base/phone.h"
#include "core/access.h"
#include "service/admin_parts.h"
#include "service/contact_lines.h"
#include "service/counter.h"

/* ---- refusals ---- */

int admin_invalid(struct admin *a, const char *field, const char *detail)
{
	struct buf b = BUF_INIT;

	buf_printf(&b, "« %s » : %s", field, detail);
	command_invalid(a->c, field, buf_cstr(&b));
	buf_fini(&b);
	return 0;
}

int admin_conflict(struct admin *a, const char *detail)
{
	command_refuse(a->c, PROBLEM_CONFLICT, detail);
	return 0;
}

bool admin_refused(const struct admin *a)
{
	return a->c->outcome.problem != PROBLEM_NONE;
}

/* ---- one parser a kind: 0 (and maybe a refusal), or -errno of storage ---- */

typedef int field_parser(struct admin *a, const struct admin_field *field, struct value *value);

static bool has_control(struct str text, bool lines)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char byte = (unsigned char)text.ptr[i];

		if ((byte < 0x20 && !(lines && byte == '\n')) || byte == 0x7f)
			return true;
	}
	return false;
}

static int check_text(struct admin *a, const struct admin_field *field, struct value *value,
		      bool lines)
{
	char why[64];

	value->text = str_trim(value->text);
	if (value->text.len > (size_t)field->max) {
		snprintf(why, sizeof(why), "texte trop long (%d octets au plus).", (int)field->max);
		return admin_invalid(a, field->name, why);
	}
	if (has_control(value->text, lines))
		return admin_invalid(a, field->name, "caractère de contrôle non admis.");
	return 0;
}

static int parse_line(struct admin *a, const struct admin_field *field, struct value *value)
{
	return check_text(a, field, value, false);
}

static int parse_text(struct admin *a, const struct admin_field *field, struct value *value)
{
	return check_text(a, field, value, true);
}

static bool is_made_of(struct str text, const char *others, bool capitals)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		bool known = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
			     (capitals && c >= 'A' && c <= 'Z') || (c && strchr(others, c));

		if (!known)
			return false;
	}
	return true;
}

static int parse_login(struct admin *a, const struct admin_field *field, struct value *value)
{
	if (!is_made_of(value->text, "._-", false))
		return admin_invalid(a, field->name,
				     "lettres minuscules sans accent, chiffres, « . », « _ » et "
				     "« - » seulement.");
	return check_text(a, field, value, false);
}

static int parse_ident(struct admin *a, const struct admin_field *field, struct value *value)
{
	if (!is_made_of(value->text, "._-", true))
		return admin_invalid(
			a, field->name,
			"lettres sans accent, chiffres, « . », « _ » et « - » seulement.");
	return check_text(a, field, value, false);
}

static int parse_hash(struct admin *a, const struct admin_field *field, struct value *value)
{
	if (!str_starts(value->text, STR("$argon2id$")) || value->text.len >= PASSWORD_HASH_SIZE ||
	    !is_made_of(value->text, "$=,+/", true))
		return admin_invalid(a, field->name, "empreinte argon2id attendue.");
	return 0;
}

static int parse_integer(struct admin *a, const struct admin_field *field, struct value *value)
{
	char why[64];

	if (!str_parse_i64(value->text, 0, field->max, &value->number))
		return 0;
	snprintf(why, sizeof(why), "nombre entier de 0 à %d attendu.", (int)field->max);
	return admin_invalid(a, field->name, why);
}

static int parse_degrees(struct admin *a, const struct admin_field *field, struct value *value)
{
	int32_t degrees_e7 = 0;

	if (str_parse_e7(value->text, (int)field->max, &degrees_e7))
		return admin_invalid(a, field->name,
				     "degrés décimaux attendus (exemple : 46.5802).");
	value->number = degrees_e7;
	return 0;
}

static int parse_day(struct admin *a, const struct admin_field *field, struct value *value)
{
	char text[DAY_TEXT_SIZE];
	int32_t day;

	if (day_parse(value->text, &day))
		return admin_invalid(a, field->name, "date attendue (exemple : 31/12/2026).");
	value->number = day;
	day_print_iso(day, text);
	value->text = command_keep(a->c, str_from(text));
	return 0;
}

static int parse_yes_no(struct admin *a, const struct admin_field *field, struct value *value)
{
	value->number = str_eq(value->text, STR("oui"));
	if (!value->number && !str_eq(value->text, STR("non")))
		return admin_invalid(a, field->name, "« oui » ou « non » attendu.");
	return 0;
}

static int parse_phone(struct admin *a, const struct admin_field *field, struct value *value)
{
	char phone[PHONE_SIZE];

	if (phone_parse(value->text, phone))
		return admin_invalid(a, field->name,
				     "numéro de téléphone non reconnu (exemple : 06 12 34 56 78).");
	value->text = command_keep(a->c, str_from(phone));
	return 0;
}

static int parse_phones(struct admin *a, const struct admin_field *field, struct value *value)
{
	struct str rest = value->text, part;
	struct buf all = BUF_INIT;

	while (str_split(&rest, ',', &part)) {
		char phone[PHONE_SIZE];

		if (value->count == OFFICIAL_MAX_NUMBERS) {
			admin_invalid(a, field->name, "quatre numéros au plus.");
			break;
		}
		if (phone_parse(part, phone)) {
			admin_invalid(
				a, field->name,
				"numéro de téléphone non reconnu (exemple : 06 12 34 56 78).");
			break;
		}
		value->list[value->count++] = command_keep(a->c, str_from(phone));
		buf_printf(&all, "%s%s", all.len ? "," : "", phone);
	}
	value->text = command_keep(a->c, buf_str(&all));
	buf_fini(&all);
	return 0;
}

static const char too_many_mandates[] = "quatre mandats au plus, un par ligne.";
static const char too_many_places[] = "six adresses au plus, une par ligne.";

/* What each of another list is, in its order. */
struct kinds {
	unsigned most;
	const char *too_many, *expected;
	bool (*is_kind)(struct str name);
};

static int parse_kinds(struct admin *a, const struct admin_field *field, struct value *value,
		       const struct kinds *of)
{
	struct str rest = value->text, part;

	while (str_split(&rest, ',', &part)) {
		if (value->count == of->most)
			return admin_invalid(a, field->name, of->too_many);
		part = str_trim(part);
		if (!of->is_kind(part))
			return admin_invalid(a, field->name, of->expected);
		value->list[value->count++] = command_keep(a->c, part);
	}
	return 0;
}

static bool is_number_kind(struct str name)
{
	enum number_kind kind;

	return !number_kind_parse(name, &kind);
}

static bool is_place_kind(struct str name)
{
	enum place_kind kind;

	return !place_kind_parse(name, &kind);
}

static int parse_number_kinds(struct admin *a, const struct admin_field *field, struct value *value)
{
	static const struct kinds kinds = {
		OFFICIAL_MAX_NUMBERS, "quatre numéros au plus.",
		"own, home, town_hall, duty ou rien attendu pour chaque numéro.", is_number_kind};

	return parse_kinds(a, field, value, &kinds);
}

static int parse_place_kinds(struct admin *a, const struct admin_field *field, struct value *value)
{
	static const struct kinds kinds = {
		OFFICIAL_MAX_PLACES, too_many_places,
		"second_home, town_hall, duty, work ou other attendu pour chaque adresse.",
		is_place_kind};

	return parse_kinds(a, field, value, &kinds);
}

/* A list that travels as lines: the most there may be of them, and what one is called. */
struct lines {
	unsigned most;
	const char *too_many, *one;
	bool has_gaps; /* an empty line keeps its place, but for those at the end */
};

static int invalid_line(struct admin *a, const struct admin_field *field, const struct lines *of,
			unsigned number, const char *why)
{
	char detail[160];

	snprintf(detail, sizeof(detail), "%s %u : %s", of->one, number, why);
	return admin_invalid(a, field->name, detail);
}

static int parse_lines(struct admin *a, const struct admin_field *field, struct value *value,
		       const struct lines *of)
{
	struct str rest = value->text, line;
	struct buf kept = BUF_INIT;
	unsigned filled = 0;
	char why[64];

	snprintf(why, sizeof(why), "texte trop long (%d octets au plus).", (int)field->max);
	while (str_split(&rest, '\n', &line)) {
		line = str_trim(line);
		if (!line.len && !of->has_gaps)
			continue;
		if (line.len && value->count >= of->most)
			return admin_invalid(a, field->name, of->too_many);
		if (line.len > (size_t)field->max)
			return invalid_line(a, field, of, value->count + 1, why);
		if (has_control(line, false))
			return invalid_line(a, field, of, value->count + 1,
					    "caractère de contrôle non admis.");
		if (value->count < of->most)
			value->list[value->count++] = command_keep(a->c, line);
		if (line.len)
			filled = value->count;
	}
	value->count = filled;
	for (unsigned i = 0; i < filled; i++)
		buf_printf(&kept, "%s%.*s", i ? "\n" : "", STR_FMT(value->list[i]));
	value->text = command_keep(a->c, buf_str(&kept));
	buf_fini(&kept);
	return 0;
}

static int parse_mandates(struct admin *a, const struct admin_field *field, struct value *value)
{
	static const struct lines mandates = {OFFICIAL_MAX_MANDATES, too_many_mandates, "mandat",
					      false};

	return parse_lines(a, field, value, &mandates);
}

/* The lines of the addresses and of how to get in there are beside one another. */
static int parse_places(struct admin *a, const struct admin_field *field, struct value *value)
{
	static const struct lines places = {OFFICIAL_MAX_PLACES, too_many_places, "adresse", true};

	return parse_lines(a, field, value, &places);
}

static int parse_contacts(struct admin *a, const struct admin_field *field, struct value *value)
{
	struct buf kept = BUF_INIT;
	char detail[160];
	const char *why;
	int r = check_text(a, field, value, true);

	if (r || admin_refused(a))
		return r;
	why = contact_lines_check(value->text, &kept, &value->count);
	if (why) {
		snprintf(detail, sizeof(detail), "personne %u : %s", value->count, why);
		admin_invalid(a, field->name, detail);
	}
	value->text = command_keep(a->c, buf_str(&kept));
	buf_fini(&kept);
	return 0;
}

static int parse_roles(struct admin *a, const struct admin_field *field, struct value *value)
{
	uint32_t roles;

	if (roles_parse(value->text, &roles))
		return admin_invalid(
			a, field->name,
			"parmi operator, supervisor, administrator, auditor, counter, séparés "
			"par des virgules.");
	value->number = roles;
	return 0;
}

static int parse_force(struct admin *a, const struct admin_field *field, struct value *value)
{
	enum force force;

	if (force_parse(value->text, &force))
		return admin_invalid(a, field->name, "gendarmerie ou police attendu.");
	value->number = force;
	return 0;
}

static int parse_unit_kind(struct admin *a, const struct admin_field *field, struct value *value)
{
	enum unit_kind kind;

	if (unit_kind_parse(value->text, &kind))
		return admin_invalid(a, field->name,
				     "room, brigade, commissariat ou patrol attendu.");
	value->number = kind;
	return 0;
}

static int parse_protocol(struct admin *a, const struct admin_field *field, struct value *value)
{
	enum protocol protocol;

	if (protocol_parse(value->text, &protocol))
		return admin_invalid(a, field->name, "watch, osmand ou owntracks attendu.");
	value->number = protocol;
	return 0;
}

static int parse_networks(struct admin *a, const struct admin_field *field, struct value *value)
{
	struct str rest = value->text, part;
	struct buf all = BUF_INIT;

	while (str_split(&rest, ',', &part)) {
		struct network network;

		part = str_trim(part);
		if (network_parse(part, &network)) {
			admin_invalid(a, field->name,
				      "réseaux attendus, séparés par des virgules (exemple : "
				      "10.20.0.0/16,2001:db8::/32).");
			break;
		}
		buf_printf(&all, "%s%.*s", all.len ? "," : "", STR_FMT(part));
	}
	value->text = command_keep(a->c, buf_str(&all));
	buf_fini(&all);
	return admin_refused(a) ? 0 : check_text(a, field, value, false);
}

static const char unknown_official[] =
	"élu inconnu (identifiant, ou numéro de téléphone qu'il est seul à avoir).";
static const char unknown_device[] =
	"appareil inconnu (identifiant, ou PROTOCOLE:IDENTITÉ, attendu).";

void admin_unknown_official(struct admin *a)
{
	admin_invalid(a, "official", unknown_official);
}

void admin_unknown_device(struct admin *a)
{
	admin_invalid(a, "device", unknown_device);
}

/* A reference that was looked for: its id becomes the normal form. */
static int found(struct admin *a, const struct admin_field *field, struct value *value, int r,
		 struct id id, const char *unknown)
{
	char text[ID_TEXT_SIZE];

	if (r == -ENOENT)
		return admin_invalid(a, field->name, unknown);
	if (r)
		return r;
	value->id = id;
	id_print(id, text);
	value->text = command_keep(a->c, str_from(text));
	return 0;
}

static int parse_any_unit(struct admin *a, const struct admin_field *field, struct value *value)
{
	struct unit unit = {.kind = UNIT_ROOM};
	struct id id;
	int r = id_parse(value->text, &id) ? unit_find(a->w->vault, value->text, &unit)
					   : unit_load(a->w->vault, id, &unit);

	value->number = unit.kind;
	return found(a, field, value, r, unit.id,
		     "unité inconnue (nom exact ou identifiant attendu).");
}

static int parse_room(struct admin *a, const struct admin_field *field, struct value *value)
{
	int r = parse_any_unit(a, field, value);

	if (!r && !admin_refused(a) && value->number != UNIT_ROOM)
		return admin_invalid(a, field->name,
				     "cette unité n'est pas une salle d'opérations.");
	return r;
}

static int parse_unit(struct admin *a, const struct admin_field *field, struct value *value)
{
	int r = parse_any_unit(a, field, value);

	if (!r && !admin_refused(a) && value->number == UNIT_ROOM)
		return admin_invalid(a, field->name,
				     "unité attendue, et non une salle d'opérations.");
	return r;
}

static int parse_account(struct admin *a, const struct admin_field *field, struct value *value)
{
	struct account account = {.roles = 0};
	struct id id;
	int r = id_parse(value->text, &id) ? account_by_login(a->w->vault, value->text, &account)
					   : account_load(a->w->vault, id, &account);

	wipe(account.password, sizeof(account.password));
	return found(a, field, value, r, account.id,
		     "compte inconnu (identifiant de connexion attendu).");
}

static int official_of_phone(struct admin *a, struct str text, struct id *ret_official)
{
	char phone[PHONE_SIZE];
	struct id ids[2];
	unsigned count;
	int r;

	if (phone_parse(text, phone))
		return -ENOENT;
	r = officials_by_number(a->w->vault, str_from(phone), ids, ARRAY_LEN(ids), &count);
	if (r)
		return r;
	/* A number two officials share (a town hall's) names neither. */
	if (count != 1)
		return -ENOENT;
	*ret_official = ids[0];
	return 0;
}

/* Who is out of a counter's reach reads like who is not there, in the same place of the body, and
 * nothing of them is unsealed. */
static int parse_official(struct admin *a, const struct admin_field *field, struct value *value)
{
	struct id id = ID_NONE, unit = ID_NONE;
	int r = id_parse(value->text, &id) ? official_of_phone(a, value->text, &id) : 0;

	if (!r)
		r = official_unit(a->w->vault, id, &unit);
	if (!r && !counter_actor_reaches(a->w->directory, &a->c->actor, unit))
		r = -ENOENT;
	return found(a, field, value, r, id, unknown_official);
}

static int parse_contact(struct admin *a, const struct admin_field *field, struct value *value)
{
	struct contact contact;
	struct id id = ID_NONE;
	int r = id_parse(value->text, &id) ? -ENOENT
					   : contact_load(a->w->vault, &a->c->arena, id, &contact);

	return found(a, field, value, r, id,
		     "personne de confiance inconnue (identifiant attendu).");
}

static int device_of_ident(struct admin *a, struct str text, struct device *ret_device)
{
	enum protocol protocol;
	struct str name;

	if (!str_split(&text, ':', &name) || !text.ptr || protocol_parse(name, &protocol))
		return -ENOENT;
	return device_by_ident(a->w->vault, (int)protocol, text, ret_device);
}

static int parse_device(struct admin *a, const struct admin_field *field, struct value *value)
{
	struct device device = {.protocol = 0};
	struct id id;
	int r = id_parse(value->text, &id) ? device_of_ident(a, value->text, &device)
					   : device_load(a->w->vault, id, &device);

	return found(a, field, value, r, device.id, unknown_device);
}

static int parse_after(struct admin *a, const struct admin_field *field, struct value *value)
{
	return id_parse(value->text, &value->id)
		       ? admin_invalid(a, field->name, "identifiant attendu.")
		       : 0;
}

static field_parser *const parsers[FIELD_KINDS] = {
	[FIELD_LINE] = parse_line,
	[FIELD_TEXT] = parse_text,
	[FIELD_LOGIN] = parse_login,
	[FIELD_IDENT] = parse_ident,
	[FIELD_HASH] = parse_hash,
	[FIELD_INTEGER] = parse_integer,
	[FIELD_DEGREES] = parse_degrees,
	[FIELD_YES_NO] = parse_yes_no,
	[FIELD_PHONE] = parse_phone,
	[FIELD_PHONES] = parse_phones,
	[FIELD_ROLES] = parse_roles,
	[FIELD_UNIT_KIND] = parse_unit_kind,
	[FIELD_PROTOCOL] = parse_protocol,
	[FIELD_NETWORKS] = parse_networks,
	[FIELD_UNIT] = parse_unit,
	[FIELD_ROOM] = parse_room,
	[FIELD_ANY_UNIT] = parse_any_unit,
	[FIELD_ACCOUNT] = parse_account,
	[FIELD_OFFICIAL] = parse_official,
	[FIELD_CONTACT] = parse_contact,
	[FIELD_DEVICE] = parse_device,
	[FIELD_AFTER] = parse_after,
	[FIELD_NUMBER_KINDS] = parse_number_kinds,
	[FIELD_MANDATES] = parse_mandates,
	[FIELD_PLACES] = parse_places,
	[FIELD_PLACE_KINDS] = parse_place_kinds,
	[FIELD_PLACE_ACCESS] = parse_places,
	[FIELD_DAY] = parse_day,
	[FIELD_FORCE] = parse_force,
	[FIELD_CONTACTS] = parse_contacts,
};

/* ---- the body ---- */

/* A scalar as text; NULL ptr when it is none. */
static struct str scalar_text(struct command *c, const json_t *json)
{
	char number[48];

	switch (json_typeof(json)) {
	case JSON_STRING:
		return command_keep(c, str_of(json_string_value(json), json_string_length(json)));
	case JSON_INTEGER:
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(json));
		return command_keep(c, str_from(number));
	case JSON_REAL:
		snprintf(number, sizeof(number), "%.12g", json_real_value(json));
		return command_keep(c, str_from(number));
	case JSON_TRUE:
		return STR("oui");
	case JSON_FALSE:
		return STR("non");
	case JSON_NULL:
		return STR("");
	default:
		return STR_NONE;
	}
}

/* A list of texts, as one text with commas; a comma inside an element is refused by NULL. */
static struct str list_text(struct command *c, const json_t *json)
{
	struct buf all = BUF_INIT;
	struct str text = STR("");
	const json_t *one;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)json, i, one)
	{
		struct str part = json_is_string(one) ? scalar_text(c, one) : STR_NONE;

		if (!part.ptr || str_find(part, ',') >= 0) {
			text = STR_NONE;
			break;
		}
		buf_printf(&all, "%s%.*s", i ? "," : "", STR_FMT(part));
	}
	if (text.ptr && all.len)
		text = command_keep(c, buf_str(&all));
	buf_fini(&all);
	return text;
}

static bool is_list(enum field_kind kind)
{
	return kind == FIELD_PHONES || kind == FIELD_NUMBER_KINDS || kind == FIELD_PLACE_KINDS ||
	       kind == FIELD_ROLES || kind == FIELD_NETWORKS;
}

static int read_field(struct admin *a, const struct admin_field *field, const json_t *json,
		      struct value *value)
{
	value->given = true;
	value->text = json_is_array(json) && is_list(field->kind) ? list_text(a->c, json)
								  : scalar_text(a->c, json);
	if (!value->text.ptr)
		return admin_invalid(a, field->name, "valeur d'un type inattendu.");
	if (!str_trim(value->text).len) {
		value->text = STR("");
		return field->needed ? admin_invalid(a, field->name, "valeur nécessaire.") : 0;
	}
	return parsers[field->kind](a, field, value);
}

static int field_index(const struct admin_command *row, const char *name)
{
	for (int i = 0; i < ADMIN_MAX_FIELDS && row->fields[i].name; i++)
		if (!strcmp(row->fields[i].name, name))
			return i;
	return -1;
}

static int read_object(struct admin *a, const json_t *body)
{
	const char *name;
	const json_t *json;
	int r = 0;

	json_object_foreach((json_t *)(uintptr_t)body, name, json)
	{
		int i = field_index(a->row, name);

		if (i < 0)
			return admin_invalid(a, str_from(name).len > 64 ? "?" : name,
					     "champ inconnu.");
		r = read_field(a, &a->row->fields[i], json, &a->values[i]);
		if (r || admin_refused(a))
			return r;
	}
	for (int i = 0; i < ADMIN_MAX_FIELDS && a->row->fields[i].name; i++)
		if (a->row->fields[i].needed && !a->values[i].given)
			return admin_invalid(a, a->row->fields[i].name, "valeur nécessaire.");
	return 0;
}

int admin_read_fields(struct admin *a)
{
	struct str text = a->c->text.len ? a->c->text : STR("{}");
	json_error_t error;
	json_t *body;
	int r = 0;

	if (text.len > LIMIT_HTTP_BODY_BYTES) {
		command_refuse(a->c, PROBLEM_TOO_LARGE, "La demande est trop volumineuse.");
		return 0;
	}
	body = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &error);
	if (json_is_object(body))
		r = read_object(a, body);
	else
		command_refuse(a->c, PROBLEM_INVALID,
			       "La demande n'est pas un objet JSON (UTF-8) bien formé.");
	json_decref(body);
	return r;
}

/* ---- values, for handlers ---- */

const struct value *admin_value(const struct admin *a, const char *name)
{
	static const struct value none;
	int i = field_index(a->row, name);

	return i < 0 ? &none : &a->values[i];
}

struct value *admin_value_to_change(struct admin *a, const char *name)
{
	int i = field_index(a->row, name);

	assert(i >= 0);
	return &a->values[i];
}

bool admin_given(const struct admin *a, const char *name)
{
	return admin_value(a, name)->given;
}

void admin_copy(const struct admin *a, const char *name, char *out, size_t size)
{
	const struct value *value = admin_value(a, name);

	if (value->given)
		snprintf(out, size, "%.*s", STR_FMT(value->text));
}

void admin_take(const struct admin *a, const char *name, struct str *ret_text)
{
	const struct value *value = admin_value(a, name);

	if (value->given)
		*ret_text = value->text;
}

void admin_take_id(const struct admin *a, const char *name, struct id *ret_id)
{
	const struct value *value = admin_value(a, name);

	if (value->given)
		*ret_id = value->id;
}

void admin_take_flag(const struct admin *a, const char *name, bool *ret_flag)
{
	const struct value *value = admin_value(a, name);

	if (value->given && value->text.len)
		*ret_flag = value->number;
}
