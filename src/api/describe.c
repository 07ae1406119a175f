/*
 * The OpenAPI 3.1 description: made of the route table and of the schemas in
 * definitions/api_schemas.json, so that neither can be forgotten.
 */
#include "api/api_private.h"
#include "base/log.h"
#include "service/problem.h"

#define SCHEMA_REF "#/components/schemas/%s"

/* What of a route makes a problem possible. */
enum trait {
	ALWAYS = 1 << 0,
	HAS_BODY = 1 << 1,
	HAS_QUERY = 1 << 2,
	HAS_PATH = 1 << 3, /* a {…} */
	HAS_SESSION = 1 << 4,
	HAS_LINK = 1 << 5,
	CHANGES = 1 << 6,
	OPENS_SESSION = 1 << 7,
	IS_LOCAL = 1 << 8,
	ENROLS = 1 << 9,
	OF_HOLDER = 1 << 10, /* of a thing in somebody's hands */
	OF_FILES = 1 << 11,  /* many of them are held: bulk.c */
	SAYS_SO = 1 << 12,   /* by SMS, to every number of a file */
};

static const struct {
	enum problem problem;
	int traits; /* any of them */
} possible[] = {
	{PROBLEM_INVALID, HAS_BODY | HAS_QUERY},
	{PROBLEM_LOGIN_REFUSED, OPENS_SESSION}, /* and what else 401 says */
	{PROBLEM_SESSION_NEEDED, HAS_SESSION},
	{PROBLEM_FORBIDDEN, ALWAYS}, /* another site asks */
	{PROBLEM_NOT_FOUND, HAS_PATH | HAS_QUERY | CHANGES | IS_LOCAL | ENROLS},
	{PROBLEM_CONFLICT, CHANGES | OPENS_SESSION | OF_HOLDER},
	{PROBLEM_GONE, HAS_LINK},
	{PROBLEM_TOO_LARGE, HAS_BODY},
	{PROBLEM_TOO_MANY, HAS_LINK | OPENS_SESSION | ENROLS | OF_FILES | SAYS_SO},
	{PROBLEM_UNAVAILABLE, ALWAYS},
};

/* What a query may say; a route names some of them. */
static const struct {
	const char *name, *schema, *description;
} queries[] = {
	{"state", "{\"type\":\"string\",\"enum\":[\"open\",\"closed\"],\"default\":\"open\"}",
	 "Ouvertes, ou closes"},
	{"limit", "{\"type\":\"integer\",\"minimum\":1,\"maximum\":200,\"default\":50}",
	 "Combien, au plus"},
	{"lat", "{\"type\":\"number\",\"minimum\":-90,\"maximum\":90}", "Latitude, avec lon"},
	{"lon", "{\"type\":\"number\",\"minimum\":-180,\"maximum\":180}", "Longitude, avec lat"},
	{"name", "{\"type\":\"string\",\"maxLength\":200}", "Des débuts de mots du nom"},
	{"commune", "{\"type\":\"string\",\"maxLength\":5}", "Code INSEE d'une commune"},
	{"before", "{\"type\":\"integer\",\"minimum\":0}",
	 "Ce qui précède ce numéro (d'alerte, de ligne du journal)"},
	{"after", "{\"type\":\"integer\",\"minimum\":0}", "Celles d'après ce numéro de position"},
	{"alert", "{\"type\":\"string\",\"format\":\"uuid\"}", "Pour cette alerte"},
	{"from", "{\"type\":\"integer\",\"minimum\":0}",
	 "Une partie du son : d'où, en millisecondes de l'enregistrement"},
	{"to", "{\"type\":\"integer\",\"minimum\":1}", "Jusqu'où ; dix minutes plus loin au plus"},
	{"subject", "{\"type\":\"string\",\"format\":\"uuid\"}",
	 "Ce qui concerne cette alerte, ce compte, cet élu…"},
	{"ref", "{\"type\":\"integer\",\"minimum\":1}", "Ce qui concerne l'alerte de ce numéro"},
	{"since", "{\"type\":\"integer\",\"minimum\":0}",
	 "À partir de cet instant, en millisecondes"},
	{"until", "{\"type\":\"integer\",\"minimum\":0}", "Avant cet instant"},
	{"q", "{\"type\":\"string\",\"minLength\":3,\"maxLength\":200}",
	 "Des débuts de mots : nom, commune, adresse"},
	{"person", "{\"type\":\"string\",\"format\":\"uuid\"}",
	 "Ce qui concerne cet élu, ses alertes, ses appareils, ses appels au 17"},
	{"kind", "{\"type\":\"string\",\"maxLength\":40}", "Ce genre de ligne"},
	{"account", "{\"type\":\"string\",\"format\":\"uuid\"}", "Ce que ce compte a fait"},
};

