/*
 * Fills a database for the benches, through the rooms store and service: what is there afterwards
 * is what a server that lived through it would have written. Not synced while it runs.
 *
 *   seed DATABASE KEY_FILE people                     a room, an operator, officials with devices
 *   seed DATABASE KEY_FILE register COUNT             so many officials more, who have no device
 *   seed DATABASE KEY_FILE mandates COUNT             the same, of the lines of the imported
 * register seed DATABASE KEY_FILE history ALERTS POSITIONS   so many alerts that are over, each
 * with so many positions seed DATABASE KEY_FILE running                    an alert of every device
 * that moves
 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fold.h"
#include "core/access.h"
#include "crypto/password.h"
#include "crypto/random.h"
#include "service/executor.h"
#include "service/mandates.h"
#include "store/accounts.h"
#include "store/devices.h"
#include "store/people.h"
#include "store/units.h"
#include "telephones.h"

/* Identities are 10 digits; bench/run names the first of each kind. */
static const struct family {
	const char *name;
	uint64_t first;
	unsigned count;
	int protocol;
	unsigned contacts; /* trusted persons of each official */
} families[] = {
	{"calls", 4100000001, 20000, PROTOCOL_WATCH, 2},
	{"moves", 4200000001, 1000, PROTOCOL_WATCH, 0},
	{"moves over HTTP", 4300000001, 1000, PROTOCOL_OWNTRACKS, 0},
	{"history", 4400000001, 500, PROTOCOL_WATCH, 2},
	{"telephones", 4500000001, 400, PROTOCOL_PHONE, 0},
};
enum { CALLS, MOVES, MOVES_HTTP, HISTORY };

static int64_t now_ms;
static struct service *service;
static struct id brigade, operator;
static struct id *authenticated; /* the devices of MOVES_HTTP: their credential was checked */

static void check(int r, const char *what)
{
	if (!r)
		return;
	fprintf(stderr, "seed: %s: %s\n", what, strerror(-r));
	exit(1);
}

/* --- people */

static struct id add_unit(struct vault *v, enum unit_kind kind, struct id room, const char *name)
{
	struct unit unit = {.id = random_id_v7(now_ms),
			    .kind = kind,
			    .room = room,
			    .available = true,
			    .lat_e7 = 465800000,
			    .lon_e7 = 3400000,
			    .placed = true,
			    .version = 1};

	snprintf(unit.name, sizeof(unit.name), "%s", name);
	snprintf(unit.phone, sizeof(unit.phone), "+33549000001");
	if (kind == UNIT_ROOM)
		snprintf(unit.duty_phone, sizeof(unit.duty_phone), "+33649000001");
	check(unit_insert(v, &unit), "unit");
	return unit.id;
}

static struct id add_operator(struct vault *v, struct id room)
{
	struct account account = {.id = random_id_v7(now_ms),
				  .login = "bench",
				  .name = "Banc d'essai",
				  .roles = ROLE_OPERATOR,
				  .room = room,
				  .created_at_ms = now_ms,
				  .version = 1};

	check(password_hash(STR("banc-essai-2026"), 0, account.password), "password");
	check(account_insert(v, &account), "account");
	return account.id;
}

static void add_contact(struct vault *v, struct id official, int rank, unsigned serial)
{
	char phone[24];
	struct contact contact = {.id = random_id_v7(now_ms),
				  .official = official,
				  .rank = rank,
				  .name = STR("Camille Exemple"),
				  .relation = STR("voisine"),
				  .accepted_at_ms = now_ms,
				  .version = 1};

	snprintf(phone, sizeof(phone), "+336%08u", serial);
	contact.phone = str_from(phone);
	check(contact_insert(v, &contact), "contact");
}

static struct id add_official(struct vault *v, const struct family *f, unsigned serial,
			      struct str registered_mandate)
{
	char name[40], phone[24];
	struct official official = {.id = random_id_v7(now_ms),
				    .unit = brigade,
				    .mandate = STR("maire"),
				    .registered_mandate = registered_mandate,
				    .commune = STR("Bonneuil-Matours"),
				    .commune_code = STR("86032"),
				    .address = STR("2 rue de l'Exemple, 86210 Bonneuil-Matours"),
				    .household = 2,
				    .created_at_ms = now_ms,
				    .version = 1};

