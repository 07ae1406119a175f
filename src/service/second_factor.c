/* The second factor of accounts: see second_factor.h. */
#include "service/second_factor.h"

#include <errno.h>

#include "service/json.h"
#include "service/sessions.h"
#include "service/spoken_code.h"
#include "store/second_factor.h"

enum {
	MOST_WRONG = 10,
	WRONG_KEPT_MS = 15 * 60 * 1000,
	PENDING_KEPT_MS = 15 * 60 * 1000,
	RECOVERY_CODES = 10,
};

static void changed(struct work *w, struct command *command, const char *what)
{
	struct buf b = BUF_INIT;

	json_open(&b, NULL, '{');
	json_word(&b, "what", "account");
	json_word(&b, "command", what);
	json_close(&b, '}');
	work_entry(w, command, ENTRY_CHANGED, command->subject, ID_NONE, vault_house_key(w->vault),
		   work_keep(w, &b));
}

/*
 * --- wrong codes. Whoever counts here has the password, and is perhaps not who the account is of:
 * that one must get in all the same, at the worst of times. A recovery code, which nobody guesses
 * (60 bits), opens what ten wrong codes closed.
 */

static bool is_locked(const struct work *w, const struct second_factor *f)
{
	return f->wrong >= MOST_WRONG && w->now_ms - f->wrong_from_ms <= WRONG_KEPT_MS;
}

static void refuse_locked(struct command *command)
{
	command_refuse(command, PROBLEM_TOO_MANY,
		       "Trop de codes faux : donnez un code de secours, ou réessayez dans un "
		       "quart d'heure.");
}

static int refuse_wrong(struct work *w, struct command *command, struct second_factor *f)
{
	if (f->wrong && w->now_ms - f->wrong_from_ms > WRONG_KEPT_MS)
		f->wrong = 0;
	if (!f->wrong++)
		f->wrong_from_ms = w->now_ms;
	work_entry(w, command, ENTRY_LOGIN_REFUSED, command->subject, ID_NONE,
		   vault_house_key(w->vault), work_one_text(w, "second_factor", STR("wrong")));
	command_refuse(command, PROBLEM_CODE_REFUSED,
		       "Ce code n'est pas valable, ou a déjà servi : attendez le suivant. Si cela "
		       "dure, vérifiez l'heure de l'appareil qui le donne.");
	return second_factor_save(w->vault, f);
}

static void forget_wrong(struct second_factor *f)
{
	f->wrong = 0;
	f->wrong_from_ms = TIME_NONE;
}

/* --- proving it */

static int take_recovery(struct work *w, struct command *command, struct str typed, bool *ret_taken)
{
	char code[CODE_LEN_MAX];
	struct str read = code_read(typed, CODE_INVITATION_LEN, code);
	int r = 0;

	*ret_taken = false;
	if (read.len)
		r = recovery_code_take(w->vault, command->subject, read, ret_taken);
	wipe(code, sizeof(code));
	return r;
}

static int prove(struct work *w, struct command *command, struct second_factor *f,
		 struct str *ret_how)
{
	struct str typed = command->as.factor.code;
	bool locked = is_locked(w, f), is_recovery = false;
	int r = locked ? -EACCES
		       : totp_check(str_of(f->secret, sizeof(f->secret)), typed, w->now_ms,
				    f->last_step, &f->last_step);

	if (r == -EACCES) {
		r = take_recovery(w, command, typed, &is_recovery);
		if (!r && !is_recovery && locked)
			refuse_locked(command);
		if (!r && !is_recovery)
			return locked ? 0 : refuse_wrong(w, command, f);
	}
	if (r)
		return r;
	*ret_how = is_recovery ? STR("recovery") : STR("totp");
	forget_wrong(f);
	return second_factor_save(w->vault, f);
}

static int check(struct work *w, struct command *command, struct second_factor *f,
		 struct str *ret_how)
{
	if (command->as.factor.code.len)
		return prove(w, command, f, ret_how);
	command_refuse(command, PROBLEM_CODE_NEEDED,
		       "Donnez le code à six chiffres de votre application, ou un code de "
		       "secours.");
	return 0;
}

int second_factor_prove(struct work *w, struct command *command, const struct account *account,
			struct str *ret_how)
{
	struct second_factor f;
	uint32_t roles = 0;
	int r = second_factor_load(w->vault, account->id, &f);

	if (!r)
		r = second_factor_roles(w->vault, &roles);
	if (!r && f.is_set)
		r = check(w, command, &f, ret_how);
	else if (!r && (account->roles & roles))
		command_refuse(command, PROBLEM_FACTOR_MISSING,
			       "Votre rôle demande un second facteur : associez une application à "
			       "votre compte.");
	wipe(&f, sizeof(f));
	return r;
}

/* --- choosing it */

static int load_account(struct work *w, struct command *command, struct account *ret_account)
{
	int r = account_load(w->vault, command->subject, ret_account);

	if (r && r != -ENOENT)
		return r;
	if (r || ret_account->disabled)
		command_refuse(command, PROBLEM_LOGIN_REFUSED,
			       "L'identifiant ou le mot de passe est incorrect.");
	return 0;
}

/* Both are to be wiped, whatever is returned. */
static int load_both(struct work *w, struct command *command, struct account *ret_account,
		     struct second_factor *ret_factor)
{
	int r = load_account(w, command, ret_account);

