// The HTTP API against the real server: what is done and what is refused, and how; who may is in access.test.mjs. Every answer is
// held against the description the server gives of itself (tests/lib/api.mjs).
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {Client, House, PASSWORD, PATROL, SECRET} from '../lib/api.mjs';
import {ROOM, run} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let house, operator, supervisor, neighbour, administrator, auditor, nobody;
let officials = 0;
const sockets = [];

const NOWHERE = '01a20a29-0000-7000-8000-000000000000';

before(async () => {
	house = await House.open({options: {kannel_networks: '127.0.0.0/8, ::1, 198.51.100.0/24', switch_secret: SECRET, switch_networks: '10.66.0.0/16'}});
	[operator, supervisor, neighbour, administrator, auditor] = await Promise.all(
		['operatrice', 'cheffe', 'voisine', 'admin', 'auditrice'].map((login) => house.client(login)));
	nobody = new Client(house);
});

after(async () => {
	for (const socket of sockets) socket.destroy();
	await house?.close();
});

// A new official whose watch has called: the alert, whole.
async function alarm(contact) {
	const official = await house.official(++officials, contact);
	sockets.push(await house.press(official));
	const card = await house.alertOf(operator, official);
	return {...official, alert: await operator.expect(200, 'GET', `/api/alerts/${card.id}`)};
}

const url = (operation, values) => operation.path.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// A good body for each schema of the description.
const bodies = (values) => ({
	Empty: {}, Login: {login: 'operatrice', password: PASSWORD}, Merging: {into: NOWHERE, reason: 'Même événement'}, FactorConfirmation: {login: 'operatrice', password: PASSWORD, code: '000000'}, TakeOver: {reason: 'Relève'}, DispatchOrder: {unit: values.patrol},
	Note: {text: 'Vue à la fenêtre.'}, Mark: {epoch: 7, sequence: 50, text: 'Une porte claque.'}, Closing: {outcome: 'verified_safe'}, Reopening: {reason: 'Rappel'},
	DeviceRequest: {request: 'locate'}, TestOrder: {device: values.device}, FollowAnswer: {answer: 'on_it'}, PatrolStep: {state: 'received'},
	Enrolment: {code: '0000-0000'}, SwitchEvent: {call: 'un', event: 'ringing', number: '0639980001', line: '17', room: ROOM, extension: '4012'}, Identification: {official: NOWHERE}, DraftSearch: {name: 'essai'}, Activation: {identity: 'oui', mandate_checked: 'oui', name: 'X', phone: '0639980001'}, CallClosing: {text: 'Renseignement donné.'}, JournalExport: {reason: 'Contrôle annuel'}, Confirmation: {reason: 'Bilan du mois'}, HoldAnswer: {subject: NOWHERE, lift: 'non', reason: 'Affaire en cours'},
	TermConfirmation: {official: NOWHERE, verified: 'oui'}, TermProlongation: {official: NOWHERE, verified: 'oui'}, TermEnd: {official: NOWHERE, verified: 'oui', why: 'asked'}, TermAnswer: {answer: 'go_on'},
});

function bodyOf(operation, values) {
	const schema = operation.requestBody?.content['application/json'].schema.$ref.split('/').pop();
	return schema && bodies(values)[schema];
}

// What a switch shows beside its body.
const badge = ({path}) => path === '/api/calls' ? {Authorization: `Bearer ${SECRET}`} : {};

// Of the counter, of who holds a code, of who opened their own file: registration.test.mjs, own.test.mjs.
const isRegistration = ({path}) => /^\/api\/(counter|registration|own)(\/|$)/.test(path);

const bySocket = ['/api/feed', '/api/alerts/{id}/sound', '/api/alerts/{id}/talk'];
const ofAccounts = () => house.description.operations().filter(({security, path}) => security[0]?.session && !bySocket.includes(path));
const ofLinks = () => house.description.operations().filter(({path}) => path.includes('{token}'));

