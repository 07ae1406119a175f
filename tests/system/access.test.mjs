// Every route × every role × in the territory or out of it × what one has to do with the thing. Who may is the table below; which
// routes and roles there are comes from the server's own description. Each cell is tried, with a thing that is there and with one
// that is not: whom it does not concern cannot tell them apart, in one byte.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {BRIGADE, Client, CONTACT, House, OTHER_ROOM, PATROL, ROOM, SECRET} from '../lib/api.mjs';
import {enrol, enrolAgain, frame, Phone} from '../lib/phone.mjs';
import {ROOT} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';
import {voiceClip} from '../lib/watch.mjs';

const ROLES = ['operator', 'supervisor', 'administrator', 'auditor', 'counter'];
const DESK = ['operator', 'supervisor'];
const PLACES = {inside: ROOM, outside: OTHER_ROOM, nowhere: undefined};
const NOWHERE = '01a20a29-0000-7000-8000-000000000000';

// --- the table

// What is in somebody's hands: theirs, a colleague's, a colleague's who offers it at the end of a shift, nobody's.
const byHolder = (ok) => ({free: 409, own: ok, other: {operator: 409, supervisor: ok}, offered: {operator: 409, supervisor: ok}});
const taking = {free: 409, own: 409, other: 200, offered: 200};
const accepting = {free: 409, own: 409, other: 409, offered: 200};

// Of an alert, a call, a device: for the desks of the room that sees it. `ok`: what they are answered, by standing, by role.
const ofAlert = (ok, ask) => ({of: 'alert', roles: DESK, ok, ...ask});
const ofCall = (ok, ask) => ({of: 'call', roles: DESK, ok, ...ask});
// Of nothing in particular: for these roles, wherever they are. `alone`: one at a time in the whole house.
const whole = (roles, ok, ask) => ({roles, ok, ...ask});

const empty = {body: () => ({})};
const reason = {body: () => ({reason: 'Relève de nuit'})};
let registered = 0, asked = 0;

const ACCOUNTS = {
	'GET /api/session': whole(ROLES, 200),
	'DELETE /api/session': whole(ROLES, 204, {ends: true}),
	'DELETE /api/sessions': whole(ROLES, 204, {ends: true}),
	'GET /api/alerts': whole(DESK, 200),
	'GET /api/units': whole(DESK, 200),
	'GET /api/devices': whole(DESK, 200),
	'GET /api/territory': whole(DESK, 200, {query: '?commune=86019'}),
	'GET /api/mandates': whole(['counter'], 200, {query: '?commune=86019'}),
	'GET /api/journal': whole(['auditor'], 200),
	'GET /api/journal/people': whole(['auditor'], 200, {query: '?q=essai'}),
	'GET /api/journal/holds': whole(['auditor'], 200),
	'POST /api/journal/holds': whole(['auditor'], 404, {body: () => ({subject: NOWHERE, lift: 'oui', ...reason.body()})}), // nobody asks: forget.test.mjs
	'GET /api/journal/held': whole(['administrator', 'auditor'], 200),
	'POST /api/journal/held/{id}/confirm': whole(['administrator', 'auditor'], 404, reason), // nobody waits: bulk.test.mjs
	'POST /api/journal/export': whole(['auditor'], 200, {alone: true, body: () => ({reason: 'Contrôle annuel'})}),
	'POST /api/handover': whole(DESK, 204, empty),
	'DELETE /api/handover': whole(DESK, 204),
	'GET /api/counter/units': whole(['counter'], 200, {query: '?commune=86019'}),
	'GET /api/counter/people': whole(['counter'], 200, {query: '?q=personne'}),
	'POST /api/counter/files': whole(['counter'], 400, {body: ({person = NOWHERE}) => ({official: person})}),
	...Object.fromEntries(['changes', 'telephones', 'telephones/withdraw'].map((what) => [`POST /api/counter/${what}`, whole(['counter'], 400, {
		body: ({person = NOWHERE, telephone = NOWHERE}) => ({official: person, verified: 'oui', ...what.includes('/') && {device: telephone}}),
	})])),
	'POST /api/counter/invitations': whole(['counter'], 200, empty),
	'POST /api/counter/drafts': whole(['counter'], 200, {body: () => ({name: 'essai'})}),
	'POST /api/counter/registrations': whole(['counter'], 200, {body: () => ({
		identity: 'oui', mandate_checked: 'oui', name: 'Nora Salaün', mandate: 'Maire', commune: 'Béruges', unit: BRIGADE, phone: `+3363998${5000 + ++registered}`,
	})}),
	'POST /api/counter/terms': whole(['administrator', 'counter'], 200, empty),
	...Object.fromEntries([['confirm', {}], ['prolong', {}], ['end', {why: 'asked'}]].map(([step, more]) => // of nobody
		[`POST /api/counter/terms/${step}`, whole(['counter'], 400, {body: ({person = NOWHERE}) => ({official: person, verified: 'oui', ...more})})])),
	'GET /api/counter/requests': whole(['counter'], 200),
	'POST /api/counter/corrections': whole(['counter'], 404, {body: ({draft = NOWHERE}) => ({draft, accept: 'non'})}),
	'POST /api/counter/leavings': whole(['counter'], 400, {body: ({person = NOWHERE}) => ({official: person, end: 'non', person_checked: 'oui'})}),
	'GET /api/feed': whole(DESK, 'open', {socket: true}),

	'POST /api/test-alerts': {of: 'device', roles: DESK, ok: 201, body: ({id}) => ({device: id})},

	'GET /api/alerts/{id}': ofAlert(200),
	'GET /api/alerts/{id}/trail': ofAlert(200),
	'GET /api/alerts/{id}/clips/{clip}': ofAlert(200, {scene: true}),
	'GET /api/alerts/{id}/recording': ofAlert(200, {scene: true}),
	'GET /api/alerts/{id}/audio.ogg': ofAlert(200, {scene: true}),
	'GET /api/alerts/{id}/evidence': ofAlert({operator: 403, supervisor: 200}, {scene: true}),
	'GET /api/alerts/{id}/sound': ofAlert('open', {socket: true}),
	'GET /api/alerts/{id}/talk': ofAlert({free: 4409, own: 'open', other: {operator: 4409, supervisor: 'open'}, offered: {operator: 4409, supervisor: 'open'}}, {socket: true}),
	'POST /api/alerts/{id}/notes': ofAlert(201, {body: () => ({text: 'Portail vert.'})}),
	'POST /api/alerts/{id}/marks': ofAlert(201, {body: () => ({epoch: 7, sequence: 50})}),
	'POST /api/alerts/{id}/device': ofAlert(202, {body: () => ({request: 'locate'})}),
	'POST /api/alerts/{id}/contacts/{contact}/message': ofAlert(200, empty),
	'DELETE /api/alerts/{id}/contacts/{contact}/link': ofAlert(200),
	'POST /api/alerts/{id}/seal': ofAlert(200, {scene: true, ...reason}),
	'POST /api/alerts/{id}/unseal': ofAlert(200, {scene: true, ...reason}),
	'POST /api/alerts/{id}/reopen': ofAlert(409, reason),
	'POST /api/alerts/{id}/unmerge': ofAlert(409, empty),
	'POST /api/alerts/{id}/accept': ofAlert(accepting, empty),
	'POST /api/alerts/{id}/claim': ofAlert({free: 200, own: 200, other: 409, offered: 409}, empty),
	'POST /api/alerts/{id}/take-over': ofAlert(taking, reason),
	'POST /api/alerts/{id}/dispatches': ofAlert(byHolder(201), {body: ({unit}) => ({unit})}),
	'POST /api/alerts/{id}/dispatches/{dispatch}/cancel': ofAlert(byHolder(200), empty),
	'POST /api/alerts/{id}/release': ofAlert(byHolder(200), empty),
	'POST /api/alerts/{id}/merge': ofAlert({...byHolder(200), free: 200}, {body: ({into}) => ({into, reason: 'Même effraction'})}),
	'POST /api/alerts/{id}/close': ofAlert(byHolder(200), {body: () => ({outcome: 'verified_safe'})}),

	'GET /api/calls/{id}': ofCall(200),
	'GET /api/calls/{id}/search': ofCall({free: 409, own: 200, other: 409, offered: 409}, {query: '?q=essai'}),
	'POST /api/calls/{id}/claim': ofCall({free: 200, own: 200, other: {operator: 409, supervisor: 200}, offered: 200}, empty),
	'POST /api/calls/{id}/accept': ofCall(accepting, empty),
	'POST /api/calls/{id}/identify': ofCall(byHolder(200), {body: ({official}) => ({official})}),
	'POST /api/calls/{id}/alert': ofCall(byHolder(200), empty),
	'POST /api/calls/{id}/close': ofCall(byHolder(200), {body: () => ({alert: 'none', text: 'Renseignement donné.'})}),
};

