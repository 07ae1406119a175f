/* Alerts of one event, handled as one: who sees them, who is asked, how they end and come back. */
#include <errno.h>

#include "base/alloc.h"
#include "store/keeping.h"
#include "town.h"

enum { SECOND_MS = 1000, MINUTE_MS = 60 * SECOND_MS, MERGED_MAX = 32 };

static const char why[] = "Même foyer";

/* Another official of the room, or of the neighbouring one, with a watch; it calls. */
struct caller {
	struct id official, alert;
	char ident[16];
};

static struct command *call(const struct caller *x)
{
	struct device_report report = town_sos(office_now_ms);

	report.ident = str_from(x->ident);
	return town_say(&report);
}

static struct caller other(int number, const char *brigade)
{
	struct caller x;
	char json[300];

	snprintf(json, sizeof(json),
		 "{\"name\":\"Élu de Synthèse %d\",\"phone\":\"+3363998%04d\",\"unit\":\"%s\"}",
		 number, 1000 + number, brigade);
	x.official = office_id(office_control("official.add", json));
	snprintf(x.ident, sizeof(x.ident), "89%08d", number);
	snprintf(json, sizeof(json),
		 "{\"protocol\":\"watch\",\"ident\":\"%s\",\"label\":\"Montre %d\","
		 "\"official\":\"+3363998%04d\",\"networks\":\"127.0.0.0/8,2001:db8::/32\"}",
		 x.ident, number, 1000 + number);
	office_id(office_control("device.add", json));
	x.alert = call(&x)->outcome.subject;
	return x;
}

static struct command *merge(struct actor who, struct id alert, struct id into, const char *reason)
{
	struct command *c = command_new(VERB_MERGE, who);

	c->subject = alert;
	c->as.merge.into = into;
	c->text = command_keep(c, reason ? str_from(reason) : STR_NONE);
	return office_run(c);
}

static struct command *part(struct actor who, struct id alert)
{
	return merge(who, alert, ID_NONE, NULL);
}

static struct id claimed_alert(void)
{
	struct id alert = town_alert();

	assert_done(town_event(town.alice, alert, NULL, EVENT_CLAIM));
	return alert;
}

/* And two alerts of others beside it. */
static struct id open_with_two_others(struct caller *ret_two, struct caller *ret_three)
{
	struct id one;

	town_open();
	one = claimed_alert();
	*ret_two = other(1, "Brigade");
	*ret_three = other(2, "Brigade");
	return one;
}

static struct command *close_alert(struct id alert, const char *text)
{
	return town_event(town.alice, alert, text, EVENT_CLOSE, .outcome = OUTCOME_VERIFIED_SAFE);
}

static bool seen_by(struct id alert, struct id room)
{
	struct case_of c = town_stored(alert);

	return alert_shown_to(&c.alert, room);
}

static bool is_closed(struct id alert)
{
	return town_stored(alert).alert.state == ALERT_CLOSED;
}

/* ---- who sees them ---- */

static void test_whoever_sees_one_of_them_sees_the_other(void **state)
{
	struct caller two;
	const char *body;
	struct id one;

	town_open();
	one = town_alert();
	town_wait_until(office_now_ms + 5 * SECOND_MS); /* nobody's screen: the neighbour sees it */
	assert_done(town_event(town.alice, one, NULL, EVENT_CLAIM));
	two = other(1, "Brigade");
	assert_false(seen_by(two.alert, town.neighbour));
	assert_done(merge(town.alice, two.alert, one, why));
	assert_true(seen_by(two.alert, town.neighbour));
	assert_done(town_event(town.nadia, one, NULL, EVENT_TAKE_OVER));
	assert_done(town_event(town.nadia, two.alert, "Vue", EVENT_NOTE));
	/* And whenever one of them is shown to more. */
	assert_done(town_event(town.nadia, one, NULL, EVENT_RELEASE));
	town_wait_until(office_now_ms + 20 * SECOND_MS);
	assert_true(seen_by(one, town.second) && seen_by(two.alert, town.second));
	assert_int_equal(town_entries(two.alert, ENTRY_SHOWN, &body), 1);
	assert_string_equal(body, "{\"room\":\"Second centre\",\"ref\":1}");
	town_close();
}

