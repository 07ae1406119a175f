/* The territory in memory: see atlas.h. */
#include "service/atlas_private.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/fold.h"
#include "base/outlines.h"
#include "crypto/note.h"
#include "service/card.h"
#include "service/json.h"
#include "store/outline.h"
#include "store/territory.h"

/* The lock is held for an assignment only. */
struct atlas_shelf {
	pthread_mutex_t lock;
	struct atlas *present;
	bool is_being_made; /* by a thread: the others go on with what there is */
};

/* --- holding */

struct atlas_shelf *atlas_shelf_new(void)
{
	struct atlas_shelf *shelf = xcalloc(1, sizeof(*shelf));

	pthread_mutex_init(&shelf->lock, NULL);
	return shelf;
}

void atlas_shelf_free(struct atlas_shelf *shelf)
{
	if (!shelf)
		return;
	atlas_release(shelf->present);
	pthread_mutex_destroy(&shelf->lock);
	free(shelf);
}

struct atlas *atlas_hold(struct atlas_shelf *shelf)
{
	struct atlas *atlas;

	if (!shelf)
		return NULL;
	pthread_mutex_lock(&shelf->lock);
	atlas = shelf->present;
	if (atlas)
		atomic_fetch_add(&atlas->holders, 1);
	pthread_mutex_unlock(&shelf->lock);
	return atlas;
}

void atlas_release(struct atlas *atlas)
{
	if (!atlas || atomic_fetch_sub(&atlas->holders, 1) > 1)
		return;
	outlines_free(atlas->communal);
	outlines_free(atlas->departmental);
	map_fini(&atlas->seats);
	free(atlas->communes);
	arena_fini(&atlas->text);
	free(atlas);
}

static bool start_making(struct atlas_shelf *shelf)
{
	bool may;

	pthread_mutex_lock(&shelf->lock);
	may = !shelf->is_being_made;
	shelf->is_being_made = true;
	pthread_mutex_unlock(&shelf->lock);
	return may;
}

/* atlas NULL: it could not be made, the one before stays. */
static void end_making(struct atlas_shelf *shelf, struct atlas *atlas)
{
	struct atlas *before = NULL;

	pthread_mutex_lock(&shelf->lock);
	shelf->is_being_made = false;
	if (atlas) {
		before = shelf->present;
		shelf->present = atlas;
	}
	pthread_mutex_unlock(&shelf->lock);
	atlas_release(before);
}

/* --- finding */

static int by_code(const void *key, const void *element)
{
	return strcmp(key, ((const struct commune *)element)->code);
}

static struct commune *find_commune(const struct atlas *a, const char *code)
{
	if (!a->commune_count)
		return NULL;
	return bsearch(code, a->communes, a->commune_count, sizeof(*a->communes), by_code);
}

static struct departement *find_departement(struct atlas *a, const char *code)
{
	for (size_t i = 0; i < a->departement_count; i++)
		if (!strcmp(a->departements[i].code, code))
			return &a->departements[i];
	if (a->departement_count == DEPARTEMENTS_MAX)
		return NULL;
	snprintf(a->departements[a->departement_count].code, DEPARTEMENT_CODE_SIZE, "%s", code);
	return &a->departements[a->departement_count++];
}

/* --- making: communes, then who is competent, then outlines */

static void copy_code(struct str code, char *out, size_t size)
{
	snprintf(out, size, "%.*s", STR_FMT(code));
}

static struct str words_of(struct atlas *a, const struct commune *c)
{
	struct buf b = BUF_INIT;
	char departement[DEPARTEMENT_CODE_SIZE];
	struct str words;

	departement_of_commune(c->code, departement);
	buf_add_byte(&b, ' ');
	text_fold(c->name, ' ', &b);
	buf_add_byte(&b, ' ');
	text_fold(str_from(departement), ' ', &b);
	buf_add_byte(&b, ' ');
	text_fold(str_from(c->code), ' ', &b);
	words = str_of(arena_copy(&a->text, buf_cstr(&b), b.len + 1), b.len);
	buf_fini(&b);
	return words;
}