test('the_description_is_what_egided_prints_and_its_references_lead_somewhere', async () => {
	const served = await nobody.expect(200, 'GET', '/api/openapi.json');
	assert.deepEqual(JSON.parse(await run('egided', ['--config', house.server.in('egide.conf'), '--openapi'])), served);
	const names = Object.keys(served.components.schemas);
	for (const [, name] of JSON.stringify(served).matchAll(/"#\/components\/schemas\/(\w+)"/g)) assert.ok(names.includes(name), name);
	assert.equal(JSON.stringify(served).match(/"\$ref":"(?!#\/components\/schemas\/)/), null);
});

test('only_auditors_read_the_journal_and_not_what_was_said', async () => {
	const {alert} = await alarm();
	await operator.expect(200, 'POST', `/api/alerts/${alert.id}/claim`, {});
	await operator.expect(201, 'POST', `/api/alerts/${alert.id}/notes`, {text: 'Mot que seul l’opérateur écrit'});
	for (const client of [operator, supervisor, neighbour, administrator]) await client.expect(403, 'GET', '/api/journal');
	const {account} = await operator.expect(200, 'GET', '/api/session');
	const about = await auditor.ask('GET', `/api/journal?subject=${alert.id}&limit=200`);
	assert.equal(about.status, 200, about.text);
	assert.ok(!about.text.includes('Mot que') && !about.text.includes(alert.official.name));
	const noted = about.json.lines.find(({kind}) => kind === 'alert.noted');
	assert.deepEqual(noted.actor, {kind: 'account', id: account.id, name: account.name});
	const by = await auditor.expect(200, 'GET', `/api/journal?account=${account.id}&limit=1`);
	assert.equal(by.lines[0].actor.id, account.id);
	assert.ok(by.next);
	const older = await auditor.expect(200, 'GET', `/api/journal?account=${account.id}&before=${by.next}`);
	assert.ok(older.lines.every(({number, actor}) => number < by.next && actor.id === account.id));
	// The auditor's own readings are there too.
	const {lines} = await auditor.expect(200, 'GET', '/api/journal');
	assert.ok(lines.some(({kind, what, subject}) => kind === 'read' && what === '/api/journal' && subject === alert.id));
	// By the alert's number; of a time.
	const numbered = await auditor.expect(200, 'GET', `/api/journal?ref=${alert.ref}&limit=200`);
	assert.deepEqual(numbered.lines.filter(({kind}) => kind === 'alert.noted'), [noted]);
	assert.deepEqual(noted.about, {ref: alert.ref, name: null});
	await auditor.expect(404, 'GET', '/api/journal?ref=123456789');
	const within = await auditor.expect(200, 'GET', `/api/journal?since=${noted.at}&until=${noted.at + 1}&limit=200`);
	assert.ok(within.lines.some(({number}) => number === noted.number) && within.lines.every(({at}) => at === noted.at));
	assert.deepEqual(await auditor.expect(200, 'GET', `/api/journal?until=${noted.at - 86400000}`), {lines: [], next: null});
	assert.deepEqual(await auditor.expect(200, 'GET', `/api/journal?since=${noted.at + 86400000}`), {lines: [], next: null});
	for (const wrong of ['subject=x', 'account=x', 'before=x', 'limit=201', 'ref=0', 'since=x', 'until=-1', 'person=x', 'kind=x']) await auditor.expect(400, 'GET', `/api/journal?${wrong}`);
});

test('reading_the_open_list_and_the_feed_leave_one_line_an_hour_each_alert_and_closed_list_one_a_reading', async () => {
	await house.account('lectrice', 'operator', ROOM);
	const reader = await house.client('lectrice'), {alert} = await alarm();
	const {account} = await reader.expect(200, 'GET', '/api/session');
	for (let i = 0; i < 3; i++) {
		await reader.expect(200, 'GET', '/api/alerts');
		await reader.expect(200, 'GET', '/api/alerts?state=closed');
		await reader.expect(200, 'GET', `/api/alerts/${alert.id}`);
		await (await reader.console()).first('welcome');
	}
	const read = async () => (await auditor.expect(200, 'GET', `/api/journal?account=${account.id}`)).lines
		.filter(({kind}) => kind === 'read').map(({what}) => what);
	const lines = await until('eight lines', async () => {
		const list = await read();
		return list.length >= 8 && list;
	});
	const count = (what) => lines.filter((one) => one === what).length;
	// The open list once, the closed one each time.
	assert.deepEqual([count('/api/alerts'), count('/api/alerts/{id}'), count('/api/feed')], [4, 3, 1]);
});

test('the_right_operator_can_do_everything_in_its_order', async () => {
	const {alert, device, id: official} = await alarm();
	const where = `/api/alerts/${alert.id}`, contact = alert.contacts[0].id;
	const done = [];
	const act = (client, status, method, path, body) => {
		done.push(`${method} ${house.description.find(method, path.split('?')[0]).path}`);
		return client.expect(status, method, path, body);
	};
	await act(operator, 200, 'GET', '/api/session');
	await act(operator, 200, 'GET', '/api/alerts?state=open');
	await act(operator, 200, 'GET', where);
	assert.equal((await act(operator, 200, 'GET', `${where}/trail?after=0`)).fixes.length, 1);
	assert.equal((await act(operator, 200, 'GET', `/api/units?alert=${alert.id}`)).units[0].competent, true);
	await house.account('guichet', 'counter');
	assert.deepEqual(await act(await house.client('guichet'), 200, 'GET', '/api/mandates?commune=86294'), {mandates: [], loaded: false});
	assert.equal((await act(operator, 200, 'GET', '/api/territory?lat=46.64&lon=0.166')).territory, null);
	const {devices} = await act(operator, 200, 'GET', '/api/devices');
	assert.equal(devices.find((one) => one.id === device).connected, true);
	assert.equal((await act(operator, 200, 'POST', `${where}/claim`, {})).state, 'claimed');
	await act(operator, 201, 'POST', `${where}/notes`, {text: 'Portail vert.'});
	await act(operator, 201, 'POST', `${where}/marks`, {epoch: 7, sequence: 50, text: 'Une porte claque.'});
	assert.deepEqual(await act(operator, 202, 'POST', `${where}/device`, {request: 'locate'}), {sent: true});
	await act(operator, 200, 'POST', `${where}/contacts/${contact}/message`, {});
	await act(operator, 200, 'DELETE', `${where}/contacts/${contact}/link`);
	assert.equal((await act(operator, 201, 'POST', `${where}/dispatches`, {unit: house.patrol.id})).state, 'engaged');
	const {dispatches} = await operator.expect(200, 'GET', where);
	await act(operator, 200, 'POST', `${where}/dispatches/${dispatches[0].id}/cancel`, {});
	assert.equal((await act(supervisor, 200, 'POST', `${where}/take-over`, {reason: 'Relève'})).claim.account.name, 'Compte cheffe');
	const closed = await act(supervisor, 200, 'POST', `${where}/close`, {outcome: 'other', text: 'Fausse manœuvre'});
	assert.equal(closed.closed.outcome, 'other');
	assert.equal((await operator.expect(200, 'GET', '/api/alerts?state=closed&limit=1')).alerts[0].id, alert.id);
	assert.equal((await act(operator, 200, 'POST', `${where}/reopen`, {reason: 'Nouvel appel'})).closed, null);
	const trial = await act(operator, 201, 'POST', '/api/test-alerts', {device});
	assert.ok(trial.test && trial.official.id === official);
	const session = await house.client('operatrice');
	await act(session, 204, 'DELETE', '/api/session');
	await act(auditor, 200, 'GET', '/api/journal');
	await act(auditor, 200, 'GET', '/api/journal/people?q=essai');
	assert.deepEqual(await act(auditor, 200, 'GET', '/api/journal/held'), {held: []});
	assert.deepEqual(await act(auditor, 200, 'GET', '/api/journal/holds'), {holds: []});
	await act(auditor, 200, 'POST', '/api/journal/export', {reason: 'Contrôle annuel'});
	const last = await house.client('cheffe');
	await act(last, 204, 'DELETE', '/api/sessions');
	await last.login('cheffe');
	supervisor = last;
	// Nothing is recorded of this alert: sound.test.mjs, voice.test.mjs and evidence.test.mjs.
	// Calls to 17 have their own file, calls.test.mjs.
	// The end of a shift, alerts of one event: handover.test.mjs, merge.test.mjs.
	const recordings = ['POST /api/alerts/{id}/merge', 'POST /api/alerts/{id}/unmerge', 'POST /api/handover', 'DELETE /api/handover', 'POST /api/alerts/{id}/accept', 'POST /api/alerts/{id}/release', 'POST /api/calls/{id}/accept',
		'GET /api/calls/{id}', 'GET /api/calls/{id}/search', 'POST /api/calls/{id}/claim', 'POST /api/calls/{id}/identify', 'POST /api/calls/{id}/close', 'POST /api/calls/{id}/alert',
		'GET /api/alerts/{id}/recording', 'GET /api/alerts/{id}/audio.ogg', 'GET /api/alerts/{id}/clips/{clip}', 'GET /api/alerts/{id}/evidence',
		'POST /api/alerts/{id}/seal', 'POST /api/alerts/{id}/unseal', 'POST /api/journal/held/{id}/confirm', 'POST /api/journal/holds'];
	const missing = ofAccounts().filter((one) => !isRegistration(one)).map(({method, path}) => `${method} ${path}`).filter((one) => ![...done, ...recordings].includes(one));
	assert.deepEqual(missing, []);
});

test('what_the_situation_forbids_is_a_conflict_that_says_why', async () => {
	const {alert} = await alarm();
	const where = `/api/alerts/${alert.id}`;
	const conflict = async (client, path, body, name = 'conflict') => {
		const problem = await client.expect(409, 'POST', `${where}/${path}`, body);
		assert.equal(problem.type, `/problems/${name}`);
		assert.ok(problem.detail.length > 10);
	};
	await conflict(operator, 'dispatches', {unit: house.patrol.id});
	await conflict(operator, 'reopen', {reason: 'Non'});
	await operator.expect(200, 'POST', `${where}/claim`, {});
	await conflict(supervisor, 'claim', {});
	await conflict(operator, 'take-over', {});
	await operator.expect(201, 'POST', `${where}/dispatches`, {unit: house.patrol.id});
	await conflict(operator, 'dispatches', {unit: house.patrol.id});
	await operator.expect(200, 'POST', `${where}/close`, {outcome: 'false_alarm'});
	await conflict(operator, 'dispatches', {unit: house.patrol.id});
	assert.equal((await operator.expect(400, 'POST', `/api/alerts/${alert.id}/close`, {outcome: 'perdue'})).errors[0].field, 'outcome');
});

test('without_the_right_to_listen_no_watch_is_asked_to_dial', async () => {
	const {alert} = await alarm();
	assert.ok(alert.refusals.listen.length > 10);
	const {type, detail} = await operator.expect(409, 'POST', `/api/alerts/${alert.id}/device`, {request: 'listen'});
	assert.deepEqual([type, detail], ['/problems/conflict', alert.refusals.listen]);
});

test('a_device_that_is_not_connected_cannot_be_asked', async () => {
	const {alert} = await alarm();
	sockets.pop().destroy();
	await until('the watch is gone', async () => !(await operator.expect(200, 'GET', `/api/alerts/${alert.id}`)).connected);
	assert.equal((await operator.expect(409, 'POST', `/api/alerts/${alert.id}/device`, {request: 'locate'})).type, '/problems/conflict');
});

// --- bodies and parameters

const deep = (levels) => '['.repeat(levels) + ']'.repeat(levels);
const BAD = [
	['not JSON', () => '{"'],
	['an array', () => '[]'],
	['a text', () => '"oui"'],
	['an unknown key', (good) => ({...good, intrus: 1})],
	['a key twice', () => '{"intrus":1,"intrus":2}'],
	['broken UTF-8', () => Buffer.from([...Buffer.from('{"text":"'), 0xc3, 0x28, ...Buffer.from('"}')])],
	['an overlong UTF-8', () => Buffer.from([...Buffer.from('{"text":"'), 0xc0, 0xaf, ...Buffer.from('"}')])],
	['a NUL in a text', () => '{"text":"a\\u0000b","reason":"a\\u0000b"}'],
	['a hundred levels', () => `{"text":${deep(100)}}`],
	['a hundred thousand levels', () => deep(100_000)],
	['two bodies', () => '{}{}'],
];

// Where the role is looked at before the body.
const whose = ({path}) => path === '/api/journal/holds' ? auditor : operator;

test('a_bad_body_is_refused_on_every_route_and_changes_nothing', async () => {
	const {alert, device} = await alarm();
	const values = {id: alert.id, contact: alert.contacts[0].id, dispatch: NOWHERE, clip: NOWHERE, patrol: house.patrol.id, device, token: 'inconnu'};
	const withBody = house.description.operations().filter(({requestBody, path}) => requestBody && path !== '/api/session' && !isRegistration({path}));
	for (const operation of withBody)
		for (const [what, make] of BAD) {
			const answer = await whose(operation).ask(operation.method, url(operation, values), make(bodyOf(operation, values)), badge(operation));
			assert.equal(answer.status, 400, `${what} to ${operation.path}: ${answer.text}`);
			assert.equal(answer.json.type, '/problems/invalid');
		}
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${alert.id}`)).state, 'raised');
});

test('each_field_is_checked_and_the_one_at_fault_is_named', async () => {
	const {alert, device} = await alarm();
	const values = {id: alert.id, contact: alert.contacts[0].id, dispatch: NOWHERE, clip: NOWHERE, patrol: house.patrol.id, device, token: 'inconnu'};
	const schemas = (await nobody.expect(200, 'GET', '/api/openapi.json')).components.schemas;
	// Its fields are read as those of the counter are: registration.test.mjs.
	for (const operation of house.description.operations().filter((one) => !isRegistration(one) && one.path !== '/api/journal/holds')) {
		const name = operation.requestBody?.content['application/json'].schema.$ref.split('/').pop();
		const {properties = {}, required = []} = schemas[name] ?? {};
		for (const field of Object.keys(properties)) {
			const good = bodyOf(operation, values);
			if (name === 'DeviceRequest') good.request = 'interval';
			const bad = [42.5, true, {}, ['a'], field === 'password' ? 'a'.repeat(300) : 'é'.repeat(field === 'geolocation' ? 20_000 : 5000), -1];
			if (required.includes(field)) bad.push(undefined, null, ...field === 'password' ? [] : ['', '   ']);
			for (const value of bad) {
				const answer = await operator.ask(operation.method, url(operation, values), {...good, [field]: value}, badge(operation));
				assert.equal(answer.status, 400, `${operation.path} ${field}=${JSON.stringify(value)?.slice(0, 20)}: ${answer.text}`);
				assert.equal(answer.json.errors[0].field, field);
			}
		}
	}
});

test('a_body_over_the_cap_is_too_large_and_one_under_it_is_read', async () => {
	const {alert} = await alarm();
	const path = `/api/alerts/${alert.id}/notes`;
	await operator.expect(413, 'POST', path, {text: 'a'.repeat(300 * 1024)});
	await operator.expect(400, 'POST', path, {text: 'a'.repeat(250 * 1024)});
	await operator.expect(201, 'POST', path, {text: 'a'.repeat(4000)});
	await operator.expect(400, 'POST', path, {text: 'a'.repeat(4001)});
});

test('a_body_that_does_not_say_it_is_json_is_refused', async () => {
	const {alert} = await alarm();
	const path = `/api/alerts/${alert.id}/notes`, body = {text: 'Bonjour'};
	for (const type of [undefined, 'text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'application'])
		await operator.expect(400, 'POST', path, Buffer.from(JSON.stringify(body)), {'Content-Type': type});
	await operator.expect(201, 'POST', path, body, {'Content-Type': 'Application/JSON ; charset=utf-8'});
});

test('bad_parameters_are_refused_and_a_path_that_is_no_identity_leads_nowhere', async () => {
	const {alert} = await alarm();
	for (const query of ['state=ouverte', 'limit=0', 'limit=201', 'limit=-1', 'limit=1e1', 'before=-1', 'before=x', 'before=99999999999999999999'])
		await operator.expect(400, 'GET', `/api/alerts?${query}`);
	await operator.expect(400, 'GET', `/api/alerts/${alert.id}/trail?after=-1`);
	await operator.expect(400, 'GET', '/api/units?alert=42');
	for (const query of ['lat=91&lon=0', 'lat=46', 'lon=0', 'lat=x&lon=0', 'lat=46&lon=181'])
		await operator.expect(400, 'GET', `/api/territory?${query}`);
	await operator.expect(404, 'GET', `/api/units?alert=${NOWHERE}`);
	for (const id of ['42', `${alert.id}0`, 'x'.repeat(5000), `${alert.id}/`, `${alert.id}/nowhere`, '%C3%A9'])
		assert.equal((await operator.ask('GET', `/api/alerts/${id}`)).status, 404, id);
	await operator.expect(404, 'GET', '/api/nowhere');
	await operator.expect(404, 'POST', '/api');
});

test('another_method_is_told_which_are_allowed', async () => {
	for (const [path, allowed] of [['/api/alerts', 'GET, HEAD'], ['/api/session', 'POST, GET, HEAD, DELETE'], ['/mobile/osmand', 'GET, HEAD, POST']]) {
		const answer = await nobody.ask('PUT', path, {});
		assert.equal(answer.status, 405);
		assert.equal(answer.headers.get('allow'), allowed);
	}
	const head = await nobody.ask('HEAD', '/api/configuration');
	assert.deepEqual([head.status, head.text], [200, '']);
});

test('every_answer_carries_the_headers_that_protect_pages', async () => {
	for (const path of ['/api/configuration', '/api/session', '/api/nowhere', '/salle', '/s/secret']) {
		const {headers} = await nobody.ask('GET', path);
		assert.match(headers.get('content-security-policy'), /default-src 'self'.*frame-ancestors 'none'/);
		assert.equal(headers.get('x-content-type-options'), 'nosniff');
		assert.equal(headers.get('referrer-policy'), 'no-referrer');
		assert.match(headers.get('cache-control'), path.startsWith('/api') ? /no-store/ : /no-cache/);
	}
	assert.equal((await nobody.ask('GET', '/health', undefined, {'X-Forwarded-Proto': 'https', Origin: undefined})).headers.get('strict-transport-security'),
		'max-age=31536000');
});

// --- idempotency

test('the_same_key_with_the_same_body_is_done_once', async () => {
	const {alert, device} = await alarm();
	const path = `/api/alerts/${alert.id}/notes`, key = {'Idempotency-Key': 'note-1'};
	const cards = await Promise.all(Array.from({length: 5}, () => operator.expect(201, 'POST', path, {text: 'Une fois'}, key)));
	for (const card of cards) assert.equal(card.id, alert.id);
	await operator.expect(201, 'POST', path, {text: 'Autre texte'}, key);
	await supervisor.expect(201, 'POST', path, {text: 'Une fois'}, key);
	await operator.expect(201, 'POST', path, {text: 'Une fois'});
	const {entries} = await operator.expect(200, 'GET', `/api/alerts/${alert.id}`);
	assert.deepEqual(entries.filter(({kind}) => kind === 'alert.noted').map(({body}) => body.text),
		['Une fois', 'Autre texte', 'Une fois', 'Une fois']);
	const trials = await Promise.all([1, 2].map(() => operator.expect(201, 'POST', '/api/test-alerts', {device}, key)));
	assert.equal(trials[0].id, trials[1].id);
	await operator.expect(409, 'POST', '/api/test-alerts', {device});
	await operator.expect(201, 'POST', path, {text: 'Clé longue'}, {'Idempotency-Key': 'k'.repeat(64)});
	await operator.expect(400, 'POST', path, {text: 'Clé trop longue'}, {'Idempotency-Key': 'k'.repeat(65)});
});

// --- sessions

const loginAs = (client, login, password = PASSWORD, headers = {}) => client.ask('POST', '/api/session', {login, password}, headers);

test('the_cookie_is_out_of_reach_of_scripts_and_other_sites', async () => {
	const client = new Client(house);
	const cookie = (await loginAs(client, 'operatrice')).headers.get('set-cookie');
	assert.match(cookie, /^egide_session=[\w-]{20,}; Path=\/; HttpOnly; SameSite=Strict$/);
	const secure = await loginAs(client, 'operatrice', PASSWORD, {'X-Forwarded-Proto': 'https', Origin: house.server.url.replace('http:', 'https:')});
	assert.match(secure.headers.get('set-cookie'), /; Secure$/);
	client.cookie = cookie.split(';')[0];
	const ended = (await client.ask('DELETE', '/api/session')).headers.get('set-cookie');
	assert.match(ended, /^egide_session=; .*Max-Age=0$/);
});

test('a_room_made_a_moment_ago_is_in_the_session_of_who_logs_in', async () => {
	for (const room of ['Salle du Clain', 'Salle de la Boivre', 'Salle du Palais']) {
		await house.server.ctl('unit', 'add', {name: room, kind: 'room'});
		await house.account(`de ${room}`.toLowerCase().replaceAll(' ', '-'), 'operator', room);
		const {json} = await loginAs(new Client(house), `de-${room.toLowerCase().replaceAll(' ', '-')}`);
		assert.equal(json.room?.name, room);
	}
});

test('each_login_has_a_new_session_and_logging_out_ends_that_one', async () => {
	const [one, two] = [await house.client('operatrice'), await house.client('operatrice')];
	assert.notEqual(one.cookie, two.cookie);
	await one.expect(204, 'DELETE', '/api/session');
	await one.expect(401, 'GET', '/api/session');
	assert.equal((await two.expect(200, 'GET', '/api/session')).account.login, 'operatrice');
	await two.expect(204, 'DELETE', '/api/session');
	await two.expect(401, 'DELETE', '/api/session');
});

test('a_login_ends_the_session_it_takes_the_place_of', async () => {
	const client = await house.client('operatrice'), old = new Client(house, {cookie: client.cookie});
	const [bystander, console] = [await house.client('operatrice'), await old.console()];
	await console.first('welcome');
	await client.login('cheffe');
	await old.expect(401, 'GET', '/api/session');
	assert.equal(await console.closed(), 4401);
	assert.equal((await client.expect(200, 'GET', '/api/session')).account.login, 'cheffe');
	await bystander.expect(200, 'GET', '/api/session');
});

test('a_session_forced_on_a_visitor_is_not_the_one_they_get', async () => {
	const client = new Client(house, {cookie: 'egide_session=AAAAAAAAAAAAAAAAAAAAAA'});
	await client.login('operatrice');
	assert.ok(!client.cookie.includes('AAAAAAAAAAAAAAAAAAAAAA'));
	await new Client(house, {cookie: 'egide_session=AAAAAAAAAAAAAAAAAAAAAA'}).expect(401, 'GET', '/api/session');
});

test('a_wrong_login_and_a_wrong_password_read_alike', async () => {
	const client = new Client(house);
	const [name, word] = [await loginAs(client, 'personne'), await loginAs(client, 'operatrice', 'ce n’est pas lui')];
	assert.deepEqual([name.status, word.status], [401, 401]);
	assert.equal(name.text, word.text);
	assert.equal(name.headers.get('set-cookie'), null);
});

test('a_disabled_account_cannot_come_in_and_its_sessions_end', async () => {
	await house.account('partie', 'operator', 'Salle de la Vienne');
	const client = await house.client('partie');
	await house.server.ctl('account', 'disable', {account: 'partie'});
	await client.expect(401, 'GET', '/api/session');
	assert.equal((await loginAs(new Client(house), 'partie')).status, 401);
	await house.server.ctl('account', 'enable', {account: 'partie'});
	await house.client('partie');
});

test('after_five_failures_a_source_waits_and_others_do_not', async () => {
	const client = new Client(house), elsewhere = new Client(house);
	const wrong = await Promise.all(Array.from({length: 12}, (_, i) => loginAs(client, 'cheffe', `essai ${i}`)));
	const statuses = wrong.map(({status}) => status).sort();
	assert.deepEqual(statuses, [...Array(5).fill(401), ...Array(7).fill(429)]);
	const answer = await loginAs(client, 'cheffe');
	assert.equal(answer.status, 429);
	assert.ok(Number(answer.headers.get('retry-after')) in Array(62).fill());
	await loginAs(elsewhere, 'cheffe').then(({status}) => assert.equal(status, 200));
	await client.login('operatrice');
});

test('a_source_that_tries_many_names_waits_and_its_network_with_it', async () => {
	const at = (n) => new Client(house, {address: `2001:db8:0:7::${n}`});
	for (let i = 0; i < 30; i++) assert.equal((await loginAs(at(i), `nom-${i}`)).status, 401);
	assert.equal((await loginAs(at(31), 'nom-31')).status, 429);
	assert.equal((await loginAs(new Client(house, {address: '2001:db8:0:8::1'}), 'nom-31')).status, 401);
});

test('good_logins_are_not_counted', async () => {
	const client = new Client(house);
	for (let i = 0; i < 12; i++) await client.login('operatrice');
});

// One after the other, the least of each: what else the machine does only adds. Each name is asked few times: logins have a pace.
test('an_unknown_login_takes_the_time_of_a_known_one', async () => {
	const known = ['operatrice', 'voisine', 'auditrice', 'cheffe'];
	const least = {known: Infinity, unknown: Infinity};
	const ask = async (kind, login) => {
		const client = new Client(house), from = process.hrtime.bigint();
		assert.equal((await loginAs(client, login, 'ce n’est pas lui')).status, 401);
		least[kind] = Math.min(least[kind], Number(process.hrtime.bigint() - from));
	};
	const isAlike = () => least.unknown > least.known / 2 && least.unknown < least.known * 2;
	for (let round = 0; round < 16 && (round < 4 || !isAlike()); round++) {
		await ask('known', known[round % known.length]);
		await ask('unknown', `personne${round}`);
	}
	assert.ok(isAlike(), `${least.unknown} against ${least.known} ns`);
});

// --- origin

test('another_site_can_do_nothing_with_our_cookie', async () => {
	const {alert} = await alarm();
	const path = `/api/alerts/${alert.id}/claim`;
	const port = house.server.port;
	for (const origin of ['https://ailleurs.example', 'null', `http://127.0.0.1:${port + 1}`, `https://127.0.0.1:${port}`,
		`http://127.0.0.1:${port}.ailleurs.example`, `http://127.0.0.1`, undefined]) {
		const problem = await operator.expect(403, 'POST', path, {}, {Origin: origin});
		assert.equal(problem.type, '/problems/forbidden');
	}
	await operator.expect(403, 'DELETE', '/api/sessions', undefined, {Origin: 'https://ailleurs.example'});
	await operator.expect(403, 'GET', '/api/session', undefined, {Origin: 'https://ailleurs.example'});
	await operator.expect(200, 'GET', '/api/session', undefined, {Origin: undefined});
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${alert.id}`)).state, 'raised');
	await operator.expect(200, 'POST', path, {});
});

test('a_program_without_cookies_needs_no_origin', () =>
	new Client(house).expect(200, 'POST', '/api/session', {login: 'operatrice', password: PASSWORD}, {Origin: undefined}));

// --- links

test('a_trusted_person_follows_by_link_until_it_ends', async () => {
	// A number of their own: what earlier tests sent to the others may still be on its way.
	const person = '+33199000105', {alert} = await alarm(person);
	const where = `/api/suivi/${await house.gateway.token('s', person)}`;
	const page = await nobody.expect(200, 'GET', where);
	assert.deepEqual([page.state, page.answered, page.official.name], ['open', false, 'Élue d’essai']);
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${alert.id}`)).contacts[0].state === 'on_it', false);
	assert.equal((await nobody.expect(200, 'POST', `${where}/answer`, {answer: 'on_it'})).answered, true);
	assert.equal((await nobody.expect(200, 'POST', `${where}/answer`, {answer: 'on_it'})).answered, true);
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${alert.id}`)).contacts[0].state, 'on_it');
	await operator.expect(200, 'POST', `/api/alerts/${alert.id}/claim`, {});
	await operator.expect(200, 'DELETE', `/api/alerts/${alert.id}/contacts/${alert.contacts[0].id}/link`);
	await nobody.expect(410, 'GET', where);
	await nobody.expect(410, 'POST', `${where}/answer`, {answer: 'on_it'});
});

test('a_patrol_says_each_step_by_its_link_and_not_backwards', async () => {
	const {alert} = await alarm();
	const from = house.gateway.messages.length;
	await operator.expect(200, 'POST', `/api/alerts/${alert.id}/claim`, {});
	await operator.expect(201, 'POST', `/api/alerts/${alert.id}/dispatches`, {unit: house.patrol.id});
	const token = await house.gateway.token('p', PATROL, from), where = `/api/patrouille/${token}`;
	assert.equal((await nobody.expect(200, 'GET', where)).dispatch.state, 'sent');
	for (const state of ['received', 'en_route', 'arrived'])
		assert.equal((await nobody.expect(200, 'POST', `${where}/state`, {state})).dispatch.state, state);
	await nobody.expect(409, 'POST', `${where}/state`, {state: 'en_route'});
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${alert.id}`)).state, 'on_scene');
	await nobody.expect(404, 'GET', `/api/suivi/${token}`);
	await nobody.expect(404, 'POST', `/api/suivi/${token}/answer`, {answer: 'on_it'});
	await operator.expect(200, 'POST', `/api/alerts/${alert.id}/close`, {outcome: 'intervention'});
	await nobody.expect(410, 'GET', where);
});

