/* Inside service/: what the commands of an import share. */
#ifndef SERVICE_ADMIN_IMPORT_H
#define SERVICE_ADMIN_IMPORT_H

#include "service/admin_parts.h"
#include "store/territory.h"

/* What the command is about; false: refused. */
bool import_take_set(struct admin *a, struct territory_set *ret_set);
/* The edition being imported: 0 and maybe a refusal, or -errno. */
int import_take_edition(struct admin *a, const struct territory_set *set,
			struct edition *ret_edition);

#endif
