/* Kinds of import: see import_kinds.h. Formats: france.md §6.1 (docs/operation.md lists them). */
#include "ctl/import_kinds.h"

#include <errno.h>

#include "base/alloc.h"
#include "base/commune_code.h"
#include "base/fold.h"
#include "base/limits.h"
#include "base/phone.h"
#include "crypto/note.h"
#include "store/outline.h"
#include "store/territory.h"
#include "wire/geojson.h"

/* A line travels within a command of the server. */
enum { OUTLINE_TEXT_BYTES = 120 * 1024 };

static enum row_made reject(const char **ret_why, const char *why)
{
	*ret_why = why;
	return ROW_REJECTED;
}

/* Fields are kept apart by '|', which no name has. */
static void add_field(struct buf *out, struct str text)
{
	if (out->len && out->ptr[out->len - 1] != '\n')
		buf_add_byte(out, '|');
	for (size_t i = 0; i < text.len; i++)
		buf_add_byte(out, (uint8_t)(text.ptr[i] == '|' ? '/' : text.ptr[i]));
}

static void add_e7(struct buf *out, struct str degrees, int most)
{
	int32_t value;

	buf_add_byte(out, '|');
	if (!str_parse_e7(degrees, most, &value))
		buf_printf(out, "%d", value);
}

static const char wrong_code[] = "code INSEE de commune inconnu";
static const char wrong_institution[] = "institution inconnue (GN ou PN attendu)";
static const char no_name[] = "nom absent ou trop long";

static bool is_name(struct str text)
{
	return text.len && text.len <= LIMIT_NAME_BYTES;
}

/* --- communes */

enum { COM_CODE, COM_NAME, COM_REGION, COM_POPULATION, COM_TYPE, COM_PARENT, COM_POSTCODES };
static const struct import_column commune_columns[] = {
	[COM_CODE] = {{"code", "com", "codeinsee", "codecommune"}, true},
	[COM_NAME] = {{"nom", "libelle", "nomcommune", "libellecommune"}, true},
	[COM_REGION] = {{"region", "reg", "coderegion"}, false},
	[COM_POPULATION] = {{"population", "ptot", "pmun"}, false},
	[COM_TYPE] = {{"type", "typecom"}, false},
	[COM_PARENT] = {{"commune", "comparent", "cheflieu"}, false},
	[COM_POSTCODES] = {{"codespostaux", "codepostal", "cp"}, false},
	{{NULL}, false},
};

/* code|name|region|population|parent|postcodes: parent is the commune that an arrondissement is of
 * (it has inhabitants), or that a former one became (it has none); postcodes, a space between two,
 * are there when they were said. */
static void put_commune(struct buf *out, const char *code, struct str name, struct str region,
			int64_t population, const char *parent)
{
	add_field(out, str_from(code));
	add_field(out, name);
	add_field(out, region);
	buf_printf(out, "|%lld|%s", (long long)population, parent);
}

/* Whatever stands between them; what is none is left out. */
static void put_postcodes(struct buf *out, struct str text)
{
	enum { DIGITS = 5, SHOWN = 40 };
	size_t count = 0, digits = 0;

	for (size_t i = 0; i <= text.len && count < SHOWN; i++) {
		if (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') {
			digits++;
			continue;
		}
		if (digits == DIGITS) {
			buf_add_byte(out, count++ ? ' ' : '|');
			buf_add(out, text.ptr + i - DIGITS, DIGITS);
		}
		digits = 0;
	}
}

