/* Alerts with their units and trusted persons: the aggregate of core/alert.h, as rows. */
#ifndef STORE_ALERTS_H
#define STORE_ALERTS_H

#include "base/alloc.h"
#include "core/alert.h"
#include "store/vault.h"

/*
 * What the card shows and does not change once raised: whose alert, on what device. Sealed with
 * the alert's own key, so that an alert can be read after the official left the registry.
 */
struct alert_face {
	struct str official_name, mandate, commune;
	struct str device_label;
	int64_t protocol;
};

/* A new number people can say. In the transaction that inserts the alert. */
int alert_next_ref(struct vault *v, int64_t *ret_ref);

/* Inserts the alert and its data key. */
int alert_insert(struct vault *v, const struct alert *alert, const struct alert_face *face);
/*
 * Writes what changed: the row, and the dispatches and contacts marked `changed`. -ESTALE when
 * another writer was quicker (the version moved).
 */
int alert_update(struct vault *v, const struct alert *alert);

/*
 * The whole aggregate; contacts are the official's accepted ones with what this alert knows of
 * each. 0, -ENOENT. The face's text is in arena; ret_face may be NULL.
 */
int alert_load(struct vault *v, struct arena *arena, struct id id, struct alert *ret_alert,
	       struct alert_face *ret_face);
/* All that a report of its device needs: who sees it, and whether the device is heard again. */
struct alert_outline {
	struct id rooms[ALERT_MAX_ROOMS];
	unsigned room_count;
	struct id device;
	bool device_lost;
};
/* 0, -ENOENT. */
int alert_load_outline(struct vault *v, struct id id, struct alert_outline *ret_outline);
/* The official's accepted contacts, into an alert about to be raised. */
int alert_load_contacts(struct vault *v, struct alert *alert);

/* By the number people say. 0, -ENOENT. */
int alert_by_ref(struct vault *v, int64_t ref, struct id *ret_alert);
int alert_ref(struct vault *v, struct id alert, int64_t *ret_ref); /* -ENOENT */

/* What is open of one device, the newest of each; ID_NONE when nothing is. */
struct open_alerts {
	struct id real, test;
};
int alerts_open_of_device(struct vault *v, struct id device, struct open_alerts *ret_open);
/* The open alert of an official (any of its devices), tests apart; ID_NONE when there is none. */
int alert_open_of_official(struct vault *v, struct id official, struct id *ret_alert);

/* Real ones, not tests; one event that several devices called counts once. */
int alerts_count_open(struct vault *v, int64_t *ret_open, int64_t *ret_unclaimed);
int alerts_count_tests(struct vault *v, int64_t *ret_open);
/* Calls for each id, newest first: open ones, or closed ones with ref < before (0: from the
 * newest). */
int alerts_open(struct vault *v, int limit, id_reader *on_id, void *context);
/* Those under that one that are open; on_id may write. */
int alerts_merged_into(struct vault *v, struct id alert, int limit, id_reader *on_id,
		       void *context);
/* Closed ones too; on_id may write. */
int alerts_under(struct vault *v, struct id alert, int limit, id_reader *on_id, void *context);
/* Those that were closed with it at that moment; on_id may write. */
int alerts_closed_under(struct vault *v, struct id alert, int64_t closed_at_ms, int limit,
			id_reader *on_id, void *context);
/* Open ones that this account has; on_id may write. */
int alerts_held_by(struct vault *v, struct id account, int limit, id_reader *on_id, void *context);
int alerts_closed(struct vault *v, int64_t before_ref, int limit, id_reader *on_id, void *context);
int alerts_open_of_official(struct vault *v, struct id official, int limit, id_reader *on_id,
			    void *context);
int alerts_closed_of_official(struct vault *v, struct id official, int limit, id_reader *on_id,
			      void *context);
int alerts_of_official(struct vault *v, struct id official, int limit, id_reader *on_id,
		       void *context);

/* Whether the unit has a live dispatch. */
int unit_is_engaged(struct vault *v, struct id unit, bool *ret_engaged);

#endif
