// The operator's voice, to the telephone that called: who may, what reaches it, what ends it.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {Client, House} from '../lib/api.mjs';
import {enrolAgain, frame, Phone} from '../lib/phone.mjs';
import {ROOM} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';
import {Watch} from '../lib/watch.mjs';

const NOWHERE = '01a20a29-0000-7000-8000-000000000000';
let house, operator, chief, neighbour;
let officials = 0;

before(async () => {
	house = await House.open({options: {sound: 'both'}});
	[operator, chief, neighbour] = await Promise.all(['operatrice', 'cheffe', 'voisine'].map((login) => house.client(login)));
});

after(() => house?.close());

// A telephone that called, and may be heard or not: {phone, alert, heard}.
async function calling(silent, prepare = () => {}) {
	const official = await house.official(++officials);
	await prepare(official);
	const {id} = await house.server.ctl('device', 'add', {protocol: 'phone', label: 'Téléphone', official: official.id, silent});
	const phone = await house.keep(Phone.welcome(house.server, await enrolAgain(house.server, id)));
	phone.device = id;
	assert.equal(phone.welcomed.silent, silent === 'oui');
	const heard = [];
	phone.socket.on('message', (data, binary) => { if (binary) heard.push(data); });
	const {alert} = await phone.call(Date.now());
	return {phone, alert, heard};
}

function talk(client, alert) {
	const socket = new WebSocket(`${house.server.url.replace('http', 'ws')}/api/alerts/${alert}/talk`, {headers: client.headers()});
	socket.closed = once(socket, 'close').then(([code, reason]) => [code, String(reason)]);
	return socket;
}

const kindsOf = async (alert) => (await operator.expect(200, 'GET', `/api/alerts/${alert}`)).entries
	.filter(({kind}) => kind.startsWith('talk.')).map(({kind, actor}) => `${kind} ${actor.name}`);

test('a_silent_alert_is_never_spoken_into', async () => {
	const {alert, heard} = await calling('oui');
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	const {refusals} = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	assert.match(refusals.talk, /silencieuse/);
	const socket = talk(operator, alert);
	await once(socket, 'open');
	socket.send(frame({alert, epoch: 1, sequence: 0}));
	assert.deepEqual(await socket.closed, [4409, refusals.talk]);
	assert.deepEqual([heard, await kindsOf(alert)], [[], []]);
});