// Doors without an account: what opens them, what does not, and that no session changes it. `alike`: the two answers are one.
const DOORS = {
	'GET /api/configuration': {ok: 200},
	'GET /api/communes': {ok: 200},
	'GET /api/openapi.json': {ok: 200},
	'GET /health': {ok: 200},
	'POST /api/session': {ok: 401, shut: 401, alike: true, body: ({login}) => ({login, password: 'ce n’est pas lui'})},
	'POST /api/second-factor': {ok: 401, shut: 401, alike: true, body: ({login}) => ({login, password: 'ce n’est pas lui'})},
	'POST /api/second-factor/confirm': {ok: 401, shut: 401, alike: true, body: ({login}) => ({login, password: 'ce n’est pas lui', code: '000000'})},
	'POST /api/registration/open': {ok: 200, shut: 404, body: ({code}) => ({code})},
	'POST /api/registration': {ok: 200, shut: 404, body: ({code}) => ({code, name: 'Élue d’essai'})},
	'POST /api/own/code': {ok: 200, body: () => ({phone: `+3319901${1000 + ++asked}`})},
	'POST /api/own/session': {ok: 401, shut: 401, alike: true, body: () => ({request: 'devine', code: '000000'})},
	'POST /api/own/session/phone': {ok: 404, shut: 404, alike: true, body: () => ({device: NOWHERE, secret: 'devine'})},
	'GET /api/suivi/{token}': {ok: 200, shut: 404},
	'POST /api/suivi/{token}/answer': {ok: 200, shut: 404, body: () => ({answer: 'on_it'})},
	'GET /api/patrouille/{token}': {ok: 200, shut: 404},
	'POST /api/patrouille/{token}/state': {ok: 200, shut: 404, body: () => ({state: 'received'})},
	'GET /api/confirmation/{token}': {ok: 200, shut: 404},
	'POST /api/confirmation/{token}/answer': {ok: 200, shut: 404, body: () => ({answer: 'go_on'})},
	'POST /api/phone/enrol': {ok: 201, shut: 404, once: true, body: ({enrolment}) => ({code: enrolment})},
};
// From a network of theirs, and with a secret; from elsewhere they are not there.
const NETWORKS = {
	'GET /metrics': {ok: 200},
	'GET /kannel/receipt': {ok: 200, without: 403, query: (secret) => `?id=${NOWHERE}&d=1&secret=${secret}`},
	'GET /kannel/inbound': {ok: 200, without: 403, query: (secret) => `?from=0639980001&text=OK&id=1&secret=${secret}`},
	'POST /api/calls': {ok: 204, without: 403, body: () => ({call: 'porte', event: 'ringing', number: '0639980001', line: '17'})},
	'POST /aml': {},
};
// Of who has opened their own file, by a cookie of its own: own.test.mjs.
const OWN = ['GET /api/own', 'GET /api/own/readings', 'GET /api/own/copy', 'POST /api/own/correction', 'DELETE /api/own/correction', 'DELETE /api/own/consent',
	'POST /api/own/term', 'POST /api/own/leaving', 'DELETE /api/own/leaving', 'DELETE /api/own/session'];