/* From where alone a route is there; NULL: from anywhere. */
static const char *whence(enum who who)
{
	switch (who) {
	case WHO_LOOPBACK:
		return "Depuis la machine elle-même seulement.";
	case WHO_KANNEL:
		return "Depuis les réseaux de kannel_networks seulement.";
	case WHO_AML:
		return "Depuis les réseaux de aml_networks seulement ; formulaire signé (hmac) "
		       "avec "
		       "aml_secret.";
	case WHO_SWITCH:
		return "Depuis les réseaux de switch_networks seulement, avec Authorization: "
		       "Bearer et le switch_secret.";
	default:
		return NULL;
	}
}

static bool is_login(const struct route *route)
{
	return route->by_itself == open_session || route->by_itself == begin_factor ||
	       route->by_itself == confirm_factor;
}

static bool opens_own(const struct route *route)
{
	return route->by_itself == ask_own_code || route->by_itself == open_own ||
	       route->by_itself == open_own_by_phone;
}

static int traits_of(const struct route *route)
{
	int traits = ALWAYS;

	traits |= route->body ? HAS_BODY : 0;
	traits |= route->query ? HAS_QUERY : 0;
	traits |= strchr(route->pattern, '{') ? HAS_PATH : 0;
	traits |= route->who == WHO_ACCOUNT || route->who == WHO_OFFICIAL ? HAS_SESSION : 0;
	traits |= route->who == WHO_LINK ? HAS_LINK : 0;
	traits |= route->command || route->by_itself == export_journal ||
				  route->by_itself == confirm_held ||
				  (route->who == WHO_OFFICIAL && route->method != HTTP_GET)
			  ? CHANGES
			  : 0;
	traits |= route->question == reader_alert || route->question == reader_trail ||
				  route->question == reader_journal_people ||
				  route->question == reader_counter_people ||
				  route->question == reader_call_search ||
				  route->command == identify_call_command ||
				  route->command == file_command ||
				  route->command == find_draft_command ||
				  route->command == terms_command ||
				  route->command == requests_command ||
				  route->by_itself == show_audio ||
				  route->by_itself == show_recording ||
				  route->by_itself == show_evidence
			  ? OF_FILES
			  : 0;
	traits |= route->who == WHO_OFFICIAL && route->method != HTTP_GET ? SAYS_SO : 0;
	traits |= whence(route->who) ? IS_LOCAL : 0;
	traits |= route->question == reader_call_search ? OF_HOLDER : 0;
	traits |= is_login(route) || opens_own(route) ? OPENS_SESSION : 0;
	traits |= route->by_itself == enrol_phone || route->by_itself == open_draft ||
				  route->by_itself == save_draft || opens_own(route)
			  ? ENROLS
			  : 0;
	return traits;
}

static json_t *content(const char *type, const char *schema)
{
	char ref[96];

	snprintf(ref, sizeof(ref), SCHEMA_REF, schema);
	return json_pack("{s:{s:{s:s}}}", type, "schema", "$ref", ref);
}

/* --- parameters */

static json_t *parameter(const char *in, const char *name, json_t *schema, const char *description)
{
	return json_pack("{s:s, s:s, s:b, s:o, s:s}", "in", in, "name", name, "required",
			 strcmp(in, "path") == 0, "schema", schema, "description", description);
}

static void add_path_parameters(const struct route *route, json_t *list)
{
	struct str rest = str_from(route->pattern), part;

	while (str_split(&rest, '/', &part)) {
		char name[32];
		bool is_link;

		if (!str_starts(part, STR("{")))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)part.len - 2, part.ptr + 1);
		is_link = strcmp(name, "token") == 0;
		json_array_append_new(
			list,
			parameter(
				"path", name,
				is_link ? json_pack("{s:s, s:i}", "type", "string", "maxLength", 64)
					: json_pack("{s:s}", "$ref", "#/components/schemas/Id"),
				is_link ? "Le secret du lien" : "Identité"));
	}
}

static void add_query_parameters(const struct route *route, json_t *list)
{
	struct str rest = str_from(route->query), name;

	while (str_split(&rest, ' ', &name))
		for (size_t i = 0; i < ARRAY_LEN(queries); i++)
			if (str_eq(name, str_from(queries[i].name)))
				json_array_append_new(
					list, parameter("query", queries[i].name,
							json_loads(queries[i].schema, 0, NULL),
							queries[i].description));
}

static json_t *parameters(const struct route *route)
{
	json_t *list = json_array();

	add_path_parameters(route, list);
	add_query_parameters(route, list);
	if (route->command && route->who == WHO_ACCOUNT)
		json_array_append_new(
			list,
			parameter("header", "Idempotency-Key",
				  json_pack("{s:s, s:i}", "type", "string", "maxLength", 64),
				  "La même clé avec le même corps redonne la première réponse"));
	return list;
}

/* --- answers */