static void test_a_room_that_sees_the_second_sees_the_first_and_all_of_them(void **state)
{
	struct caller two, three;
	struct id one;

	town_open();
	one = claimed_alert();
	two = other(1, "Brigade");
	assert_done(merge(town.alice, two.alert, one, why));
	three = other(2, "Brigade");
	town_wait_until(office_now_ms + 5 * SECOND_MS);
	assert_true(seen_by(three.alert, town.neighbour) && !seen_by(one, town.neighbour));
	assert_done(merge(town.alice, three.alert, one, why));
	assert_true(seen_by(one, town.neighbour) && seen_by(two.alert, town.neighbour));
	town_close();
}

static struct command *handle_call(struct id id, enum call_event event, struct id official)
{
	struct command *c = command_new(VERB_CALL, town.nadia);

	c->subject = id;
	c->as.call.event = event;
	c->as.call.official = official;
	return office_run(c);
}

static void test_a_room_that_has_the_call_of_one_sees_them_both(void **state)
{
	struct command *c;
	struct caller two;
	struct id one, id;

	town_open();
	one = claimed_alert();
	two = other(1, "Brigade");
	assert_done(merge(town.alice, two.alert, one, why));
	c = command_new(VERB_SWITCH, (struct actor){.kind = ACTOR_SWITCH});
	c->key = command_keep(c, STR("call"));
	c->number = command_keep(c, STR("+33639980099"));
	c->as.call.room = command_keep(c, STR("Salle voisine"));
	c->as.call.event = CALL_RANG;
	id = office_run(c)->outcome.subject;
	assert_done(handle_call(id, CALL_CLAIM, ID_NONE));
	assert_done(handle_call(id, CALL_IDENTIFY, two.official));
	assert_done(handle_call(id, CALL_JOIN, ID_NONE));
	assert_true(seen_by(two.alert, town.neighbour) && seen_by(one, town.neighbour));
	town_close();
}

/* ---- silence ---- */

static void test_one_that_becomes_silent_makes_them_all_silent(void **state)
{
	struct caller two, three;
	const char *body;
	struct id one;

	one = open_with_two_others(&two, &three);
	assert_done(merge(town.alice, two.alert, one, why));
	assert_done(merge(town.alice, three.alert, one, why));
	assert_false(town_stored(one).alert.silent);
	assert_done(office_control("device.set",
				   "{\"device\":\"watch:8900000001\",\"silent\":\"oui\"}"));
	office_now_ms += MINUTE_MS;
	assert_done(call(&two));
	assert_true(town_stored(one).alert.silent && town_stored(three.alert).alert.silent);
	assert_int_equal(town_entries(one, ENTRY_SILENCED, &body), 1);
	assert_string_equal(body, "{\"ref\":2}");
	assert_int_equal(town_entries(two.alert, ENTRY_SILENCED, NULL), 0);
	assert_refused(town_event(town.alice, one, NULL, EVENT_TALK_BEGAN), PROBLEM_CONFLICT,
		       "Alerte silencieuse : rien ne doit s'entendre près de la personne.");
	town_close();
}

/* ---- the end, and coming back ---- */

static void test_who_called_again_is_not_closed_unseen(void **state)
{
	static const char refused[] =
		"L'alerte n° 2, regroupée sous celle-ci, a appelé de nouveau : nommez-la par son "
		"numéro dans le texte de clôture, ou séparez-la.";
	struct caller two;
	struct id one;

	town_open();
	one = claimed_alert();
	two = other(1, "Brigade");
	assert_done(merge(town.alice, two.alert, one, why));
	office_now_ms += MINUTE_MS;
	assert_done(call(&two));
	assert_refused(close_alert(one, NULL), PROBLEM_CONFLICT, refused);
	assert_refused(close_alert(one, "Les 22 voisins vont bien"), PROBLEM_CONFLICT, refused);
	assert_false(is_closed(one) || is_closed(two.alert));
	assert_done(close_alert(one, "N° 2 : le fils, vu par la patrouille"));
	assert_true(is_closed(one) && is_closed(two.alert));
	town_close();
}