	return r || command->outcome.problem
		       ? r
		       : second_factor_load(w->vault, ret_account->id, ret_factor);
}

/* What authenticators read from a picture: Key URI Format. A login needs no escape. */
static void answer_secret(struct command *command, const struct account *account,
			  const uint8_t secret[OTP_SECRET_SIZE])
{
	char text[OTP_SECRET_TEXT_SIZE];
	struct buf b = BUF_INIT, uri = BUF_INIT;

	otp_secret_print(secret, text);
	buf_printf(&uri,
		   "otpauth://totp/%%C3%%89gide:%s?secret=%s&issuer=%%C3%%89gide&algorithm=SHA1"
		   "&digits=%d&period=%d",
		   account->login, text, OTP_DIGITS, OTP_STEP_MS / 1000);
	json_open(&b, NULL, '{');
	json_word(&b, "secret", text);
	json_text(&b, "uri", buf_str(&uri));
	json_close(&b, '}');
	command->outcome.json = command_keep(command, buf_str(&b));
	wipe(text, sizeof(text));
	wipe(b.ptr, b.len);
	wipe(uri.ptr, uri.len);
	buf_fini(&b);
	buf_fini(&uri);
}

/* Who has one already proves it before another takes its place. */
static int begin(struct work *w, struct command *command, const struct account *account,
		 struct second_factor *f)
{
	struct str how = STR_NONE;
	int r = f->is_set ? check(w, command, f, &how) : 0;

	if (r || command->outcome.problem)
		return r;
	random_bytes(f->pending, sizeof(f->pending));
	f->pending_at_ms = w->now_ms;
	r = second_factor_save(w->vault, f);
	if (!r) {
		changed(w, command, "second-factor.begin");
		answer_secret(command, account, f->pending);
	}
	return r;
}

int handle_factor_begin(struct work *w, struct command *command)
{
	struct second_factor f = {0};
	struct account account;
	int r = load_both(w, command, &account, &f);

	if (!r && !command->outcome.problem)
		r = begin(w, command, &account, &f);
	wipe(&account, sizeof(account));
	wipe(&f, sizeof(f));
	return r;
}

static int make_recovery_codes(struct work *w, struct command *command)
{
	struct buf b = BUF_INIT;
	int r = recovery_codes_delete(w->vault, command->subject);

	json_open(&b, NULL, '{');
	json_open(&b, "recovery_codes", '[');
	for (int i = 0; !r && i < RECOVERY_CODES; i++) {
		char code[CODE_LEN_MAX + 1], shown[CODE_SHOWN_SIZE];

		code_new(CODE_INVITATION_LEN, code);
		code_print(code, shown);
		json_word(&b, NULL, shown);
		r = recovery_code_add(w->vault, command->subject, str_from(code));
		wipe(code, sizeof(code));
		wipe(shown, sizeof(shown));
	}
	json_close(&b, ']');
	json_close(&b, '}');
	command->outcome.json = command_keep(command, buf_str(&b));
	wipe(b.ptr, b.len);
	buf_fini(&b);
	return r;
}

/*
 * The ten wrong codes may be another's, who has the password: they do not keep out who typed the
 * right one of an application that was shown to who proved to be of the account. Who guesses at it
 * meanwhile has one guess.
 */
static int refuse_unconfirmed(struct work *w, struct command *command, struct second_factor *f)
{
	if (!is_locked(w, f))
		return refuse_wrong(w, command, f);
	f->pending_at_ms = TIME_NONE;
	command_refuse(command, PROBLEM_TOO_MANY,
		       "Trop de codes faux : recommencez l'association.");
	return second_factor_save(w->vault, f);
}

static int confirm(struct work *w, struct command *command, struct second_factor *f)
{
	int64_t step;
	int r;

	if (f->pending_at_ms == TIME_NONE || w->now_ms - f->pending_at_ms > PENDING_KEPT_MS) {
		command_refuse(command, PROBLEM_CONFLICT,
			       "Cette association a expiré : recommencez-la.");
		return 0;
	}
	r = totp_check(str_of(f->pending, sizeof(f->pending)), command->as.factor.code, w->now_ms,
		       0, &step);
	if (r)
		return r == -EACCES ? refuse_unconfirmed(w, command, f) : r;
	memcpy(f->secret, f->pending, sizeof(f->secret));
	f->is_set = true;
	f->since_ms = w->now_ms;
	f->pending_at_ms = TIME_NONE;
	f->last_step = step;
	forget_wrong(f);
	r = second_factor_save(w->vault, f);
	if (!r)
		r = make_recovery_codes(w, command);
	if (!r)
		changed(w, command, "second-factor.set");
	return r;
}

/* What was open with less than this is over; the page that has it goes on with a new session. */
int handle_factor_confirm(struct work *w, struct command *command)
{
	struct second_factor f = {0};
	struct account account;
	int r = load_both(w, command, &account, &f);

	if (!r && !command->outcome.problem)
		r = confirm(w, command, &f);
	if (!r && !command->outcome.problem)
		r = sessions_delete_of(w->vault, account.id);
	if (!r && !command->outcome.problem)
		r = session_begin(w, command, &account, STR("totp"));
	wipe(&account, sizeof(account));
	wipe(&f, sizeof(f));
	return r;
}
