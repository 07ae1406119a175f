/* The words of the API (docs/protocol/api.md) as egidectl says them in French. */
#ifndef CTL_WORDS_H
#define CTL_WORDS_H

#include "base/str.h"

/* Whether values at this path are words of the API: states, kinds, reasons… not what people typed.
 */
bool words_at(struct str path);
/* The French of a word; the word itself when it has none. Static. */
const char *word_french(const char *word);

#endif