static void test_what_was_closed_with_it_comes_back_with_it(void **state)
{
	struct caller two, three;
	const char *body;
	struct id one;

	one = open_with_two_others(&two, &three);
	assert_done(merge(town.alice, two.alert, one, why));
	assert_done(merge(town.alice, three.alert, one, why));
	office_now_ms += MINUTE_MS;
	assert_done(close_alert(one, NULL));
	/* What is reopened alone stands alone. */
	assert_done(town_event(town.bruno, three.alert, "Rappel", EVENT_REOPEN));
	assert_true(is_closed(one) && id_is_none(town_stored(three.alert).alert.merged_into));
	office_now_ms += MINUTE_MS;
	assert_done(town_event(town.alice, one, "Rappel", EVENT_REOPEN));
	assert_false(is_closed(two.alert));
	assert_true(id_eq(town_stored(two.alert).alert.merged_into, one));
	assert_true(id_eq(town_stored(two.alert).alert.claimed_by, town.alice.id));
	assert_int_equal(town_entries(two.alert, ENTRY_REOPENED, &body), 1);
	assert_string_equal(body, "{\"reason\":\"Avec l'alerte n° 1.\"}");
	/* A second time too. */
	assert_done(close_alert(one, NULL));
	assert_true(is_closed(two.alert) && !is_closed(three.alert));
	town_close();
}

static void test_thirty_two_are_the_most_and_their_places_are_free_after_the_end(void **state)
{
	struct caller last;
	struct id one;

	town_open();
	one = claimed_alert();
	for (int i = 1; i <= MERGED_MAX; i++)
		assert_done(merge(town.alice, other(i, "Brigade").alert, one, why));
	last = other(MERGED_MAX + 1, "Brigade");
	assert_refused(merge(town.alice, last.alert, one, why), PROBLEM_CONFLICT,
		       "Trente-deux alertes sont déjà regroupées sous celle-là : c'est le plus.");
	assert_true(id_is_none(town_stored(last.alert).alert.merged_into));
	assert_done(close_alert(one, NULL));
	assert_done(town_event(town.alice, last.alert, NULL, EVENT_CLAIM));
	assert_done(merge(town.alice, other(40, "Brigade").alert, last.alert, why));
	town_close();
}

static void test_one_event_counts_once(void **state)
{
	int64_t open, unclaimed;
	struct id one;

	town_open();
	one = claimed_alert();
	assert_done(merge(town.alice, other(1, "Brigade").alert, one, why));
	assert_int_equal(alerts_count_open(office_vault(), &open, &unclaimed), 0);
	assert_int_equal(open, 1);
	assert_done(town_event(town.alice, one, NULL, EVENT_RELEASE));
	assert_int_equal(alerts_count_open(office_vault(), &open, &unclaimed), 0);
	assert_int_equal(unclaimed, 1);
	town_close();
}

/* ---- trusted persons ---- */

static void test_another_s_trusted_persons_are_asked_all_the_same(void **state)
{
	struct message list[4];
	struct caller two;
	struct id one;

	town_open();
	two = other(1, "Brigade");
	assert_done(town_event(town.alice, two.alert, NULL, EVENT_CLAIM));
	one = town_alert();
	assert_int_equal(town_messages(one, NULL, list, 4), 1);
	assert_done(merge(town.alice, one, two.alert, why));
	town_wait_until(office_now_ms + 2 * MINUTE_MS);
	assert_int_equal(town_messages(one, SECOND_PHONE, list, 4), 1);
	town_close();
}

/* The same official's, in two alerts: one was closed, and is open again. */
static struct id second_of_the_official(struct id first)
{
	struct device_report report;
	struct id second;