// A credential of the device's own: below, `devices`.
const DEVICES = ['GET /api/phone/socket', 'GET /mobile/osmand', 'POST /mobile/osmand', 'POST /mobile/owntracks'];

// What a request names beside its first {…}, and to whom it is open.
const NAMED = {
	'GET /api/units alert': 'alert', // who does not see it cannot tell it from none
	'POST /api/alerts/{id}/merge into': 'alert',
	'GET /api/alerts/{id}/clips/{clip} clip': 'of the alert', // of another alert: as if it were none
	'POST /api/alerts/{id}/contacts/{contact}/message contact': 'of the alert',
	'DELETE /api/alerts/{id}/contacts/{contact}/link contact': 'of the alert',
	'POST /api/alerts/{id}/dispatches/{dispatch}/cancel dispatch': 'of the alert',
	'POST /api/alerts/{id}/dispatches unit': 'every desk', // GET /api/territory names units of other rooms
	'POST /api/calls/{id}/identify official': 'who holds the call', // who searches the whole registry
	'POST /api/test-alerts device': 'first',
	'POST /api/counter/registrations draft': 'every counter',
	'POST /api/counter/terms/confirm official': 'the counters of its room, and those of none',
	'POST /api/counter/terms/prolong official': 'the counters of its room, and those of none',
	'POST /api/counter/terms/end official': 'the counters of its room, and those of none',
	'POST /api/counter/files official': 'the counters of its room, and those of none',
	'POST /api/counter/changes official': 'the counters of its room, and those of none',
	'POST /api/counter/telephones official': 'the counters of its room, and those of none',
	'POST /api/counter/telephones device': 'of the official',
	'POST /api/counter/telephones/withdraw official': 'the counters of its room, and those of none',
	'POST /api/counter/telephones/withdraw device': 'of the official',
	'POST /api/counter/corrections draft': 'the counters of its room, and those of none',
	'POST /api/counter/leavings official': 'the counters of its room, and those of none',
	'GET /api/journal subject': 'every auditor',
	'GET /api/journal account': 'every auditor',
	'GET /api/journal person': 'every auditor',
	'POST /api/journal/holds subject': 'every auditor',
	'POST /api/journal/export subject': 'every auditor',
	'POST /api/journal/export account': 'every auditor',
	'POST /api/journal/export person': 'every auditor',
};

// --- the scene

let house, nobody, forger, chief, colleague, leaver, people, scene, caller;
let officials = 0, moment = Date.now();
const spare = {}, sockets = [];
const ask = (client, method, path, body, headers) => exchange(client, method, path, body, headers);
const ctl = (...words) => house.server.ctl(...words);
const agent = new http.Agent({keepAlive: true});

// An answer to its last byte, but for its date.
function exchange(client, method, path, body, headers = {}) {
	return new Promise((resolve, reject) => {
		const sent = client.headers({...body !== undefined && {'Content-Type': 'application/json'}, ...headers});
		const request = http.request(house.server.url + path, {agent, method, headers: sent}, (response) => {
			const bytes = [];
			response.on('data', (more) => bytes.push(more)).on('end', () => {
				const {statusCode: status, rawHeaders: raw} = response, text = Buffer.concat(bytes).toString();
				house.description.checkAnswer(method, path.split('?')[0], status, response.headers['content-type'] ?? '', text);
				resolve({status, headers: raw.filter((_, i) => raw[i - i % 2] !== 'Date'), text});
			});
		});
		request.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
	});
}

const split = (route) => route.split(' ');
const fill = (path, names) => path.replace(/\{(\w+)\}/g, (_, name) => names[name] ?? NOWHERE);

function tryRoute(client, route, row, names, headers) {
	const [method, path] = split(route);
	return ask(client, method, fill(path, names) + (row.query ?? ''), row.body?.(names), headers);
}

// A socket that stays open past its welcome, or the code it is closed with.
async function trySocket(client, route, names) {
	const [, path] = split(route);
	const socket = new WebSocket(house.server.url.replace('http', 'ws') + fill(path, names), {headers: client.headers()});
	sockets.push(socket);
	const closed = new Promise((resolve) => { socket.on('close', (status, why) => resolve({status, text: String(why)})); });
	const welcomed = new Promise((resolve) => { socket.on('message', () => resolve({status: 'open'})); });
	if (path === '/api/feed') socket.on('open', () => socket.send(JSON.stringify({type: 'hello', cursor: null, visible: true, sound: true})));
	const answer = await Promise.race([closed, welcomed]);
	socket.close();
	await closed;
	return answer;
}

async function telephone(fields) {
	const {id} = await ctl('device', 'add', {protocol: 'phone', label: 'Téléphone d’essai', silent: 'non', ...fields});
	return Object.assign(await house.keep(Phone.welcome(house.server, await enrolAgain(house.server, id))), {device: id});
}

// Somebody with a telephone, whose alerts come one after the other.
async function somebody() {
	const official = await house.official(++officials);
	return {...official, number: `+3319900${2000 + officials}`, phone: await telephone({official: official.id})};
}

