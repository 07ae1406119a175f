/*
 * The control socket of egidectl (service/control.h): a line becomes a command of the
 * administrator, or a question that only the machine's own administrator may ask. The peer's uid
 * has been checked already.
 */
#include <errno.h>

#include "api/api_private.h"
#include "service/admin.h"
#include "service/control.h"
#include "service/problem.h"
#include "service/secrets.h"

/* What one line may bring: 24 hours of a position a second, in 16 MiB of JSON. */
enum { LIST_ROWS = 1000, SHOWN_ROWS = 500, EXPORTED_ROWS = 86400 };

struct control;

/* A command of its own; every other name is a row of service/admin.h. */
struct control_row {
	const char *name;
	const char *const *arguments; /* NULL-terminated */
	bool (*prepare)(struct control *c, const json_t *arguments);
	reader_question *question; /* NULL: device.ask */
	int rows;
};

struct control {
	struct job job;
	struct api *api;
	const struct control_row *row;
	struct arena arena;
	struct control_request request;
	struct question question;
	struct answer answer;
	int error;
	struct str hash, device_name, order;
	struct id device;
	int64_t seconds;
	void (*reply)(void *context, uint64_t id, struct str line);
	void *context;
	uint64_t id;
};

/* --- answers. Each ends the request. */

static void finish(struct control *c, const struct outcome *outcome)
{
	struct buf line = BUF_INIT;

	control_answer(outcome, &line);
	line.len--; /* the line's end is the socket's */
	c->reply(c->context, c->id, buf_str(&line));
	buf_fini(&line);
	arena_fini(&c->arena);
	free(c);
}

static void refuse(struct control *c, enum problem problem, const char *detail, const char *field)
{
	struct outcome outcome = {
		.problem = problem, .detail = str_from(detail), .field = str_from(field)};

	finish(c, &outcome);
}

static void overloaded(struct control *c)
{
	refuse(c, PROBLEM_UNAVAILABLE, "Le serveur est surchargé : réessayez.", NULL);
}

static void submit(struct control *c, struct command *command,
		   void (*on_done)(struct command *command))
{
	command->context = c;
	command->on_done = on_done;
	if (service_submit(c->api->options.service, command)) {
		command_free(command);
		overloaded(c);
	}
}

/* --- administration */

/* The device's secret is another now, or it has none: whoever is connected with it is no more. */
static bool ends_credential(struct str name)
{
	return str_eq(name, STR("device.credential")) || str_eq(name, STR("device.remove"));
}

/* What the telephone was told of itself when it came is not so any more. */
static bool changes_settings(struct str name)
{
	return str_eq(name, STR("device.set")) || str_eq(name, STR("device.pins"));
}

/* What somebody may see, hear and say was decided when they came: after a change of their account
 * they come again. */
static void tell_those_concerned(struct api *a, struct str name, struct id subject)
{
	const struct device_port *devices = &a->options.devices;

	if (str_starts(name, STR("account."))) {
		feed_end_account(a->feed, subject);
		guests_end_account(a, subject);
	}
	if (ends_credential(name))
		devices->forget(devices->context, subject);
	else if (changes_settings(name))
		devices->changed(devices->context, subject);
}

static void on_administered(struct command *command)
{
	struct control *c = command->context;
	if (!command->outcome.problem && !id_is_none(command->outcome.subject))
		tell_those_concerned(c->api, command->name, command->outcome.subject);
	finish(c, &command->outcome);
	command_free(command);
}

static void administer(struct control *c, struct str arguments)
{
	struct command *command = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_CONTROL});

	command->name = command_keep(command, c->request.name);
	command->text = command_keep(command, arguments);
	submit(c, command, on_administered);
}

static void hash_password(struct job *job, struct reader *reader)
{
	struct control *c = (struct control *)(void *)job;

	c->hash = password_make(&c->arena, c->request.password, c->api->options.password_strength);
	explicit_bzero((char *)c->request.password.ptr, c->request.password.len);
}

static void on_hashed(void *arg)
{
	struct control *c = arg;

	if (c->hash.len)
		administer(c, control_with_hash(&c->arena, &c->request, c->hash));
	else
		refuse(c, PROBLEM_UNAVAILABLE, "La mémoire manque pour protéger le mot de passe.",
		       NULL);
}

static void start_administration(struct control *c)
{
	if (!c->request.password.ptr) {
		administer(c, c->request.arguments);
		return;
	}
	c->job = (struct job){hash_password, on_hashed};
	if (readers_submit_password(c->api->options.readers, &c->job)) {
		explicit_bzero((char *)c->request.password.ptr, c->request.password.len);
		overloaded(c);
	}
}

