// The official's own file: opened by a code or by an enrolled telephone, read, corrected, copied, left.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs/promises';
import {after, before, test} from 'node:test';

import {Client, House, OTHER_ROOM} from '../lib/api.mjs';
import {enrol, Phone} from '../lib/phone.mjs';
import {BRIGADE, ROOM} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let house, counter, elsewhere, operator, auditor;
let numbers = 0;

before(async () => {
	house = await House.open();
	await house.account('guichet', 'counter', ROOM);
	await house.account('guichet.ailleurs', 'counter', OTHER_ROOM);
	[counter, elsewhere, operator, auditor] = await Promise.all(['guichet', 'guichet.ailleurs', 'operatrice', 'auditrice'].map((login) => house.client(login)));
});

after(() => house?.close());

// Somebody registered: {id, phone}.
async function somebody(fields = {}) {
	const phone = `+3319900${4000 + ++numbers}`;
	const {id} = await house.server.ctl('official', 'add', {
		name: `Élue ${numbers}`, phone, unit: BRIGADE, mandate: 'Maire', commune: 'Béruges', address: '3 rue de l’Église', access: 'Portail vert', ...fields,
	});
	return {id, phone};
}

const texts = (to) => house.gateway.messages.filter((one) => one.to === to).map(({text}) => text);
const codeOf = (to, from = 0) => until(`a code for ${to}`, () => texts(to).slice(from).map((text) => text.match(/code (\d{6})/)?.[1]).find(Boolean));

// Keeps the cookie an answer sets.
async function open(client, path, body) {
	const answer = await client.ask('POST', path, body);
	assert.equal(answer.status, 200, answer.text);
	const cookie = answer.headers.get('set-cookie');
	assert.match(cookie, /^egide_own=[^;]+; Path=\/api\/own; HttpOnly; SameSite=Strict/);
	client.cookie = cookie.split(';')[0];
	return client;
}

async function opened(official) {
	const client = new Client(house), from = texts(official.phone).length;
	const {request} = await client.expect(200, 'POST', '/api/own/code', {phone: official.phone});
	return open(client, '/api/own/session', {request, code: await codeOf(official.phone, from)});
}

const READ = [['GET', '/api/own'], ['GET', '/api/own/readings'], ['GET', '/api/own/copy'], ['POST', '/api/own/correction', {}], ['DELETE', '/api/own/correction'],
	['DELETE', '/api/own/consent'], ['POST', '/api/own/term', {}], ['POST', '/api/own/leaving', {}], ['DELETE', '/api/own/leaving'], ['DELETE', '/api/own/session']];

