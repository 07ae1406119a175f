/*
 * egidectl synthesize: where no official file is at hand, a network that is made up and says so:
 * brigades, police stations, who is competent where, referents, and a register of officials, as
 * files in the official forms. The same communes give the same files.
 */
#include "ctl/synthesize.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/fold.h"
#include "ctl/commands.h"
#include "ctl/settings.h"
#include "wire/json_items.h"

/* France has some 2,800 brigades and 600 stations open to the public, for 35,000 communes. */
enum { COMMUNES_A_BRIGADE = 13, TOWN_INHABITANTS = 20000 };

struct network {
	struct town *towns;
	size_t count, cap;
	size_t brigades, stations, prefectures;
	const char *folder, *departement; /* of which the network is; NULL: of all */
};

/* --- reading */

static void copy(const json_t *object, const char *key, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(object, key));

	snprintf(out, size, "%s", text ? text : "");
}

static void take_commune(struct network *n, const json_t *object)
{
	const char *type = json_string_value(json_object_get(object, "type"));
	const json_t *postcodes = json_object_get(object, "codesPostaux");
	struct town town = {.population =
				    json_integer_value(json_object_get(object, "population"))};

	copy(object, "code", town.code, sizeof(town.code));
	copy(object, "nom", town.name, sizeof(town.name));
	copy(object, "departement", town.departement, sizeof(town.departement));
	copy(object, "arrondissement", town.district, sizeof(town.district));
	if (!type || strcmp(type, "commune-actuelle") != 0 || strlen(town.code) != 5 ||
	    (n->departement && strcmp(n->departement, town.departement) != 0))
		return;
	town_read_place(&town, object);
	if (!town.district[0])
		memcpy(town.district, town.departement, sizeof(town.departement));
	str_parse_i64(str_from(json_string_value(json_array_get(postcodes, 0))), 0, 99999,
		      &town.postcode);
	if (n->count == n->cap) {
		n->cap = n->cap ? n->cap * 2 : 1024;
		n->towns = xrealloc(n->towns, n->cap * sizeof(*n->towns));
	}
	n->towns[n->count++] = town;
}

static int read_whole(const char *path, struct buf *out)
{
	FILE *file = fopen(path, "re");
	size_t got;

	if (!file)
		return -errno;
	while ((got = fread(buf_reserve(out, 65536), 1, 65536, file)) > 0)
		out->len += got;
	fclose(file);
	return 0;
}

typedef void item_reader(struct network *n, const json_t *object);

/* A list, or an object that has it under `key`. */
static int read_items(struct network *n, const char *path, struct str key, item_reader *on_item)
{
	struct buf file = BUF_INIT;
	struct str rest, item = STR_NONE;
	int r = read_whole(path, &file);

	if (r)
		return fail("%s : %s", path, error_text(r));
	rest = buf_str(&file);
	rest = str_slice(rest, json_items_start(rest, key), rest.len);
	for (ptrdiff_t used; (used = json_items_next(rest, &item)) > 0 && item.ptr;) {
		json_t *object = json_loadb(item.ptr, item.len, 0, NULL);

		on_item(n, object);
		json_decref(object);
		rest = str_slice(rest, (size_t)used, rest.len);
	}
	buf_fini(&file);
	return STATUS_DONE;
}

static int read_communes(struct network *n, const char *path)
{
	int status = read_items(n, path, STR("communes"), take_commune);

	return status || n->count ? status : fail("%s : aucune commune", path);
}

static int by_town_code(const void *a, const void *b)
{
	return strcmp(((const struct town *)a)->code, ((const struct town *)b)->code);
}

static void take_arrondissement(struct network *n, const json_t *object)
{
	struct town key = {.code = ""}, *found;

	copy(object, "chefLieu", key.code, sizeof(key.code));
	found = bsearch(&key, n->towns, n->count, sizeof(key), by_town_code);
	if (!found)
		return;
	n->prefectures += !found->prefecture;
	found->prefecture = true;
}

static int read_arrondissements(struct network *n, const char *path)
{
	int status;

	qsort(n->towns, n->count, sizeof(*n->towns), by_town_code);
	status = read_items(n, path, STR("arrondissements"), take_arrondissement);
	return status || n->prefectures ? status
					: fail("%s : aucun chef-lieu de ces communes", path);
}

static int read_outlines(struct network *n, const char *path)
{
	struct buf file = BUF_INIT;
	int r = read_whole(path, &file), status = STATUS_DONE;

	if (r)
		status = fail("%s : %s", path, error_text(r));
	else if (towns_read_outlines(n->towns, n->count, buf_str(&file)))
		status = fail("%s : ce n’est pas un fichier GeoJSON entier", path);
	buf_fini(&file);
	return status;
}