/* --- arguments, as JSON or as text */

static struct str text_of(struct control *c, const json_t *value)
{
	char number[24];

	if (json_is_integer(value)) {
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(value));
		return str_of(arena_copy(&c->arena, number, strlen(number)), strlen(number));
	}
	if (!json_is_string(value))
		return STR_NONE;
	return str_of(arena_copy(&c->arena, json_string_value(value), json_string_length(value)),
		      json_string_length(value));
}

static struct str argument(struct control *c, const json_t *arguments, const char *name)
{
	return text_of(c, json_object_get(arguments, name));
}

/* False: refused already. */
static bool number(struct control *c, const json_t *arguments, const char *name, int64_t min,
		   int64_t max, int64_t *ret_number)
{
	struct str text = argument(c, arguments, name);

	if (!json_object_get(arguments, name) || !str_parse_i64(text, min, max, ret_number))
		return true;
	refuse(c, PROBLEM_INVALID, "Ce nombre n'est pas valable.", name);
	return false;
}

static const char *const list_arguments[] = {"state", "before", "limit", NULL};

static bool prepare_list(struct control *c, const json_t *arguments)
{
	int64_t limit = c->row->rows;

	c->question.state = argument(c, arguments, "state");
	if (json_object_get(arguments, "state") && !str_eq(c->question.state, STR("open")) &&
	    !str_eq(c->question.state, STR("closed"))) {
		refuse(c, PROBLEM_INVALID, "« state » : open ou closed attendu.", "state");
		return false;
	}
	if (!number(c, arguments, "before", 1, INT64_MAX, &c->question.before) ||
	    !number(c, arguments, "limit", 1, c->row->rows, &limit))
		return false;
	c->question.limit = (int)limit;
	return true;
}

static const char *const alert_arguments[] = {"alert", NULL};

static bool prepare_alert(struct control *c, const json_t *arguments)
{
	struct str alert = argument(c, arguments, "alert");

	c->question.limit = c->row->rows;
	if (!id_parse(alert, &c->question.subject) ||
	    !str_parse_i64(alert, 1, INT64_MAX, &c->question.ref))
		return true;
	refuse(c, PROBLEM_INVALID, "« alert » : numéro ou identifiant de l'alerte attendu.",
	       "alert");
	return false;
}

static const char *const territory_arguments[] = {"lat", "lon", "commune", NULL};

static bool prepare_territory(struct control *c, const json_t *arguments)
{
	struct str lat = argument(c, arguments, "lat"), lon = argument(c, arguments, "lon");

	c->question.commune = argument(c, arguments, "commune");
	if (!lat.ptr && !lon.ptr)
		return true;
	if (str_parse_e7(lat, 90, &c->question.lat_e7) ||
	    str_parse_e7(lon, 180, &c->question.lon_e7)) {
		refuse(c, PROBLEM_INVALID, "« lat » et « lon » : degrés décimaux attendus.", "lat");
		return false;
	}
	c->question.has_place = true;
	return true;
}

static const char *const changes_arguments[] = {"kind", "scope", "edition", NULL};

static bool prepare_changes(struct control *c, const json_t *arguments)
{
	c->question.state = argument(c, arguments, "kind");
	c->question.scope = argument(c, arguments, "scope");
	return number(c, arguments, "edition", 1, INT32_MAX, &c->question.after);
}

static const char *const device_arguments[] = {"device", "request", "seconds", NULL};

static bool prepare_order(struct control *c, const json_t *arguments)
{
	bool interval;

	c->device_name = argument(c, arguments, "device");
	c->order = argument(c, arguments, "request");
	interval = str_eq(c->order, STR("interval"));
	if (!interval && !str_eq(c->order, STR("locate")) && !str_eq(c->order, STR("discreet"))) {
		refuse(c, PROBLEM_INVALID, "« request » : locate, interval ou discreet attendu.",
		       "request");
		return false;
	}
	if (!number(c, arguments, "seconds", 60, 65535, &c->seconds))
		return false;
	if (interval != (c->seconds > 0)) {
		refuse(c, PROBLEM_INVALID,
		       "« seconds » : de 60 à 65535, pour interval et pour lui seul.", "seconds");
		return false;
	}
	return true;
}