	assert_done(close_alert(first, NULL));
	office_now_ms += MINUTE_MS;
	report = town_sos(office_now_ms);
	second = town_say(&report)->outcome.subject;
	assert_done(town_event(town.alice, first, "Rappel", EVENT_REOPEN));
	return second;
}

static void
test_the_same_persons_are_asked_once_and_have_their_whole_time_after_parting(void **state)
{
	struct message list[4];
	struct id one, two;

	town_open();
	one = claimed_alert();
	two = second_of_the_official(one);
	assert_done(merge(town.alice, two, one, NULL));
	town_wait_until(office_now_ms + 10 * MINUTE_MS);
	assert_int_equal(town_messages(two, NULL, list, 4), 1);
	assert_done(part(town.alice, two));
	town_wait_until(office_now_ms + 9 * SECOND_MS);
	assert_int_equal(town_messages(two, SECOND_PHONE, list, 4), 0);
	town_wait_until(office_now_ms + 2 * MINUTE_MS);
	assert_int_equal(town_messages(two, SECOND_PHONE, list, 4), 1);
	town_close();
}

/* ---- who did what ---- */

static void test_whoever_has_the_first_has_the_second_whoever_merges_them(void **state)
{
	struct caller two;
	struct id one;

	town_open();
	one = claimed_alert();
	two = other(1, "Brigade");
	assert_done(merge(town.chief, two.alert, one, why));
	assert_true(id_eq(town_stored(two.alert).alert.claimed_by, town.alice.id));
	assert_int_equal(town_entries(two.alert, ENTRY_TAKEN_OVER, NULL), 0);
	town_close();
}

/* ---- what is kept of the sound ---- */

static void record(struct id alert)
{
	struct command *c = command_new(VERB_RECORDED, (struct actor){.kind = ACTOR_SYSTEM});

	c->subject = alert;
	c->text = command_keep(c, STR("{\"live\":{\"pages\":1},\"backfill\":{\"pages\":0}}"));
	assert_done(office_run(c));
}

static struct command *try_to_keep(struct actor who, struct id alert, bool seal)
{
	struct command *c = command_new(VERB_KEEP, who);

	c->subject = alert;
	c->as.keep.seal = seal;
	c->text = command_keep(c, STR("Enquête en cours"));
	return office_run(c);
}

static void keep(struct actor who, struct id alert, bool seal)
{
	assert_done(try_to_keep(who, alert, seal));
}

static struct keeping kept_row(struct id alert)
{
	struct keeping k = {.state = KEEPING_FREE};
	int r = keeping_load(office_vault(), alert, &k);

	assert_true(r == 0 || r == -ENOENT);
	return k;
}

static enum keeping_state kept(struct id alert)
{
	return kept_row(alert).state;
}

static void close_and_seal(struct id alert)
{
	assert_done(close_alert(alert, NULL));
	keep(town.alice, alert, true);
	keep(town.bruno, alert, true);
}

static void test_two_persons_seal_all_of_the_event(void **state)
{
	struct caller two, three;
	struct id one;

	one = open_with_two_others(&two, &three);
	assert_done(merge(town.alice, two.alert, one, why));
	assert_done(merge(town.alice, three.alert, one, why)); /* without sound */
	record(one);
	record(two.alert);
	assert_done(close_alert(one, NULL));
	keep(town.alice, one, true);
	assert_int_equal(kept(two.alert), KEEPING_SEAL_ASKED);
	keep(town.bruno, one, true);
	assert_int_equal(kept(one), KEEPING_SEALED);
	assert_int_equal(kept(two.alert), KEEPING_SEALED);
	assert_int_equal(kept(three.alert), KEEPING_SEALED);
	assert_int_equal(town_entries(two.alert, ENTRY_SEALED, NULL), 1);
	/* Whichever of them it is said of. */
	keep(town.alice, three.alert, false);
	assert_int_equal(kept(one), KEEPING_UNSEAL_ASKED);
	keep(town.bruno, two.alert, false);
	assert_int_equal(kept(one), KEEPING_FREE);
	assert_int_equal(kept(two.alert), KEEPING_FREE);
	/* Of what has no sound nothing is kept then. */
	assert_int_equal(town_count("keeping"), 2);
	town_close();
}