static enum row_made make_commune(const struct import_values *v, struct buf *out,
				  const char **ret_why)
{
	struct str type = v->at[COM_TYPE];
	bool is_whole = !type.len || str_eq_nocase(type, STR("COM")) ||
			str_eq(type, STR("commune-actuelle"));
	bool is_part =
		str_eq_nocase(type, STR("ARM")) || str_eq(type, STR("arrondissement-municipal"));
	char code[COMMUNE_CODE_SIZE], parent[COMMUNE_CODE_SIZE] = "";
	int64_t population = 0;

	if (commune_code_parse(v->at[COM_CODE], code))
		return reject(ret_why, wrong_code);
	if (!is_name(v->at[COM_NAME]))
		return reject(ret_why, no_name);
	if (v->at[COM_POPULATION].len &&
	    str_parse_i64(v->at[COM_POPULATION], 0, 100000000, &population))
		return reject(ret_why, "population illisible");
	if (!is_whole && commune_code_parse(v->at[COM_PARENT], parent))
		return reject(ret_why, "commune de rattachement inconnue");
	/* The former chef-lieu keeps its code: it is the commune itself. */
	if (!is_whole && !strcmp(code, parent))
		return ROW_PASSED;
	if (!is_whole)
		population = is_part && !population ? 1 : is_part ? population : 0;
	put_commune(out, code, v->at[COM_NAME], v->at[COM_REGION], population, parent);
	put_postcodes(out, v->at[COM_POSTCODES]);
	return ROW_MADE;
}

static struct str member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	return json_is_string(value) ? str_of(json_string_value(value), json_string_length(value))
				     : STR("");
}

static struct str name_of(const json_t *commune)
{
	struct str name = member(commune, "nom");

	return name.len ? name : member(commune, "name");
}

static const json_t *postcodes_of(const json_t *commune)
{
	const json_t *postcodes = json_object_get(commune, "codesPostaux");

	return postcodes ? postcodes : json_object_get(commune, "postcodes");
}

/* Codes it had before, and those of the communes it took in. */
static void put_former(const json_t *commune, const char *code, struct buf *out)
{
	const json_t *former;
	size_t i;

	json_array_foreach(json_object_get(commune, "anciensCodes"), i, former)
	{
		char old[COMMUNE_CODE_SIZE];

		if (!json_is_string(former) ||
		    commune_code_parse(str_from(json_string_value(former)), old) ||
		    !strcmp(old, code))
			continue;
		buf_add_byte(out, '\n');
		put_commune(out, old, name_of(commune), member(commune, "region"), 0, code);
	}
}

/* An object of @etalab/decoupage-administratif. Communes that were merged come as former codes. */
static enum row_made make_commune_json(struct str object, struct buf *out, const char **ret_why)
{
	json_t *commune = json_loadb(object.ptr, object.len, 0, NULL);
	struct import_values v = {.at = {[COM_CODE] = member(commune, "code"),
					 [COM_NAME] = name_of(commune),
					 [COM_REGION] = member(commune, "region"),
					 [COM_TYPE] = member(commune, "type"),
					 [COM_PARENT] = member(commune, "commune")}};
	const json_t *population = json_object_get(commune, "population");
	enum row_made made = ROW_PASSED;
	struct buf postcodes = BUF_INIT;
	char code[COMMUNE_CODE_SIZE], number[24];
	const json_t *postcode;
	size_t i;

	snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(population));
	v.at[COM_POPULATION] = str_from(number);
	json_array_foreach(postcodes_of(commune), i, postcode)
	{
		if (json_is_string(postcode))
			buf_printf(&postcodes, "%s ", json_string_value(postcode));
	}
	v.at[COM_POSTCODES] = buf_str(&postcodes);
	if (!json_is_object(commune))
		made = reject(ret_why, "objet JSON illisible");
	else if (!str_eq(v.at[COM_TYPE], STR("commune-deleguee")) &&
		 !str_eq(v.at[COM_TYPE], STR("commune-associee")))
		made = make_commune(&v, out, ret_why);
	if (made == ROW_MADE && !commune_code_parse(v.at[COM_CODE], code))
		put_former(commune, code, out);
	buf_fini(&postcodes);
	json_decref(commune);
	return made;
}

/* --- outlines: code|name|outline */

static void pack(const struct geojson_area *area, struct buf *out)
{
	struct outline_point before = {0, 0};
	size_t ring = 0, point = 0;

	outline_put_number(out, area->polygon_count);
	for (size_t i = 0; i < area->polygon_count; i++) {
		outline_put_number(out, area->polygon_ends[i] - ring);
		before = (struct outline_point){0, 0};
		for (; ring < area->polygon_ends[i]; ring++) {
			outline_put_number(out, area->ring_ends[ring] - point);
			for (; point < area->ring_ends[ring]; point++)
				outline_put_point(
					out,
					(struct outline_point){area->points[point].lon_e7,
							       area->points[point].lat_e7},
					&before);
		}
	}
}

