/*
 * How an SMS is counted: the GSM 7-bit default alphabet with its extension table (3GPP TS 23.038
 * §6.2.1), UCS-2 for everything else, and the parts a long text is cut into (TS 23.040 §9.2.3.24).
 */
#ifndef BASE_GSM7_H
#define BASE_GSM7_H

#include "base/str.h"

/* Septets the text takes (two for a character of the extension table); -EILSEQ: it needs UCS-2. */
ptrdiff_t gsm7_septets(struct str text);
/* How many SMS the text makes, at least 1; text is well-formed UTF-8. */
unsigned sms_parts(struct str text);

#endif
