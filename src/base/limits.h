/* Every size a peer can choose, with the reason for its cap. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

enum {
	/* Longest text frame of a watch without sound or picture: 16 cells and 32 Wi-Fi names fit 8
	   times. */
	LIMIT_WATCH_TEXT_BYTES = 64 * 1024,
	/* Voice clips (AMR, 15 s) and pictures from a watch, escaped. */
	LIMIT_WATCH_FRAME_BYTES = 1024 * 1024,
	/* The sound itself: 15 s are 24 KiB. */
	LIMIT_CLIP_PARTS = 64,
	LIMIT_CLIP_PART_BYTES = 128 * 1024,
	/* Of one alert: ten minutes of the longest clips. */
	LIMIT_ALERT_CLIP_PARTS = 512,
	/* Comma-separated fields of one device message. */
	LIMIT_DEVICE_FIELDS = 512,
	LIMIT_CELLS = 16,
	LIMIT_WIFI = 32,
	/* An HTTP body that is not sound: the largest form has 40 fields of 1,000 characters. */
	LIMIT_HTTP_BODY_BYTES = 256 * 1024,
	LIMIT_HTTP_HEADER_BYTES = 16 * 1024,
	LIMIT_JSON_DEPTH = 32,
	/* A message of a telephone or an agent: its longest text has a position and some words; a
	   frame of sound has 1,309 bytes. */
	LIMIT_PHONE_MESSAGE_BYTES = 4096,
	/* A message on the feed's socket, from a browser. */
	LIMIT_WS_MESSAGE_BYTES = 64 * 1024,
	/* Bytes waiting for a slow feed subscriber before it is closed (it comes back by its
	   cursor). */
	LIMIT_WS_BACKLOG_BYTES = 4 * 1024 * 1024,
	/* An alert's export: twelve hours of sound are 130 MB, three times. More entries are a week
	   of positions, one each three seconds. */
	LIMIT_EVIDENCE_BYTES = 1024 * 1024 * 1024,
	LIMIT_EVIDENCE_ENTRIES = 200000,
	/* Lines of the journal taken away at once: they are whole in memory, 60 MB. What has no
	   index is looked for among so many, positions included. */
	LIMIT_JOURNAL_EXPORT_LINES = 20000,
	LIMIT_JOURNAL_EXPORT_STRETCH = 1000000,
	/* Files of what is over that one account opens in an hour before a second person is asked:
	   more than anybody reads, less than a registry. */
	LIMIT_FILES_AN_HOUR = 100,
	/* The same of people that searches show; and of registrations in lists of what is to be
	   done, which show a hundred at once and are read again and again. */
	LIMIT_PEOPLE_AN_HOUR = 100,
	LIMIT_LISTED_AN_HOUR = 300,
	/* Who calls without a number is looked for in any case: so many people are shown, and so
	   many files opened, for one call. */
	LIMIT_PEOPLE_A_CALL = 40,
	LIMIT_FILES_A_CALL = 5,
	/* A line of a file that is imported: the longest official ones have a thousand. An unclosed
	   quote must not swallow the rest. */
	LIMIT_CSV_LINE_BYTES = 64 * 1024,
	/* One object of a JSON file that is imported: the outline of a département in full detail
	   has 5 MB. */
	LIMIT_JSON_ITEM_BYTES = 32 * 1024 * 1024,
	/* A note or an outcome text, in bytes of UTF-8. */
	LIMIT_SMS_ROUTES = 2, /* gateways */
	LIMIT_NOTE_BYTES = 4000,
	LIMIT_NAME_BYTES = 200,
	/* Of an operator's voice, in 5 s: three times real time, as a telephone's. */
	LIMIT_TALK_FRAMES = 3 * 250,
	/* A part of a recording that is asked for: long enough to play without a seam, short enough
	 * to be rendered at once. */
	LIMIT_SOUND_PART_MS = 10 * 60 * 1000,
	/* What an official types as a code, right or wrong: at most 8 figures. */
	LIMIT_PIN_BYTES = 16,
	/* What a telephone switch says of a call: a SIP Call-ID has no end, a number is a URI. */
	LIMIT_CALL_KEY_BYTES = 256,
	LIMIT_CALL_NUMBER_BYTES = 128,
	LIMIT_CALL_LINE_BYTES = 64,
	/* A location object (PIDF-LO) with its shapes and civic address; the largest of the
	   samples has 4 KiB. */
	LIMIT_PIDF_BYTES = 32 * 1024,
	/* Officials who have one number: a town hall's has them all. More than these are searched
	   by name. */
	LIMIT_CALL_MATCHES = 8,
	/* People a search shows: more are a question that was too wide. */
	LIMIT_SEARCH_RESULTS = 8,
	LIMIT_SEARCH_BYTES = 200,
	/* Calls a room has open: what comes beyond is in the journal and counted. */
	LIMIT_OPEN_CALLS = 200,
	/* Where a visit is and whom it is to, as people write it: two lines. */
	LIMIT_VISIT_TEXT_BYTES = 200,
	/* Commands that share one commit. */
	LIMIT_COMMIT_GROUP = 256,
	/* Commands waiting for the executor before edges are told to wait. */
	LIMIT_QUEUE_COMMANDS = 65536,
	/* Journal entries sent to a subscriber in one slice of catching up. */
	LIMIT_FEED_SLICE = 256,
	LIMIT_CONNECTIONS_A_TURN = 16,
	/* Sound kept of one alert: 15 hours of the 4,800 bytes a second that a telephone sends at
	   24 kbit/s. What comes beyond is heard, not kept. */
	LIMIT_SOUND_ALERT_BYTES = 256 * 1024 * 1024,
};

#endif