/* What the atlas would not take either. */
static int try_polygon(void *context, const struct outline_polygon *polygon)
{
	return outlines_add(context, 0, polygon);
}

static bool atlas_takes(struct str packed)
{
	struct outlines *outlines = outlines_new();
	int r = outline_each_polygon(packed, try_polygon, outlines);

	outlines_free(outlines);
	return !r;
}

static enum row_made put_outline(const struct geojson_area *area, const char *code, struct buf *out,
				 const char **ret_why)
{
	struct buf packed = BUF_INIT, text = BUF_INIT;
	enum row_made made = ROW_MADE;

	pack(area, &packed);
	if (!atlas_takes(buf_str(&packed)))
		made = reject(ret_why, "contour trop étendu, ou sans surface");
	base64_encode(buf_str(&packed), &text);
	if (made == ROW_MADE && text.len > OUTLINE_TEXT_BYTES)
		made = reject(ret_why, "contour trop détaillé (plus de 15 000 points environ)");
	if (made == ROW_MADE) {
		add_field(out, str_from(code));
		add_field(out, str_slice(buf_str(&area->name), 0, LIMIT_NAME_BYTES));
		add_field(out, buf_str(&text));
	}
	buf_fini(&packed);
	buf_fini(&text);
	return made;
}

static enum row_made make_outline(struct str object, struct buf *out, const char **ret_why)
{
	struct geojson_area area = {.point_count = 0};
	char code[COMMUNE_CODE_SIZE] = "";
	enum row_made made;
	int r = geojson_decode(object, &area);

	if (r == -EBADMSG)
		made = reject(ret_why, "ce n'est pas un objet GeoJSON");
	else if (r == -ENOTSUP)
		made = reject(ret_why, "pas de surface (Polygon ou MultiPolygon)");
	else if (r)
		made = reject(ret_why, "position hors de la Terre");
	else if (commune_code_parse(buf_str(&area.code), code) &&
		 departement_code_parse(buf_str(&area.code), code))
		made = reject(ret_why, wrong_code);
	else
		made = put_outline(&area, code, out, ret_why);
	geojson_area_fini(&area);
	return made;
}

/* --- units: public id|name|phone|commune|lat|lon */

enum { UNIT_PUBLIC, UNIT_SERVICE, UNIT_TELEPHONE, UNIT_COMMUNE, UNIT_LON, UNIT_LAT };
#define UNIT_COLUMNS                                                                            \
	[UNIT_SERVICE] = {{"service"}, true}, [UNIT_TELEPHONE] = {{"telephone"}, false},        \
	[UNIT_COMMUNE] = {{"codecommuneinsee"}, true}, [UNIT_LON] = {{"geocodagexgps"}, false}, \
	[UNIT_LAT] = {{"geocodageygps"}, false},                                                \
	{                                                                                       \
		{NULL}, false                                                                   \
	}
static const struct import_column gendarmerie_columns[] = {
	[UNIT_PUBLIC] = {{"identifiantpublicunite"}, true}, UNIT_COLUMNS};
static const struct import_column police_columns[] = {
	[UNIT_PUBLIC] = {{"identifiantpublicunite"}, false}, UNIT_COLUMNS};

/* How a unit without number is known again: what it is called, in its département. */
static void put_folded_id(struct buf *out, struct str service, const char *commune)
{
	char departement[DEPARTEMENT_CODE_SIZE];

	departement_of_commune(commune, departement);
	text_fold(service, '-', out);
	buf_printf(out, "@%s", departement);
}