static json_t *good_answer(const struct route *route)
{
	json_t *answer = json_pack("{s:s}", "description", route->summary);

	if (route->answer)
		json_object_set_new(answer, "content", content("application/json", route->answer));
	return answer;
}

/* The gate answers devices in their own words (gate/mobile.c); a wrong credential may be a call for
 * help all the same. */
static void add_gate_answers(json_t *answers)
{
	static const struct {
		const char *status, *description;
	} gate[] = {{"202", "Appel à l'aide d'un appareil qui n'est pas reconnu"},
		    {"400", "Illisible, ou de personne"},
		    {"401", "Cet appareil n'est pas reconnu"},
		    {"429", "Trop de messages d'appareils inconnus"},
		    {"503", "Rien n'a pu être enregistré"}};

	for (size_t i = 0; i < ARRAY_LEN(gate); i++)
		json_object_set_new(answers, gate[i].status,
				    json_pack("{s:s}", "description", gate[i].description));
}

static json_t *answers(const struct route *route)
{
	json_t *answers = json_object();
	int traits = traits_of(route);
	char status[12];

	snprintf(status, sizeof(status), "%d", route->status);
	json_object_set_new(answers, status, good_answer(route));
	if (route->who == WHO_DEVICE) {
		add_gate_answers(answers);
		return answers;
	}
	for (size_t i = 0; i < ARRAY_LEN(possible); i++) {
		const struct problem_row *row = problem_row(possible[i].problem);
		json_t *answer;

		if (!(possible[i].traits & traits))
			continue;
		answer = json_pack("{s:s}", "description", row->title);
		/* Nothing of it is read any more, and the answer comes from below the routes. */
		if (possible[i].problem != PROBLEM_TOO_LARGE)
			json_object_set_new(answer, "content",
					    content("application/problem+json", "Problem"));
		snprintf(status, sizeof(status), "%d", row->status);
		json_object_set_new(answers, status, answer);
	}
	return answers;
}

/* --- operations */

static json_t *security(enum who who)
{
	switch (who) {
	case WHO_ACCOUNT:
		return json_pack("[{s:[]}]", "session");
	case WHO_OFFICIAL:
		return json_pack("[{s:[]}]", "own");
	case WHO_DEVICE:
		return json_pack("[{s:[]}]", "device");
	default:
		return json_array();
	}
}

static json_t *operation(const struct route *route)
{
	json_t *operation = json_pack("{s:s, s:o, s:o, s:o}", "summary", route->summary,
				      "parameters", parameters(route), "responses", answers(route),
				      "security", security(route->who));

	if (whence(route->who))
		json_object_set_new(operation, "description", json_string(whence(route->who)));
	if (route->body)
		json_object_set_new(operation, "requestBody",
				    json_pack("{s:b, s:o}", "required",
					      strcmp(route->body, "Empty") != 0, "content",
					      content("application/json", route->body)));
	return operation;
}

static json_t *paths(void)
{
	static const char *const methods[] = {
		[HTTP_GET] = "get", [HTTP_HEAD] = "head",   [HTTP_POST] = "post",
		[HTTP_PUT] = "put", [HTTP_PATCH] = "patch", [HTTP_DELETE] = "delete"};
	json_t *paths = json_object();

	for (size_t i = 0; i < route_count; i++) {
		json_t *path = json_object_get(paths, routes[i].pattern);

		if (!path) {
			path = json_object();
			json_object_set_new(paths, routes[i].pattern, path);
		}
		json_object_set_new(path, methods[routes[i].method], operation(&routes[i]));
	}
	return paths;
}

static json_t *components(const char *definitions_folder)
{
	char path[1024];
	json_error_t error;
	json_t *file, *components;

	snprintf(path, sizeof(path), "%s/api_schemas.json", definitions_folder);
	file = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
	components = json_incref(json_object_get(file, "components"));
	json_decref(file);
	if (!components) {
		log_error("description.no_schemas", "path=%s line=%d", path, error.line);
		components = json_pack("{s:{}}", "schemas");
	}
	json_object_set_new(components, "securitySchemes",
			    json_pack("{s:{s:s, s:s, s:s}, s:{s:s, s:s, s:s}, s:{s:s, s:s}}",
				      "session", "type", "apiKey", "in", "cookie", "name",
				      "egide_session", "own", "type", "apiKey", "in", "cookie",
				      "name", "egide_own", "device", "type", "http", "scheme",
				      "basic"));
	return components;
}

void api_describe(struct buf *out, const char *definitions_folder)
{
	json_t *description = json_pack("{s:s, s:{s:s, s:s}, s:o, s:o}", "openapi", "3.1.0", "info",
					"title", "Égide", "version", EGIDE_VERSION, "paths",
					paths(), "components", components(definitions_folder));
	char *text = json_dumps(description, JSON_INDENT(1));

	json_decref(description);
	buf_add_str(out, str_from(text));
	buf_add_byte(out, '\n');
	free(text);
}