static void test_an_alert_without_sound_is_sealed_for_one_that_has_it(void **state)
{
	struct caller two;
	struct id one;

	town_open();
	one = claimed_alert();
	two = other(1, "Brigade");
	assert_done(merge(town.alice, two.alert, one, why));
	record(two.alert);
	close_and_seal(one);
	assert_int_equal(kept(two.alert), KEEPING_SEALED);
	assert_int_equal(town_entries(one, ENTRY_SEAL_ASKED, NULL), 1);
	town_close();
}

static void test_sound_that_comes_after_the_sealing_is_sealed(void **state)
{
	struct caller two, three;
	struct id one;

	one = open_with_two_others(&two, &three);
	assert_done(merge(town.alice, two.alert, one, why));
	assert_done(merge(town.alice, three.alert, one, why));
	record(one);
	close_and_seal(one);
	assert_done(town_event(town.alice, one, "Rappel", EVENT_REOPEN));
	record(two.alert);
	assert_int_equal(kept(two.alert), KEEPING_SEALED);
	/* Parted, too. */
	assert_done(part(town.alice, three.alert));
	record(three.alert);
	assert_int_equal(kept(three.alert), KEEPING_SEALED);
	town_close();
}

static void test_what_is_merged_with_what_is_sealed_is_sealed(void **state)
{
	struct caller two, three;
	const char *body;
	struct id one;

	one = open_with_two_others(&two, &three);
	assert_done(merge(town.alice, three.alert, one, why));
	record(one);
	record(two.alert);
	assert_done(town_event(town.alice, two.alert, NULL, EVENT_CLAIM));
	close_and_seal(two.alert);
	keep(town.alice, two.alert, false); /* asked of that one alone */
	assert_done(town_event(town.alice, two.alert, "Rappel", EVENT_REOPEN));
	assert_done(merge(town.alice, two.alert, one, why));
	assert_int_equal(kept(two.alert), KEEPING_SEALED);
	assert_int_equal(town_entries(two.alert, ENTRY_UNSEAL_WITHDRAWN, &body), 1);
	assert_string_equal(body, "{\"reason\":\"Avec l'alerte n° 1.\"}");
	assert_int_equal(kept(one), KEEPING_SEALED);
	assert_int_equal(kept(three.alert), KEEPING_SEALED);
	assert_int_equal(town_entries(one, ENTRY_SEALED, &body), 1);
	assert_string_equal(body, "{\"reason\":\"Avec l'alerte n° 2.\"}");
	town_close();
}

static void test_what_is_asked_of_one_is_asked_of_all_of_them(void **state)
{
	struct caller two;
	struct id one;

	town_open();
	one = claimed_alert();
	two = other(1, "Brigade");
	record(one);
	keep(town.alice, one, true);
	assert_done(merge(town.alice, two.alert, one, why));
	record(two.alert);
	assert_int_equal(kept(two.alert), KEEPING_SEAL_ASKED);
	assert_true(id_eq(kept_row(two.alert).asked_by, town.alice.id));
	keep(town.bruno, two.alert, true);
	assert_int_equal(kept(one), KEEPING_SEALED);
	town_close();
}

/* An old alert that is reopened: what was deleted does not come back, what comes is kept. */
static void test_what_was_deleted_before_is_sealed_for_what_comes(void **state)
{
	struct caller two;
	struct id one;

	town_open();
	one = claimed_alert();
	record(one);
	assert_done(close_alert(one, NULL));
	office_now_ms += 31 * (int64_t)24 * 60 * MINUTE_MS;
	office_keep_house();
	assert_int_equal(office_failed, 0);
	assert_int_equal(kept(one), KEEPING_DELETED);
	assert_done(town_event(town.alice, one, "Rappel", EVENT_REOPEN));
	two = other(1, "Brigade");
	assert_done(merge(town.alice, two.alert, one, why));
	record(two.alert);
	keep(town.alice, one, true);
	assert_int_equal(kept(one), KEEPING_DELETED);
	keep(town.bruno, one, true);
	assert_int_equal(kept(one), KEEPING_SEALED);
	assert_done(part(town.alice, two.alert));
	record(one);
	assert_int_equal(kept(one), KEEPING_SEALED);
	town_close();
}

