/* The table of options, and the file that sets them: see config.h. */
#include "daemon/config.h"

#include <errno.h>
#include <stddef.h>

#include "base/alloc.h"

enum { LINE_MAX_BYTES = 4000 };

enum option_kind { OPTION_TEXT, OPTION_WORD, OPTION_NUMBER, OPTION_DECIMAL };

struct option {
	const char *name;
	enum option_kind kind;
	size_t offset;
	const char *initial;
	double min, max;
	const char *words; /* which an OPTION_WORD may be */
	const char *about; /* French, for the sample */
};

/* clang-format off */
#define OPTION(field, kind, initial, min, max, words, about) \
	{#field, kind, offsetof(struct config, field), initial, min, max, words, about}
#define TEXT(field, initial, about) OPTION(field, OPTION_TEXT, initial, 0, 0, NULL, about)
#define WORD(field, initial, words, about) OPTION(field, OPTION_WORD, initial, 0, 0, words, about)
#define NUMBER(field, initial, min, max, about) OPTION(field, OPTION_NUMBER, initial, min, max, NULL, about)
#define DECIMAL(field, initial, min, max, about) OPTION(field, OPTION_DECIMAL, initial, min, max, NULL, about)
/* clang-format on */

static const struct option options[] = {
	TEXT(data_folder, "/var/lib/egide", "Dossier des données (mode 0700)."),
	TEXT(keys, "/etc/egide/keys",
	     "Fichier des clés maîtres (mode 0600), hors du dossier des données."),
	TEXT(database, "sqlite:/var/lib/egide/egide.db",
	     "Base : sqlite:CHEMIN, ou postgresql:CONNEXION (libpq)."),
	TEXT(control_socket, "/run/egide/control.sock",
	     "Prise locale d'egidectl (même utilisateur, ou root)."),
	TEXT(http, "127.0.0.1:8080", "Adresses HTTP, séparées par des virgules ; vide : aucune."),
	TEXT(https, "", "Adresses HTTPS, séparées par des virgules ; vide : aucune."),
	TEXT(watch, "0.0.0.0:5093", "Adresses où se connectent les montres (TCP) ; vide : aucune."),
	TEXT(watch_tls, "", "Les mêmes, en TLS."),
	TEXT(agent_tls, "",
	     "Adresses où se connectent, en TLS, les téléphones et agents sans navigateur "
	     "(docs/protocol/agent.md) ; vide : aucune."),
	TEXT(agent, "",
	     "Les mêmes, sans TLS : de cette machine seulement (127.0.0.1, [::1]), derrière un "
	     "mandataire."),
	TEXT(certificate, "/etc/egide/certificate.pem",
	     "Certificat (PEM) des adresses en TLS ; relu par SIGHUP."),
	TEXT(certificate_key, "/etc/egide/certificate.key", "Sa clé (PEM)."),
	TEXT(public_url, "http://127.0.0.1:8080",
	     "Début des liens envoyés par SMS, sans barre finale."),
	TEXT(web_folder, EGIDE_SHARE "/web", "Pages construites (web/dist)."),
	TEXT(definitions_folder, EGIDE_SHARE "/definitions",
	     "Définitions : échelle d'escalade, schémas."),
	TEXT(tile_url, "",
	     "Tuiles du fond de carte : https://hote/{z}/{x}/{y}.png ; vide : contours fournis."),
	TEXT(tile_attribution, "", "Mention due au fournisseur des tuiles."),
	DECIMAL(map_lon, "0.34", -180, 180, "Centre de la carte : longitude."),
	DECIMAL(map_lat, "46.58", -90, 90, "Centre de la carte : latitude."),
	DECIMAL(map_zoom, "8", 0, 20, "Zoom de la carte au départ."),
	TEXT(sendsms_url, "",
	     "Kannel : http://127.0.0.1:13013/cgi-bin/sendsms ; vide : aucun SMS ne part."),
	TEXT(sms_user, "egide", "Utilisateur sendsms de Kannel."),
	TEXT(sms_password, "", "Son mot de passe."),
	TEXT(sms_from, "ALERTE", "Expéditeur affiché par le téléphone."),
	TEXT(kannel_callback, "http://127.0.0.1:8080/kannel/receipt",
	     "Adresse des accusés, vue de Kannel."),
	TEXT(backup_sendsms_url, "",
	     "Seconde passerelle, essayée aussitôt quand la première refuse."),
	TEXT(backup_sms_user, "", "Son utilisateur sendsms ; vide : le même."),
	TEXT(backup_sms_password, "", "Son mot de passe ; vide : le même."),
	TEXT(backup_sms_from, "", "Son expéditeur ; vide : le même."),
	TEXT(backup_kannel_callback, "",
	     "Adresse des accusés, vue de la seconde passerelle ; vide : la même."),
	TEXT(kannel_secret, "",
	     "Secret que les passerelles rendent avec leurs accusés ; vide : accusés refusés."),
	TEXT(kannel_networks, "127.0.0.0/8, ::1",
	     "Réseaux d'où viennent accusés et réponses, séparés par des virgules."),
	TEXT(switch_secret, "",
	     "Secret des standards téléphoniques qui annoncent les appels au 17 ; vide : aucun."),
	TEXT(switch_networks, "127.0.0.0/8, ::1",
	     "Réseaux de ces standards, séparés par des virgules."),
	TEXT(aml_secret, "",
	     "Secret partagé avec qui transmet la position des appelants du 17 (AML, HTTPS) ; "
	     "vide : aucune n'est prise par ce chemin."),
	TEXT(aml_networks, "127.0.0.0/8, ::1", "Réseaux d'où viennent ces positions."),
	TEXT(trusted_proxies, "",
	     "Réseaux des mandataires dont X-Forwarded-For est cru, séparés par des virgules."),
	NUMBER(session_hours, "12", 1, 72, "Durée d'une session, en heures."),
	NUMBER(unverified_per_minute, "30", 1, 10000,
	       "Trames d'appareils inconnus enregistrées par minute et par adresse ; au-delà, "
	       "comptées seulement."),
	NUMBER(readers, "2", 1, 8, "Fils de lecture."),
	NUMBER(password_strength, "1", 0, 1,
	       "1 : argon2id 64 Mio ; 0 : pour les essais seulement."),
	NUMBER(max_connections, "16000", 1, 1000000,
	       "Connexions de montres ou d'agents à la fois, par adresse d'écoute."),
	NUMBER(max_per_source, "0", 0, 1000000,
	       "Connexions de montres ou d'agents d'une même adresse ; 0 : sans limite."),
	NUMBER(watch_idle_s, "900", 10, 86400,
	       "Une montre muette si longtemps est déconnectée (elle parle toutes les 5 à 8 "
	       "minutes)."),
	TEXT(timestamp_url, "",
	     "Service d'horodatage (RFC 3161) des preuves exportées ; vide : aucun."),
	WORD(sound, "off", "off listen record both",
	     "Son des téléphones et des montres : off, listen (écoute), record (enregistrement) ou "
	     "both. Écouter "
	     "et "
	     "enregistrer sont deux droits distincts : chacun demande sa propre base légale."),
	WORD(consent_sheet, "on", "on off",
	     "Feuille de consentement des inscriptions (comment entrer, ce qu'il faut savoir) : on "
	     "ou off. Le décret ne la prévoit pas : off, rien de tel n'est recueilli."),
	TEXT(listen_number, "",
	     "Numéro de l'administration qu'une montre appelle en silence pour être écoutée "
	     "(+33…) ; vide : aucune montre n'est écoutée."),
	NUMBER(sound_reserve_mib, "1024", 0, 1048576,
	       "Mio du disque gardés pour les alertes : en dessous, le son s'écoute mais n'est "
	       "plus enregistré."),
	WORD(log_level, "info", "debug info warning error",
	     "Journal : debug, info, warning ou error."),
};

static char **text_of(struct config *c, const struct option *o)
{
	return (char **)(void *)((char *)c + o->offset);
}

static bool is_one_of(struct str value, const char *words)
{
	struct str rest = str_from(words), word;

	while (str_split(&rest, ' ', &word))
		if (str_eq(value, word))
			return true;
	return false;
}

static int set(struct config *c, const struct option *o, struct str value)
{
	void *place = (char *)c + o->offset;

	switch (o->kind) {
	case OPTION_NUMBER:
		return str_parse_i64(value, (int64_t)o->min, (int64_t)o->max, place);
	case OPTION_DECIMAL:
		return str_parse_double(value, o->min, o->max, place);
	case OPTION_WORD:
		if (!is_one_of(value, o->words))
			return -EINVAL;
		/* fall through */
	default:
		free(*text_of(c, o));
		*text_of(c, o) = str_dup(value);
		return 0;
	}
}

void config_init(struct config *c)
{
	*c = (struct config){0};
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		set(c, &options[i], str_from(options[i].initial));
}

const char *config_tls_option(const struct config *c)
{
	return c->https[0]       ? "https"
	       : c->watch_tls[0] ? "watch_tls"
	       : c->agent_tls[0] ? "agent_tls"
				 : NULL;
}

bool config_may(const struct config *c, const char *right)
{
	return !strcmp(c->sound, right) || !strcmp(c->sound, "both");
}

void config_fini(struct config *c)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (options[i].kind <= OPTION_WORD)
			free(*text_of(c, &options[i]));
	free(c->path);
}

