/*
 * The text of each SMS: French with the accents that GSM 03.38 has (it holds 160 characters a
 * message, UCS-2 only 70), the reason first, the link, what to do. Never where someone lives.
 */
#ifndef SERVICE_SMS_TEXT_H
#define SERVICE_SMS_TEXT_H

#include "core/term.h"
#include "service/case.h"

struct str sms_for_contact(struct work *w, struct case_file *c, struct str token);
struct str sms_for_unit(struct work *w, struct case_file *c, struct str token);
/* Read over the shoulder of who meets them, it says nothing. */
struct str sms_for_visit(void);
/* Of a registration: whether it is still wanted, or that it ends; why, and where to answer. */
struct str sms_for_term(struct work *w, const struct term *t, enum term_notice notice,
			struct str token);
struct str sms_for_ended_term(struct work *w, const struct term *t);
struct str sms_for_prolonged_term(struct work *w, const struct term *t);
/* To an official, of their own file (own.h). */
struct str sms_for_own_code(struct work *w, const char *code);
struct str sms_for_correction(void);
struct str sms_for_sheet(void);
struct str sms_for_leaving(struct work *w);
struct str sms_for_staying(void);
struct str sms_for_duty(struct work *w, struct case_file *c, const struct effect *why);

/* One septet a letter: é, è, à, ù, É… as they are, other letters of Latin-1 and Latin Extended-A
 * without their accents; what is left becomes '?'. */
void fold_gsm7(struct str text, struct buf *out);

#endif