async function end(alert) {
	for (const [step, body] of [['unmerge', {}], ['claim', {}], ['take-over', {reason: 'Fin'}], ['close', {outcome: 'verified_safe'}]])
		await ask(chief, 'POST', `/api/alerts/${alert}/${step}`, body);
}

const post = (client, path, body = {}) => client.expect(path.endsWith('dispatches') ? 201 : 200, 'POST', path, body);
const detailOf = (alert) => chief.expect(200, 'GET', `/api/alerts/${alert}`);

// Puts a thing in somebody's hands, as the standing says.
async function hand(path, standing, who) {
	const holder = {own: who.client, other: colleague, offered: leaver}[standing];
	if (holder) await post(holder, `${path}/claim`);
	if (standing === 'offered') await leaver.expect(204, 'POST', '/api/handover', {});
	return holder;
}

let rings = 0;
async function ring(number, room) {
	const switchboard = {Authorization: `Bearer ${SECRET}`, 'X-Forwarded-For': undefined, Origin: undefined, Cookie: undefined};
	await nobody.expect(204, 'POST', '/api/calls', {call: `appel-${++rings}`, event: 'ringing', number, line: '17', room}, switchboard);
	const {calls} = await (room === ROOM ? chief : people.find(({role, place}) => role === 'operator' && place === 'outside').client).expect(200, 'GET', '/api/alerts');
	return calls.filter((call) => call.number === number).map(({id}) => id).sort().at(-1);
}

// An alert of that person in that standing to `who`; the one before is over.
async function alertIn(standing, who, person) {
	if (person.alert) await end(person.alert);
	const {alert: id} = await person.phone.call(++moment);
	person.alert = id;
	const holder = await hand(`/api/alerts/${id}`, standing, who), names = {id, unit: house.patrol.id, contact: (await detailOf(id)).contacts[0].id};
	if (standing === 'shown') {
		const call = await ring(person.number, OTHER_ROOM);
		for (const step of ['claim', 'alert', 'close']) await post(who.client, `/api/calls/${call}/${step}`);
	}
	return {...names, holder};
}

async function callIn(standing, who) {
	const id = await ring(caller.number, ROOM);
	await hand(`/api/calls/${id}`, standing, who);
	return {id, official: caller.id};
}

// What a route wants to be there beside its first thing.
async function prepare(route, names, who) {
	if (route.endsWith('/cancel') && names.holder) {
		await post(names.holder, `/api/alerts/${names.id}/dispatches`, {unit: names.unit});
		names.dispatch = (await detailOf(names.id)).dispatches[0].id;
	}
	if (route.endsWith('/merge')) {
		const {alert} = await spare[who.place].call(++moment);
		if ((await ask(who.client, 'POST', `/api/alerts/${alert}/claim`, {})).status === 409)
			await post(who.client, `/api/alerts/${alert}/take-over`, {reason: 'Regroupement'});
		names.into = alert;
	}
}

// Somebody whose registration ends soon: the alert that comes next lets the clock see that it is to be said now.
const LEAVING = '+33639985900';
async function leaving() {
	const until = new Date(Date.now() + 5 * 86400000).toISOString().slice(0, 10);
	const {id} = await ctl('official', 'add', {name: 'Élue qui part', phone: LEAVING, unit: BRIGADE, until});
	execFileSync('sqlite3', [house.server.in('data/egide.db'), `.timeout 5000`, `UPDATE deadline SET due_at = ${Date.now()} WHERE timer = 33 AND alert = x'${id.replaceAll('-', '')}'`]);
}

// One alert with everything that an alert can have: somebody asked, somebody sent, sound, a message of the watch.
async function wholeScene() {
	await leaving();
	const person = await somebody(), {alert: id} = await person.phone.call(++moment);
	const epoch = 7;
	person.phone.say({type: 'streaming', alert: id, epoch, began: moment});
	for (let sequence = 0; sequence < 60; sequence++) person.phone.say(frame({alert: id, epoch, sequence, at: moment + 20 * sequence}));
	sockets.push(await house.press(person));
	sockets.at(-1).write(await voiceClip(person.watch));
	await post(colleague, `/api/alerts/${id}/claim`);
	await post(colleague, `/api/alerts/${id}/dispatches`, {unit: house.patrol.id});
	await person.phone.first('ack', ({next}) => next === 60);
	const voice = await until('the message of the watch', async () => (await detailOf(id)).entries.find(({kind}) => kind === 'device.voice'));
	const {contacts, dispatches} = await detailOf(id);
	const [follow, patrol, term] = await Promise.all([house.gateway.token('s', CONTACT), house.gateway.token('p', PATROL), house.gateway.token('c', LEAVING)]);
	return {id, contact: contacts[0].id, dispatch: dispatches[0].id, clip: voice.body.clip, device: person.phone.device, watch: person.device, follow, patrol, term, unit: house.patrol.id, official: person.id};
}

before(async () => {
	house = await House.open({options: {sound: 'both', switch_secret: SECRET, switch_networks: '127.0.0.0/8', kannel_networks: '127.0.0.0/8', aml_secret: 'demonstration-aml-01', aml_networks: '127.0.0.0/8'}});
	[nobody, forger] = [new Client(house), new Client(house, {cookie: 'egide_session=AAAAAAAAAAAAAAAAAAAAAA'})];
	// A desk has its room.
	const accounts = ROLES.flatMap((role) => Object.keys(PLACES).map((place) => ({role, place, login: `${role}.${place}`})))
		.filter(({role, place}) => PLACES[place] || !DESK.includes(role));
	await Promise.all([...accounts.map(({login, role, place}) => house.account(login, role, PLACES[place])),
		house.account('collegue', 'operator', ROOM), house.account('partante', 'operator', ROOM)]);
	people = await Promise.all(accounts.map(async (one) => ({...one, client: await house.client(one.login)})));
	[chief, colleague, leaver] = await Promise.all(['cheffe', 'collegue', 'partante'].map((login) => house.client(login)));
	[scene, caller, spare.inside, spare.outside] = await Promise.all([wholeScene(), somebody(), telephone({unit: ROOM}), telephone({unit: OTHER_ROOM})]);
});