static const struct option *find(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		if (str_eq(name, str_from(options[i].name)))
			return &options[i];
	return NULL;
}

/* One line without its end; a French sentence when it is wrong. */
static const char *take_line(struct config *c, struct str line, int number, char detail[160])
{
	ptrdiff_t equals = str_find(line, '=');
	const struct option *o;
	struct str name;

	if (line.len > LINE_MAX_BYTES)
		return "la ligne est trop longue";
	if (!str_is_utf8(line) || str_find(line, '\0') >= 0)
		return "la ligne n'est pas en UTF-8";
	if (!line.len || line.ptr[0] == '#')
		return NULL;
	if (equals < 0)
		return "« nom = valeur » est attendu";
	name = str_trim(str_slice(line, 0, (size_t)equals));
	o = find(name);
	if (!o) {
		snprintf(detail, 160, "l'option « %.*s » n'existe pas",
			 (int)(name.len > 60 ? 60 : name.len), name.ptr);
		return detail;
	}
	if (c->lines[o - options])
		return "cette option est donnée deux fois";
	c->lines[o - options] = number;
	if (!set(c, o, str_trim(str_slice(line, (size_t)equals + 1, line.len))))
		return NULL;
	if (o->words)
		snprintf(detail, 160, "« %s » attend l'un de : %s", o->name, o->words);
	else
		snprintf(detail, 160, "« %s » attend un nombre entre %.15g et %.15g", o->name,
			 o->min, o->max);
	return detail;
}

