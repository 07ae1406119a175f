/*
 * What the table of retention makes go, of alerts, SMS and the journal's lines; what is under a
 * legal hold stays. Some at a time. What is held is passed over each time.
 */
#ifndef STORE_FORGET_H
#define STORE_FORGET_H

#include "store/portion.h"

/* The trails of alerts closed by then. */
int positions_forget(struct vault *v, int64_t closed_before_ms, int64_t now_ms,
		     struct portion *portion);
/* Those alerts whole, with their key; but not while sound of theirs is kept, nor at the moment
 * now_ms when it went: the line that says so is sealed with that key. */
int alerts_forget(struct vault *v, int64_t closed_before_ms, int64_t now_ms,
		  struct portion *portion, id_reader *on_alert, void *context);
/* SMS written by then that have left or ended, of no open alert: text, number and receipts. */
int sms_forget(struct vault *v, int64_t before_ms, struct portion *portion);
/* What lines of the audit written by then say; that they were there stays. */
int audit_forget(struct vault *v, int64_t before_ms, int limit);
/* A hold was lifted: the lines about it that were passed over are looked at again. */
int audit_look_again(struct vault *v);
/* That it was looked: a row that changes. */
int housekeeping_note(struct vault *v);

#endif
