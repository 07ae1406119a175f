/* egidectl unit, account, official, contact, device: the server's table of administration, at the
 * terminal. */
#include "base/alloc.h"
#include "ctl/client.h"
#include "ctl/commands.h"
#include "ctl/settings.h"
#include "ctl/terminal.h"
#include "service/admin.h"

static const struct column unit_columns[] = {
	{"name", "Nom"},
	{"kind", "Sorte"},
	{"room", "Salle"},
	{"phone", "Téléphone"},
	{"available", "Disponible"},
	{"neighbour", "Voisine"},
	{"second", "Seconde"},
	{"zone", "Zone"},
	{"duty_phone", "Permanence"},
	{"referent", "Référent"},
	{"referent_phone", "Son téléphone"},
	{"id", "Identifiant"},
	{NULL, NULL},
};
static const struct column account_columns[] = {
	{"login", "Connexion"}, {"name", "Nom"},       {"roles", "Rôles"},
	{"room", "Salle"},      {"disabled", "Fermé"}, {"second_factor", "Second facteur"},
	{"id", "Identifiant"},  {NULL, NULL},
};
static const struct column official_columns[] = {
	{"name", "Nom"},        {"mandate", "Mandat"},        {"commune", "Commune"},
	{"phone", "Téléphone"}, {"unit", "Unité compétente"}, {"id", "Identifiant"},
	{NULL, NULL},
};
static const struct column official_details[] = {
	{"name", "Nom"},
	{"mandate", "Mandat"},
	{"other_mandates", "Autres mandats"},
	{"commune", "Commune"},
	{"commune_code", "Code INSEE"},
	{"unit", "Unité compétente"},
	{"phone", "Téléphone"},
	{"other_phones", "Autres numéros"},
	{"other_kinds", "Leur sorte"},
	{"address", "Adresse"},
	{"access", "Accès"},
	{"remarks", "Remarques"},
	{"household", "Personnes au foyer"},
	{"id", "Identifiant"},
	{NULL, NULL},
};
static const struct column place_columns[] = {
	{"kind", "Sorte"},
	{"address", "Adresse"},
	{"access", "Accès"},
	{NULL, NULL},
};
static const struct column contact_columns[] = {
	{"rank", "Rang"},       {"name", "Nom"},           {"relation", "Lien"},
	{"phone", "Téléphone"}, {"accepted_at", "Accord"}, {"id", "Identifiant"},
	{NULL, NULL},
};
static const struct column device_columns[] = {
	{"label", "Nom"},
	{"protocol", "Protocole"},
	{"ident", "Identité"},
	{"official_name", "Porté par"},
	{"unit", "Unité"},
	{"networks", "Réseaux"},
	{"silent", "Discret"},
	{"sound", "Son"},
	{"enabled", "En service"},
	{"heard_at", "Entendu"},
	{"battery", "Batterie"},
	{"id", "Identifiant"},
	{NULL, NULL},
};
static const struct column hold_columns[] = {
	{"official", "Élu"},        {"alert", "Alerte"},
	{"hold.reason", "Motif"},   {"hold.at", "Depuis"},
	{"hold.until", "Jusqu'au"}, {"lift_reason", "Levée demandée"},
	{"id", "Identifiant"},      {NULL, NULL},
};
static const struct column term_columns[] = {
	{"name", "Nom"},        {"task", "À faire"},        {"ends", "Dernier jour"},
	{"why", "Raison"},      {"confirmed", "Confirmée"}, {"sms", "Dernier SMS"},
	{"phone", "Téléphone"}, {"official", "Élu"},        {NULL, NULL},
};
/* What a command that changes something answers. */
static const struct column done_columns[] = {
	{"id", "Identifiant"},
	{"rank", "Rang"},
	{"ident", "Identité"},
	{"secret", "Secret (montré une seule fois)"},
	{"sent", "Envoyé"},
	{"code", "Code (à taper une seule fois)"},
	{"expires_at", "Valable jusqu'à"},
	{"second_factor_of", "Second facteur exigé de"},
	{"now", "Date du serveur"},
	{"believed", "Crue"},
	{"seen", "Dernière date crue"},
	{NULL, NULL},
};

