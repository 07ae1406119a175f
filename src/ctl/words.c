/* One row a word: see words.h. */
#include "ctl/words.h"

#include "base/alloc.h"

static const char *const paths[] = {"state",      "closed.outcome", "outcome", "kind",
				    "actor.kind", "warnings",       "reasons", "device.kind"};

static const struct {
	const char *word, *french;
} words[] = {
	/* states of an alert */
	{"raised", "à prendre"},
	{"claimed", "prise en charge"},
	{"engaged", "unité engagée"},
	{"on_scene", "sur place"},
	{"closed", "close"},
	/* of a message, a trusted person, a unit */
	{"waiting", "pas encore prévenue"},
	{"queued", "en attente d'envoi"},
	{"accepted", "pris par la passerelle"},
	{"sent", "envoyé"},
	{"delivered", "reçu"},
	{"failed", "échec"},
	{"on_it", "s'en occupe"},
	{"received", "reçu"},
	{"en_route", "en route"},
	{"arrived", "arrivée"},
	{"declined", "décliné"},
	{"cancelled", "annulé"},
	/* outcomes */
	{"intervention", "intervention"},
	{"verified_safe", "en sécurité, vérifié"},
	{"false_alarm", "fausse alerte"},
	{"test", "essai"},
	{"duplicate", "doublon"},
	{"other", "autre"},
	/* addresses */
	{"second_home", "résidence secondaire"},
	{"town_hall", "mairie"},
	{"duty", "permanence"},
	{"work", "lieu de travail"},
	/* reasons and warnings */
	{"sos", "SOS"},
	{"low_battery", "batterie faible"},
	{"fence_exit", "sortie de zone"},
	{"fence_enter", "entrée en zone"},
	{"removed", "montre retirée"},
	{"fall", "chute"},
	{"heart_rate", "rythme cardiaque"},
	{"power_cut", "chargeur débranché"},
	{"general", "alarme sans motif"},
	{"malformed", "trame abîmée"},
	{"not_granted", "hors service"},
	{"duress", "sous la contrainte"},
	{"visit", "sans nouvelles après une visite"},
	{"sms_unsent", "SMS non parti"},
	{"sms_failed", "SMS en échec"},
	{"contact_silent", "personne de confiance sans réponse"},
	{"unit_silent", "unité sans réponse"},
	{"unit_declined", "unité indisponible"},
	{"not_painted", "montrée sur aucun écran"},
	{"not_claimed", "prise par personne"},
	{"device_lost", "appareil muet"},
	{"end_asked", "fin demandée, à vérifier"},
	/* who */
	{"system", "Égide"},
	{"account", "opérateur"},
	{"device", "appareil"},
	{"contact", "personne de confiance"},
	{"unit", "unité"},
	{"control", "egidectl"},
	{"gateway", "passerelle SMS"},
	{"switch", "standard téléphonique"},
	{"official", "élu"},
	{"call", "appel au 17"},
	/* entries of the journal */
	{"alert.raised", "alerte donnée"},
	{"alert.triggered", "nouvel appel"},
	{"alert.painted", "affichée"},
	{"alert.claimed", "prise en charge"},
	{"alert.taken_over", "reprise"},
	{"alert.noted", "note"},
	{"alert.closed", "close"},
	{"alert.reopened", "rouverte"},
	{"alert.climbed", "échelon monté"},
	{"unit.sent", "unité envoyée"},
	{"unit.received", "accusé de l'unité"},
	{"unit.en_route", "unité en route"},
	{"unit.arrived", "unité sur place"},
	{"unit.declined", "unité indisponible"},
	{"unit.silent", "unité sans réponse"},
	{"unit.cancelled", "envoi annulé"},
	{"contact.messaged", "SMS mis en envoi"},
	{"contact.answered", "réponse : s'en occupe"},
	{"contact.silent", "pas de réponse à temps"},
	{"message.accepted", "SMS pris par la passerelle"},
	{"message.sent", "SMS envoyé"},
	{"message.delivered", "SMS reçu"},
	{"message.failed", "SMS en échec"},
	{"message.late", "SMS pas encore pris par l'opérateur"},
	{"link.revoked", "lien retiré"},
	{"device.asked", "demande à l'appareil"},
	{"device.unreached", "appareil non connecté"},
	{"device.lost", "appareil muet"},
	{"device.back", "appareil revenu"},
	{"device.voice", "message vocal"},
	{"sound.listened", "écoute du son"},
	{"sound.left", "fin d'écoute"},
	{"sound.marked", "instant marqué"},
	{"talk.began", "parole à la personne"},
	{"talk.ended", "fin de parole"},
	{"sound.seal_asked", "scellés demandés"},
	{"sound.sealed", "son scellé"},
	{"sound.seal_withdrawn", "demande de scellés retirée"},
	{"sound.unseal_asked", "levée des scellés demandée"},
	{"sound.unsealed", "scellés levés"},
	{"sound.unseal_withdrawn", "demande de levée retirée"},
	{"sound.deleted", "son supprimé"},
	{"alert.called", "appel au 17 rattaché"},
	{"alert.merged", "regroupée sous une autre"},
	{"alert.took_in", "en regroupe une autre"},
	{"alert.unmerged", "séparée"},
	{"reading.held", "lectures en nombre, suspendues"},
	{"reading.confirmed", "lectures en nombre, confirmées"},
	{"alert.let_go", "une autre s'en sépare"},
	{"alert.shown", "visible d'une autre salle"},
	{"alert.silenced", "devenue silencieuse"},
	{"alert.offered", "relève proposée"},
	{"alert.accepted", "relève acceptée"},
	{"alert.offer_withdrawn", "relève retirée"},
	{"alert.released", "remise à la file"},
	{"call.offered", "appel proposé à la relève"},
	{"call.accepted", "appel repris à la relève"},
	{"call.offer_withdrawn", "relève de l'appel retirée"},
	{"call.rang", "appel au 17"},
	{"call.answered", "appel décroché"},
	{"call.hung_up", "appel raccroché"},
	{"call.claimed", "appel pris"},
	{"call.identified", "appelant reconnu"},
	{"call.located", "position de l'appelant"},
	{"call.joined", "appel rattaché à une alerte"},
	{"call.closed", "appel terminé"},
	{"end.asked", "fin demandée, à vérifier"},
	{"end.duress", "code de contrainte"},
	{"end.refused", "code faux"},
	{"visit.announced", "visite annoncée"},
	{"visit.extended", "visite prolongée"},
	{"visit.ended", "retour de visite"},
	{"visit.missed", "pas de nouvelles à la fin de la visite"},
};

bool words_at(struct str path)
{
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (str_eq(path, str_from(paths[i])))
			return true;
	return false;
}

const char *word_french(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(word, words[i].word))
			return words[i].french;
	return word;
}