/* ---- at random ---- */

enum { CALLERS = 5, STEPS = 1500 };

static uint32_t draw(uint32_t *chance, uint32_t below)
{
	*chance = *chance * 1664525u + 1013904223u;
	return (*chance >> 16) % below;
}

static void same_rooms(const struct alert *a, const struct alert *b)
{
	assert_int_equal(a->room_count, b->room_count);
	for (unsigned i = 0; i < a->room_count; i++)
		assert_true(alert_shown_to(b, a->rooms[i]));
}

static struct id first_of(struct id alert)
{
	struct case_of c = town_stored(alert);

	return id_is_none(c.alert.merged_into) ? alert : c.alert.merged_into;
}

/* What two persons said of each, whatever has sound, and became of what it was of one event with.
 */
struct said {
	bool sealed[CALLERS];
};

static void say_of_event(struct said *said, const struct caller *list, struct id first, bool sealed)
{
	for (int i = 0; i < CALLERS; i++)
		if (id_eq(first_of(list[i].alert), first))
			said->sealed[i] = sealed;
}

/* By two persons, of that one. */
static void settle(struct said *said, const struct caller *list, struct id alert, bool seal)
{
	struct id first = first_of(alert);
	bool had = false;

	for (int i = 0; i < CALLERS; i++)
		if (id_eq(first_of(list[i].alert), first))
			had |= kept_row(list[i].alert).at_ms != 0;
	if (!had)
		return;
	for (int i = 0; i < 2; i++) {
		try_to_keep(town.alice, alert, seal);
		try_to_keep(town.bruno, alert, seal);
	}
	say_of_event(said, list, first, seal);
}

static void unite(struct said *said, const struct caller *list)
{
	for (int i = 0; i < CALLERS; i++)
		if (said->sealed[i])
			say_of_event(said, list, first_of(list[i].alert), true);
}

static void what_is_sealed_is(const struct said *said, const struct caller *list)
{
	for (int i = 0; i < CALLERS; i++) {
		struct keeping mine = kept_row(list[i].alert), first;

		assert_int_equal(keeping_is_sealed(&mine), said->sealed[i]);
		assert_true(mine.has_sound || said->sealed[i] || mine.at_ms == 0);
		first = kept_row(first_of(list[i].alert));
		if (mine.has_sound && first.has_sound) {
			assert_int_equal(mine.state, first.state);
			assert_true(id_eq(mine.asked_by, first.asked_by));
		}
	}
}

static void holder_sees(const struct alert *a)
{
	struct id room = id_eq(a->claimed_by, town.nadia.id) ? town.neighbour : town.room;

	assert_true(id_is_none(a->claimed_by) || alert_shown_to(a, room));
}

static void what_must_hold_holds(const struct caller *list, const bool was_open[CALLERS],
				 bool named)
{
	for (int i = 0; i < CALLERS; i++) {
		struct case_of c = town_stored(list[i].alert), first;

		if (!alert_is_open(&c.alert)) {
			assert_true(!was_open[i] || named || !alert_calls_unseen(&c.alert));
			continue;
		}
		holder_sees(&c.alert);
		if (id_is_none(c.alert.merged_into))
			continue;
		first = town_stored(c.alert.merged_into);
		assert_true(alert_is_open(&first.alert) && id_is_none(first.alert.merged_into));
		same_rooms(&c.alert, &first.alert);
		assert_int_equal(c.alert.silent, first.alert.silent);
		assert_true(id_eq(c.alert.claimed_by, first.alert.claimed_by));
	}
}

/* Whether it was done or refused does not matter: what it leaves does. Whether what is closed was
 * named. */