_Static_assert(ARRAY_LEN(options) <= CONFIG_OPTIONS_MAX, "each option has a line");

int config_line(const struct config *c, const char *option)
{
	const struct option *o = find(str_from(option));

	return o ? c->lines[o - options] : 0;
}

static int read_lines(struct config *c, FILE *file, const char *path, struct buf *ret_why)
{
	const char *wrong = NULL;
	char *line = NULL, detail[160];
	size_t size = 0;
	ssize_t len;
	int number = 0;

	while (!wrong && (len = getline(&line, &size, file)) >= 0) {
		number++;
		while (len && (line[len - 1] == '\n' || line[len - 1] == '\r'))
			len--;
		wrong = take_line(c, str_trim(str_of(line, (size_t)len)), number, detail);
	}
	free(line);
	if (!wrong)
		return ferror(file) ? -EIO : 0;
	buf_printf(ret_why, "%s, ligne %d : %s", path, number, wrong);
	return -EINVAL;
}

int config_read(struct config *c, const char *path, struct buf *ret_why)
{
	FILE *file = fopen(path, "re");
	int r = file ? read_lines(c, file, path, ret_why) : -errno;

	free(c->path);
	c->path = xstrdup(path);
	if (r && r != -EINVAL)
		buf_printf(ret_why, "%s : %s", path, strerror(-r));
	if (file)
		fclose(file);
	return r;
}

void config_sample(struct buf *out)
{
	buf_add_str(out, STR("# Configuration d'Égide : « nom = valeur », une option par ligne. "
			     "Les valeurs montrées sont\n"
			     "# celles qui valent quand l'option est absente.\n"));
	for (size_t i = 0; i < ARRAY_LEN(options); i++)
		buf_printf(out, "\n# %s\n#%s = %s\n", options[i].about, options[i].name,
			   options[i].initial);
}