static const struct control_row rows[] = {
	{"alert.list", list_arguments, prepare_list, reader_control_alerts, LIST_ROWS},
	{"alert.show", alert_arguments, prepare_alert, reader_control_alert, SHOWN_ROWS},
	{"alert.export", alert_arguments, prepare_alert, reader_control_alert, EXPORTED_ROWS},
	{"territory.show", territory_arguments, prepare_territory, reader_territory, 0},
	{"import.changes", changes_arguments, prepare_changes, reader_import_changes, 0},
	{"device.ask", device_arguments, prepare_order, NULL, 0},
};

/* --- questions: answered when the journal says that they were asked (I9) */

static void note(struct control *c, struct id subject, struct str what,
		 void (*on_done)(struct command *command))
{
	struct command *command = command_new(VERB_READ, (struct actor){.kind = ACTOR_CONTROL});

	command->subject = subject;
	command->name = command_keep(command, what);
	submit(c, command, on_done);
}

static void on_read_noted(struct command *command)
{
	struct control *c = command->context;

	command->outcome.json = c->answer.json;
	finish(c, &command->outcome);
	command_free(command);
}

static void on_order_noted(struct command *command)
{
	struct control *c = command->context;
	const struct device_port *devices = &c->api->options.devices;

	if (!command->outcome.problem &&
	    !devices->ask(devices->context, c->device, c->order.ptr, (int)c->seconds))
		command_refuse(
			command, PROBLEM_CONFLICT,
			"L'appareil n'est pas connecté : la demande n'a pas pu être envoyée.");
	if (!command->outcome.problem)
		command->outcome.json = STR("{\"sent\":true}");
	finish(c, &command->outcome);
	command_free(command);
}

static void run(struct job *job, struct reader *reader)
{
	struct control *c = (struct control *)(void *)job;

	if (c->row->question)
		c->error = c->row->question(reader, &c->arena, NULL, clock_now_ms(), &c->question,
					    &c->answer);
	else
		c->error = reader_device(reader, c->device_name, &c->device);
}

static void on_run(void *arg)
{
	struct control *c = arg;
	struct buf what = BUF_INIT;

	if (c->error == -ENOENT && !c->row->question) {
		refuse(c, PROBLEM_INVALID,
		       "« device » : appareil inconnu (identifiant, ou PROTOCOLE:IDENTITÉ, "
		       "attendu).",
		       "device");
	} else if (c->error) {
		refuse(c, PROBLEM_UNAVAILABLE, "La lecture est momentanément impossible.", NULL);
	} else if (c->answer.problem) {
		finish(c,
		       &(struct outcome){.problem = c->answer.problem, .detail = c->answer.detail});
	} else if (c->row->question) {
		note(c, c->answer.subject, c->request.name, on_read_noted);
	} else {
		buf_printf(&what, "device.ask %.*s", STR_FMT(c->order));
		note(c, c->device, buf_str(&what), on_order_noted);
		buf_fini(&what);
	}
}

/* --- a line */

static const struct control_row *find_row(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (str_eq(name, str_from(rows[i].name)))
			return &rows[i];
	return NULL;
}

/* False: refused already. */
static bool has_only(struct control *c, json_t *arguments, const char *const *names)
{
	const char *key;
	json_t *value;

	json_object_foreach(arguments, key, value)
	{
		const char *const *name = names;

		while (*name && strcmp(*name, key) != 0)
			name++;
		if (!*name) {
			refuse(c, PROBLEM_INVALID, "Cet argument n'est pas attendu.", key);
			return false;
		}
	}
	return true;
}

static void start_row(struct control *c)
{
	json_t *arguments = json_loadb(c->request.arguments.ptr, c->request.arguments.len, 0, NULL);
	bool good = has_only(c, arguments, c->row->arguments) && c->row->prepare(c, arguments);

	json_decref(arguments);
	if (!good)
		return;
	c->job = (struct job){run, on_run};
	if (readers_submit(c->api->options.readers, &c->job))
		overloaded(c);
}

void api_control(struct api *a, struct str line,
		 void (*reply)(void *context, uint64_t id, struct str line), void *context,
		 uint64_t id)
{
	struct control *c = xcalloc(1, sizeof(*c));
	const char *why;

	*c = (struct control){
		.api = a, .arena = ARENA_INIT, .reply = reply, .context = context, .id = id};
	if (control_parse(&c->arena, line, &c->request, &why)) {
		refuse(c, PROBLEM_INVALID, why, NULL);
		return;
	}
	c->row = find_row(c->request.name);
	if (c->row && c->request.password.ptr)
		refuse(c, PROBLEM_INVALID, "Cet argument n'est pas attendu.", "password");
	else if (c->row)
		start_row(c);
	else
		start_administration(c);
}