static enum row_made make_unit(const struct import_values *v, bool numbered, struct buf *out,
			       const char **ret_why)
{
	struct str number = v->at[UNIT_PUBLIC];
	char code[COMMUNE_CODE_SIZE], phone[PHONE_SIZE] = "";
	bool placed = v->at[UNIT_LON].len && v->at[UNIT_LAT].len;

	if (!is_name(v->at[UNIT_SERVICE]))
		return reject(ret_why, no_name);
	if (commune_code_parse(v->at[UNIT_COMMUNE], code))
		return reject(ret_why, wrong_code);
	/* "0" stands for none. A number nobody can call is left out: the unit is still competent.
	 */
	if (numbered && number.len && !str_eq(number, STR("0")))
		add_field(out, number);
	else
		put_folded_id(out, v->at[UNIT_SERVICE], code);
	if (v->at[UNIT_TELEPHONE].len && phone_parse(v->at[UNIT_TELEPHONE], phone))
		phone[0] = '\0';
	add_field(out, v->at[UNIT_SERVICE]);
	buf_printf(out, "|%s|%s", phone, code);
	add_e7(out, placed ? v->at[UNIT_LAT] : STR(""), 90);
	add_e7(out, placed ? v->at[UNIT_LON] : STR(""), 180);
	return ROW_MADE;
}

static enum row_made make_gendarmerie(const struct import_values *v, struct buf *out,
				      const char **ret_why)
{
	return make_unit(v, true, out, ret_why);
}

static enum row_made make_police(const struct import_values *v, struct buf *out,
				 const char **ret_why)
{
	return make_unit(v, false, out, ret_why);
}

/* --- competence: commune|institution|public id|service */

enum { FOR_COMMUNE, FOR_INSTITUTION, FOR_PUBLIC, FOR_SERVICE };
static const struct import_column competence_columns[] = {
	[FOR_COMMUNE] = {{"codecommune", "codecommuneinsee", "codeinsee"}, true},
	[FOR_INSTITUTION] = {{"institution"}, true},
	[FOR_PUBLIC] = {{"idservice", "identifiantpublicunite"}, false},
	[FOR_SERVICE] = {{"service", "libelleservice"}, true},
	{{NULL}, false},
};

static enum row_made make_competence(const struct import_values *v, struct buf *out,
				     const char **ret_why)
{
	struct str institution = v->at[FOR_INSTITUTION], public_id = v->at[FOR_PUBLIC];
	char code[COMMUNE_CODE_SIZE];

	if (commune_code_parse(v->at[FOR_COMMUNE], code))
		return reject(ret_why, wrong_code);
	if (!str_eq(institution, STR("GN")) && !str_eq(institution, STR("PN")))
		return reject(ret_why, wrong_institution);
	if (!is_name(v->at[FOR_SERVICE]))
		return reject(ret_why, "service absent");
	buf_printf(out, "%s|%.*s|", code, STR_FMT(institution));
	if (str_eq(institution, STR("GN")) && public_id.len && !str_eq(public_id, STR("0")))
		buf_add_str(out, public_id);
	else
		put_folded_id(out, v->at[FOR_SERVICE], code);
	add_field(out, v->at[FOR_SERVICE]);
	return ROW_MADE;
}

/* --- referents: unit's id|name|telephone */

enum { REF_PUBLIC, REF_INSTITUTION, REF_NAME, REF_PHONE };
static const struct import_column referent_columns[] = {
	[REF_PUBLIC] = {{"identifiantpublicunite", "idservice"}, true},
	[REF_INSTITUTION] = {{"institution"}, true},
	[REF_NAME] = {{"nom", "referent"}, true},
	[REF_PHONE] = {{"telephone"}, false},
	{{NULL}, false},
};

static enum row_made make_referent(const struct import_values *v, struct buf *out,
				   const char **ret_why)
{
	char id[ID_TEXT_SIZE], phone[PHONE_SIZE] = "";

	if (!str_eq(v->at[REF_INSTITUTION], STR("GN")) &&
	    !str_eq(v->at[REF_INSTITUTION], STR("PN")))
		return reject(ret_why, wrong_institution);
	if (!v->at[REF_PUBLIC].len)
		return reject(ret_why, "unité absente");
	if (!is_name(v->at[REF_NAME]))
		return reject(ret_why, no_name);
	if (v->at[REF_PHONE].len && phone_parse(v->at[REF_PHONE], phone))
		return reject(ret_why, "numéro de téléphone non reconnu");
	id_print(territory_unit_id(v->at[REF_INSTITUTION], v->at[REF_PUBLIC]), id);
	add_field(out, str_from(id));
	add_field(out, v->at[REF_NAME]);
	buf_printf(out, "|%s", phone);
	return ROW_MADE;
}