static const struct list {
	const char *key;
	const struct column *columns;
} lists[] = {
	{"units", unit_columns},         {"accounts", account_columns},
	{"officials", official_columns}, {"contacts", contact_columns},
	{"devices", device_columns},     {"terms", term_columns},
	{"holds", hold_columns},
};

/* Served beside the registry: nothing is changed, the device's own connection is spoken to. */
static const struct admin_command device_ask = {
	"device.ask",
	"demande quelque chose à une montre connectée",
	{{"device", FIELD_DEVICE, true, 0, "appareil : identifiant ou PROTOCOLE:IDENTITÉ"},
	 {"request", FIELD_LINE, true, 16,
	  "locate (position), interval (fréquence), discreet (profil muet)"},
	 {"seconds", FIELD_INTEGER, false, 65535, "pour interval : de 60 à 65535"}},
	NULL};

static const struct admin_command *find(const char *group, const char *action)
{
	const struct admin_command *row;
	char name[64];

	snprintf(name, sizeof(name), "%s.%s", group, action);
	if (!strcmp(name, device_ask.name))
		return &device_ask;
	row = admin_command_find(str_from(name));
	return row && row->summary ? row : NULL;
}

/* ---- help ---- */

static const char *shown_name(const struct admin_field *field)
{
	return field->kind == FIELD_HASH ? "mot de passe" : field->name;
}

static void print_row(const struct admin_command *row)
{
	const char *action = strchr(row->name, '.') + 1;

	printf("\n  %.*s %s : %s\n", (int)(action - 1 - row->name), row->name, action,
	       row->summary);
	for (int i = 0; i < ADMIN_MAX_FIELDS && row->fields[i].name; i++)
		printf("      %-14s %s%s\n", shown_name(&row->fields[i]),
		       row->fields[i].needed ? "* " : "  ", row->fields[i].help);
}

void registry_print_help(const char *group)
{
	for (const struct admin_command *row = admin_commands; row->name; row++) {
		const char *dot = strchr(row->name, '.');

		if (!row->summary)
			continue;
		if (!group || (strlen(group) == (size_t)(dot - row->name) &&
			       !strncmp(row->name, group, (size_t)(dot - row->name))))
			print_row(row);
	}
	if (!group || !strcmp(group, "device"))
		print_row(&device_ask);
}

static int usage(const char *group)
{
	printf("Usage : egidectl %s ACTION clé=valeur…\n", group);
	registry_print_help(group);
	printf("\n  * nécessaire. Une valeur vide (clé=) efface ce qui ne l'est pas.\n");
	settings_print_help();
	return STATUS_MISUSED;
}

/* ---- arguments ---- */

static const struct admin_field *field_of(const struct admin_command *row, struct str name)
{
	for (int i = 0; i < ADMIN_MAX_FIELDS && row->fields[i].name; i++)
		if (str_eq(name, str_from(row->fields[i].name)))
			return &row->fields[i];
	return NULL;
}

static int read_argument(const struct admin_command *row, const char *word, json_t *arguments)
{
	struct str value = str_from(word), name;
	const struct admin_field *field;

	if (!str_is_utf8(value))
		return misused("texte qui n'est pas en UTF-8");
	if (!str_split(&value, '=', &name) || !value.ptr)
		return misused("« %s » : clé=valeur attendu", word);
	field = field_of(row, name);
	if (!field || field->kind == FIELD_HASH)
		return misused("« %.*s » n'est pas une clé de « %s »", STR_FMT(name), row->name);
	if (json_object_get(arguments, field->name))
		return misused("« %s » est donné deux fois", field->name);
	json_object_set_new(arguments, field->name, json_stringn(value.ptr, value.len));
	return 0;
}

static bool needs_password(const struct admin_command *row)
{
	for (int i = 0; i < ADMIN_MAX_FIELDS && row->fields[i].name; i++)
		if (row->fields[i].kind == FIELD_HASH)
			return true;
	return false;
}