after(async () => {
	for (const socket of sockets) (socket.terminate ?? socket.destroy).call(socket);
	agent.destroy();
	await house?.close();
});

// --- what is expected

const statusOf = (ok, standing, role) => typeof ok === 'object' ? statusOf(ok[standing] ?? ok[role] ?? ok.free, standing, role) : ok;

function expected({of, roles, ok, socket}, {role, sees, standing}) {
	if (!role) return socket ? 4401 : 401;
	if (!roles.includes(role)) return of ? socket ? 4404 : 404 : socket ? 4403 : 403;
	if (of && !sees) return socket ? 4404 : 404;
	return statusOf(ok, standing, role);
}

const all = Object.entries(ACCOUNTS);
const rowsOf = (of) => all.filter(([, row]) => row.of === of);
const trying = (row) => row.socket ? trySocket : (client, route, names) => tryRoute(client, route, row, names);
const without = ({headers, status, text}, ids) => ({status, headers, text: ids.reduce((left, id) => left.replaceAll(id, 'ID'), text ?? '')});

async function cell(who, route, row, names, standing, sees) {
	const answer = await trying(row)(who.client, route, names);
	assert.equal(answer.status, expected(row, {role: who.role, sees, standing}), `${who.login}, ${standing ?? 'outsider'}: ${route}: ${answer.text}`);
	return answer;
}

// --- tests

test('every_route_has_its_row_and_every_role_its_accounts', async () => {
	const described = house.description.operations().map(({method, path}) => `${method} ${path}`);
	assert.deepEqual([...Object.keys(ACCOUNTS), ...Object.keys(DOORS), ...Object.keys(NETWORKS), ...OWN, ...DEVICES].sort(), described.sort());
	const {Session} = (await nobody.expect(200, 'GET', '/api/openapi.json')).components.schemas;
	const {items, maxItems} = Session.properties.account.properties.roles;
	assert.deepEqual([items.enum, maxItems], [ROLES, ROLES.length]);
	await house.account('tout', ROLES.join(), ROOM);
	assert.deepEqual((await (await house.client('tout')).expect(200, 'GET', '/api/session')).account.roles, ROLES);
});

// What a row does not name would never be tried.
test('everything_that_a_request_names_has_its_line', async () => {
	const {components: {schemas}} = await nobody.expect(200, 'GET', '/api/openapi.json');
	const named = house.description.operations().filter(({method, path}) => ACCOUNTS[`${method} ${path}`]).flatMap(({method, path, parameters, requestBody}) => {
		const body = schemas[requestBody?.content['application/json'].schema.$ref.split('/').pop()]?.properties ?? {};
		return [
			...parameters.filter(({in: where, name, schema}) => where === 'path' ? name !== 'id' : schema.format === 'uuid').map(({name}) => name),
			...Object.entries(body).filter(([, schema]) => JSON.stringify(schema).includes('schemas/Id"')).map(([name]) => name),
		].map((name) => `${method} ${path} ${name}`);
	});
	assert.deepEqual(Object.keys(NAMED).sort(), named.sort());
});

test('who_has_no_session_is_told_that_and_nothing_else', async () => {
	for (const client of [nobody, forger])
		for (const [route, row] of all) {
			const who = {client, login: 'nobody'};
			const [real, none] = [await cell(who, route, row, scene), await cell(who, route, row, {})];
			assert.deepEqual(real, none, route);
		}
});

test('what_is_of_nothing_in_particular_goes_by_the_role', async () => {
	const rows = rowsOf(undefined).filter(([, {ends}]) => !ends);
	for (const [route, row] of rows.filter(([, {alone}]) => alone))
		for (const who of people) await cell(who, route, row, {});
	await Promise.all(people.map(async (who) => {
		for (const [route, row] of rows.filter(([, {alone}]) => !alone)) {
			const {text} = await cell(who, route, row, {});
			if (who.place !== 'inside' && who.role !== 'auditor')
				for (const id of [scene.id, scene.device, scene.official]) assert.ok(!text?.includes(id), `${who.login}: ${route}`);
		}
	}));
});

test('an_outsider_cannot_tell_what_is_there_from_what_is_not', async () => {
	const call = await ring(caller.number, ROOM);
	const there = {alert: {...scene, into: NOWHERE}, call: {id: call, official: caller.id}, device: {id: scene.watch}};
	const beside = {unit: scene.unit, official: caller.id, into: NOWHERE, id: NOWHERE};
	const before = await detailOf(scene.id);
	const outsiders = people.filter(({role, place}) => !DESK.includes(role) || place !== 'inside');
	const absent = new Map();
	await Promise.all(outsiders.map(async (who) => {
		for (const [route, row] of all.filter(([, {of}]) => of)) {
			const real = await cell(who, route, row, there[row.of]), none = await cell(who, route, row, beside);
			const ids = [...Object.values(there[row.of]), NOWHERE].filter((id) => typeof id === 'string');
			assert.deepEqual(without(real, ids), without(none, ids), `${who.login}: ${route}`);
			absent.set(route, without(none, ids));
		}
	}));
	// And what is nowhere is answered in these words to who sees the room.
	for (const who of people.filter(({role, place}) => DESK.includes(role) && place === 'inside'))
		for (const [route, row] of all.filter(([, {of}]) => of))
			assert.deepEqual(without(await cell(who, route, row, beside), [NOWHERE]), absent.get(route), `${who.login}: ${route}`);
	const {entries, claim, keeping} = await detailOf(scene.id);
	assert.deepEqual([entries.length, claim, keeping], [before.entries.length, before.claim, before.keeping]);
	assert.equal((await chief.expect(200, 'GET', `/api/calls/${call}`)).claim, null);
});