/* --- who is competent where */

static int by_district(const void *a, const void *b)
{
	const struct town *x = a, *y = b;
	int order = strcmp(x->district, y->district);

	if (order)
		return order;
	if (x->population != y->population)
		return x->population > y->population ? -1 : 1;
	return strcmp(x->code, y->code);
}

static int64_t apart(const struct town *a, const struct town *b)
{
	int64_t distance = a->postcode - b->postcode;

	return distance < 0 ? -distance : distance;
}

/* Where the sub-prefecture is; the largest town when no file says it. */
static const struct town *prefecture_of(const struct town *towns, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (towns[i].prefecture)
			return &towns[i];
	return towns;
}

/* The towns of a district, the largest first. Postcodes that are near are places that are. */
static void settle_district(struct network *n, struct town *towns, size_t count)
{
	const struct town *prefecture = prefecture_of(towns, count);
	size_t rural = 0, seats;

	for (size_t i = 0; i < count; i++) {
		struct town *t = &towns[i];

		t->police = t->population >= TOWN_INHABITANTS || t == prefecture;
		t->unit = t->police ? t : NULL;
		n->stations += t->police;
		rural += !t->police;
	}
	seats = (rural + COMMUNES_A_BRIGADE - 1) / COMMUNES_A_BRIGADE;
	for (size_t i = 0; i < count && seats; i++) {
		if (towns[i].police)
			continue;
		towns[i].seat = true;
		towns[i].unit = &towns[i];
		towns[i].number = (int)++n->brigades;
		seats--;
	}
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; !towns[i].police && !towns[i].seat && j < count; j++)
			if (towns[j].seat &&
			    (!towns[i].unit ||
			     apart(&towns[i], &towns[j]) < apart(&towns[i], towns[i].unit)))
				towns[i].unit = &towns[j];
}

static void settle(struct network *n)
{
	size_t first = 0;

	qsort(n->towns, n->count, sizeof(*n->towns), by_district);
	for (size_t i = 1; i <= n->count; i++) {
		if (i < n->count && !strcmp(n->towns[i].district, n->towns[first].district))
			continue;
		settle_district(n, &n->towns[first], i - first);
		first = i;
	}
}

/* --- names of nobody */

static uint64_t seed = 17;

/* Knuth's generator, of 64 bits. */
static size_t below(size_t end)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % end;
}

static const char *const first_names[] = {
	"Camille", "Dominique", "Claude", "Sacha",  "Andréa", "Maxime", "Alix",  "Charlie",
	"Noé",     "Éloïse",    "Gaël",   "Maëlle", "Yaël",   "Zoé",    "Loïc",  "Françoise",
	"Jean",    "Élise",     "Côme",   "Inès",   "Théo",   "Léa",    "Anaïs", "Chloé",
};
static const char *const last_names[] = {
	"Mésange",   "Hirondelle", "Bergeronnette", "Loriot",  "Fauvette", "Chardonneret",
	"Pinson",    "Rossignol",  "Alouette",      "Pivert",  "Sittelle", "Rouge-Gorge",
	"Aubépine",  "Érable",     "Châtaignier",   "Bouleau", "Fougère",  "Genévrier",
	"Églantine", "Noisetier",  "Cornouiller",   "Sureau",  "Tilleul",  "Myrtille",
};

#define ANY(list) (list)[below(ARRAY_LEN(list))]

/* --- files */

static FILE *create(const struct network *n, const char *name, const char *header)
{
	struct buf path = BUF_INIT;
	FILE *file;

	buf_printf(&path, "%s/%s", n->folder, name);
	file = fopen(buf_cstr(&path), "we");
	if (file)
		fprintf(file, "%s\n", header);
	else
		fail("%s : %s", buf_cstr(&path), error_text(-errno));
	buf_fini(&path);
	return file;
}

static int finish(FILE *file, const char *name)
{
	bool wrong = ferror(file);

	return fclose(file) || wrong ? fail("%s : écriture impossible", name) : 0;
}

static void service_of(const struct town *t, struct buf *out)
{
	struct buf folded = BUF_INIT;
	bool vowel;

	text_fold(str_from(t->name), '-', &folded);
	vowel = folded.len && strchr("aeiou", folded.ptr[0]);
	buf_printf(out, "%s %s%s (synthétique)", t->police ? "Commissariat" : "Brigade",
		   vowel ? "d'" : "de ", t->name);
	buf_fini(&folded);
}

