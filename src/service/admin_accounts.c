/* Administration of accounts. Passwords come hashed: hashing is slow, and this is the executor's
 * thread. */
#include <errno.h>

#include "core/access.h"
#include "service/admin_parts.h"
#include "service/directory.h"
#include "store/second_factor.h"

/* An operator without a room would see nothing. */
static bool is_consistent(struct admin *a, const struct account *account)
{
	if ((account->roles & (ROLE_OPERATOR | ROLE_SUPERVISOR)) && id_is_none(account->room))
		return admin_invalid(a, "room", "valeur nécessaire pour operator et supervisor."),
		       false;
	if (!*account->name)
		return admin_invalid(a, "name", "valeur nécessaire."), false;
	if (!account->roles)
		return admin_invalid(a, "roles", "valeur nécessaire."), false;
	return true;
}

static void apply(struct admin *a, struct account *account)
{
	const struct value *roles = admin_value(a, "roles");

	admin_copy(a, "login", account->login, sizeof(account->login));
	admin_copy(a, "name", account->name, sizeof(account->name));
	admin_copy(a, "password_hash", account->password, sizeof(account->password));
	admin_take_id(a, "room", &account->room);
	admin_copy(a, "extension", account->extension, sizeof(account->extension));
	if (roles->given)
		account->roles = (uint32_t)roles->number;
}

static int finish(struct admin *a, enum entry_kind kind, struct account *account)
{
	int r = directory_refresh_account(a->w->directory, a->w->vault, account->id);

	admin_changed(a, kind, "account", account->id, ID_NONE, vault_house_key(a->w->vault));
	json_id(&a->answer, "id", account->id);
	wipe(account, sizeof(*account));
	return r;
}

static int check_login(struct admin *a)
{
	struct account other;
	int r = account_by_login(a->w->vault, admin_value(a, "login")->text, &other);

	wipe(&other, sizeof(other));
	if (!r)
		return admin_invalid(a, "login", "un compte a déjà cet identifiant.");
	return r == -ENOENT ? 0 : r;
}

int admin_account_add(struct admin *a)
{
	struct account account = {
		.id = random_id_v7(a->w->now_ms), .created_at_ms = a->w->now_ms, .version = 1};
	int r = check_login(a);

	if (r || admin_refused(a))
		return r;
	apply(a, &account);
	if (!is_consistent(a, &account))
		return 0;
	r = account_insert(a->w->vault, &account);
	return r ? r : finish(a, ENTRY_CREATED, &account);
}

enum opening { AS_IT_IS, CLOSED, OPEN };

/* A session was opened with the rights of then: with others there is another. */
static bool has_other_rights(const struct account *account, const struct account *before)
{
	return account->roles != before->roles || !id_eq(account->room, before->room);
}

/* Loads the account the command names, applies its fields, writes it. */
static int change(struct admin *a, enum opening opening, bool end_sessions)
{
	struct account account, before;
	int r = account_load(a->w->vault, admin_value(a, "account")->id, &account);

	if (r)
		return r;
	before = account;
	apply(a, &account);
	end_sessions |= has_other_rights(&account, &before);
	wipe(&before, sizeof(before));
	if (opening != AS_IT_IS)
		account.disabled = opening == CLOSED;
	if (!is_consistent(a, &account))
		return 0;
	r = account_update(a->w->vault, &account);
	if (!r && end_sessions)
		r = sessions_delete_of(a->w->vault, account.id);
	return r ? r : finish(a, ENTRY_CHANGED, &account);
}

int admin_account_set(struct admin *a)
{
	return change(a, AS_IT_IS, false);
}

int admin_account_password(struct admin *a)
{
	return change(a, AS_IT_IS, true);
}

int admin_account_disable(struct admin *a)
{
	return change(a, CLOSED, true);
}

int admin_account_enable(struct admin *a)
{
	return change(a, OPEN, false);
}

/* Who is in stays in: a room is not emptied in the middle of a night. */
int admin_account_second_factor(struct admin *a)
{
	const struct value *wanted = admin_value(a, "roles");
	uint32_t roles = (uint32_t)wanted->number;
	char names[64];
	int r = wanted->given ? second_factor_set_roles(a->w->vault, roles)
			      : second_factor_roles(a->w->vault, &roles);

	roles_print(roles, names);
	json_word(&a->answer, "second_factor_of", names);
	if (!r && wanted->given)
		admin_changed(a, ENTRY_CHANGED, "second-factor", ID_NONE, ID_NONE,
			      vault_house_key(a->w->vault));
	return r;
}

int admin_account_reset_factor(struct admin *a)
{
	struct id account = admin_value(a, "account")->id;
	int r = second_factor_delete(a->w->vault, account);

	if (!r)
		r = sessions_delete_of(a->w->vault, account);
	if (!r) {
		admin_changed(a, ENTRY_CHANGED, "account", account, ID_NONE,
			      vault_house_key(a->w->vault));
		json_id(&a->answer, "id", account);
	}
	return r;
}

struct page {
	struct admin *admin;
	struct id last;
	int count;
};

static int write_account(void *context, const struct account *account)
{
	struct page *page = context;
	struct admin *a = page->admin;
	struct buf *b = &a->answer;
	char roles[64];
	bool has_factor = false;
	int r = second_factor_is_set(a->w->vault, account->id, &has_factor);

	roles_print(account->roles, roles);
	json_open(b, NULL, '{');
	json_id(b, "id", account->id);
	json_word(b, "login", account->login);
	json_word(b, "name", account->name);
	json_word(b, "roles", roles);
	json_text(b, "room",
		  id_is_none(account->room) ? STR_NONE
					    : directory_unit_name(a->w->directory, account->room));
	json_text(b, "extension", account->extension[0] ? str_from(account->extension) : STR_NONE);
	json_bool(b, "disabled", account->disabled);
	json_bool(b, "second_factor", has_factor);
	json_close(b, '}');
	page->last = account->id;
	page->count++;
	return r;
}

int admin_account_list(struct admin *a)
{
	struct page page = {.admin = a};
	int r;

	json_open(&a->answer, "accounts", '[');
	r = accounts_each(a->w->vault, admin_value(a, "after")->id, admin_limit(a), write_account,
			  &page);
	json_close(&a->answer, ']');
	admin_next(a, page.count, page.last);
	admin_was_read(a, "accounts", ID_NONE);
	return r;
}
