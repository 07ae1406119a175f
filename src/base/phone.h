/*
 * Telephone numbers as people write them in France and overseas, to and from E.164
 * ("+33612345678"). Strict: what is not surely a subscriber's number is refused.
 */
#ifndef BASE_PHONE_H
#define BASE_PHONE_H

#include "base/str.h"

enum { PHONE_SIZE = 17, PHONE_TEXT_SIZE = 32 };

/*
 * 06…, +33…, 0033…, +33 (0)6…; 0692… and the like get their overseas code. Spaces (non-breaking
 * too), dots, hyphens and slashes may separate digits. -EINVAL; short numbers (17, 3919)
 * are refused too.
 */
int phone_parse(struct str text, char out[PHONE_SIZE]);
/*
 * The same from a telephone switch, which says more and less: URIs (tel: of RFC 3966, sip: and
 * sips: of RFC 3261) with their parameters, a name before or after, an extension ("poste 12",
 * ";ext=12", "x12", ",12"), the national number without its 0 ("612345678") and the international
 * one without its + ("33612345678"). -EINVAL: withheld, internal, short, or no number.
 */
int phone_parse_caller(struct str text, char out[PHONE_SIZE]);
/* As France writes it: 06 12 34 56 78, 0692 12 34 56; numbers from elsewhere in E.164. */
void phone_print(struct str e164, char out[PHONE_TEXT_SIZE]);

#endif
