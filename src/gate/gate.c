/* The gate itself: see gate.h. */
#include "gate/gate_private.h"

struct gate *gate_new(const struct gate_options *options)
{
	struct gate *g = xcalloc(1, sizeof(*g));

	g->options = *options;
	return g;
}

void gate_free(struct gate *g)
{
	if (!g)
		return;
	for (unsigned i = 0; i < g->listener_count; i++)
		tcp_listener_close(g->listeners[i]);
	map_fini(&g->watches);
	credentials_forget(g);
	phones_forget(g);
	free(g);
}

struct device_presence gate_presence(const struct gate *g, struct arena *arena)
{
	struct id *list = arena_alloc(arena, (g->watches.len + g->phones.len + 1) * sizeof(*list));
	struct device_presence presence = {list, 0};
	void *session;

	for (size_t at = 0; map_next(&g->watches, &at, &list[presence.count], &session);)
		presence.count++;
	for (size_t at = 0; map_next(&g->phones, &at, &list[presence.count], &session);)
		presence.count++;
	return presence;
}

void gate_figures(const struct gate *g, struct gate_figures *ret_figures)
{
	*ret_figures = g->figures;
}
