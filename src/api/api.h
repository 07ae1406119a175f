/*
 * The HTTP API and the pages: one route table (docs/protocol/api.md). An edge: bytes to commands
 * and questions, answers to bytes; nothing is decided here.
 */
#ifndef API_API_H
#define API_API_H

#include "live/feed.h"
#include "live/sound.h"
#include "net/http.h"
#include "service/executor.h"
#include "service/readers.h"

struct api;

/* What the API needs of the gate, which it may not know: the daemon joins them. */
struct device_port {
	bool (*ask)(void *context, struct id device, const char *request,
		    int seconds); /* locate, interval, discreet, listen */
	struct device_presence (*presence)(void *context, struct arena *arena);
	void (*mobile)(void *context, const struct http_request *r, enum protocol protocol);
	void (*phone)(void *context, const struct http_request *r);
	/* What live/sound.h asks of a source: ack and close_source. */
	void (*kept)(void *context, uint64_t socket, uint32_t epoch, uint32_t next);
	void (*hang_up)(void *context, uint64_t socket, uint16_t code);
	/* Its credential is another now: who is connected with the former is no more. */
	void (*forget)(void *context, struct id device);
	/* What it may do is another now: its telephone is told. */
	void (*changed)(void *context, struct id device);
	/* A frame of voice to its telephone; STR_NONE: only whether it is there, in that alert. */
	bool (*talk)(void *context, struct id device, struct id alert, struct str frame);
	void *context;
};

struct api_options {
	struct loop *loop;
	struct service *service;
	struct readers *readers;
	struct device_port devices;
	struct recorder *recorder; /* of sound; NULL: nothing is kept */
	const char *sound_folder;  /* of recordings */
	const char *timestamp_url; /* of evidence; NULL: nobody stamps it */
	int (*timestamp)(const char *url, struct str request, struct buf *ret_reply);
	bool may_listen;                /* to live sound */
	bool may_dial;                  /* a watch knows whom to call to be listened to */
	const char *web_folder;         /* web/dist: read into memory at start */
	const char *definitions_folder; /* api_schemas.json, for the description */
	const char *public_url;
	const char *tile_url, *tile_attribution; /* "" without */
	double map_lon, map_lat, map_zoom;
	const char *kannel_secret;           /* "" : callbacks refused */
	struct network_list kannel_networks; /* where they may come from */
	const char *switch_secret;           /* "": no switch is listened to */
	struct network_list switch_networks; /* where switches are */
	const char *aml_secret;              /* "": no place of a caller is taken by HTTPS */
	struct network_list aml_networks;
	int password_strength; /* crypto/password.h */
	/* The text of /metrics, made by the daemon, which knows every room. backlog: NULL when the
	 * database could not say. */
	void (*metrics)(void *context, const struct backlog *backlog, struct buf *out);
	void *metrics_context;
};

/* 0 or -errno (web folder unreadable…). The server is made by the api, listened on by the daemon.
 */
int api_new(const struct api_options *options, const struct http_options *http,
	    struct api **ret_api);
void api_free(struct api *a);
struct http_server *api_http(struct api *a);
struct feed *api_feed(struct api *a);
struct sound *api_sound(struct api *a);
bool api_is_exporting(const struct api *a); /* an alert, as evidence */
/* What was committed: publishes it and hands commands back. Takes the batch. */
void api_deliver(struct api *a, struct batch *batch);

/* The OpenAPI description of the route table, as JSON. */
void api_describe(struct buf *out, const char *definitions_folder);

/* One line of egidectl's control socket: JSON request → command or question. The answer line comes
 * to reply, once. */
void api_control(struct api *a, struct str line,
		 void (*reply)(void *context, uint64_t id, struct str line), void *context,
		 uint64_t id);

#endif
