/* Before the first command: see catch_up.h. */
#include "service/catch_up.h"

#include "base/log.h"
#include "service/terms.h"
#include "store/deadlines.h"
#include "store/links.h"

static const char unit_text[] = "Restauration : le lien de la patrouille ne fonctionne plus. "
				"Annulez l'envoi et refaites-le.";

static void tell(struct service *s, const struct cut_off *cut, enum link_kind kind)
{
	struct command *c = command_new(VERB_ALERT, (struct actor){.kind = ACTOR_SYSTEM});

	c->subject = cut->alert;
	c->as.alert.target = cut->target;
	c->as.alert.event = kind == LINK_FOLLOW ? EVENT_LINK_REVOKE : EVENT_NOTE;
	if (kind == LINK_PATROL)
		c->text = command_keep(c, str_from(unit_text));
	if (service_submit(s, c))
		command_free(c);
}

static int tell_all(struct service *s, enum link_kind kind)
{
	struct arena arena = ARENA_INIT;
	struct cut_off *list;
	size_t count;
	int r = links_cut_off(service_vault(s), kind, &arena, &list, &count);

	for (size_t i = 0; !r && i < count; i++)
		tell(s, &list[i], kind);
	if (!r && count)
		log_warning("links.cut_off", "kind=%d count=%zu", (int)kind, count);
	arena_fini(&arena);
	return r;
}

int service_catch_up(struct service *s)
{
	int r = deadlines_set_devices(service_vault(s), clock_now_ms());

	if (!r)
		r = terms_catch_up(service_vault(s));
	if (!r)
		r = tell_all(s, LINK_FOLLOW);
	return r ? r : tell_all(s, LINK_PATROL);
}
