/* egidectl epoch: what comes after a restoration that egidectl did not make. See epoch.h. */
#include "ctl/epoch.h"

#include "base/clock.h"
#include "ctl/commands.h"
#include "ctl/house.h"
#include "ctl/settings.h"
#include "ctl/terminal.h"
#include "store/accounts.h"
#include "store/enrolments.h"
#include "store/journal.h"
#include "store/links.h"
#include "store/own.h"

struct ended {
	int64_t sessions, links;
};

static int usage(void)
{
	printf("Usage : egidectl epoch\n\n"
	       "Après pg_restore, serveur arrêté : vérifie le journal et ouvre une nouvelle époque "
	       "(les écrans\n"
	       "rechargent tout), ferme les sessions et les liens d'avant. restore le fait de "
	       "lui-même.\n");
	settings_print_help();
	return STATUS_MISUSED;
}

static int write_line(struct vault *v, int64_t now_ms, const struct ended *ended)
{
	char body[96];
	struct entry entry = {.at_ms = now_ms,
			      .kind = ENTRY_EPOCH,
			      .actor_kind = ACTOR_CONTROL,
			      .dossier = vault_house_key(v)};
	int len = snprintf(body, sizeof(body), "{\"sessions\":%lld,\"links\":%lld}",
			   (long long)ended->sessions, (long long)ended->links);

	entry.body = str_of(body, (size_t)len);
	return journal_append(v, &entry, 1);
}

static int begin(struct vault *v, int64_t now_ms, struct ended *ret_ended)
{
	int r = journal_new_epoch(v, now_ms);

	if (!r)
		r = sessions_delete_all(v, &ret_ended->sessions);
	if (!r)
		r = links_end_all(v, now_ms, &ret_ended->links);
	if (!r)
		r = enrolments_delete_all(v);
	if (!r)
		r = own_sessions_delete_all(v);
	return r ? r : write_line(v, now_ms, ret_ended);
}

static int begin_alone(struct vault *v, struct ended *ret_ended)
{
	int r = db_migrate(vault_db(v));

	if (!r)
		r = db_begin(vault_db(v));
	if (r)
		return r;
	r = begin(v, clock_now_ms(), ret_ended);
	if (!r)
		r = db_commit(vault_db(v));
	if (r)
		db_rollback(vault_db(v));
	return r;
}

int epoch_begin(const struct settings *s)
{
	struct keyring *ring;
	struct ended ended;
	struct vault *v;
	int status = house_open_vault(s, DB_WRITER, &ring, &v), r;

	if (status)
		return status;
	status = house_verify(v);
	if (!status) {
		r = begin_alone(v, &ended);
		if (r)
			status = fail("nouvelle époque : %s", error_text(r));
		else
			printf("Nouvelle époque ; sessions fermées : %lld, liens fermés : %lld\n",
			       (long long)ended.sessions, (long long)ended.links);
	}
	house_close(ring, v);
	return status;
}

int command_epoch(int argc, char **argv)
{
	struct settings s;
	int status;

	argc = settings_take(&s, argc, argv);
	if (argc < 0)
		return STATUS_MISUSED;
	if (s.help || argc != 1)
		return s.help ? usage(), STATUS_DONE : usage();
	status = house_needs_no_server(&s, "epoch");
	return status ? status : epoch_begin(&s);
}