/* --- the national register of elected officials:
 * commune or département|last name|first name|birth|mandate|function|from */

enum {
	RNE_DEPARTEMENT,
	RNE_COMMUNE,
	RNE_LAST,
	RNE_FIRST,
	RNE_BIRTH,
	RNE_FUNCTION,
	RNE_FROM,
	RNE_FUNCTION_FROM
};
static const struct import_column rne_columns[] = {
	[RNE_DEPARTEMENT] = {{"codedudepartement", "codedepartement"}, false},
	[RNE_COMMUNE] = {{"codedelacommune", "codeinsee", "codecommune"}, false},
	[RNE_LAST] = {{"nomdelelu", "nom"}, true},
	[RNE_FIRST] = {{"prenomdelelu", "prenom"}, true},
	[RNE_BIRTH] = {{"datedenaissance"}, true},
	[RNE_FUNCTION] = {{"libelledelafonction", "libellefonction"}, false},
	[RNE_FROM] = {{"datededebutdumandat", "datedebutdumandat"}, true},
	[RNE_FUNCTION_FROM] = {{"datededebutdelafonction"}, false},
	{{NULL}, false},
};

/* dd/mm/yyyy, or yyyy-mm-dd with or without a time, to yyyy-mm-dd. */
static bool take_date(struct str text, char out[11])
{
	static const int month_days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool is_iso = text.len >= 10 && text.ptr[4] == '-' && text.ptr[7] == '-';
	int64_t year, month, day;

	if (text.len < 10 || (!is_iso && (text.ptr[2] != '/' || text.ptr[5] != '/')))
		return false;
	if (str_parse_i64(is_iso ? str_slice(text, 0, 4) : str_slice(text, 6, 10), 1850, 2200,
			  &year) ||
	    str_parse_i64(is_iso ? str_slice(text, 5, 7) : str_slice(text, 3, 5), 1, 12, &month) ||
	    str_parse_i64(is_iso ? str_slice(text, 8, 10) : str_slice(text, 0, 2), 1,
			  month_days[month - 1], &day))
		return false;
	if (month == 2 && day == 29 && (year % 4 || (!(year % 100) && year % 400)))
		return false;
	snprintf(out, 11, "%04d-%02d-%02d", (int)year, (int)month, (int)day);
	return true;
}

/* Of a national mandate neither is said: "FR". */
static bool put_place(const struct import_values *v, struct buf *out, const char **ret_why)
{
	struct str departement = v->at[RNE_DEPARTEMENT], commune = v->at[RNE_COMMUNE];
	char code[COMMUNE_CODE_SIZE];

	if (commune.len && commune_code_join(departement, commune, code))
		return *ret_why = wrong_code, false;
	if (!commune.len && departement.len && departement_code_parse(departement, code))
		return *ret_why = "département inconnu", false;
	buf_printf(out, "%s", commune.len || departement.len ? code : "FR");
	return true;
}

static enum row_made make_official(const struct import_values *v, struct buf *out,
				   const char **ret_why)
{
	char birth[11] = "", from[11] = "";

	if (!is_name(v->at[RNE_LAST]) || !is_name(v->at[RNE_FIRST]))
		return reject(ret_why, no_name);
	if (!take_date(v->at[RNE_BIRTH], birth))
		return reject(ret_why, "date de naissance illisible (jj/mm/aaaa attendu)");
	if (!take_date(v->at[RNE_FROM], from))
		return reject(ret_why, "date de début de mandat illisible (jj/mm/aaaa attendu)");
	if (!put_place(v, out, ret_why))
		return ROW_REJECTED;
	add_field(out, v->at[RNE_LAST]);
	add_field(out, v->at[RNE_FIRST]);
	add_field(out, str_from(birth));
	add_field(out, v->mandate);
	add_field(out, v->at[RNE_FUNCTION]);
	add_field(out, str_from(from));
	return ROW_MADE;
}