// A new thing for each gesture that changed the one before.
async function inEachStanding(who, of, standing, make) {
	let names = await make();
	for (const [route, row] of rowsOf(of).filter(([, {scene: ofScene}]) => !ofScene)) {
		await prepare(route, names, who);
		const {status} = await cell(who, route, row, names, standing, true);
		if (status < 300 && !route.startsWith('GET')) names = await make();
	}
}

test('who_sees_an_alert_may_what_their_role_and_its_holder_allow', async () => {
	const person = await somebody();
	for (const who of people.filter(({role, place}) => DESK.includes(role) && place !== 'nowhere'))
		for (const standing of who.place === 'inside' ? ['free', 'own', 'other', 'offered'] : ['shown'])
			await inEachStanding(who, 'alert', standing, () => alertIn(standing, who, person));
});

test('who_sees_a_call_may_what_their_role_and_its_holder_allow', async () => {
	for (const who of people.filter(({role, place}) => DESK.includes(role) && place === 'inside'))
		for (const standing of ['free', 'own', 'other', 'offered']) await inEachStanding(who, 'call', standing, () => callIn(standing, who));
});

test('who_sees_a_room_may_test_its_devices', async () => {
	for (const who of people.filter(({role, place}) => DESK.includes(role) && place === 'inside'))
		await inEachStanding(who, 'device', undefined, () => ctl('device', 'add', {protocol: 'osmand', label: 'Traceur', unit: ROOM}));
});

test('what_is_kept_of_an_alert_is_for_who_sees_it', async () => {
	for (const [route, row] of all.filter(([, {scene: ofScene}]) => ofScene))
		for (const who of people.filter(({role, place}) => DESK.includes(role) && place === 'inside')) await cell(who, route, row, scene, 'other', true);
});

test('a_second_thing_that_is_not_theirs_reads_like_one_that_is_not_there', async () => {
	const {client} = people.find(({role, place}) => role === 'operator' && place === 'outside');
	const {alert: mine} = await spare.outside.call(++moment), {alert: ours} = await spare.inside.call(++moment);
	await end(ours);
	const other = (await spare.inside.call(++moment)).alert;
	if ((await ask(client, 'POST', `/api/alerts/${mine}/claim`, {})).status !== 200) await post(client, `/api/alerts/${mine}/take-over`, {reason: 'Essai'});
	const alike = async (who, route, status, real, none) => {
		const row = {...ACCOUNTS[route], query: real.query};
		const [first, second] = [await tryRoute(who, route, row, real), await tryRoute(who, route, {...row, query: none.query}, none)];
		assert.equal(first.status, status, `${route}: ${first.text}`);
		const ids = [...Object.values(real), NOWHERE].filter((id) => typeof id === 'string');
		assert.deepEqual(without(first, ids), without(second, ids), route);
	};
	await alike(client, 'POST /api/alerts/{id}/merge', 404, {id: mine, into: scene.id}, {id: mine, into: NOWHERE});
	await alike(client, 'GET /api/units', 404, {query: `?alert=${scene.id}`}, {query: `?alert=${NOWHERE}`});
	const desk = (where) => people.find(({role, place}) => role === 'counter' && place === where).client;
	for (const what of ['files', 'changes', 'telephones', 'telephones/withdraw']) {
		await alike(desk('outside'), `POST /api/counter/${what}`, 400, {person: scene.official, telephone: scene.device}, {});
		// Another's telephone, a watch.
		if (what.endsWith('withdraw'))
			for (const telephone of [spare.inside.device, scene.watch])
				await alike(desk('inside'), `POST /api/counter/${what}`, 400, {person: scene.official, telephone}, {person: scene.official});
	}
	await post(colleague, `/api/alerts/${other}/claim`);
	for (const [route, status, part] of [['GET /api/alerts/{id}/clips/{clip}', 404, 'clip'], ['POST /api/alerts/{id}/contacts/{contact}/message', 404, 'contact'],
		['DELETE /api/alerts/{id}/contacts/{contact}/link', 404, 'contact'], ['POST /api/alerts/{id}/dispatches/{dispatch}/cancel', 404, 'dispatch']])
		await alike(colleague, route, status, {id: other, [part]: scene[part]}, {id: other});
	// Nobody is identified as nobody.
	const call = await callIn('other', {client: colleague});
	const unknown = await tryRoute(colleague, 'POST /api/calls/{id}/identify', ACCOUNTS['POST /api/calls/{id}/identify'], {...call, official: NOWHERE});
	assert.equal(unknown.status, 404, unknown.text);
	assert.equal((await tryRoute(colleague, 'POST /api/alerts/{id}/dispatches', ACCOUNTS['POST /api/alerts/{id}/dispatches'], {id: other, unit: NOWHERE})).status, 400);
});

