/* The table of administration commands, and what they have in common: see admin.h. */
#include "service/admin.h"

#include "base/limits.h"
#include "core/access.h"
#include "service/admin_parts.h"
#include "store/territory.h"

enum {
	CODE_BYTES = 64,
	PHONE_LIST_BYTES = 100,
	ADDRESS_BYTES = 500,
	ACCESS_BYTES = 1000,
	PLACE_ACCESS_BYTES = 500,
	REMARKS_BYTES = 2000,
	CONTACTS_BYTES = 3000
};

#define NEEDED true
#define OPTIONAL false

/* A row a field. */
/* clang-format off */
#define UNIT_FIELDS \
	{"room", FIELD_ROOM, OPTIONAL, 0, "salle dont l'unité dépend (toute unité sauf une salle)"}, \
	{"neighbour", FIELD_ROOM, OPTIONAL, 0, "salle voisine, appelée d'abord (salles)"}, \
	{"second", FIELD_ROOM, OPTIONAL, 0, "seconde salle, appelée ensuite (salles)"}, \
	{"zone", FIELD_ROOM, OPTIONAL, 0, "salle de zone ou nationale, en dernier (salles)"}, \
	{"phone", FIELD_PHONE, OPTIONAL, 0, "téléphone ; reçoit les SMS d'engagement"}, \
	{"duty_phone", FIELD_PHONE, OPTIONAL, 0, "téléphone de l'officier de permanence (salles)"}, \
	{"referent", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "référent atteintes aux élus"}, \
	{"referent_phone", FIELD_PHONE, OPTIONAL, 0, "téléphone du référent"}, \
	{"lat", FIELD_DEGREES, OPTIONAL, 90, "latitude, en degrés"}, \
	{"lon", FIELD_DEGREES, OPTIONAL, 180, "longitude, en degrés"}, \
	{"available", FIELD_YES_NO, OPTIONAL, 0, "disponible : oui ou non"}