test('only_who_holds_the_alert_talks_one_at_a_time_and_it_is_logged', async () => {
	const {alert, heard} = await calling('non');
	assert.equal((await talk(new Client(house), alert).closed)[0], 4401);
	assert.equal((await talk(neighbour, alert).closed)[0], 4404);
	assert.equal((await talk(operator, NOWHERE).closed)[0], 4404);
	assert.match((await talk(operator, alert).closed)[1], /Prenez d'abord/);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	const socket = talk(operator, alert);
	assert.deepEqual(JSON.parse((await once(socket, 'message'))[0]), {type: 'talk'});
	assert.match((await talk(chief, alert).closed)[1], /parle déjà/);
	const said = Array.from({length: 20}, (_, sequence) => frame({alert, epoch: 1, sequence}));
	for (const one of said) socket.send(one);
	await until('the voice at the telephone', () => heard.length === said.length);
	assert.deepEqual(heard, said);
	socket.close();
	await until('its end in the timeline', async () => (await kindsOf(alert)).length === 2);
	assert.deepEqual(await kindsOf(alert), ['talk.began Opératrice d’essai', 'talk.ended Opératrice d’essai']);
});

test('a_telephone_that_joins_the_alert_of_a_watch_is_heard_and_spoken_to', async () => {
	let raised;
	const {alert, heard} = await calling('non', async (official) => {
		const ident = '8800000931';
		await house.server.ctl('device', 'add', {protocol: 'watch', ident, label: 'Montre', official: official.id, silent: 'non', networks: '127.0.0.0/8'});
		await new Watch(house.server.watchPort, ident, Math.floor(Date.now() / 1000)).press();
		const {alerts} = await operator.expect(200, 'GET', '/api/alerts?state=open');
		raised = alerts.find((one) => one.official?.id === official.id);
		assert.deepEqual([raised.device.kind, raised.sound], ['watch', false]);
	});
	assert.equal(alert, raised.id);
	const {device, sound} = await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	assert.deepEqual([device.kind, sound], ['watch', true]);
	const socket = talk(operator, alert);
	assert.deepEqual(JSON.parse((await once(socket, 'message'))[0]), {type: 'talk'});
	socket.send(frame({alert, epoch: 1, sequence: 0}));
	await until('the voice at the telephone', () => heard.length === 1);
	socket.close();
	await until('its end in the timeline', async () => (await kindsOf(alert)).length === 2);
});

test('what_changes_who_may_talk_ends_it', async () => {
	const {phone, alert} = await calling('non');
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	const open = async (client) => {
		const socket = talk(client, alert);
		await once(socket, 'message');
		return socket;
	};
	let socket = await open(operator);
	await chief.expect(200, 'POST', `/api/alerts/${alert}/take-over`, {reason: 'Relève'});
	assert.equal((await socket.closed)[0], 4409);
	assert.match((await talk(operator, alert).closed)[1], /autre personne/);
	socket = await open(chief);
	await phone.call(Date.now());
	assert.equal((await socket.closed)[0], 4409);
	socket = await open(chief);
	socket.send(frame({alert: NOWHERE, epoch: 1, sequence: 0}));
	assert.equal((await socket.closed)[0], 1008);
	socket = await open(chief);
	await chief.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	assert.equal((await socket.closed)[0], 4409);
	assert.match((await talk(chief, alert).closed)[1], /close/);
});

test('a_code_typed_ends_it_whichever_it_is_and_so_does_merging_and_parting', async () => {
	const {phone, alert} = await calling('non'), other = await calling('non');
	await phone.ask({type: 'pins', at: Date.now(), pin: '70318264', duress: '92640517', current: null}, 'pins');
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${other.alert}/claim`, {});
	const ends = async (what) => {
		const socket = talk(operator, alert);
		await once(socket, 'message');
		await what();
		assert.equal((await socket.closed)[0], 4409);
	};
	const post = (path, body) => operator.expect(200, 'POST', `/api/alerts/${alert}/${path}`, body);
	await ends(() => post('merge', {into: other.alert, reason: 'Même foyer'}));
	await ends(() => post('unmerge', {}));
	for (const pin of ['0000', '70318264', '92640517'])
		await ends(() => phone.ask({type: 'end', at: Date.now(), pin}, 'heard'));
	assert.match((await talk(operator, alert).closed)[1], /silencieuse/);
});

test('whose_account_is_changed_at_the_counter_hears_and_says_no_more', async () => {
	await house.account('partante', 'operator', ROOM);
	const {alert} = await calling('non'), leaving = await house.client('partante');
	const listen = () => {
		const socket = new WebSocket(`${house.server.url.replace('http', 'ws')}/api/alerts/${alert}/sound`, {headers: leaving.headers()});
		socket.closed = once(socket, 'close').then(([code]) => code);
		return once(socket, 'message').then(() => socket);
	};
	await leaving.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	const voice = talk(leaving, alert);
	await once(voice, 'message');
	const ear = await listen();
	await house.server.ctl('account', 'set', {account: 'partante', roles: 'auditor'});
	assert.deepEqual([(await voice.closed)[0], await ear.closed], [4401, 4401]);
	await until('its end in the timeline', async () => String(await kindsOf(alert)) === 'talk.began Compte partante,talk.ended Compte partante');
	// The same of one that is disabled.
	await house.server.ctl('account', 'set', {account: 'partante', roles: 'operator', room: ROOM});
	await leaving.login('partante');
	const again = await listen();
	await house.server.ctl('account', 'disable', {account: 'partante'});
	assert.equal(await again.closed, 4401);
});

test('a_telephone_learns_at_once_what_is_changed_at_the_counter', async () => {
	const {phone} = await calling('non'), {device} = phone;
	const settings = async (...change) => {
		const from = phone.received.length;
		await house.server.ctl('device', ...change);
		const {type, ...said} = await phone.first('settings', () => true, from);
		return said;
	};
	phone.say({type: 'pins', at: 1, pin: '1234', duress: '4321', current: null});
	await phone.first('pins');
	assert.deepEqual(await settings('set', {device, sound: 'non'}), {sound: false, silent: false, pins: true});
	assert.deepEqual(await settings('set', {device, silent: 'oui', sound: 'oui'}), {sound: true, silent: true, pins: true});
	assert.deepEqual(await settings('pins', {device}), {sound: true, silent: true, pins: false});
});

test('who_logs_out_talks_no_more', async () => {
	const {alert, heard} = await calling('non'), leaving = await house.client('operatrice');
	await leaving.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	const socket = talk(leaving, alert);
	await once(socket, 'message');
	await leaving.expect(204, 'DELETE', '/api/session');
	assert.equal((await socket.closed)[0], 4401);
	assert.deepEqual(heard, []);
});

test('a_telephone_that_is_not_there_is_not_spoken_to', async () => {
	const {phone, alert} = await calling('non');
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	phone.end();
	await until('the telephone is gone', async () => !(await operator.expect(200, 'GET', `/api/alerts/${alert}`)).connected);
	assert.match((await talk(operator, alert).closed)[1], /pas connecté/);
});

test('a_flood_of_voice_is_cut_off', async () => {
	const {alert} = await calling('non');
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	const socket = talk(operator, alert);
	await once(socket, 'message');
	for (let sequence = 0; sequence < 2000; sequence++) socket.send(frame({alert, epoch: 1, sequence}));
	assert.equal((await socket.closed)[0], 1008);
});