	snprintf(name, sizeof(name), "Dominique Exemple %u", serial);
	snprintf(phone, sizeof(phone), "+337%08u", serial);
	official.name = str_from(name);
	official.phone = str_from(phone);
	check(official_insert(v, &official), "official");
	for (unsigned i = 0; i < f->contacts; i++)
		add_contact(v, official.id, (int)i + 1, serial * 8 + i);
	return official.id;
}

static void add_device(struct vault *v, const struct family *f, unsigned at, struct id official)
{
	struct device device = {.id = random_id_v7(now_ms),
				.protocol = f->protocol,
				.official = official,
				.enabled = true,
				.created_at_ms = now_ms,
				.version = 1};
	unsigned long long ident = f->first + at;
	char secret[32];

	snprintf(device.ident, sizeof(device.ident), "%010llu", ident);
	snprintf(device.label, sizeof(device.label), "%010llu", ident);
	snprintf(secret, sizeof(secret), "secret-%010llu", ident);
	if (f->protocol == PROTOCOL_PHONE)
		device.id = telephone_id(ident);
	check(device_insert(v, &device), "device");
	if (f->protocol != PROTOCOL_WATCH)
		check(device_set_secret(v, device.id, str_from(secret)), "secret");
}

static const struct family registered = {"register", 0, 0, 0, 2};
enum { REGISTERED_FIRST = 10000000, REGISTERED_AT_ONCE = 10000 };

/* Their numbers go up from +33710000000. */
static void seed_register(struct vault *v, unsigned count, struct db *checkpointer)
{
	for (unsigned done = 0; done < count;) {
		unsigned end =
			done + REGISTERED_AT_ONCE < count ? done + REGISTERED_AT_ONCE : count;

		check(db_begin(vault_db(v)), "begin");
		for (; done < end; done++)
			add_official(v, &registered, REGISTERED_FIRST + done, STR_NONE);
		check(db_commit(vault_db(v)), "commit");
		check(db_checkpoint(checkpointer), "checkpoint");
	}
}

/* Spread over the register: whose mandate is one of every so many lines of it. */
struct spread {
	struct vault *vault;
	int64_t step, line;
	struct buf *mandates;
	unsigned count, most;
};

static int keep_mandate(void *context, struct str code, struct str text)
{
	struct spread *s = context;
	struct str fields[MANDATE_FIELDS];
	char mark[TERRITORY_MARK_SIZE];
	struct buf *b;

	if (s->line++ % s->step || s->count == s->most)
		return 0;
	b = &s->mandates[s->count++];
	territory_fields(text, fields, MANDATE_FIELDS);
	mandate_mark(s->vault, fields, mark);
	buf_printf(b, "%s|%.*s|", mark, STR_FMT(fields[MANDATE_PLACE]));
	text_fold(fields[MANDATE_NAME], '-', b);
	return 0;
}

static int count_line(void *context, struct str code, struct str text)
{
	++*(int64_t *)context;
	return 0;
}

static void seed_mandates(struct vault *v, unsigned count)
{
	struct spread spread = {.vault = v, .most = count};
	int64_t lines = 0;

	check(territory_each(v, TERRITORY_MANDATES, count_line, &lines), "register");
	if (lines < count || !count)
		check(-ERANGE, "register");
	spread.step = lines / count;
	spread.mandates = xcalloc(count, sizeof(spread.mandates[0]));
	check(territory_each(v, TERRITORY_MANDATES, keep_mandate, &spread), "register");
	check(db_begin(vault_db(v)), "begin");
	for (unsigned i = 0; i < spread.count; i++) {
		add_official(v, &registered, REGISTERED_FIRST + i, buf_str(&spread.mandates[i]));
		buf_fini(&spread.mandates[i]);
	}
	check(db_commit(vault_db(v)), "commit");
	free(spread.mandates);
}