static void print_service(const struct town *t, FILE *file)
{
	struct buf name = BUF_INIT;

	service_of(t, &name);
	fprintf(file, "%s", buf_cstr(&name));
	buf_fini(&name);
}

/* As ctl/import_kinds.c makes it of a station's name. */
static void print_public_id(const struct town *t, FILE *file)
{
	struct buf id = BUF_INIT, name = BUF_INIT;

	if (t->police) {
		service_of(t, &name);
		text_fold(buf_str(&name), '-', &id);
		fprintf(file, "%s@%s", buf_cstr(&id), t->departement);
	} else {
		fprintf(file, "S%s-%d", t->departement, t->number);
	}
	buf_fini(&id);
	buf_fini(&name);
}

static void print_place(const struct town *t, FILE *file)
{
	if (t->placed)
		fprintf(file, "%.5f;%.5f\n", t->lon_e7 / 1e7, t->lat_e7 / 1e7);
	else
		fprintf(file, ";\n");
}

/* Numbers that ARCEP keeps for fiction: 01 99 00 and 06 39 98. */
static int write_units(const struct network *n, bool police, const char *name)
{
	FILE *file = create(n, name,
			    "identifiant_public_unite;service;telephone;departement;"
			    "code_commune_insee;commune;geocodage_x_GPS;geocodage_y_GPS");
	int serial = 0;

	if (!file)
		return STATUS_FAILED;
	for (size_t i = 0; i < n->count; i++) {
		const struct town *t = &n->towns[i];

		if (police ? !t->police : !t->seat)
			continue;
		print_public_id(t, file);
		fprintf(file, ";");
		print_service(t, file);
		fprintf(file, ";01 99 00 %02d %02d;%s;%s;%s;", serial / 100 % 100, serial % 100,
			t->departement, t->code, t->name);
		print_place(t, file);
		serial++;
	}
	return finish(file, name);
}

static int write_competence(const struct network *n, const char *name)
{
	FILE *file = create(n, name, "code_commune;libelle_commune;institution;id_service;service");

	if (!file)
		return STATUS_FAILED;
	for (size_t i = 0; i < n->count; i++) {
		const struct town *t = &n->towns[i];

		fprintf(file, "%s;%s;%s;", t->code, t->name, t->unit->police ? "PN" : "GN");
		print_public_id(t->unit, file);
		fprintf(file, ";");
		print_service(t->unit, file);
		fprintf(file, "\n");
	}
	return finish(file, name);
}

static int write_referents(const struct network *n, const char *name)
{
	FILE *file = create(n, name, "identifiant_public_unite;institution;nom;telephone");
	int serial = 0;

	if (!file)
		return STATUS_FAILED;
	for (size_t i = 0; i < n->count; i++) {
		const struct town *t = &n->towns[i];

		if (!t->police && !t->seat)
			continue;
		print_public_id(t, file);
		fprintf(file, ";%s;%s %s (synthétique);06 39 98 %02d %02d\n",
			t->police ? "PN" : "GN", ANY(first_names), ANY(last_names),
			serial / 100 % 100, serial % 100);
		serial++;
	}
	return finish(file, name);
}

struct person {
	const char *last, *second_last, *first;
	size_t day, month, year;
};

static struct person draw(void)
{
	return (struct person){.last = ANY(last_names),
			       .second_last = ANY(last_names),
			       .first = ANY(first_names),
			       .day = 1 + below(28),
			       .month = 1 + below(12),
			       .year = 1940 + below(66)};
}

static void print_person(const struct person *p, const char *function, FILE *file)
{
	fprintf(file, "%s-%s;%s;;%02zu/%02zu/%zu;%s;22/03/2026\n", p->last, p->second_last,
		p->first, p->day, p->month, p->year, function);
}

#define PERSON_COLUMNS                                                                                 \
	"Nom de l'élu;Prénom de l'élu;Code sexe;Date de naissance;Libellé de la fonction;Date de " \
	"début du mandat"

/* Every twentieth mayor has another mandate, in the file of its own that the register has for it.
 */