static struct str postcodes_of(struct atlas *a, struct str text)
{
	struct buf b = BUF_INIT;
	struct str postcodes;

	if (!text.len)
		return STR("");
	buf_add_byte(&b, ' ');
	buf_add_str(&b, text);
	postcodes = str_of(arena_copy(&a->text, buf_cstr(&b), b.len + 1), b.len);
	buf_fini(&b);
	return postcodes;
}

static int add_commune(void *context, struct str code, struct str text)
{
	enum { CODE, NAME, REGION, POPULATION, PARENT, POSTCODES, FIELDS };
	struct atlas *a = context;
	struct str fields[FIELDS];
	struct commune *c;
	int64_t population = 0;

	territory_fields(text, fields, FIELDS);
	str_parse_i64(fields[POPULATION], 0, INT32_MAX, &population);
	if (a->commune_count == a->commune_cap) {
		a->commune_cap = a->commune_cap ? a->commune_cap * 2 : 1024;
		a->communes = xrealloc(a->communes, a->commune_cap * sizeof(*a->communes));
	}
	c = &a->communes[a->commune_count++];
	*c = (struct commune){.population = (uint32_t)population};
	copy_code(code, c->code, sizeof(c->code));
	copy_code(fields[PARENT], c->parent, sizeof(c->parent));
	c->name =
		str_of(arena_copy(&a->text, fields[NAME].ptr, fields[NAME].len), fields[NAME].len);
	c->words = words_of(a, c);
	c->postcodes = postcodes_of(a, fields[POSTCODES]);
	return 0;
}

static int add_listed(void *context, struct str institution, struct str text)
{
	struct atlas *a = context;
	struct str public_id;

	if (str_split(&text, '|', &public_id))
		map_set(&a->listed, territory_unit_id(institution, public_id), a);
	return 0;
}

static int add_gendarmerie(void *context, struct str code, struct str text)
{
	return add_listed(context, STR("GN"), text);
}

static int add_police(void *context, struct str code, struct str text)
{
	return add_listed(context, STR("PN"), text);
}

/* A unit that no list has is nobody: the département's default stands in. */
static int add_competence(void *context, struct str code, struct str text)
{
	enum { CODE, INSTITUTION, PUBLIC_ID, FIELDS };
	struct atlas *a = context;
	struct str fields[FIELDS];
	char key[COMMUNE_CODE_SIZE];
	struct commune *c;
	struct id unit;

	territory_fields(text, fields, FIELDS);
	copy_code(code, key, sizeof(key));
	c = find_commune(a, key);
	unit = territory_unit_id(fields[INSTITUTION], fields[PUBLIC_ID]);
	if (c && map_get(&a->listed, unit))
		c->unit = unit;
	return 0;
}

static int set_by_hand(void *context, struct str code, struct id unit)
{
	struct atlas *a = context;
	char key[COMMUNE_CODE_SIZE];
	struct departement *d;
	struct commune *c;

	copy_code(code, key, sizeof(key));
	c = find_commune(a, key);
	if (c)
		c->unit = unit;
	d = code.len < DEPARTEMENT_CODE_SIZE ? find_departement(a, key) : NULL;
	if (d) {
		d->unit = unit;
		d->by_hand = true;
	}
	return 0;
}

static int by_code_of_both(const void *a, const void *b)
{
	return strcmp(((const struct commune *)a)->code, ((const struct commune *)b)->code);
}

/* A former commune is where the new one is; an arrondissement may have a unit of its own. */
static void follow_parents(struct atlas *a)
{
	for (size_t i = 0; i < a->commune_count; i++) {
		struct commune *c = &a->communes[i], *parent = find_commune(a, c->parent);

		if (parent && id_is_none(c->unit))
			c->unit = parent->unit;
	}
}

