/* The table of problems: see problem.h. */
#include "service/problem.h"

#include <errno.h>

#include "base/alloc.h"

static const struct problem_row rows[PROBLEM_COUNT] = {
	[PROBLEM_NONE] = {"none", 200, ""},
	[PROBLEM_INVALID] = {"invalid", 400, "Demande incorrecte"},
	[PROBLEM_LOGIN_REFUSED] = {"login-refused", 401, "Identifiant ou mot de passe incorrect"},
	[PROBLEM_CODE_NEEDED] = {"code-needed", 401, "Second facteur nécessaire"},
	[PROBLEM_CODE_REFUSED] = {"code-refused", 401, "Code refusé"},
	[PROBLEM_FACTOR_MISSING] = {"second-factor-missing", 401, "Second facteur à associer"},
	[PROBLEM_SESSION_NEEDED] = {"session-needed", 401, "Connexion nécessaire"},
	[PROBLEM_FORBIDDEN] = {"forbidden", 403, "Action non autorisée"},
	[PROBLEM_NOT_FOUND] = {"not-found", 404, "Introuvable"},
	[PROBLEM_CONFLICT] = {"conflict", 409, "La situation a changé"},
	[PROBLEM_REASON_NEEDED] = {"reason-needed", 409, "Motif nécessaire"},
	[PROBLEM_GONE] = {"gone", 410, "Ce lien n'est plus valable"},
	[PROBLEM_TOO_LARGE] = {"too-large", 413, "Envoi trop volumineux"},
	[PROBLEM_TOO_MANY] = {"too-many", 429, "Trop de demandes"},
	[PROBLEM_UNAVAILABLE] = {"unavailable", 503, "Enregistrement impossible pour le moment"},
};

static const struct {
	enum problem problem;
	const char *text;
} refusals[REFUSAL_COUNT] = {
	[REFUSAL_NONE] = {PROBLEM_NONE, ""},
	[REFUSAL_CLOSED] = {PROBLEM_CONFLICT, "L'alerte est close. Rouvrez-la pour agir."},
	[REFUSAL_NOT_CLOSED] = {PROBLEM_CONFLICT, "L'alerte est déjà ouverte."},
	[REFUSAL_CLAIMED] = {PROBLEM_CONFLICT,
			     "L'alerte est déjà prise en charge par une autre personne."},
	[REFUSAL_NOT_CLAIMED] = {PROBLEM_CONFLICT, "Prenez d'abord l'alerte en charge."},
	[REFUSAL_YOURS] = {PROBLEM_CONFLICT, "Vous avez déjà cette alerte en charge."},
	[REFUSAL_REASON_NEEDED] = {PROBLEM_REASON_NEEDED,
				   "Indiquez pourquoi vous reprenez cette alerte."},
	[REFUSAL_TEXT_NEEDED] = {PROBLEM_INVALID, "Un texte est nécessaire."},
	[REFUSAL_UNKNOWN_TARGET] = {PROBLEM_NOT_FOUND,
				    "Cette personne ou cette unité n'est pas dans l'alerte."},
	[REFUSAL_UNIT_ALREADY] = {PROBLEM_CONFLICT, "Cette unité est déjà engagée sur l'alerte."},
	[REFUSAL_FULL] = {PROBLEM_CONFLICT, "Aucune autre unité ne peut être ajoutée à l'alerte."},
	[REFUSAL_STEP_BACK] = {PROBLEM_CONFLICT,
			       "L'unité a déjà dépassé cette étape ou n'est plus engagée."},
	[REFUSAL_SILENT] = {PROBLEM_CONFLICT,
			    "Alerte silencieuse : rien ne doit s'entendre près de la personne."},
	[REFUSAL_MERGED] = {PROBLEM_CONFLICT,
			    "Cette alerte est regroupée avec une autre : agissez sur celle-là."},
	[REFUSAL_NOT_MERGED] = {PROBLEM_CONFLICT, "Cette alerte n'est pas regroupée."},
	[REFUSAL_ROOMS] = {PROBLEM_CONFLICT,
			   "Ensemble, ces alertes seraient visibles de plus de huit salles : elles "
			   "ne peuvent pas être regroupées."},
	[REFUSAL_CALLED_AGAIN] =
		{PROBLEM_CONFLICT,
		 "Une alerte regroupée a appelé de nouveau : dites-le en clôturant."},
	[REFUSAL_NOT_OFFERED] = {PROBLEM_CONFLICT, "Cette alerte n'est plus proposée à la relève."},
	[REFUSAL_ON_IT] = {PROBLEM_CONFLICT, "Cette personne a déjà répondu."},
};

const struct problem_row *problem_row(enum problem problem)
{
	return &rows[(unsigned)problem < PROBLEM_COUNT ? problem : PROBLEM_UNAVAILABLE];
}

enum problem refusal_problem(enum refusal refusal)
{
	return (unsigned)refusal < REFUSAL_COUNT ? refusals[refusal].problem : PROBLEM_CONFLICT;
}

const char *refusal_text(enum refusal refusal)
{
	return (unsigned)refusal < REFUSAL_COUNT ? refusals[refusal].text : "";
}

/* What is not here is a storage that does not answer: nothing was done, and it may be tried again.
 */
enum problem error_problem(int error)
{
	static const struct {
		int error;
		enum problem problem;
	} known[] = {
		{0, PROBLEM_NONE},
		{-ENOENT, PROBLEM_NOT_FOUND},
		{-ESTALE, PROBLEM_CONFLICT},
		{-EEXIST, PROBLEM_CONFLICT},
		{-EMSGSIZE, PROBLEM_TOO_LARGE},
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (known[i].error == error)
			return known[i].problem;
	return PROBLEM_UNAVAILABLE;
}