static bool something(uint32_t *chance, const struct caller *list, struct said *said)
{
	struct actor who =
		((struct actor[]){town.alice, town.bruno, town.chief, town.nadia})[draw(chance, 4)];
	const struct caller *one = &list[draw(chance, CALLERS)];
	bool names = draw(chance, 2);

	office_now_ms += 11 * SECOND_MS;
	switch (draw(chance, 13)) {
	case 0:
	case 1:
		merge(who, one->alert, list[draw(chance, CALLERS)].alert, why);
		break;
	case 2:
		part(who, one->alert);
		break;
	case 3:
		if (town_stored(one->alert).alert.state != ALERT_CLOSED)
			call(one);
		break;
	case 4:
		town_event(who, one->alert, NULL, EVENT_CLAIM);
		break;
	case 5:
		town_event(who, one->alert, "Relève", EVENT_TAKE_OVER);
		break;
	case 6:
		town_event(who, one->alert, NULL, EVENT_RELEASE);
		break;
	case 7:
		town_event(who, one->alert, names ? "N° 1, 2, 3, 4 et 5 : vus" : NULL, EVENT_CLOSE,
			   .outcome = OUTCOME_VERIFIED_SAFE);
		return names;
	case 8:
		record(one->alert);
		break;
	case 9:
		settle(said, list, one->alert, true);
		break;
	case 10:
		settle(said, list, one->alert, false);
		break;
	case 11: /* alone */
		try_to_keep(town.alice, one->alert, draw(chance, 2));
		break;
	default:
		town_event(who, one->alert, "Rappel", EVENT_REOPEN);
	}
	town_wait_until(office_now_ms);
	return false;
}

static void test_whatever_is_merged_and_parted_nobody_is_left_out(void **state)
{
	struct caller list[CALLERS];
	struct said said = {{false}};
	bool was_open[CALLERS], named;
	uint32_t chance = 1;

	town_open();
	for (int i = 0; i < CALLERS; i++)
		list[i] = other(i + 1, "Brigade");
	for (int step = 0; step < STEPS; step++) {
		for (int i = 0; i < CALLERS; i++)
			was_open[i] = !is_closed(list[i].alert);
		named = something(&chance, list, &said);
		unite(&said, list);
		what_is_sealed_is(&said, list);
		what_must_hold_holds(list, was_open, named);
	}
	town_close();
}

int main(void)
{
	static const struct database_test tests[] = {
		on(ON_SQLITE, test_whoever_sees_one_of_them_sees_the_other),
		on(ON_SQLITE, test_a_room_that_sees_the_second_sees_the_first_and_all_of_them),
		on(ON_SQLITE, test_a_room_that_has_the_call_of_one_sees_them_both),
		on(ON_SQLITE, test_one_that_becomes_silent_makes_them_all_silent),
		on(ON_SQLITE, test_who_called_again_is_not_closed_unseen),
		on(ON_BOTH, test_what_was_closed_with_it_comes_back_with_it),
		on(ON_SQLITE, test_thirty_two_are_the_most_and_their_places_are_free_after_the_end),
		on(ON_BOTH, test_one_event_counts_once),
		on(ON_SQLITE, test_another_s_trusted_persons_are_asked_all_the_same),
		on(ON_BOTH,
		   test_the_same_persons_are_asked_once_and_have_their_whole_time_after_parting),
		on(ON_SQLITE, test_whoever_has_the_first_has_the_second_whoever_merges_them),
		on(ON_SQLITE, test_two_persons_seal_all_of_the_event),
		on(ON_BOTH, test_an_alert_without_sound_is_sealed_for_one_that_has_it),
		on(ON_BOTH, test_sound_that_comes_after_the_sealing_is_sealed),
		on(ON_BOTH, test_what_is_merged_with_what_is_sealed_is_sealed),
		on(ON_SQLITE, test_what_is_asked_of_one_is_asked_of_all_of_them),
		on(ON_SQLITE, test_what_was_deleted_before_is_sealed_for_what_comes),
		on(ON_SQLITE, test_whatever_is_merged_and_parted_nobody_is_left_out),
	};

	return run_on_databases("merges", tests, ARRAY_LEN(tests), db_migrate);
}
