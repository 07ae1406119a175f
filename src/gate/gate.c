/* The gate itself: see gate.h. */
#include <errno.h>

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

int gate_open_listener(struct gate *g, struct tcp_options *options,
		       const struct tcp_handlers *handlers, uint16_t *ret_port)
{
	struct tcp_listener **listener = &g->listeners[g->listener_count];
	int r;

	if (g->listener_count == MAX_LISTENERS)
		return -ENOSPC;
	options->max_connections = g->options.max_connections;
	options->max_per_source = g->options.max_per_source;
	r = tcp_listen(g->options.loop, options, handlers, g, listener);
	if (r)
		return r;
	if (ret_port)
		*ret_port = tcp_listener_port(*listener);
	g->listener_count++;
	return 0;
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