/* The files of the register, by a word of their name. */
static const struct {
	const char *word, *mandate;
} mandates[] = {
	{"maires", "maire"},
	{"municipa", "conseiller municipal"},
	{"communautaire", "conseiller communautaire"},
	{"epci", "conseiller communautaire"},
	{"departementa", "conseiller départemental"},
	{"regiona", "conseiller régional"},
	{"arrondissement", "conseiller d'arrondissement"},
	{"assemblee", "membre d'une assemblée à statut particulier"},
	{"parlement", "représentant au Parlement européen"},
	{"europe", "représentant au Parlement européen"},
	{"senateur", "sénateur"},
	{"depute", "député"},
	{"etranger", "conseiller des Français de l'étranger"},
	{"afe", "conseiller à l'Assemblée des Français de l'étranger"},
};

const char *import_mandate(const char *file)
{
	struct buf folded = BUF_INIT;
	const char *found = NULL;

	text_fold(str_from(file), '-', &folded);
	for (size_t i = 0; i < ARRAY_LEN(mandates) && !found; i++)
		if (strstr(buf_cstr(&folded), mandates[i].word))
			found = mandates[i].mandate;
	buf_fini(&folded);
	return found;
}

/* --- the table */

const struct import_kind import_kinds[] = {
	{.name = "communes",
	 .summary = "communes de France (JSON d'@etalab/decoupage-administratif, ou CSV)",
	 .things = "communes",
	 .columns = commune_columns,
	 .make = make_commune,
	 .make_json = make_commune_json,
	 .is_keyed = true},
	{.name = "outlines",
	 .summary = "contours de communes et de départements (GeoJSON)",
	 .things = "contours",
	 .make_json = make_outline,
	 .is_keyed = true,
	 .is_in_parts = true},
	{.name = "gendarmerie",
	 .summary = "unités de gendarmerie accueillant le public (CSV)",
	 .things = "unités de gendarmerie",
	 .columns = gendarmerie_columns,
	 .make = make_gendarmerie,
	 .is_of_units = true,
	 .has_room = true,
	 .is_keyed = true},
	{.name = "police",
	 .summary = "commissariats accueillant le public (CSV)",
	 .things = "commissariats",
	 .columns = police_columns,
	 .make = make_police,
	 .is_of_units = true,
	 .has_room = true,
	 .is_keyed = true},
	{.name = "competence",
	 .summary = "compétence territoriale, commune par commune (CSV)",
	 .things = "communes et leur unité",
	 .columns = competence_columns,
	 .make = make_competence,
	 .is_keyed = true},
	{.name = "referents",
	 .summary = "référents atteintes aux élus, un par unité (CSV)",
	 .things = "référents",
	 .columns = referent_columns,
	 .make = make_referent,
	 .is_of_units = true,
	 .is_keyed = true},
	{.name = "rne",
	 .summary = "répertoire national des élus, un fichier par mandat (CSV)",
	 .things = "mandats",
	 .columns = rne_columns,
	 .make = make_official,
	 .has_mandate = true},
};
const size_t import_kind_count = ARRAY_LEN(import_kinds);

static bool is_named(const struct import_column *column, struct str folded)
{
	for (int i = 0; i < IMPORT_NAMES && column->names[i]; i++)
		if (str_eq(folded, str_from(column->names[i])))
			return true;
	return false;
}

const char *import_find_columns(const struct import_kind *kind, const struct csv_row *header,
				int columns[IMPORT_MAX_COLUMNS])
{
	const char *missing = NULL;
	struct buf folded = BUF_INIT;

	for (int i = 0; kind->columns[i].names[0]; i++) {
		columns[i] = -1;
		for (size_t at = 0; at < header->count && columns[i] < 0; at++) {
			buf_reset(&folded);
			text_fold(header->at[at], '\0', &folded);
			if (is_named(&kind->columns[i], buf_str(&folded)))
				columns[i] = (int)at;
		}
		if (columns[i] < 0 && kind->columns[i].needed && !missing)
			missing = kind->columns[i].names[0];
	}
	buf_fini(&folded);
	return missing;
}