static void seed_people(struct vault *v)
{
	struct id room;
	unsigned serial = 0;

	check(db_begin(vault_db(v)), "begin");
	room = add_unit(v, UNIT_ROOM, ID_NONE, "Centre d'opérations du banc");
	brigade = add_unit(v, UNIT_BRIGADE, room, "Brigade du banc");
	add_operator(v, room);
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		for (unsigned at = 0; at < families[i].count; at++)
			add_device(v, &families[i], at,
				   add_official(v, &families[i], serial++, STR_NONE));
	check(db_commit(vault_db(v)), "commit");
}

/* --- commands, in waves: a lane of the executor may overtake another, a wave cannot */

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t all_done = PTHREAD_COND_INITIALIZER;
static size_t waiting;
static struct id *made; /* the alert of device i of the wave */

static void on_batch(void *context, struct batch *batch)
{
	size_t count = 0;

	for (struct command *c = batch->done, *next; c; c = next) {
		next = c->next;
		if (c->outcome.problem) {
			fprintf(stderr, "seed: refused: %.*s\n", STR_FMT(c->outcome.detail));
			exit(1);
		}
		if (c->verb == VERB_REPORT && c->as.report.call_for_help)
			made[c->context_id] = c->outcome.subject;
		command_free(c);
		count++;
	}
	batch_free(batch);
	pthread_mutex_lock(&lock);
	waiting -= count;
	if (!waiting)
		pthread_cond_signal(&all_done);
	pthread_mutex_unlock(&lock);
}

static void submit(struct command *c)
{
	pthread_mutex_lock(&lock);
	waiting++;
	pthread_mutex_unlock(&lock);
	check(service_submit(service, c), "submit");
}

static void wait_for_wave(void)
{
	pthread_mutex_lock(&lock);
	while (waiting)
		pthread_cond_wait(&all_done, &lock);
	pthread_mutex_unlock(&lock);
}

static void report(const struct family *f, unsigned at, bool help)
{
	static unsigned step;
	struct command *c = command_new(VERB_REPORT, (struct actor){.kind = ACTOR_DEVICE});
	char ident[16];

	step++;
	snprintf(ident, sizeof(ident), "%010llu", (unsigned long long)(f->first + at));
	c->as.report = (struct device_report){
		.protocol = (enum protocol)f->protocol,
		.ident = command_keep(c, str_from(ident)),
		.call_for_help = help,
		.reasons = help,
		.at_ms = now_ms + step,
		.position = {.known = true,
			     .lat_e7 = 464000000 + (int32_t)(step % 300000) * 10,
			     .lon_e7 = 2000000 + (int32_t)(step * 7 % 400000) * 10,
			     .at_ms = now_ms + step,
			     .accuracy_m = 12,
			     .speed_kmh = 4,
			     .course_deg = step % 360,
			     .altitude_m = 110},
		.battery_percent = 77,
		.signal_percent = 80,
	};
	if (f->protocol != PROTOCOL_WATCH)
		c->as.report.authenticated = authenticated[at];
	c->context_id = at;
	submit(c);
}

static void act(unsigned at, enum alert_event event)
{
	struct command *c = command_new(VERB_ALERT, (struct actor){.kind = ACTOR_CONTROL, .id = operator});

	c->subject = made[at];
	c->as.alert = (struct alert_command){
		.event = event, .unit = brigade, .outcome = OUTCOME_VERIFIED_SAFE};
	submit(c);
}

static void act_on_all(unsigned count, enum alert_event event)
{
	for (unsigned at = 0; at < count; at++)
		act(at, event);
	wait_for_wave();
}

static void raise_all(const struct family *f, unsigned count)
{
	for (unsigned at = 0; at < count; at++)
		report(f, at, true);
	wait_for_wave();
}