/* What an official says of themselves; the rest is the counter's to say. */
#define OWN_FIELDS \
	{"mandate", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "mandat (maire, conseillère…)"}, \
	{"other_mandates", FIELD_MANDATES, OPTIONAL, LIMIT_NAME_BYTES, \
	 "autres mandats, un par ligne, quatre au plus"}, \
	{"commune", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nom de la commune"}, \
	{"commune_code", FIELD_IDENT, OPTIONAL, 5, "code INSEE de la commune"}, \
	{"other_phones", FIELD_PHONES, OPTIONAL, 0, "autres numéros, quatre au plus"}, \
	{"other_kinds", FIELD_NUMBER_KINDS, OPTIONAL, 0, "leur sorte, dans l'ordre : own, home, town_hall, duty"}, \
	{"address", FIELD_TEXT, OPTIONAL, ADDRESS_BYTES, "adresse du domicile"}, \
	{"access", FIELD_TEXT, OPTIONAL, ACCESS_BYTES, "comment entrer"}, \
	{"remarks", FIELD_TEXT, OPTIONAL, REMARKS_BYTES, "ce que l'intervenant doit savoir"}, \
	{"household", FIELD_INTEGER, OPTIONAL, 99, "nombre de personnes au foyer"}, \
	{"places", FIELD_PLACES, OPTIONAL, ADDRESS_BYTES, \
	 "autres adresses qui comptent, une par ligne, six au plus"}, \
	{"place_kinds", FIELD_PLACE_KINDS, OPTIONAL, 0, \
	 "leur sorte, dans l'ordre : second_home, town_hall, duty, work, other"}, \
	{"place_access", FIELD_PLACE_ACCESS, OPTIONAL, PLACE_ACCESS_BYTES, \
	 "comment y entrer, une ligne par adresse"}, \
	{"reason", FIELD_TEXT, OPTIONAL, REMARKS_BYTES, "pourquoi la protection est demandée"}

/* What needs their consent. */
#define SHEET_FIELDS \
	{"consent", FIELD_YES_NO, OPTIONAL, 0, "accord pour la feuille de consentement"}, \
	{"contacts", FIELD_CONTACTS, OPTIONAL, CONTACTS_BYTES, "personnes de confiance"}

#define OFFICIAL_FIELDS \
	OWN_FIELDS, \
	{"level", FIELD_INTEGER, OPTIONAL, OFFICIAL_LEVEL_MAX, "niveau de menace, de 1 à 4"}, \
	{"force", FIELD_FORCE, OPTIONAL, 0, "gendarmerie (SIDPP) ou police (PEGASE II) ; d'office celle de l'unité"}

/* A file that exists, as the counter changes it. */
#define FILE_FIELDS \
	{"name", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nom"}, \
	{"unit", FIELD_UNIT, OPTIONAL, 0, "unité compétente"}, \
	{"phone", FIELD_PHONE, OPTIONAL, 0, "téléphone principal"}, \
	SHEET_FIELDS, \
	{"contacts_agreed", FIELD_YES_NO, OPTIONAL, 0, "elles ont dit leur accord"}, \
	OFFICIAL_FIELDS

#define TERM_FIELDS \
	{"until", FIELD_DAY, OPTIONAL, 0, "dernier jour de la protection demandée (sans date : dix ans au plus)"}, \
	{"mandate_until", FIELD_DAY, OPTIONAL, 0, "dernier jour du mandat"}

#define REGISTER_MARK \
	{"register_mark", FIELD_IDENT, OPTIONAL, TERRITORY_MARK_SIZE - 1, "sa ligne du répertoire national des élus"}

#define CONTACT_FIELDS \
	{"official", FIELD_OFFICIAL, NEEDED, 0, "élu concerné : identifiant ou téléphone"}, \
	{"name", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "nom"}, \
	{"phone", FIELD_PHONE, NEEDED, 0, "téléphone"}, \
	{"relation", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "lien avec l'élu"}, \
	{"rank", FIELD_INTEGER, OPTIONAL, OFFICIAL_MAX_CONTACTS, "rang d'appel, à partir de 1"}

#define DEVICE_FIELDS \
	{"official", FIELD_OFFICIAL, OPTIONAL, 0, "élu qui le porte"}, \
	{"unit", FIELD_ANY_UNIT, OPTIONAL, 0, "unité à qui il est, quand nul ne le porte"}, \
	{"networks", FIELD_NETWORKS, OPTIONAL, DEVICE_NETWORKS_SIZE - 1, \
	 "réseaux d'où il peut parler (nécessaire pour une montre)"}, \
	{"silent", FIELD_YES_NO, OPTIONAL, 0, "appareil discret : ne jamais rappeler (un téléphone l'est d'office)"}, \
	{"sound", FIELD_YES_NO, OPTIONAL, 0, "son d'un téléphone : non pour qui n'a que le bouton (oui d'office)"}

#define LIST_FIELDS \
	{"after", FIELD_AFTER, OPTIONAL, 0, "continuer après cet identifiant"}, \
	{"limit", FIELD_INTEGER, OPTIONAL, ADMIN_PAGE, "nombre de lignes, 100 au plus"}
/* clang-format on */

#define ONE_UNIT "unit", FIELD_ANY_UNIT, NEEDED, 0, "unité : nom exact ou identifiant"
#define ONE_ACCOUNT "account", FIELD_ACCOUNT, NEEDED, 0, "compte : identifiant de connexion"
#define ONE_OFFICIAL "official", FIELD_OFFICIAL, NEEDED, 0, "élu : identifiant ou téléphone"
#define ONE_CONTACT "contact", FIELD_CONTACT, NEEDED, 0, "personne de confiance : identifiant"
#define ONE_DEVICE "device", FIELD_DEVICE, NEEDED, 0, "appareil : identifiant ou PROTOCOLE:IDENTITÉ"
#define EXTENSION                                                       \
	"extension", FIELD_IDENT, OPTIONAL, ACCOUNT_EXTENSION_SIZE - 1, \
		"poste téléphonique : qui y décroche prend l'appel"
#define IMPORT_SET                                                         \
	{"kind", FIELD_IDENT, NEEDED, 32, "sorte d'import"},               \
	{                                                                  \
		"scope", FIELD_IDENT, OPTIONAL, 64, "partie du territoire" \
	}
#define IMPORT_EDITION "edition", FIELD_INTEGER, NEEDED, INT32_MAX, "numéro de l'édition"
#define HELD_SUBJECT                                                                      \
	{"official", FIELD_OFFICIAL, OPTIONAL, 0, "élu (et ses alertes, ses appels)"},    \
	{                                                                                 \
		"alert", FIELD_INTEGER, OPTIONAL, INT32_MAX, "ou alerte, par son numéro" \
	}
#define VERIFIED "verified", FIELD_YES_NO, NEEDED, 0, "la personne a été reconnue, ou rappelée"
#define PASSWORD "password_hash", FIELD_HASH, NEEDED, 0, "mot de passe, demandé au terminal"

const struct admin_command admin_commands[] = {
	{"unit.add",
	 "ajoute une salle ou une unité",
	 {{"name", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "nom"},
	  {"kind", FIELD_UNIT_KIND, NEEDED, 0, "room (salle), brigade, commissariat ou patrol"},
	  UNIT_FIELDS},
	 admin_unit_add},
	{"unit.set",
	 "modifie une salle ou une unité",
	 {{ONE_UNIT}, {"name", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nouveau nom"}, UNIT_FIELDS},
	 admin_unit_set},
	{"unit.list", "liste les salles et les unités", {{0}}, admin_unit_list},
	{"unit.remove", "supprime une unité que rien ne nomme", {{ONE_UNIT}}, admin_unit_remove},

	{"account.add",
	 "crée un compte",
	 {{"login", FIELD_LOGIN, NEEDED, ACCOUNT_LOGIN_SIZE - 1, "identifiant de connexion"},
	  {"name", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "nom affiché"},
	  {"roles", FIELD_ROLES, NEEDED, 0,
	   "operator, supervisor, administrator, auditor, counter (guichet)"},
	  {"room", FIELD_ROOM, OPTIONAL, 0, "salle d'opérations"},
	  {EXTENSION},
	  {PASSWORD}},
	 admin_account_add},
	{"account.set",
	 "modifie un compte ; d'autres droits ferment ses sessions",
	 {{ONE_ACCOUNT},
	  {"name", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nom affiché"},
	  {"roles", FIELD_ROLES, OPTIONAL, 0,
	   "operator, supervisor, administrator, auditor, counter (guichet)"},
	  {"room", FIELD_ROOM, OPTIONAL, 0, "salle d'opérations"},
	  {EXTENSION}},
	 admin_account_set},
	{"account.password",
	 "change le mot de passe et ferme les sessions",
	 {{ONE_ACCOUNT}, {PASSWORD}},
	 admin_account_password},
	{"account.disable",
	 "ferme un compte et ses sessions",
	 {{ONE_ACCOUNT}},
	 admin_account_disable},
	{"account.enable", "rouvre un compte", {{ONE_ACCOUNT}}, admin_account_enable},
	{"account.second-factor",
	 "exige un second facteur de ces rôles, dès la prochaine connexion ; sans rôles, le montre",
	 {{"roles", FIELD_ROLES, OPTIONAL, 0,
	   "operator, supervisor, administrator, auditor, counter ; vide : de personne"}},
	 admin_account_second_factor},
	{"account.reset-factor",
	 "oublie le second facteur et ses codes de secours, ferme les sessions",
	 {{ONE_ACCOUNT},
	  {"reason", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES,
	   "pourquoi, et comment la personne a "
	   "été reconnue"}},
	 admin_account_reset_factor},
	{"account.list", "liste les comptes", {LIST_FIELDS}, admin_account_list},

	{"official.add",
	 "inscrit un élu",
	 {{"name", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "nom"},
	  {"unit", FIELD_UNIT, OPTIONAL, 0, "unité compétente (d'office celle de la commune)"},
	  {"phone", FIELD_PHONE, NEEDED, 0, "téléphone principal"},
	  TERM_FIELDS,
	  OFFICIAL_FIELDS},
	 admin_official_add},
	{"official.set",
	 "modifie le dossier d'un élu",
	 {{ONE_OFFICIAL},
	  {"name", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nom"},
	  {"unit", FIELD_UNIT, OPTIONAL, 0, "unité compétente"},
	  {"phone", FIELD_PHONE, OPTIONAL, 0, "téléphone principal"},
	  OFFICIAL_FIELDS},
	 admin_official_set},
	{"official.list", "liste les élus", {LIST_FIELDS}, admin_official_list},
	{"official.show", "montre un dossier", {{ONE_OFFICIAL}}, admin_official_show},
	{"official.remove",
	 "détruit un dossier, sa clé et ses personnes de confiance",
	 {{ONE_OFFICIAL}},
	 admin_official_remove},

	{"registration.invite",
	 "crée le code par lequel un élu prépare son inscription (30 jours)",
	 {{0}},
	 admin_registration_invite},
	{"registration.open",
	 NULL,
	 {{"code", FIELD_LINE, NEEDED, CODE_BYTES, "code de l'invitation"}},
	 admin_registration_open},
	{"registration.prepare",
	 NULL,
	 {{"code", FIELD_LINE, NEEDED, CODE_BYTES, "code de l'invitation"},
	  {"name", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nom"},
	  {"phone", FIELD_PHONE, OPTIONAL, 0, "téléphone principal"},
	  SHEET_FIELDS,
	  OWN_FIELDS},
	 admin_registration_prepare},
	{"registration.find",
	 NULL,
	 {{"code", FIELD_LINE, OPTIONAL, CODE_BYTES, "code de l'invitation"},
	  {"name", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nom"}},
	 admin_registration_find},
	{"registration.activate",
	 NULL,
	 {{"draft", FIELD_AFTER, OPTIONAL, 0, "inscription préparée"},
	  {"identity", FIELD_YES_NO, NEEDED, 0, "pièce d'identité vérifiée"},
	  {"mandate_checked", FIELD_YES_NO, NEEDED, 0, "mandat vérifié"},
	  REGISTER_MARK,
	  {"name", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "nom"},
	  {"unit", FIELD_UNIT, OPTIONAL, 0, "unité compétente ; sans elle, celle de la commune"},
	  {"phone", FIELD_PHONE, NEEDED, 0, "téléphone principal"},
	  {"shared_number", FIELD_YES_NO, OPTIONAL, 0, "d'autres inscrits l'ont aussi"},
	  SHEET_FIELDS,
	  {"contacts_agreed", FIELD_YES_NO, OPTIONAL, 0, "elles ont dit leur accord"},
	  TERM_FIELDS,
	  OFFICIAL_FIELDS},
	 admin_registration_activate},
	{"registration.terms",
	 "liste les inscriptions à confirmer, qui prennent fin bientôt, ou ont pris fin",
	 {{0}},
	 admin_registration_terms},
	{"registration.confirm",
	 "note que l'élu veut rester inscrit",
	 {{ONE_OFFICIAL}, {VERIFIED}},
	 admin_registration_confirm},
	{"registration.prolong",
	 "inscrit l'élu à nouveau, jusqu'à d'autres jours ; reprend ce qui a pris fin",
	 {{ONE_OFFICIAL}, {VERIFIED}, TERM_FIELDS, REGISTER_MARK},
	 admin_registration_prolong},
	{"registration.end",
	 "met fin à l'inscription ; les données restent quelques jours, puis sont effacées",
	 {{ONE_OFFICIAL},
	  {VERIFIED},
	  {"why", FIELD_IDENT, NEEDED, 16,
	   "asked (l'élu le demande), protection (plus de danger) ou mandate (fin du mandat)"},
	  {"reason", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "motif"}},
	 admin_registration_end},
	{"registration.file", NULL, {{ONE_OFFICIAL}}, admin_registration_file},
	{"registration.change",
	 NULL,
	 {{ONE_OFFICIAL}, {VERIFIED}, FILE_FIELDS},
	 admin_registration_change},
	{"registration.telephone",
	 NULL,
	 {{ONE_OFFICIAL},
	  {VERIFIED},
	  {"device", FIELD_DEVICE, OPTIONAL, 0, "téléphone à relier à nouveau ; aucun : un autre"},
	  {"label", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nom usuel"}},
	 admin_registration_telephone},
	{"registration.withdraw-telephone",
	 NULL,
	 {{ONE_OFFICIAL}, {VERIFIED}, {ONE_DEVICE}},
	 admin_registration_withdraw_telephone},

	{"registration.requests", NULL, {{0}}, admin_registration_requests},
	{"registration.correct",
	 NULL,
	 {{"draft", FIELD_AFTER, NEEDED, 0, "correction demandée"},
	  {"accept", FIELD_YES_NO, NEEDED, 0, "confirmée, ou écartée"},
	  {"person_checked", FIELD_YES_NO, OPTIONAL, 0, "vérifiée avec la personne"},
	  FILE_FIELDS},
	 admin_registration_correct},
	{"registration.leave",
	 NULL,
	 {{ONE_OFFICIAL},
	  {"end", FIELD_YES_NO, NEEDED, 0, "la sortie est voulue, ou ne l'est pas"},
	  {"person_checked", FIELD_YES_NO, OPTIONAL, 0, "vérifié avec la personne"},
	  {"devices_returned", FIELD_YES_NO, OPTIONAL, 0, "ses appareils sont rendus"}},
	 admin_registration_leave},

	/* By the official, from their own file: service/own.h. */
	{"own.code",
	 NULL,
	 {{"phone", FIELD_PHONE, NEEDED, 0, "téléphone principal"}},
	 admin_own_code},
	{"own.open",
	 NULL,
	 {{"request", FIELD_LINE, NEEDED, CODE_BYTES, "demande de code"},
	  {"code", FIELD_LINE, NEEDED, CODE_BYTES, "code reçu par SMS"}},
	 admin_own_open},
	{"own.phone",
	 NULL,
	 {{"device", FIELD_AFTER, NEEDED, 0, "téléphone relié"},
	  {"secret", FIELD_LINE, NEEDED, CODE_BYTES, "son secret"},
	  {"code", FIELD_IDENT, OPTIONAL, LIMIT_PIN_BYTES, "code choisi"}},
	 admin_own_open_by_phone},
	{"own.close", NULL, {{0}}, admin_own_close},
	{"own.show", NULL, {{0}}, admin_own_show},
	{"own.readings",
	 NULL,
	 {{"before", FIELD_INTEGER, OPTIONAL, INT64_MAX, "lignes d'avant ce numéro"}},
	 admin_own_readings},
	{"own.copy", NULL, {{0}}, admin_own_copy},
	{"own.correct",
	 NULL,
	 {{"name", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nom"},
	  {"phone", FIELD_PHONE, OPTIONAL, 0, "téléphone principal"},
	  SHEET_FIELDS,
	  OWN_FIELDS},
	 admin_own_correct},
	{"own.correct-not", NULL, {{0}}, admin_own_correct_not},
	{"own.withdraw", NULL, {{0}}, admin_own_withdraw},
	{"own.go-on", NULL, {{0}}, admin_own_go_on},
	{"own.leave", NULL, {{0}}, admin_own_leave},
	{"own.stay", NULL, {{0}}, admin_own_stay},

	{"contact.add",
	 "ajoute une personne de confiance qui a déjà accepté",
	 {CONTACT_FIELDS},
	 admin_contact_add},
	{"contact.invite",
	 "ajoute une personne de confiance qui doit encore accepter",
	 {CONTACT_FIELDS},
	 admin_contact_invite},
	{"contact.accept",
	 "enregistre l'accord d'une personne de confiance",
	 {{ONE_CONTACT}},
	 admin_contact_accept},
	{"contact.list",
	 "liste les personnes de confiance d'un élu",
	 {{ONE_OFFICIAL}},
	 admin_contact_list},
	{"contact.remove",
	 "retire une personne de confiance",
	 {{ONE_CONTACT}},
	 admin_contact_remove},

	{"device.add",
	 "enregistre un appareil",
	 {{"protocol", FIELD_PROTOCOL, NEEDED, 0, "watch, osmand, owntracks ou phone"},
	  {"ident", FIELD_IDENT, OPTIONAL, DEVICE_IDENT_SIZE - 1,
	   "identité que donne l'appareil (montre : son numéro)"},
	  {"label", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "nom usuel"},
	  DEVICE_FIELDS},
	 admin_device_add},
	{"device.set",
	 "modifie un appareil",
	 {{ONE_DEVICE},
	  {"label", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "nom usuel"},
	  DEVICE_FIELDS},
	 admin_device_set},
	{"device.enable", "remet un appareil en service", {{ONE_DEVICE}}, admin_device_enable},
	{"device.disable", "met un appareil hors service", {{ONE_DEVICE}}, admin_device_disable},
	{"device.credential",
	 "donne un nouveau secret, montré une seule fois",
	 {{ONE_DEVICE}},
	 admin_device_credential},
	{"device.code",
	 "donne le code qui enrôle un téléphone : trente minutes, une seule fois",
	 {{ONE_DEVICE}},
	 admin_device_code},
	{"device.pins",
	 "efface les codes que l'élu a choisis sur son téléphone : il en choisit d'autres",
	 {{ONE_DEVICE}},
	 admin_device_pins},
	{"device.list",
	 "liste les appareils",
	 {{"official", FIELD_OFFICIAL, OPTIONAL, 0, "ceux de cet élu seulement"}, LIST_FIELDS},
	 admin_device_list},
	{"device.remove", "supprime un appareil", {{ONE_DEVICE}}, admin_device_remove},

	{"hold.place",
	 "retient un dossier : rien n'en est effacé, quoi que dise la table de conservation",
	 {HELD_SUBJECT,
	  {"reason", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "qui le demande, et pourquoi"},
	  {"until", FIELD_DAY, OPTIONAL, 0,
	   "dernier jour demandé, montré avec la retenue (elle ne cesse pas d'elle-même)"}},
	 admin_hold_place},
	{"hold.lift",
	 "demande qu'il ne le soit plus : un auditeur le confirme sur la page /journal, et ce qui "
	 "aurait dû l'être est effacé dans la minute",
	 {HELD_SUBJECT, {"reason", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "pourquoi"}},
	 admin_hold_lift},
	{"hold.keep",
	 "retire la demande de levée",
	 {HELD_SUBJECT, {"reason", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "pourquoi"}},
	 admin_hold_keep},
	{"hold.settle",
	 NULL,
	 {{"subject", FIELD_AFTER, NEEDED, 0, "ce qui est retenu"},
	  {"lift", FIELD_YES_NO, NEEDED, 0, "lever, ou maintenir"},
	  {"reason", FIELD_LINE, NEEDED, LIMIT_NAME_BYTES, "pourquoi"}},
	 admin_hold_settle},
	{"hold.list", "liste ce qui est retenu", {{0}}, admin_hold_list},

	{"clock.show",
	 "montre la date du serveur, et s'il la croit pour effacer ce qui a fait son temps",
	 {{0}},
	 admin_clock_show},
	{"clock.confirm",
	 "confirme la date du serveur : ce qui a fait son temps est de nouveau effacé",
	 {{"date", FIELD_DAY, NEEDED, 0, "le jour que nous sommes, d'après une autre horloge"},
	  {"reason", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES,
	   "pourquoi : serveur arrêté longtemps, sauvegarde ancienne…"}},
	 admin_clock_confirm},

	{"competence.set",
	 "dit quelle unité est compétente pour une commune, ou par défaut pour un département",
	 {{"code", FIELD_IDENT, NEEDED, 5, "code INSEE de la commune, ou numéro du département"},
	  {"unit", FIELD_UNIT, OPTIONAL, 0, "unité ; aucune : celle qui a été importée"}},
	 admin_competence_set},

	/* Said by egidectl import alone: they are no actions of a person. */
	{"import.begin", NULL, {IMPORT_SET}, admin_import_begin},
	{"import.rows",
	 NULL,
	 {IMPORT_SET,
	  {IMPORT_EDITION},
	  {"rows", FIELD_TEXT, NEEDED, LIMIT_HTTP_BODY_BYTES, "lignes"}},
	 admin_import_rows},
	{"import.apply",
	 NULL,
	 {IMPORT_SET,
	  {IMPORT_EDITION},
	  {"begins", FIELD_YES_NO, NEEDED, 0, "ce qui commence, ou ce qui finit"},
	  {"after", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES + TERRITORY_MARK_SIZE,
	   "après cette ligne"},
	  {"room", FIELD_ROOM, OPTIONAL, 0, "salle dont dépendent les unités"}},
	 admin_import_apply},
	{"import.finish",
	 NULL,
	 {IMPORT_SET,
	  {IMPORT_EDITION},
	  {"count", FIELD_INTEGER, NEEDED, INT32_MAX, "lignes de l'édition"},
	  {"added", FIELD_INTEGER, OPTIONAL, INT32_MAX, "lignes qui commencent"},
	  {"ended", FIELD_INTEGER, OPTIONAL, INT32_MAX, "lignes qui finissent"},
	  {"sha256", FIELD_IDENT, OPTIONAL, 64, "empreinte du fichier"},
	  {"source", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "fichier"}},
	 admin_import_finish},
	{"import.registrations",
	 NULL,
	 {IMPORT_SET,
	  {IMPORT_EDITION},
	  {"dry_run", FIELD_YES_NO, NEEDED, 0, "compte seulement, d'après l'édition à venir"},
	  {"after", FIELD_AFTER, OPTIONAL, 0, "après cet élu"}},
	 admin_import_registrations},
	{"import.sweep",
	 NULL,
	 {IMPORT_SET, {"after", FIELD_LINE, OPTIONAL, LIMIT_NAME_BYTES, "après ce code"}},
	 admin_import_sweep},
	{NULL, NULL, {{0}}, NULL},
};

const struct admin_command *admin_command_find(struct str name)
{
	for (const struct admin_command *row = admin_commands; row->name; row++)
		if (str_eq(name, str_from(row->name)))
			return row;
	return NULL;
}

/* Whose commands they are, where not the administrators' alone. egidectl may all of them. */
static const struct {
	const char *name;
	bool of_holder; /* of the code in it: nobody has an account */
	enum right right;
} others[] = {{"registration.invite", false, RIGHT_REGISTER},
	      {"registration.find", false, RIGHT_REGISTER},
	      {"registration.activate", false, RIGHT_REGISTER},
	      {"registration.terms", false, RIGHT_TERMS_READ},
	      {"registration.confirm", false, RIGHT_REGISTER},
	      {"registration.prolong", false, RIGHT_REGISTER},
	      {"registration.end", false, RIGHT_REGISTER},
	      {"registration.requests", false, RIGHT_REGISTER},
	      {"registration.correct", false, RIGHT_REGISTER},
	      {"registration.leave", false, RIGHT_REGISTER},
	      {"registration.file", false, RIGHT_REGISTER},
	      {"registration.change", false, RIGHT_REGISTER},
	      {"registration.telephone", false, RIGHT_REGISTER},
	      {"registration.withdraw-telephone", false, RIGHT_REGISTER},
	      {"hold.list", false, RIGHT_AUDIT},
	      {"hold.settle", false, RIGHT_AUDIT},
	      {"registration.open", true, RIGHT_REGISTER},
	      {"registration.prepare", true, RIGHT_REGISTER}};

/* Of who proves whose file it is: the session in the command, or what opens one, says so. */
static bool is_of_official(struct str name)
{
	return str_starts(name, STR("own."));
}

static bool may(const struct actor *actor, struct str name)
{
	if (actor->kind == ACTOR_CONTROL)
		return true;
	if (is_of_official(name))
		return actor->kind == ACTOR_SYSTEM;
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		if (!str_eq(name, str_from(others[i].name)))
			continue;
		if (others[i].of_holder)
			return actor->kind == ACTOR_SYSTEM;
		return actor->kind == ACTOR_ACCOUNT &&
		       access_allows(actor->roles, others[i].right, RELATION_NONE);
	}
	return actor->kind == ACTOR_ACCOUNT &&
	       access_allows(actor->roles, RIGHT_ACCOUNTS, RELATION_NONE);
}

static int carry_out(struct admin *a)
{
	int r = admin_read_fields(a);

	if (r || admin_refused(a))
		return r;
	json_open(&a->answer, NULL, '{');
	r = a->row->handle(a);
	json_close(&a->answer, '}');
	if (!r && !admin_refused(a))
		a->c->outcome.json = command_keep(a->c, buf_str(&a->answer));
	return r;
}

int handle_admin(struct work *w, struct command *command)
{
	struct admin a = {.w = w, .c = command, .row = admin_command_find(command->name)};
	int r;

	if (!may(&command->actor, command->name)) {
		command_refuse(command, PROBLEM_FORBIDDEN,
			       "Ce compte n'administre pas le registre.");
		return 0;
	}
	if (!a.row) {
		command_refuse(command, PROBLEM_NOT_FOUND, "Cette commande n'existe pas.");
		return 0;
	}
	r = carry_out(&a);
	buf_fini(&a.answer);
	return r;
}

static void write_fields(struct admin *a, struct buf *b)
{
	for (int i = 0; i < ADMIN_MAX_FIELDS && a->row->fields[i].name; i++) {
		const struct admin_field *field = &a->row->fields[i];

		if (!a->values[i].given)
			continue;
		if (field->kind == FIELD_HASH)
			json_bool(b, field->name, true);
		else
			json_text(b, field->name, a->values[i].text);
	}
}

void admin_changed(struct admin *a, enum entry_kind kind, const char *what, struct id subject,
		   struct id target, struct id dossier)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_word(&b, "what", what);
	json_word(&b, "command", a->row->name);
	json_open(&b, "fields", '{');
	write_fields(a, &b);
	json_close(&b, '}');
	json_close(&b, '}');
	work_entry(a->w, a->c, kind, subject, target, dossier,
		   (struct str){arena_copy(a->w->arena, b.ptr, b.len), b.len});
	buf_fini(&b);
	a->c->outcome.subject = id_is_none(target) ? subject : target;
}

/* Whoever is answered with many of them: api/bulk.c. */
static void note_shown(struct command *c, struct id subject)
{
	struct outcome *o = &c->outcome;

	if (!o->shown)
		o->shown = arena_alloc(&c->arena, OUTCOME_MAX_SHOWN * sizeof(*o->shown));
	if (o->shown_count < OUTCOME_MAX_SHOWN && !id_is_none(subject))
		o->shown[o->shown_count++] = subject;
}

void admin_was_read(struct admin *a, const char *what, struct id subject)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_word(&b, "what", what);
	json_close(&b, '}');
	work_entry(a->w, a->c, ENTRY_READ, subject, ID_NONE, vault_house_key(a->w->vault),
		   (struct str){arena_copy(a->w->arena, b.ptr, b.len), b.len});
	buf_fini(&b);
	a->c->outcome.subject = subject;
	note_shown(a->c, subject);
}

int admin_limit(const struct admin *a)
{
	const struct value *limit = admin_value(a, "limit");

	return limit->given && limit->number > 0 ? (int)limit->number : ADMIN_PAGE;
}

void admin_next(struct admin *a, int count, struct id last)
{
	json_id(&a->answer, "next", count == admin_limit(a) ? last : ID_NONE);
}
