/* The town of the simulation: see sim.h. */
#include "sim.h"

#include <stdarg.h>
#include <stdlib.h>

#include "core/access.h"

const char town_public_url[] = "https://egide.example";

static const char hash[] = "$argon2id$v=19$m=8192,t=1,p=1$c2Vs$aGFjaA";

static struct id add(struct service *service, const char *name, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static struct id add(struct service *service, const char *name, const char *format, ...)
{
	struct command *c = command_new(VERB_ADMIN, (struct actor){.kind = ACTOR_CONTROL});
	char json[512], text[ID_TEXT_SIZE] = "";
	const char *at;
	struct id id;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(json, sizeof(json), format, arguments);
	va_end(arguments);
	c->name = command_keep(c, str_from(name));
	c->text = command_keep(c, str_from(json));
	service_run_now(service, c, TOWN_MADE_MS);
	at = c->outcome.problem ? NULL : strstr(c->outcome.json.ptr, "\"id\":\"");
	if (at)
		memcpy(text, at + 6, ID_TEXT_SIZE - 1);
	if (!at || id_parse(str_from(text), &id)) {
		printf("Bail out! %s %s: %.*s\n", name, json, STR_FMT(c->outcome.detail));
		exit(1);
	}
	command_free(c);
	return id;
}

static const char *const room_names[ROOMS] = {"Zone", "Second", "Voisine", "Salle"};
static const int room_links[ROOMS][3] = {{-1, -1, -1}, {3, 2, 0}, {3, 1, 0}, {2, 1, 0}};

static void member(struct buf *b, const char *key, int room)
{
	if (room >= 0)
		buf_printf(b, ",\"%s\":\"%s\"", key, room_names[room]);
}

static void make_rooms(struct service *service, struct town *t)
{
	static const char *const keys[] = {"neighbour", "second", "zone"};

	for (int i = 0; i < ROOMS; i++)
		t->rooms[i] = (struct room){.id = add(service, "unit.add",
						      "{\"name\":\"%s\",\"kind\":\"room\"}",
						      room_names[i]),
					    .has_duty = i >= 2,
					    .neighbour = room_links[i][0],
					    .second = room_links[i][1],
					    .zone = room_links[i][2]};
	for (int i = 0; i < ROOMS; i++) {
		struct buf b = BUF_INIT;

		buf_printf(&b, "{\"unit\":\"%s\"", room_names[i]);
		for (int k = 0; k < 3; k++)
			member(&b, keys[k], room_links[i][k]);
		if (t->rooms[i].has_duty)
			buf_printf(&b, ",\"duty_phone\":\"+3363998003%d\"", i);
		buf_add_byte(&b, '}');
		add(service, "unit.set", "%s", buf_cstr(&b));
		buf_fini(&b);
	}
}

static void make_units(struct service *service, struct town *t)
{
	for (int i = 0; i < UNITS; i++)
		t->units[i] = add(service, "unit.add",
				  "{\"name\":\"Unité %d\",\"kind\":\"patrol\",\"room\":\"%s\","
				  "\"phone\":\"+3363998002%d\"}",
				  i, room_names[i % 2 ? 2 : 3], i);
}

static void make_officials(struct service *service, struct town *t)
{
	static const unsigned contacts[OFFICIALS] = {3, 2, 0};

	for (int i = 0; i < OFFICIALS; i++) {
		struct citizen *o = &t->officials[i];

		o->room = i % 2 ? 2 : 3;
		o->id = add(
			service, "official.add",
			"{\"name\":\"Élu %d\",\"unit\":\"Unité %d\",\"phone\":\"+3363998001%d\"}",
			i, i, i);
		o->contact_count = contacts[i];
		for (unsigned k = 0; k < contacts[i]; k++) {
			struct person *p = &o->contacts[k];

			/* The second official's first person is the first official's last: one
			 * telephone. */
			snprintf(p->phone, sizeof(p->phone), "+336399810%02u",
				 i == 1 && k == 0 ? 2 : 10 * (unsigned)i + k);
			p->rank = (int)k + 1;
			p->id = add(service, "contact.add",
				    "{\"official\":\"+3363998001%d\",\"name\":\"Personne %u\","
				    "\"phone\":\"%s\",\"rank\":%u}",
				    i, k, p->phone, k + 1);
		}
	}
}

static void make_watches(struct service *service, struct town *t)
{
	/* The first official has two, the last watch is nobody's. */
	static const int owners[WATCHES] = {0, 0, 1, 2, -1};

	for (int i = 0; i < WATCHES; i++) {
		struct watch *w = &t->watches[i];
		char owner[40];

		w->official = owners[i];
		w->room = owners[i] < 0 ? 2 : t->officials[owners[i]].room;
		snprintf(w->ident, sizeof(w->ident), "880000001%d", i);
		if (owners[i] < 0)
			snprintf(owner, sizeof(owner), "\"unit\":\"Unité 1\"");
		else
			snprintf(owner, sizeof(owner), "\"official\":\"+3363998001%d\"", owners[i]);
		w->id = add(service, "device.add",
			    "{\"protocol\":\"watch\",\"ident\":\"%s\",\"label\":\"Montre %d\","
			    "\"networks\":\"10.0.0.0/8\",\"silent\":\"%s\",%s}",
			    w->ident, i, i == 1 ? "oui" : "non", owner);
	}
}

static void make_telephone(struct service *service)
{
	add(service, "device.add",
	    "{\"protocol\":\"osmand\",\"ident\":\"" TOWN_TELEPHONE "\",\"label\":\"Téléphone\","
	    "\"official\":\"+33639980010\"}");
}

static void make_operators(struct service *service, struct town *t)
{
	static const int rooms[OPERATORS] = {3, 3, 3, 2, 2, 1, 0};

	for (int i = 0; i < OPERATORS; i++) {
		struct operator* o = & t->operators[i];

		o->room = rooms[i];
		o->actor = (struct actor){
			.kind = ACTOR_ACCOUNT,
			.roles = ROLE_OPERATOR | (i == 2 ? ROLE_SUPERVISOR : 0u),
			.room = t->rooms[rooms[i]].id,
			.id = add(service, "account.add",
				  "{\"login\":\"o%d\",\"name\":\"Opératrice %d\",\"roles\":\"%s\","
				  "\"room\":\"%s\",\"password_hash\":\"%s\"}",
				  i, i, i == 2 ? "operator,supervisor" : "operator",
				  room_names[rooms[i]], hash)};
	}
}

void town_make(struct service *service, struct town *ret_town)
{
	*ret_town = (struct town){0};
	make_rooms(service, ret_town);
	make_units(service, ret_town);
	make_officials(service, ret_town);
	make_watches(service, ret_town);
	make_telephone(service);
	make_operators(service, ret_town);
}
