/*
 * Advanced Mobile Location (ETSI TS 103 625): where the telephone that calls 17 is, as it says
 * itself, by SMS (versions 1 and 2, and version 1 packed in a data SMS) and by HTTPS (a form).
 * Tolerant: a field that is missing or wrong is not said; a message without a place is none.
 */
#ifndef WIRE_AML_H
#define WIRE_AML_H

#include "base/buf.h"

enum { AML_NUMBER_SIZE = 65 };

struct aml {
	char number[AML_NUMBER_SIZE]; /* of the caller, as written; "": the SMS's sender is it */
	int32_t lat_e7, lon_e7;
	double radius_m;   /* negative: not said */
	double altitude_m; /* NAN: not said */
	int64_t at_ms;     /* TIME_NONE: not said */
	bool approximate;  /* cell or Wi-Fi */
};

/* Whether the text begins as an AML message does: it is one, however malformed. */
bool aml_is_text(struct str text);
/* 0; -ENOENT: well formed, the telephone knows no place; -EBADMSG. */
int aml_decode_text(struct str text, struct aml *ret_aml);

/* A data SMS: version 1 in the GSM 7-bit alphabet, packed (3GPP TS 23.038 §6.1.2.1). */
bool aml_is_packed(struct str bytes);
/* Appends the text; -EBADMSG: longer than an SMS. */
int aml_unpack(struct str bytes, struct buf *ret_text);

/* application/x-www-form-urlencoded; 0, -ENOENT or -EBADMSG as above. */
int aml_decode_form(struct str body, struct aml *ret_aml);
/* What the form's hmac signs (all before it), and the hmac as written; false: it bears none. */
bool aml_form_signature(struct str body, struct str *ret_signed, struct str *ret_hmac);

#endif