static void seed_history(unsigned alerts, unsigned positions, struct db *checkpointer)
{
	const struct family *f = &families[HISTORY];

	for (unsigned done = 0; done < alerts; done += f->count) {
		unsigned count = alerts - done < f->count ? alerts - done : f->count;

		raise_all(f, count);
		for (unsigned i = 0; i < positions; i++) {
			for (unsigned at = 0; at < count; at++)
				report(f, at, false);
			wait_for_wave();
			check(db_checkpoint(checkpointer), "checkpoint");
		}
		act_on_all(count, EVENT_CLAIM);
		act_on_all(count, EVENT_CLOSE);
	}
}

static void seed_running(void)
{
	for (int i = MOVES; i <= MOVES_HTTP; i++) {
		raise_all(&families[i], families[i].count);
		act_on_all(families[i].count, EVENT_CLAIM);
		act_on_all(families[i].count, EVENT_DISPATCH);
	}
}

static void find_people(struct vault *v)
{
	const struct family *f = &families[MOVES_HTTP];
	struct account account;
	struct device device;
	struct unit unit;
	char ident[16];

	check(account_by_login(v, STR("bench"), &account), "operator");
	check(unit_find(v, STR("Brigade du banc"), &unit), "brigade");
	operator= account.id;
	brigade = unit.id;
	authenticated = xcalloc(f->count, sizeof(authenticated[0]));
	for (unsigned at = 0; at < f->count; at++) {
		snprintf(ident, sizeof(ident), "%010llu", (unsigned long long)(f->first + at));
		check(device_by_ident(v, f->protocol, str_from(ident), &device), "device");
		authenticated[at] = device.id;
	}
}

static int usage(void)
{
	fputs("usage: seed DATABASE KEY_FILE people | register COUNT | mandates COUNT | "
	      "history ALERTS POSITIONS | running\n",
	      stderr);
	return 2;
}

int main(int argc, char **argv)
{
	struct service_options options = {.public_url = "https://banc.example",
					  .session_hours = 12,
					  .unverified_per_minute = 60};
	struct service_hooks hooks = {on_batch, NULL};
	struct db *checkpointer = NULL;
	struct keyring *ring;
	unsigned line;

	if (argc < 4)
		return usage();
	crypto_init();
	now_ms = clock_now_ms();
	made = xcalloc(20000, sizeof(made[0]));
	options.database_url = argv[1];
	ladder_default(&options.ladder);
	if (access(argv[2], F_OK))
		check(keyring_create(argv[2]), "key file");
	check(keyring_open(argv[2], &ring, &line), "key file");
	check(service_open(&options, ring, &hooks, &service), "database");
	if (db_is_sqlite(vault_db(service_vault(service))))
		check(db_execute(vault_db(service_vault(service)), "PRAGMA synchronous=OFF"),
		      "synchronous");
	else
		check(db_execute(vault_db(service_vault(service)), "SET synchronous_commit = off"),
		      "synchronous");
	check(db_open_checkpointer(vault_db(service_vault(service)), &checkpointer),
	      "checkpointer");
	if (strcmp(argv[3], "people") == 0) {
		seed_people(service_vault(service));
	} else if (strcmp(argv[3], "register") == 0 && argc == 5) {
		find_people(service_vault(service));
		seed_register(service_vault(service), (unsigned)strtoul(argv[4], NULL, 10),
			      checkpointer);
	} else if (strcmp(argv[3], "mandates") == 0 && argc == 5) {
		find_people(service_vault(service));
		seed_mandates(service_vault(service), (unsigned)strtoul(argv[4], NULL, 10));
	} else {
		find_people(service_vault(service));
		check(service_start(service), "executor");
		if (strcmp(argv[3], "history") == 0 && argc == 6)
			seed_history((unsigned)strtoul(argv[4], NULL, 10),
				     (unsigned)strtoul(argv[5], NULL, 10), checkpointer);
		else if (strcmp(argv[3], "running") == 0)
			seed_running();
		else
			return usage();
	}
	check(db_checkpoint(checkpointer), "checkpoint");
	db_close(checkpointer);
	service_close(service);
	keyring_free(ring);
	return 0;
}