test('guessing_links_is_slowed_down_for_who_guesses', async () => {
	const codes = house.description.find('POST', '/api/phone/enrol');
	for (const operation of [...ofLinks(), codes]) {
		const client = new Client(house);
		const guess = (n) => client.ask(operation.method, url(operation, {token: `devine-${n}`}), bodyOf(operation, {}));
		for (let i = 0; i < 30; i++) assert.equal((await guess(i)).status, 404, operation.path);
		const refused = await guess(30);
		assert.equal(refused.status, 429, operation.path);
		assert.ok(refused.headers.has('retry-after'));
	}
});

// --- telephones

async function phoneCode(fields = {}) {
	const {id} = await house.server.ctl('device', 'add', {protocol: 'phone', label: 'Téléphone d’essai', unit: ROOM, ...fields});
	return {id, ...await house.server.ctl('device', 'code', {device: id})};
}

test('a_telephone_is_enrolled_once_by_the_code_of_the_counter', async () => {
	const {id, code, expires_at: until_ms} = await phoneCode(), {now} = await nobody.expect(200, 'GET', '/api/configuration');
	assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
	assert.ok(until_ms > now && until_ms <= now + 30 * 60_000);
	const enrolled = await nobody.expect(201, 'POST', '/api/phone/enrol', {code: code.toLowerCase().replace('-', ' ')});
	assert.deepEqual([enrolled.device, enrolled.label], [id, 'Téléphone d’essai']);
	assert.match(enrolled.secret, /^[\w-]{22}$/);
	for (const wrong of [code, '0000-0000', 'bonjour']) {
		const problem = await nobody.expect(404, 'POST', '/api/phone/enrol', {code: wrong});
		assert.equal(problem.type, '/problems/not-found');
		assert.match(problem.detail, /Demandez-en un autre/);
	}
	const {devices} = await house.server.ctl('device', 'list');
	const device = devices.find((one) => one.id === id);
	assert.deepEqual([device.protocol, device.silent, device.credential], ['phone', true, true]);
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${id}`);
	assert.ok(lines.some(({actor}) => actor.kind === 'device'), JSON.stringify(lines));
});

test('good_codes_are_not_counted_and_another_site_cannot_use_one', async () => {
	const client = new Client(house);
	for (let i = 0; i < 32; i++) {
		const {code} = await phoneCode();
		if (!i) await client.expect(403, 'POST', '/api/phone/enrol', {code}, {Origin: 'https://ailleurs.example', Cookie: operator.cookie});
		await client.expect(201, 'POST', '/api/phone/enrol', {code});
	}
});

// --- what only the machine itself and the gateways may ask

test('metrics_are_for_the_machine_itself_and_callbacks_for_the_networks_of_the_gateways', async () => {
	for (const path of ['/metrics', '/kannel/receipt?id=x&d=1&secret=y', '/kannel/inbound']) {
		await nobody.expect(404, 'GET', path);
		await nobody.expect(404, 'GET', path, undefined, {'X-Forwarded-For': '127.0.0.1, 10.1.2.3'});
	}
	const {text, status} = await nobody.ask('GET', '/metrics', undefined, {'X-Forwarded-For': undefined});
	assert.equal(status, 200);
	assert.match(text, /^# /m);
	for (const gateway of [undefined, '198.51.100.7']) {
		await nobody.expect(403, 'GET', '/kannel/receipt?id=x&d=1&secret=y', undefined, {'X-Forwarded-For': gateway});
		await nobody.expect(403, 'GET', '/kannel/inbound?from=1&text=OK&id=1', undefined, {'X-Forwarded-For': gateway});
		await nobody.expect(200, 'GET', `/kannel/receipt?id=${NOWHERE}&d=1&secret=${SECRET}`, undefined, {'X-Forwarded-For': gateway});
	}
	await nobody.expect(404, 'GET', '/metrics', undefined, {'X-Forwarded-For': '198.51.100.7'});
});
