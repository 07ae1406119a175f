// The second factor over the API, and egidectl beside it: chosen, asked for, lost at three in the morning.
// A code of this step and the next one are good for half a minute at least: nothing here waits.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Client, House, PASSWORD} from '../lib/api.mjs';
import {ROOM} from '../lib/server.mjs';
import {stepNow, totp} from '../lib/totp.mjs';

let house;

before(async () => { house = await House.open(); });
after(async () => { await house?.close(); });

const ask = (client, path, login, code) => client.ask('POST', path, {login, password: PASSWORD, ...code && {code}});
const logIn = (client, login, code) => ask(client, '/api/session', login, code);

async function refused(answer, status, type) {
	const {status: got, text, json} = await answer;
	assert.equal(got, status, text);
	assert.equal(json.type, `/problems/${type}`);
	return json;
}

// An account of its own, its client, and its application at this step.
async function associated(login) {
	await house.account(login, 'operator', ROOM);
	const client = new Client(house);
	const {secret, uri} = (await ask(client, '/api/second-factor', login)).json;
	assert.equal(new URL(uri).searchParams.get('secret'), secret);
	const step = stepNow();
	const answer = await ask(client, '/api/second-factor/confirm', login, totp(secret, step));
	assert.equal(answer.status, 200, answer.text);
	client.cookie = answer.headers.get('set-cookie').split(';')[0];
	return {client, secret, step, codes: answer.json.recovery_codes};
}

test('a_code_is_asked_for_once_an_application_is_associated_and_each_serves_once', async () => {
	const {client, secret, step, codes} = await associated('un');
	const session = await client.expect(200, 'GET', '/api/session');
	assert.deepEqual([session.second_factor, session.recovery_codes], [true, 10]);
	assert.equal((await (await house.client('auditrice')).expect(200, 'GET', '/api/session')).recovery_codes, null);
	const other = new Client(house);
	await refused(logIn(other, 'un'), 401, 'code-needed');
	await refused(logIn(other, 'un', totp(secret, step)), 401, 'code-refused');
	assert.equal((await logIn(other, 'un', totp(secret, step + 1))).status, 200);
	await refused(logIn(new Client(house), 'un', totp(secret, step + 1)), 401, 'code-refused');
	assert.equal(codes.length, 10);
	assert.equal((await logIn(new Client(house), 'un', codes[3].toLowerCase())).json.recovery_codes, 9);
	await refused(logIn(new Client(house), 'un', codes[3]), 401, 'code-refused');
	assert.equal(await house.server.ctl('account', 'list').then(({accounts}) => accounts.find((one) => one.login === 'un').second_factor), true);
});

test('a_wrong_code_counts_as_a_wrong_password_does', async () => {
	await associated('deux');
	const client = new Client(house);
	for (let i = 0; i < 5; i++) await refused(logIn(client, 'deux', '000000'), 401, 'code-refused');
	await refused(logIn(client, 'deux', '000000'), 429, 'too-many');
	// From elsewhere the account's own count goes on: five more, then nobody's code is looked at.
	const elsewhere = [new Client(house), new Client(house)];
	for (let i = 0; i < 5; i++) await refused(logIn(elsewhere[0], 'deux', '000000'), 401, 'code-refused');
	assert.match((await refused(logIn(elsewhere[1], 'deux', '000000'), 429, 'too-many')).detail, /quart d'heure/);
});

test('an_association_ends_what_was_open_without_it', async () => {
	await house.account('trois', 'operator', ROOM);
	const before = await house.client('trois');
	const console = await before.console();
	await console.first('welcome');
	const client = new Client(house);
	const {secret} = (await ask(client, '/api/second-factor', 'trois')).json;
	await refused(ask(client, '/api/second-factor/confirm', 'trois', '000000'), 401, 'code-refused');
	assert.equal((await logIn(client, 'trois')).status, 200, 'what nobody confirmed is not asked for');
	assert.equal((await ask(client, '/api/second-factor/confirm', 'trois', totp(secret, stepNow()))).status, 200);
	await before.expect(401, 'GET', '/api/session');
	assert.equal(await console.closed(), 4401);
});

test('a_lost_application_is_forgotten_by_egidectl_and_the_journal_says_why', async () => {
	const {client} = await associated('quatre');
	await house.server.ctl('account', 'second-factor', {roles: 'counter,operator'});
	await house.server.ctl('account', 'reset-factor', {account: 'quatre', reason: 'Téléphone perdu, reconnue par la cheffe'});
	await client.expect(401, 'GET', '/api/session');
	await refused(logIn(client, 'quatre'), 401, 'second-factor-missing');
	await refused(logIn(new Client(house), 'operatrice'), 401, 'second-factor-missing');
	assert.equal((await logIn(new Client(house), 'auditrice')).status, 200);
	await house.server.ctl('account', 'second-factor', {roles: ''});
	assert.equal((await logIn(client, 'quatre')).status, 200);
	const auditor = await house.client('auditrice');
	const {lines} = await auditor.expect(200, 'GET', '/api/journal?limit=200');
	assert.ok(lines.some(({kind, command}) => kind === 'changed' && command === 'account.reset-factor'), JSON.stringify(lines[0]));
});

test('the_password_comes_first', async () => {
	const {secret, step} = await associated('cinq');
	const client = new Client(house);
	const answer = client.ask('POST', '/api/session', {login: 'cinq', password: 'un autre mot de passe', code: totp(secret, step + 1)});
	await refused(answer, 401, 'login-refused');
	await refused(client.ask('POST', '/api/second-factor', {login: 'cinq', password: 'un autre mot de passe'}), 401, 'login-refused');
	await refused(ask(client, '/api/second-factor', 'cinq'), 401, 'code-needed');
	assert.equal((await ask(client, '/api/second-factor', 'cinq', totp(secret, step + 1))).status, 200);
});

// Somebody who has the password closes the door with wrong codes; who is changing the application is not kept out by it.
test('a_right_code_confirms_an_association_whatever_wrong_ones_came_meanwhile', async () => {
	const {secret, step, codes} = await associated('six');
	const wrongOnes = async () => {
		for (const source of [new Client(house), new Client(house)])
			for (let i = 0; i < 5; i++) await refused(logIn(source, 'six', '000000'), 401, 'code-refused');
		await refused(logIn(new Client(house), 'six', '000000'), 429, 'too-many');
	};
	const begin = async (code) => (await ask(new Client(house), '/api/second-factor', 'six', code)).json.secret;
	const confirm = (code) => ask(new Client(house), '/api/second-factor/confirm', 'six', code);
	const next = await begin(totp(secret, step + 1));
	await wrongOnes();
	const answer = await confirm(totp(next, stepNow()));
	assert.equal(answer.status, 200, answer.text);
	// What guesses at it while the door is closed has one guess.
	const again = await begin(answer.json.recovery_codes[0]);
	await wrongOnes();
	assert.match((await refused(confirm('000000'), 429, 'too-many')).detail, /recommencez l'association/);
	await refused(confirm(totp(again, stepNow())), 409, 'conflict');
	assert.ok(!codes.includes(answer.json.recovery_codes[0]));
});