test('a_code_sent_to_the_number_of_the_file_opens_it_once_and_only_where_it_was_asked', async () => {
	const official = await somebody(), client = new Client(house), thief = new Client(house);
	const {request} = await client.expect(200, 'POST', '/api/own/code', {phone: official.phone});
	const {request: another} = await thief.expect(200, 'POST', '/api/own/code', {phone: '+33199004999'});
	const code = await codeOf(official.phone), wrong = code === '000000' ? '000001' : '000000';
	await thief.expect(401, 'POST', '/api/own/session', {request: another, code});
	for (let i = 0; i < 4; i++) await client.expect(401, 'POST', '/api/own/session', {request, code: wrong});
	await open(client, '/api/own/session', {request, code});
	await thief.expect(401, 'POST', '/api/own/session', {request, code});
	const {file, contacts, leaving} = await client.expect(200, 'GET', '/api/own');
	assert.deepEqual([file.name, file.access, file.force, file.unit, contacts, leaving], ['Élue 1', 'Portail vert', 'gendarmerie', BRIGADE, [], null]);
	// A session of theirs opens nothing of the others, nor the other way.
	await client.expect(401, 'GET', '/api/alerts');
	for (const who of [new Client(house), operator, counter])
		for (const [method, path, body] of READ) await who.expect(401, method, path, body);
	await client.expect(204, 'DELETE', '/api/own/session');
	await client.expect(401, 'GET', '/api/own');
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${official.id}`);
	assert.deepEqual(lines.map(({kind, actor, what}) => [kind, actor.kind, what]).reverse(), [['created', 'control', 'official'],
		...Array(4).fill(['session.refused', 'system', 'own.code']), ['session.opened', 'official', 'own.code'], ['read', 'official', 'own.file'], ['session.closed', 'official', null]]);
});

test('the_answer_is_the_same_whosever_the_number_is_and_codes_have_their_caps', async () => {
	const official = await somebody(), unknown = '+33199004998', answers = {};
	for (const phone of [official.phone, unknown]) {
		answers[phone] = [];
		for (let i = 0; i < 4; i++) {
			// Each from another address.
			const {status, json} = await new Client(house).ask('POST', '/api/own/code', {phone});
			answers[phone].push([status, Object.keys(json), json.minutes, json.detail]);
		}
	}
	assert.deepEqual(answers[official.phone], answers[unknown]);
	assert.deepEqual(answers[unknown].map(([status]) => status), [200, 200, 200, 429]);
	await until('three SMS', () => texts(official.phone).length === 3);
	assert.deepEqual(texts(unknown), []);
	const hasty = new Client(house);
	for (let i = 0; i < 10; i++) await hasty.expect(200, 'POST', '/api/own/code', {phone: `+33199005${100 + i}`});
	await hasty.expect(429, 'POST', '/api/own/code', {phone: '+33199005200'});
	// The enrolled telephone is another way in.
	const identity = await enrol(house.server, official.id), {device, secret} = identity;
	// With the code that was chosen for it; without one it opens nothing.
	await hasty.expect(409, 'POST', '/api/own/session/phone', {device, secret});
	await hasty.expect(401, 'GET', '/api/own');
	const phone = await Phone.welcome(house.server, identity);
	assert.equal((await phone.ask({type: 'pins', at: Date.now(), pin: '7031', duress: '9264', current: null})).problem, null);
	phone.socket.terminate();
	await open(hasty, '/api/own/session/phone', {device, secret, code: '7031'});
	await hasty.expect(200, 'GET', '/api/own');
	await hasty.expect(404, 'POST', '/api/own/session/phone', {device, secret: 'AAAAAAAAAAAAAAAAAAAAAA'});
	await hasty.expect(404, 'POST', '/api/own/session/phone', {device: official.id, secret});
	// Out of service, lost perhaps, it opens nothing.
	await house.server.ctl('device', 'disable', {device});
	await hasty.expect(401, 'GET', '/api/own');
	await hasty.expect(404, 'POST', '/api/own/session/phone', {device, secret, code: '7031'});
});

test('who_looked_is_shown_by_role_and_service_never_by_name_and_nothing_while_an_alert_runs', async () => {
	const official = await house.official(500), person = {...official, phone: '+33199002500'};
	const socket = await house.press(official);
	const {id} = await house.alertOf(operator, official);
	await operator.expect(200, 'GET', `/api/alerts/${id}`);
	const client = await opened(person);
	const during = await client.ask('GET', '/api/own/readings');
	assert.ok(!during.text.includes('operator'), during.text);
	await operator.expect(200, 'POST', `/api/alerts/${id}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${id}/close`, {outcome: 'false_alarm'});
	socket.destroy();
	const {lines, next} = await client.expect(200, 'GET', '/api/own/readings');
	const seen = lines.find(({by, in_alert: inAlert}) => by === 'account' && inAlert);
	assert.deepEqual([seen.deed, seen.roles, seen.service, next], ['read', 'operator', ROOM, null]);
	assert.ok(lines.every((line) => !JSON.stringify(line).includes('Opératrice')));
	for (let i = 0; i < 20; i++) await client.expect(200, 'GET', '/api/own/copy');
	// What they read themselves would hide the others.
	assert.ok(!lines.some(({by, deed}) => by === 'official' && deed === 'read') && lines.some(({by, deed}) => by === 'official' && deed === 'opened'));
	const page = await client.expect(200, 'GET', '/api/own/readings');
	const rest = await client.expect(200, 'GET', `/api/own/readings?before=${page.next}`);
	assert.equal(page.lines.length, 20);
	assert.ok(rest.lines.some(({number}) => number === seen.number) && rest.lines.every(({number}) => number < page.next));
	await client.expect(400, 'GET', '/api/own/readings?before=x');
	const copy = await client.expect(200, 'GET', '/api/own/copy');
	assert.ok(copy.lines_are_all && copy.lines.length > 20 && copy.contacts.length === 1);
	assert.ok((await auditor.expect(200, 'GET', `/api/journal?subject=${official.id}`)).lines.some(({kind, what}) => kind === 'exported' && what === 'own.copy'));
});

test('a_correction_waits_for_the_counter_and_a_copy_of_the_database_shows_nothing_of_it', async () => {
	const official = await somebody(), client = await opened(official);
	const canary = 'Impasse du Serin jaune', correction = {name: 'Élue corrigée', phone: official.phone, address: canary, consent: 'non'};
	assert.equal((await client.expect(400, 'POST', '/api/own/correction', {...correction, access: 'Sans accord'})).errors[0].field, 'consent');
	assert.equal((await client.expect(400, 'POST', '/api/own/correction', {level: '1'})).errors[0].field, 'level');
	await client.expect(204, 'POST', '/api/own/correction', correction);
	await until('what is asked is said', () => texts(official.phone).some((text) => text.includes('correction')));
	const {file, correction: waiting} = await client.expect(200, 'GET', '/api/own');
	assert.deepEqual([file.address, waiting.fields.address], ['3 rue de l’Église', canary]);
	for (const name of await fs.readdir(house.server.in('data')))
		assert.ok(!(await fs.readFile(house.server.in(`data/${name}`))).includes(canary), name);
	const {corrections} = await counter.expect(200, 'GET', '/api/counter/requests');
	const mine = corrections.find((one) => one.official === official.id);
	assert.deepEqual([mine.name, mine.present.address, mine.fields.address], [file.name, '3 rue de l’Église', canary]);
	// The counter of another room has its own.
	assert.deepEqual(await elsewhere.expect(200, 'GET', '/api/counter/requests'), {leaving: [], corrections: []});
	// It is no registration, and cannot be made one.
	assert.deepEqual((await counter.expect(200, 'POST', '/api/counter/drafts', {name: 'corrigée'})).drafts, []);
	await counter.expect(404, 'POST', '/api/counter/registrations', {name: 'X', phone: '+33199004997', identity: 'oui', mandate_checked: 'oui', draft: mine.id, unit: BRIGADE});
	const decide = (status, more) => counter.expect(status, 'POST', '/api/counter/corrections', {draft: mine.id, accept: 'oui', ...mine.fields, ...more});
	assert.equal((await decide(400)).errors[0].field, 'person_checked');
	await decide(200, {person_checked: 'oui'});
	await decide(404, {person_checked: 'oui'});
	const after = await client.expect(200, 'GET', '/api/own');
	assert.deepEqual([after.file.name, after.file.address, after.file.access, after.correction], ['Élue corrigée', canary, null, null]);
	// Taken back, or put aside.
	await client.expect(204, 'POST', '/api/own/correction', correction);
	await client.expect(204, 'DELETE', '/api/own/correction');
	await client.expect(409, 'DELETE', '/api/own/correction');
	await client.expect(204, 'POST', '/api/own/correction', {...correction, name: 'Quelqu’un d’autre'});
	const again = (await counter.expect(200, 'GET', '/api/counter/requests')).corrections.find((one) => one.official === official.id);
	await counter.expect(200, 'POST', '/api/counter/corrections', {draft: again.id, accept: 'non'});
	assert.equal((await client.expect(200, 'GET', '/api/own')).file.name, 'Élue corrigée');
});

test('leaving_is_a_request_that_every_number_hears_of_and_that_can_be_taken_back', async () => {
	const official = await somebody({other_phones: '+33199004901,+33199004902'}), client = await opened(official);
	await client.expect(204, 'POST', '/api/own/leaving', {});
	await client.expect(409, 'POST', '/api/own/leaving', {});
	for (const number of [official.phone, '+33199004901', '+33199004902'])
		await until(`an SMS to ${number}`, () => texts(number).some((text) => text.includes('/mon-dossier')));
	const {leaving} = await counter.expect(200, 'GET', '/api/counter/requests');
	assert.deepEqual(leaving.filter((one) => one.official === official.id).map(({phone, devices}) => [phone, devices]), [[official.phone, 0]]);
	const settle = (status, more) => counter.expect(status, 'POST', '/api/counter/leavings', {official: official.id, ...more});
	assert.equal((await settle(400, {end: 'oui'})).errors[0].field, 'person_checked');
	assert.match((await settle(409, {end: 'oui', person_checked: 'oui'})).detail, /sept jours/);
	await client.expect(204, 'DELETE', '/api/own/leaving');
	await client.expect(409, 'DELETE', '/api/own/leaving');
	await settle(404, {end: 'oui', person_checked: 'oui'});
	await client.expect(204, 'POST', '/api/own/leaving', {});
	// Another room's counter knows nothing of it. Theirs has heard that it was not them.
	await elsewhere.expect(400, 'POST', '/api/counter/leavings', {official: official.id, end: 'non', person_checked: 'oui'});
	await settle(200, {end: 'non', person_checked: 'oui'});
	assert.equal((await client.expect(200, 'GET', '/api/own')).leaving, null);
	for (const who of [operator, auditor])
		for (const [method, path, body] of [['GET', 'requests'], ['POST', 'corrections', {draft: official.id, accept: 'non'}], ['POST', 'leavings', {official: official.id, end: 'non'}]])
			await who.expect(403, method, `/api/counter/${path}`, body);
});

test('the_term_is_shown_and_taken_away_and_is_kept_as_by_the_link_of_the_sms', async () => {
	const official = await somebody(), client = await opened(official);
	await counter.expect(200, 'POST', '/api/counter/terms/prolong', {official: official.id, verified: 'oui', until: '2026-12-20', mandate_until: '2032-03-20'});
	const term = async () => (await client.expect(200, 'GET', '/api/own')).term;
	const before = await term();
	assert.deepEqual([before.until, before.mandate_until, before.ends, before.why], ['2026-12-20', '2032-03-20', '2026-12-20', 'protection']);
	assert.deepEqual((await client.expect(200, 'GET', '/api/own/copy')).term, before);
	assert.equal(before.asked, false);
	// It ends soon: they are asked by an SMS, once somebody looks at it.
	const from = texts(official.phone).length;
	execFileSync('sqlite3', [house.server.in('data/egide.db'), '.timeout 5000',
		`UPDATE deadline SET due_at = ${Date.now()} WHERE timer = 33 AND alert = x'${official.id.replaceAll('-', '')}'`]);
	await house.server.stop();
	await house.server.start();
	await until('they are asked', () => texts(official.phone).slice(from).some((text) => text.includes('/c/')));
	assert.equal((await term()).asked, true);
	await client.expect(204, 'POST', '/api/own/term', {});
	assert.equal((await term()).asked, false, 'answered');
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${official.id}`);
	assert.ok(lines.some(({kind, actor}) => kind === 'term.go_on' && actor.kind === 'official'), lines.map(({kind}) => kind).join(' '));
});