static void choose_defaults(struct atlas *a)
{
	for (size_t i = 0; i < a->commune_count; i++) {
		const struct commune *c = &a->communes[i];
		char code[DEPARTEMENT_CODE_SIZE];
		struct departement *d;

		departement_of_commune(c->code, code);
		d = find_departement(a, code);
		if (!d || d->by_hand || id_is_none(c->unit) || c->population < d->largest)
			continue;
		d->unit = c->unit;
		d->largest = c->population;
	}
}

/* Once communes stay where they are. */
static void find_seats(struct atlas *a)
{
	for (size_t i = 0; i < a->commune_count; i++) {
		struct commune *c = &a->communes[i];
		const struct commune *seat = map_get(&a->seats, c->unit);

		if (!id_is_none(c->unit) && (!seat || seat->population < c->population))
			map_set(&a->seats, c->unit, c);
	}
}

struct adding {
	struct outlines *outlines;
	uint32_t place;
};

static int add_polygon(void *context, const struct outline_polygon *polygon)
{
	struct adding *adding = context;

	return outlines_add(adding->outlines, adding->place, polygon);
}

/* A line nobody can read was written by nobody of ours: the others still help. */
static int add_outline(void *context, struct str code, struct str text)
{
	struct atlas *a = context;
	struct adding adding = {a->communal, OUTLINES_NONE};
	char key[COMMUNE_CODE_SIZE];
	const struct commune *c;
	struct departement *d;
	struct str part;
	uint8_t *packed;
	ptrdiff_t len;

	copy_code(code, key, sizeof(key));
	if (code.len < DEPARTEMENT_CODE_SIZE) {
		d = find_departement(a, key);
		adding.outlines = a->departmental;
		adding.place = d ? (uint32_t)(d - a->departements) : OUTLINES_NONE;
	} else {
		c = find_commune(a, key);
		if (c && !c->population && find_commune(a, c->parent))
			c = find_commune(a, c->parent);
		adding.place = c ? (uint32_t)(c - a->communes) : OUTLINES_NONE;
	}
	/* code|name|outline */
	if (adding.place == OUTLINES_NONE || !str_split(&text, '|', &part) ||
	    !str_split(&text, '|', &part))
		return 0;
	packed = xmalloc(text.len + 1);
	len = base64_decode(text, packed, text.len);
	if (len > 0)
		outline_each_polygon(str_of(packed, (size_t)len), add_polygon, &adding);
	free(packed);
	return 0;
}

static int fill(struct atlas *a, struct vault *v)
{
	int r = territory_each(v, TERRITORY_COMMUNES, add_commune, a);

	/* Databases order texts each in their way. */
	if (a->commune_count)
		qsort(a->communes, a->commune_count, sizeof(*a->communes), by_code_of_both);
	if (!r)
		r = territory_each(v, TERRITORY_GENDARMERIE, add_gendarmerie, a);
	if (!r)
		r = territory_each(v, TERRITORY_POLICE, add_police, a);
	if (!r)
		r = territory_each(v, TERRITORY_COMPETENCE, add_competence, a);
	map_fini(&a->listed);
	if (!r)
		r = competence_each(v, set_by_hand, a);
	if (r)
		return r;
	follow_parents(a);
	choose_defaults(a);
	find_seats(a);
	r = territory_each(v, TERRITORY_OUTLINES, add_outline, a);
	outlines_finish(a->communal);
	outlines_finish(a->departmental);
	return r;
}

static struct atlas *atlas_new(int64_t fingerprint)
{
	struct atlas *a = xcalloc(1, sizeof(*a));

	a->holders = 1;
	a->fingerprint = fingerprint;
	a->text = ARENA_INIT;
	a->communal = outlines_new();
	a->departmental = outlines_new();
	return a;
}

static bool is_present(struct atlas_shelf *shelf, int64_t fingerprint)
{
	struct atlas *atlas = atlas_hold(shelf);
	bool is = atlas ? atlas->fingerprint == fingerprint : !fingerprint;

	atlas_release(atlas);
	return is;
}

