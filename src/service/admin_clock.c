/* The server's date, where it is not believed (core/date.h): somebody who looked at another clock
 * says what day it is. */
#include "base/paris.h"
#include "service/admin_parts.h"
#include "store/date.h"

static int show(struct admin *a, bool believed, int64_t seen_ms)
{
	json_time(&a->answer, "now", a->w->now_ms);
	json_bool(&a->answer, "believed", believed);
	json_time(&a->answer, "seen", seen_ms);
	return 0;
}

int admin_clock_show(struct admin *a)
{
	return show(a, a->w->date_is_believed, a->w->date_seen_ms);
}

/* Typed, not nodded at: what is over by that date is destroyed. */
int admin_clock_confirm(struct admin *a)
{
	struct work *w = a->w;
	int r;

	if (admin_value(a, "date")->number != paris_day(w->now_ms))
		return admin_invalid(a, "date",
				     "ce n'est pas le jour de l'horloge du serveur : mettez-la à "
				     "l'heure (timedatectl), ou vérifiez la date donnée.");
	r = date_seen_set(w->vault, w->now_ms);
	if (r)
		return r;
	w->date_change = DATE_CONFIRMED;
	admin_changed(a, ENTRY_DATE_CONFIRMED, "clock", ID_NONE, ID_NONE,
		      vault_house_key(w->vault));
	return show(a, true, w->now_ms);
}