// Byte for byte, for each field that a body may lack; and it is there for who has it.
test('a_registration_of_another_territory_reads_like_one_that_is_not_there', async () => {
	const {id: person} = await ctl('official', 'add', {name: 'Élue voisine', phone: '+33639985990', unit: BRIGADE});
	const own = new Client(house), device = await enrol(house.server, person);
	const phone = await Phone.welcome(house.server, device);
	assert.equal((await phone.ask({type: 'pins', at: Date.now(), pin: '7031', duress: '9264', current: null})).problem, null);
	phone.socket.terminate();
	const opened = await own.ask('POST', '/api/own/session/phone', {device: device.device, secret: device.secret, code: '7031'});
	own.cookie = opened.headers.get('set-cookie').split(';')[0];
	await own.expect(204, 'POST', '/api/own/correction', {name: 'Élue voisine', mandate: 'Maire', phone: '+33639985990'});
	await own.expect(204, 'POST', '/api/own/leaving', {});
	const desk = (where) => people.find(({role, place}) => role === 'counter' && place === where).client;
	const {corrections} = await desk('inside').expect(200, 'GET', '/api/counter/requests');
	const draft = corrections.find(({official}) => official === person).id;
	const theirs = await desk('outside').expect(200, 'GET', '/api/counter/requests');
	assert.deepEqual([theirs.corrections, theirs.leaving], [[], []]);
	const routes = ['files', 'changes', 'telephones', 'telephones/withdraw', 'leavings', 'corrections', 'terms/confirm', 'terms/prolong', 'terms/end'];
	for (const what of routes) {
		const whole = ACCOUNTS[`POST /api/counter/${what}`].body({person, draft, telephone: device.device});
		for (const left of [null, ...Object.keys(whole).filter((name) => name !== 'official' && name !== 'draft')]) {
			const [named] = Object.keys(whole), {[left]: _, ...body} = whole;
			const [real, none] = [await ask(desk('outside'), 'POST', `/api/counter/${what}`, body), await ask(desk('outside'), 'POST', `/api/counter/${what}`, {...body, [named]: NOWHERE})];
			assert.deepEqual(without(real, [person, draft, NOWHERE]), without(none, [person, draft, NOWHERE]), `${what} without ${left}`);
			assert.ok([400, 404].includes(real.status), real.text);
		}
	}
	for (const what of ['files', 'corrections', 'leavings', 'terms/confirm', 'terms/prolong', 'terms/end'])
		await tryRoute(desk('inside'), `POST /api/counter/${what}`, ACCOUNTS[`POST /api/counter/${what}`], {person, draft}).then(({status, text}) => assert.equal(status, 200, `${what}: ${text}`));
});

// The seal of theirs is broken: whoever unsealed it would be refused by storage.
test('of_whom_a_counter_does_not_reach_nothing_is_unsealed_and_no_look_up_scans', async () => {
	const phone = '+33639985991', {id: person} = await ctl('official', 'add', {name: 'Élue scellée', phone, unit: BRIGADE});
	const database = house.server.in('data/egide.db'), sqlite = (text) => execFileSync('sqlite3', [database, '.timeout 5000', text], {encoding: 'utf8'});
	const desk = (where) => people.find(({role, place}) => role === 'counter' && place === where).client;
	const search = (where) => ask(desk(where), 'GET', `/api/counter/people?q=${encodeURIComponent(phone)}`);
	assert.equal(JSON.parse((await search('inside')).text).people.length, 1);
	const blob = `x'${person.replaceAll('-', '')}'`, [body] = sqlite(`SELECT hex(body) FROM official WHERE id = ${blob}`).trim().split('\n');
	sqlite(`UPDATE official SET body = x'${body.slice(0, -2)}${body.endsWith('00') ? '01' : '00'}' WHERE id = ${blob}`);
	assert.equal((await search('inside')).status, 503, 'a broken seal is seen');
	assert.deepEqual(JSON.parse((await search('outside')).text), {people: [], more: false});
	for (const [what, more] of [['files', {}], ['terms/confirm', {verified: 'oui'}], ['changes', {verified: 'oui', name: 'X'}]])
		assert.equal((await ask(desk('outside'), 'POST', `/api/counter/${what}`, {official: person, ...more})).status, 400, what);
	sqlite(`UPDATE official SET body = x'${body}' WHERE id = ${blob}`);
	const planOf = (file, name) => {
		const source = fs.readFileSync(path.join(ROOT, 'src/store', file), 'utf8');
		const [, text] = new RegExp(`SQL\\(${name},\\s*((?:"[^"]*"\\s*)+)\\)`).exec(source);
		return sqlite(`EXPLAIN QUERY PLAN ${text.replace(/"\s*"/g, '').trim().slice(1, -1).replaceAll(/\$\d/g, '1')}`);
	};
	// Lines of a commune, out of half a million: by the code.
	assert.match(planOf('territory.c', 'rows_about'), /SEARCH r USING INDEX territory_line_key \(kind=\? AND scope=\? AND code=\?\)/);
	for (const name of ['number_find', 'official_where', 'official_get']) {
		const plan = planOf('people.c', name);
		assert.match(plan, /SEARCH/, `${name}: ${plan}`);
		assert.doesNotMatch(plan, /SCAN|TEMP B-TREE/, `${name}: ${plan}`);
	}
});