int atlas_follow(struct atlas_shelf *shelf, struct vault *v)
{
	struct atlas *atlas;
	int64_t fingerprint = 0;
	int r = shelf ? territory_fingerprint(v, &fingerprint) : 0;

	if (!shelf || r || is_present(shelf, fingerprint) || !start_making(shelf))
		return r;
	atlas = atlas_new(fingerprint);
	r = fill(atlas, v);
	if (r)
		atlas_release(atlas);
	end_making(shelf, r ? NULL : atlas);
	return r;
}

/* --- looking up */

static void default_unit(const struct atlas *a, struct atlas_place *place)
{
	for (size_t i = 0; i < a->departement_count; i++)
		if (!strcmp(a->departements[i].code, place->departement))
			place->unit = a->departements[i].unit;
	place->is_default = true;
}

struct atlas_place atlas_place_of(const struct atlas *a, const struct commune *c)
{
	struct atlas_place place = {.name = c->name,
				    .postcodes = str_slice(c->postcodes, 1, c->postcodes.len),
				    .unit = c->unit};

	place.code = str_from(c->code);
	departement_of_commune(c->code, place.departement);
	if (id_is_none(place.unit))
		default_unit(a, &place);
	return place;
}

bool atlas_at(const struct atlas *a, int32_t lat_e7, int32_t lon_e7, struct atlas_place *ret_place)
{
	struct atlas_place place = {.code = STR(""), .name = STR("")};
	uint32_t found = a ? outlines_find(a->communal, lat_e7, lon_e7) : OUTLINES_NONE;

	if (found != OUTLINES_NONE) {
		*ret_place = atlas_place_of(a, &a->communes[found]);
		return true;
	}
	found = a ? outlines_find(a->departmental, lat_e7, lon_e7) : OUTLINES_NONE;
	if (found == OUTLINES_NONE)
		return false;
	snprintf(place.departement, sizeof(place.departement), "%s", a->departements[found].code);
	default_unit(a, &place);
	*ret_place = place;
	return true;
}

bool atlas_commune(const struct atlas *a, struct str code, struct atlas_place *ret_place)
{
	char key[COMMUNE_CODE_SIZE];
	const struct commune *c;

	if (!a || commune_code_parse(code, key))
		return false;
	c = find_commune(a, key);
	if (c)
		*ret_place = atlas_place_of(a, c);
	return c;
}

void atlas_json(struct buf *out, const char *key, const struct directory *d,
		const struct atlas_place *place)
{
	const struct unit *unit;

	if (!place) {
		json_nothing(out, key);
		return;
	}
	json_open(out, key, '{');
	if (place->code.len) {
		json_open(out, "commune", '{');
		json_text(out, "code", place->code);
		json_text(out, "name", place->name);
		json_close(out, '}');
	} else {
		json_nothing(out, "commune");
	}
	json_word(out, "departement", place->departement);
	/* Imported, but taken away from the units since: nobody. */
	unit = directory_unit(d, place->unit);
	unit_json(out, "unit", d, unit ? place->unit : ID_NONE);
	if (unit && *unit->referent) {
		json_open(out, "referent", '{');
		json_word(out, "name", unit->referent);
		json_word(out, "phone", *unit->referent_phone ? unit->referent_phone : NULL);
		json_close(out, '}');
	} else {
		json_nothing(out, "referent");
	}
	json_bool(out, "is_default", place->is_default);
	json_close(out, '}');
}

void atlas_count(const struct atlas *a, struct atlas_figures *ret_figures)
{
	struct atlas_figures f = {0};

	for (size_t i = 0; a && i < a->commune_count; i++) {
		const struct commune *c = &a->communes[i];

		if (c->parent[0])
			continue;
		f.communes++;
		f.with_unit += !id_is_none(c->unit);
	}
	if (a) {
		f.outlines = (int64_t)outlines_count(a->communal);
		f.departements = (int64_t)a->departement_count;
	}
	*ret_figures = f;
}
