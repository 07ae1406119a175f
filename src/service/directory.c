/* Names of units and accounts: see directory.h. */
#include "service/directory.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/map.h"
#include "store/accounts.h"

/* A place is never freed before the directory: others hold what it gave. */
struct unit_place {
	struct unit unit;
	bool gone;
	uint64_t reading; /* the last one it was found by */
};

struct account_place {
	char name[LIMIT_NAME_BYTES + 1];
};

struct directory {
	struct map units;    /* id → struct unit_place */
	struct map accounts; /* id → struct account_place */
	int64_t fingerprint; /* of the rows it was loaded from */
	uint64_t reading;    /* number of the last one */
};

SQL(fingerprint, "SELECT CAST((SELECT COUNT(*) + COALESCE(SUM(version), 0) FROM unit)"
		 " + (SELECT COUNT(*) + COALESCE(SUM(version), 0) FROM account) AS BIGINT)");

static void keep_unit(struct directory *d, const struct unit *unit)
{
	struct unit_place *place = map_get(&d->units, unit->id);

	if (!place) {
		place = xcalloc(1, sizeof(*place));
		map_set(&d->units, unit->id, place);
	}
	place->unit = *unit;
	place->gone = false;
	place->reading = d->reading;
}

static void keep_account(struct directory *d, const struct account *account)
{
	struct account_place *place = map_get(&d->accounts, account->id);

	if (!place) {
		place = xcalloc(1, sizeof(*place));
		map_set(&d->accounts, account->id, place);
	}
	memcpy(place->name, account->name, sizeof(place->name));
}

static void forget_unit(struct directory *d, struct id unit)
{
	struct unit_place *place = map_get(&d->units, unit);

	if (place)
		place->gone = true;
}

static int on_unit(void *context, const struct unit *unit)
{
	keep_unit(context, unit);
	return 0;
}

struct page {
	struct directory *directory;
	struct id last;
	int count;
};

static int on_account(void *context, const struct account *account)
{
	struct page *page = context;

	keep_account(page->directory, account);
	page->last = account->id;
	page->count++;
	return 0;
}

static int load_accounts(struct directory *d, struct vault *v)
{
	enum { PAGE = 1000 };
	struct page page = {.directory = d};
	int r;

	do {
		page.count = 0;
		r = accounts_each(v, page.last, PAGE, on_account, &page);
	} while (!r && page.count == PAGE);
	return r;
}

static int read_fingerprint(struct vault *v, int64_t *ret_fingerprint)
{
	struct query *q = db_query(vault_db(v), &fingerprint);
	int r = query_step(q);

	if (r == 1)
		*ret_fingerprint = column_i64(q, 0);
	db_done(q);
	return r < 0 ? r : 0;
}

int directory_is_stale(const struct directory *d, struct vault *v, bool *ret_stale)
{
	int64_t now = 0;
	int r = read_fingerprint(v, &now);

	*ret_stale = now != d->fingerprint;
	return r;
}

/* What was not read this time is gone; when it could not be read, everything stays as it was. */
static void forget_unread(struct directory *d)
{
	struct id id;
	void *place;

	for (size_t at = 0; map_next(&d->units, &at, &id, &place);)
		if (((struct unit_place *)place)->reading != d->reading)
			((struct unit_place *)place)->gone = true;
}

int directory_reload(struct directory *d, struct vault *v)
{
	int64_t loaded_from = 0;
	int r = read_fingerprint(v, &loaded_from);

	d->reading++;
	if (!r)
		r = units_each(v, on_unit, d);
	if (!r)
		r = load_accounts(d, v);
	if (r)
		return r;
	forget_unread(d);
	d->fingerprint = loaded_from;
	return 0;
}

int directory_load(struct vault *v, struct directory **ret_directory)
{
	struct directory *d = xcalloc(1, sizeof(*d));
	int r = directory_reload(d, v);

	if (r)
		directory_free(d);
	else
		*ret_directory = d;
	return r;
}

static void free_places(struct map *places)
{
	struct id id;
	void *place;

	for (size_t at = 0; map_next(places, &at, &id, &place);)
		free(place);
	map_fini(places);
}

void directory_free(struct directory *d)
{
	if (!d)
		return;
	free_places(&d->units);
	free_places(&d->accounts);
	free(d);
}

int directory_refresh_unit(struct directory *d, struct vault *v, struct id id)
{
	struct unit unit;
	int r = unit_load(v, id, &unit);

	if (!r)
		keep_unit(d, &unit);
	else if (r == -ENOENT)
		forget_unit(d, id);
	return r == -ENOENT ? 0 : r;
}

int directory_refresh_account(struct directory *d, struct vault *v, struct id id)
{
	struct account account;
	int r = account_load(v, id, &account);

	if (!r)
		keep_account(d, &account);
	return r;
}

const struct unit *directory_unit(const struct directory *d, struct id unit)
{
	const struct unit_place *place = map_get(&d->units, unit);

	return place && !place->gone ? &place->unit : NULL;
}

const struct unit *directory_next_unit(const struct directory *d, size_t *at)
{
	struct id id;
	void *place;

	while (map_next(&d->units, at, &id, &place))
		if (!((struct unit_place *)place)->gone)
			return &((struct unit_place *)place)->unit;
	return NULL;
}

struct id directory_default_room(const struct directory *d)
{
	struct id id, first = ID_NONE;
	void *place;

	for (size_t at = 0; map_next(&d->units, &at, &id, &place);) {
		const struct unit_place *p = place;

		/* UUIDv7: the smallest is the oldest. */
		if (!p->gone && p->unit.kind == UNIT_ROOM &&
		    (id_is_none(first) || memcmp(id.bytes, first.bytes, sizeof(id.bytes)) < 0))
			first = id;
	}
	return first;
}

struct id directory_unit_room(const struct directory *d, struct id id)
{
	const struct unit *unit = directory_unit(d, id);
	struct id room = ID_NONE;

	if (unit)
		room = unit->kind == UNIT_ROOM ? unit->id : unit->room;
	return id_is_none(room) ? directory_default_room(d) : room;
}

enum force directory_unit_force(const struct directory *d, struct id id)
{
	const struct unit *unit = directory_unit(d, id);

	return unit ? unit_kind_force(unit->kind) : FORCE_NONE;
}

struct str directory_unit_name(const struct directory *d, struct id unit)
{
	const struct unit *found = directory_unit(d, unit);

	return found ? str_from(found->name) : STR("");
}

struct str directory_account_name(const struct directory *d, struct id account)
{
	const struct account_place *place = map_get(&d->accounts, account);

	return place ? str_from(place->name) : STR("");
}