test('who_has_a_call_is_named_to_who_would_search_for_it', async () => {
	const [mine, free] = [await callIn('other', {client: colleague}), await callIn('free', {client: colleague})];
	const search = (client, {id}) => client.expect(409, 'GET', `/api/calls/${id}/search?q=essai`);
	assert.match((await search(leaver, mine)).detail, /Compte collegue/);
	assert.match((await search(leaver, free)).detail, /Prenez d'abord/);
	await post(colleague, `/api/calls/${mine.id}/close`, {alert: 'none', text: 'Renseignement donné.'});
	assert.match((await search(colleague, mine)).detail, /terminé/);
});

const open = (door, client, names) => {
	const [method, path] = split(door);
	return ask(client, method, fill(path, names), DOORS[door].body?.(names));
};

test('a_door_without_an_account_opens_alike_whoever_knocks', async () => {
	const [{code}, {code: enrolment}] = await Promise.all([
		people.find(({role}) => role === 'counter').client.expect(200, 'POST', '/api/counter/invitations', {}),
		ctl('device', 'add', {protocol: 'phone', label: 'Téléphone', unit: ROOM}).then(({id}) => ctl('device', 'code', {device: id}))]);
	const wrong = {token: 'devine', code: '0000-0000-0000', enrolment: '0000-0000', login: 'personne'};
	for (const [door, {ok, shut, alike, once: serves}] of Object.entries(DOORS)) {
		const [, kind] = /\/(suivi|patrouille|confirmation)\//.exec(door) ?? [];
		const tokens = {suivi: scene.follow, patrouille: scene.patrol, confirmation: scene.term};
		const key = {token: tokens[kind], code, enrolment, login: 'operatrice'};
		const fresh = (cookie) => new Client(house, {cookie});
		const first = await open(door, fresh(), key);
		assert.equal(first.status, ok, `${door}: ${first.text}`);
		const none = shut && await open(door, fresh(), wrong);
		if (shut) assert.equal(none.status, shut, door);
		if (alike) assert.deepEqual(without(first, []), without(none, []), door);
		// Another kind of link is no link.
		for (const other of Object.keys(tokens).filter((one) => kind && one !== kind))
			assert.deepEqual(await open(door, fresh(), {token: tokens[other]}), none, door);
		for (const {client: {cookie}, login} of people) {
			if (!serves) assert.equal((await open(door, fresh(cookie), key)).status, ok, `${login}: ${door}`);
			if (shut) assert.deepEqual(await open(door, fresh(cookie), wrong), none, `${login}: ${door}`);
		}
	}
});

test('no_account_opens_the_file_of_an_official', async () => {
	for (const route of OWN) {
		const [method, path] = split(route), none = await ask(nobody, method, path, method === 'POST' ? {} : undefined);
		assert.equal(none.status, 401, route);
		for (const {client, login} of [...people, {client: forger, login: 'forger'}])
			assert.deepEqual(await ask(client, method, path, method === 'POST' ? {} : undefined), none, `${login}: ${route}`);
	}
});

test('from_another_network_what_is_for_the_machines_is_not_there', async () => {
	const local = {'X-Forwarded-For': undefined, Origin: undefined, Cookie: undefined};
	for (const [route, {ok, without: refused, query, body}] of Object.entries(NETWORKS)) {
		const [method, path] = split(route);
		const knock = (client, secret, headers) => ask(client, method, path + (query?.(secret) ?? ''), body?.(), {...path === '/api/calls' && {Authorization: `Bearer ${secret}`}, ...headers});
		for (const {client, login} of [...people, {client: nobody, login: 'nobody'}])
			assert.deepEqual(await knock(client, SECRET), await ask(client, method, '/api/nowhere', body?.()), `${login}: ${route}`);
		if (ok) assert.equal((await knock(nobody, SECRET, local)).status, ok, route);
		if (refused) assert.equal((await knock(nobody, 'faux', local)).status, refused, route);
	}
});

test('a_device_opens_with_its_own_credential_and_a_wrong_one_reads_like_none', async () => {
	const [{id}, watch] = [await ctl('device', 'add', {protocol: 'osmand', label: 'Traceur', unit: ROOM}), scene.watch];
	const {secret} = await ctl('device', 'credential', {device: id});
	const {devices} = await ctl('device', 'list');
	const ident = devices.find((device) => device.id === id).ident;
	const basic = (login, password) => ({Authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`, Cookie: undefined, Origin: undefined});
	const say = (method, more, headers) => ask(nobody, method, `/mobile/osmand?lat=46.6&lon=0.16${more}`, undefined, headers);
	for (const method of ['GET', 'POST']) {
		assert.equal((await say(method, `&id=${ident}`, basic(ident, secret))).status, 200);
		const none = await say(method, `&id=${ident}`, basic('personne', 'faux'));
		assert.equal(none.status, 401);
		for (const login of [ident, watch]) assert.deepEqual(await say(method, `&id=${ident}`, basic(login, 'faux')), none);
		// A call for help is never answered "no" (I4); what names nobody is answered so.
		assert.equal((await say(method, `&id=${ident}&alarm=sos`, basic(ident, 'faux'))).status, 202);
		assert.equal((await ask(nobody, method, '/mobile/osmand')).status, 400);
		assert.equal((await say(method, '', basic(ident, secret))).status, 400);
	}
	const track = (login, password) => ask(nobody, 'POST', '/mobile/owntracks', {_type: 'location', tid: 'AB', lat: 46.6, lon: 0.16, tst: 1}, basic(login, password));
	const none = await track('personne', 'faux');
	assert.equal(none.status, 401);
	assert.deepEqual(await track(ident, secret), none);
	const hello = async (identity) => (await house.keep(Phone.open(house.server, identity))).closed();
	const codes = await Promise.all([{device: scene.device, secret: 'faux'}, {device: scene.watch, secret: 'faux'}, {device: NOWHERE, secret: 'faux'}].map(hello));
	assert.deepEqual(codes, [4401, 4401, 4401]);
});

test('whoever_has_a_session_may_end_it', async () => {
	for (const who of people)
		for (const [route, row] of all.filter(([, {ends}]) => ends)) {
			const client = await house.client(who.login);
			await cell({...who, client}, route, row, {});
			await client.expect(401, 'GET', '/api/session');
		}
});