static int write_officials(const struct network *n, const char *name, const char *second_name,
			   int64_t count)
{
	enum { MAYORS_A_COUNCILLOR = 20 };
	FILE *file = create(n, name,
			    "Code du département;Libellé du département;Code de la commune;"
			    "Libellé de la commune;" PERSON_COLUMNS);
	FILE *second = file ? create(n, second_name,
				     "Code du département;Libellé du département;Code du "
				     "canton;Libellé du canton;" PERSON_COLUMNS)
			    : NULL;
	int64_t mayors = 0;
	int status;

	if (!second)
		return file ? fclose(file), STATUS_FAILED : STATUS_FAILED;
	for (int64_t i = 0; i < count; i++) {
		/* In the order of communes, as the register is. */
		const struct town *t = &n->towns[(size_t)(i * (int64_t)n->count / count)];
		bool first = !i || t != &n->towns[(size_t)((i - 1) * (int64_t)n->count / count)];
		struct person person = draw();

		fprintf(file, "%s;;%s;%s;", t->departement, t->code, t->name);
		print_person(&person, first ? "Maire" : "", file);
		if (!first || mayors++ % MAYORS_A_COUNCILLOR)
			continue;
		fprintf(second, "%s;;;;", t->departement);
		print_person(&person, "", second);
	}
	status = finish(file, name);
	return finish(second, second_name) ? STATUS_FAILED : status;
}

static int write_files(const struct network *n, int64_t officials)
{
	int status = write_units(n, false, "gendarmerie-synthetique.csv");

	if (!status)
		status = write_units(n, true, "police-synthetique.csv");
	if (!status)
		status = write_competence(n, "competence-synthetique.csv");
	if (!status)
		status = write_referents(n, "referents-synthetiques.csv");
	if (!status && officials)
		status = write_officials(n, "rne-conseillers-municipaux-synthetique.csv",
					 "rne-conseillers-departementaux-synthetique.csv",
					 officials);
	return status;
}

/* --- the command */

static int usage(void)
{
	printf("Usage : egidectl synthesize COMMUNES.json DOSSIER [departement=86] "
	       "[outlines=CONTOURS.geojson] [arrondissements=ARRONDISSEMENTS.json] "
	       "[officials=520000]\n\n"
	       "Écrit dans DOSSIER un réseau inventé, marqué « (synthétique) », sous la forme des "
	       "fichiers officiels :\nbrigades, un commissariat par sous-préfecture (celle que dit "
	       "arrondissements=, ou la plus grande ville de\nl’arrondissement) et par grande "
	       "ville, compétence de chaque commune, un référent par unité ; avec officials=,\n"
	       "autant de conseillers municipaux, dont quelques maires aussi conseillers "
	       "départementaux.\nChaque unité est au milieu de sa commune, que dit le fichier des "
	       "communes (centre, ou lat et lon) ou celui des\ncontours. Les numéros sont de ceux "
	       "que l'ARCEP réserve à la fiction. À importer ensuite par egidectl import\n"
	       "gendarmerie, police, competence, referents et rne.\n");
	settings_print_help();
	return STATUS_MISUSED;
}

static bool placed(const struct network *n)
{
	for (size_t i = 0; i < n->count; i++)
		if (n->towns[i].placed)
			return true;
	return false;
}

static const char *value_of(const char *word, const char *key)
{
	size_t len = strlen(key);

	return !strncmp(word, key, len) && word[len] == '=' ? word + len + 1 : NULL;
}

int command_synthesize(int argc, char **argv)
{
	struct network n = {.towns = NULL};
	const char *arrondissements = NULL, *outlines = NULL, *value;
	int64_t officials = 0;
	struct settings s;
	int status;

	argc = settings_take(&s, argc, argv);
	if (argc < 0)
		return STATUS_MISUSED;
	if (s.help || argc < 3)
		return s.help ? usage(), STATUS_DONE : usage();
	for (int i = 3; i < argc; i++) {
		if ((value = value_of(argv[i], "departement")))
			n.departement = value;
		else if ((value = value_of(argv[i], "outlines")))
			outlines = value;
		else if ((value = value_of(argv[i], "arrondissements")))
			arrondissements = value;
		else if (!(value = value_of(argv[i], "officials")) ||
			 str_parse_i64(str_from(value), 1, 10000000, &officials))
			return misused("« %s » n'est pas attendu", argv[i]);
	}
	n.folder = argv[2];
	if (mkdir(n.folder, 0755) && errno != EEXIST)
		return fail("%s : %s", n.folder, error_text(-errno));
	status = read_communes(&n, argv[1]);
	if (!status && arrondissements)
		status = read_arrondissements(&n, arrondissements);
	if (!status && outlines)
		status = read_outlines(&n, outlines);
	if (!status) {
		settle(&n);
		status = write_files(&n, officials);
	}
	if (!status && !placed(&n))
		printf("Les communes n’ont pas de position dans ces fichiers : les unités n’en ont "
		       "pas non "
		       "plus (outlines=CONTOURS.geojson).\n");
	if (!status)
		printf("%zu communes, %zu brigades, %zu commissariats, %zu référents : %s\n",
		       n.count, n.brigades, n.stations, n.brigades + n.stations, n.folder);
	free(n.towns);
	return status;
}