static int add_password(const struct settings *s, json_t *arguments)
{
	char *password = password_ask(s);
	int status = STATUS_DONE;

	if (!password)
		return STATUS_FAILED;
	if (json_object_set_new(arguments, "password", json_string(password)))
		status = fail("le mot de passe n'est pas en UTF-8");
	password_free(password);
	return status;
}

static int read_arguments(const struct settings *s, const struct admin_command *row, int argc,
			  char **argv, json_t *arguments)
{
	for (int i = 0; i < argc; i++) {
		int status = read_argument(row, argv[i], arguments);

		if (status)
			return status;
	}
	for (int i = 0; i < ADMIN_MAX_FIELDS && row->fields[i].name; i++) {
		const struct admin_field *field = &row->fields[i];

		if (field->needed && field->kind != FIELD_HASH &&
		    !json_object_get(arguments, field->name))
			return misused("« %s » est nécessaire : %s", field->name, field->help);
	}
	return needs_password(row) ? add_password(s, arguments) : 0;
}

/* ---- answers ---- */

static const struct list *list_of(const json_t *result)
{
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (json_is_array(json_object_get(result, lists[i].key)))
			return &lists[i];
	return NULL;
}

static void print_section(const json_t *object, const char *key, const char *title,
			  const struct column *columns)
{
	const json_t *rows = json_object_get(object, key);

	if (!json_array_size(rows))
		return;
	printf("\n%s\n", title);
	table_print(rows, columns);
}

static void print_result(const struct admin_command *row, const json_t *result)
{
	const struct list *list = list_of(result);

	if (!strcmp(row->name, "official.show")) {
		record_print(result, official_details);
		print_section(result, "places", "Autres adresses", place_columns);
		print_section(result, "contacts", "Personnes de confiance", contact_columns);
		print_section(result, "devices", "Appareils", device_columns);
	} else if (list) {
		table_print(json_object_get(result, list->key), list->columns);
	} else {
		record_print(result, done_columns);
	}
}

/* A list comes in pages; asked for without bounds, it is given whole. */
static int ask_all(const struct settings *s, const struct admin_command *row, json_t *arguments,
		   json_t **ret_result)
{
	bool bounded = json_object_get(arguments, "after") || json_object_get(arguments, "limit");
	int status = client_ask(s, row->name, arguments, ret_result);
	const struct list *list = status ? NULL : list_of(*ret_result);

	while (!status && list && !bounded &&
	       json_is_string(json_object_get(*ret_result, "next"))) {
		json_t *page;

		json_object_set(arguments, "after", json_object_get(*ret_result, "next"));
		status = client_ask(s, row->name, arguments, &page);
		if (status) {
			json_decref(*ret_result);
			break;
		}
		json_array_extend(json_object_get(*ret_result, list->key),
				  json_object_get(page, list->key));
		json_object_set(*ret_result, "next", json_object_get(page, "next"));
		json_decref(page);
	}
	return status;
}

static int carry_out(const struct settings *s, const struct admin_command *row, json_t *arguments)
{
	json_t *result;
	int status = ask_all(s, row, arguments, &result);

	if (status)
		return status;
	if (s->json) {
		json_dumpf(result, stdout, JSON_INDENT(2));
		printf("\n");
	} else {
		print_result(row, result);
	}
	json_decref(result);
	return STATUS_DONE;
}

int command_registry(int argc, char **argv)
{
	const struct admin_command *row;
	struct settings s;
	json_t *arguments;
	int status;

	argc = settings_take(&s, argc, argv);
	if (argc < 0)
		return STATUS_MISUSED;
	if (s.help || argc < 2)
		return s.help ? usage(argv[0]), STATUS_DONE : usage(argv[0]);
	row = find(argv[0], argv[1]);
	if (!row)
		return misused("« %s %s » n'existe pas : egidectl %s --help", argv[0], argv[1],
			       argv[0]);
	arguments = json_object();
	status = read_arguments(&s, row, argc - 2, argv + 2, arguments);
	if (!status)
		status = carry_out(&s, row, arguments);
	json_decref(arguments);
	return status;
}
