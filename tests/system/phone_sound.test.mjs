// Frames of a telephone against the real server: announced, acknowledged from the disk, refused when they are not its own.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {House} from '../lib/api.mjs';
import {enrol, frame, Phone} from '../lib/phone.mjs';
import {run} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let house, server, operator;
let officials = 0;

before(async () => {
	house = await House.open({options: {sound: 'both'}});
	server = house.server;
	operator = await house.client('operatrice');
});

after(() => house?.close());

const welcome = (identity) => house.keep(Phone.welcome(server, identity));

// A telephone whose alert is open: {identity, phone, alert}.
async function calling() {
	const one = await house.official(++officials);
	const identity = await enrol(server, one.id);
	const phone = await welcome(identity);
	const {alert} = await phone.call(Date.now());
	return {identity, phone, alert};
}

// So many frames of an epoch from `first` on, at the pace of a microphone; some go as one burst, as after a stall.
function stream(phone, alert, epoch, first, count) {
	for (let i = 0; i < count; i++) phone.say(frame({alert, epoch, sequence: first + i}));
}
const announce = (phone, alert, epoch) => phone.say({type: 'streaming', alert, epoch, began: Date.now()});
const acknowledged = (phone, epoch, next) => phone.first('ack', (message) => message.epoch === epoch && message.next >= next);

test('frames_are_acknowledged_once_on_disk_and_known_after_kill_9', async () => {
	const {identity, phone, alert} = await calling();
	assert.equal(phone.welcomed.sound, true);
	announce(phone, alert, 7);
	stream(phone, alert, 7, 0, 100);
	await acknowledged(phone, 7, 100);
	await server.kill();
	await server.start();
	const again = await welcome(identity);
	assert.equal(again.welcomed.alert, alert);
	assert.deepEqual(again.welcomed.streams, [{epoch: 7, next: 100}]);
	announce(again, alert, 7);
	stream(again, alert, 7, 100, 50);
	await acknowledged(again, 7, 150);
});

test('what_is_missing_holds_the_acknowledgement_back_until_it_comes', async () => {
	const {phone, alert} = await calling();
	announce(phone, alert, 9);
	stream(phone, alert, 9, 0, 50);
	await acknowledged(phone, 9, 50);
	stream(phone, alert, 9, 60, 40);
	const recorded = () => operator.expect(200, 'GET', `/api/alerts/${alert}/recording`);
	await until('ninety frames on disk', async () => (await recorded()).frames === 90);
	phone.say({type: 'alive', battery: null});
	await phone.first('now');
	assert.ok(phone.received.every(({type, next}) => type !== 'ack' || next <= 50));
	for (let sequence = 50; sequence < 60; sequence++) phone.say(frame({alert, epoch: 9, sequence, flags: 4}));
	await acknowledged(phone, 9, 100);
	await until('all on disk', async () => (await recorded()).frames === 100);
	assert.deepEqual((await recorded()).gaps, []);
});

test('the_operator_hears_the_frames_as_they_came', async () => {
	const {phone, alert} = await calling();
	const heard = [];
	const socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/alerts/${alert}/sound`, {headers: operator.headers()});
	socket.on('message', (data, binary) => heard.push(binary ? data : JSON.parse(data)));
	await until('the first word', () => heard.length);
	announce(phone, alert, 11);
	const said = Array.from({length: 50}, (_, sequence) => frame({alert, epoch: 11, sequence, flags: sequence % 2}));
	for (const one of said) phone.say(one);
	await until('fifty frames', () => heard.filter(Buffer.isBuffer).length === said.length);
	assert.deepEqual(heard.filter(Buffer.isBuffer), said);
	socket.terminate();
});

test('frames_of_another_alert_or_of_nothing_announced_are_borne_a_while_then_closed', async () => {
	const one = await calling(), other = await calling();
	announce(one.phone, one.alert, 3);
	stream(one.phone, other.alert, 3, 0, 20);
	stream(one.phone, one.alert, 4, 0, 20);
	one.phone.say(Buffer.alloc(10));
	stream(one.phone, one.alert, 3, 0, 50);
	await acknowledged(one.phone, 3, 50);
	stream(one.phone, other.alert, 3, 20, 20);
	assert.equal(await one.phone.closed(), 1008);
	assert.deepEqual((await welcome(other.identity)).welcomed.streams, []);
});

test('an_epoch_is_one_telephone_s', async () => {
	const {identity, phone, alert} = await calling();
	announce(phone, alert, 5);
	stream(phone, alert, 5, 0, 10);
	await acknowledged(phone, 5, 10);
	const {devices} = await server.ctl('device', 'list');
	const {official} = devices.find(({id}) => id === identity.device);
	const second = await welcome(await enrol(server, official, 'Second téléphone'));
	assert.equal(second.welcomed.alert, alert);
	announce(second, alert, 5);
	assert.equal(await second.closed(), 1008);
});

test('after_the_end_frames_are_for_nothing_and_no_reason_to_hang_up', async () => {
	const {phone, alert} = await calling();
	announce(phone, alert, 8);
	stream(phone, alert, 8, 0, 10);
	await acknowledged(phone, 8, 10);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	assert.equal((await phone.first('ended')).alert, alert);
	stream(phone, alert, 8, 10, 100);
	announce(phone, alert, 8);
	phone.say({type: 'alive', battery: 50});
	await phone.first('now');
	assert.equal(phone.code, undefined);
	assert.ok(phone.received.filter(({type}) => type === 'ack').every(({next}) => next <= 10));
});

test('an_alert_that_is_reopened_is_told_at_once_goes_on_and_is_summed_up_whole', async () => {
	const {phone, alert} = await calling(), auditor = await house.client('auditrice');
	const close = () => operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	const sums = (count) => until(`${count} sums`, async () => {
		const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${alert}&limit=200`);
		return lines.filter(({kind}) => kind === 'sound.recorded').length === count;
	});
	announce(phone, alert, 12);
	stream(phone, alert, 12, 0, 50);
	await acknowledged(phone, 12, 50);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await close();
	await phone.first('ended');
	await sums(1);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/reopen`, {reason: 'Un bruit derrière la porte'});
	assert.equal((await phone.first('alert')).alert, alert);
	announce(phone, alert, 12);
	stream(phone, alert, 12, 40, 60);
	await acknowledged(phone, 12, 100);
	announce(phone, alert, 13);
	stream(phone, alert, 13, 0, 50);
	await acknowledged(phone, 13, 50);
	await close();
	await sums(2);
	const {frames, gaps} = await operator.expect(200, 'GET', `/api/alerts/${alert}/recording`);
	assert.equal(frames, 150);
	assert.deepEqual(gaps.filter(({reason}) => reason === 'missing'), []);
});

test('a_telephone_is_asked_where_it_is_by_its_socket', async () => {
	const {phone, alert} = await calling();
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(202, 'POST', `/api/alerts/${alert}/device`, {request: 'locate'});
	await phone.first('locate');
	await operator.expect(409, 'POST', `/api/alerts/${alert}/device`, {request: 'discreet'});
});

test('with_sound_off_nothing_is_taken', async () => {
	const quiet = await House.open({options: {sound: 'off'}});
	try {
		const one = await quiet.official(1), phone = await Phone.welcome(quiet.server, await enrol(quiet.server, one.id));
		assert.equal(phone.welcomed.sound, false);
		const {alert} = await phone.call(Date.now());
		announce(phone, alert, 2);
		stream(phone, alert, 2, 0, 100);
		phone.say({type: 'alive', battery: null});
		await phone.first('now');
		await until('the answers', () => phone.received.length >= 3);
		assert.ok(!phone.received.some(({type}) => type === 'ack'));
		assert.equal(phone.code, undefined);
		phone.socket.terminate();
	} finally {
		await quiet.close();
	}
});

test('to_record_and_to_listen_are_two_rights', async () => {
	const one = await House.open({options: {sound: 'record'}});
	try {
		const someone = await one.client('operatrice'), identity = await enrol(one.server, (await one.official(1)).id);
		const listening = (id) => new WebSocket(`${one.server.url.replace('http', 'ws')}/api/alerts/${id}/sound`, {headers: someone.headers()});
		const speak = async (epoch) => {
			const phone = await one.keep(Phone.welcome(one.server, identity)), {alert} = await phone.call(Date.now());
			assert.equal(phone.welcomed.sound, true);
			announce(phone, alert, epoch);
			stream(phone, alert, epoch, 0, 100);
			await acknowledged(phone, epoch, 100);
			return alert;
		};
		// Recorded, and not to be heard until it is over: not live, and not two seconds later either.
		const recorded = await speak(1), file = `/api/alerts/${recorded}/audio.ogg`;
		assert.equal((await once(listening(recorded), 'close'))[0], 4403);
		const {refusals} = await someone.expect(200, 'GET', `/api/alerts/${recorded}`);
		assert.match(refusals.hear, /se lit une fois l'alerte close/);
		for (const query of ['', '?from=0&to=1000']) assert.equal((await someone.expect(403, 'GET', file + query)).detail, refusals.hear);
		assert.equal((await someone.expect(200, 'GET', `/api/alerts/${recorded}/recording`)).frames, 100);
		// Nor by the archive, which is a second behind: in the room and on the server.
		const chief = await one.client('cheffe'), archive = `/api/alerts/${recorded}/evidence`, alone = await one.official(2);
		const fromServer = (name) => run('egidectl', ['alert', 'evidence', recorded, one.server.in(name), '--config', one.server.in('egide.conf')]);
		assert.match(refusals.evidence, /a du son, et son archive se fait une fois l'alerte close/);
		assert.equal((await chief.expect(403, 'GET', archive)).detail, refusals.evidence);
		await assert.rejects(fromServer('ouverte.tar'), ({message}) => message.includes(refusals.evidence));
		const watch = await one.press(alone), silent = await one.alertOf(someone, alone);
		assert.equal((await someone.expect(200, 'GET', `/api/alerts/${silent.id}`)).refusals.evidence, undefined);
		assert.equal((await fetch(`${one.server.url}/api/alerts/${silent.id}/evidence`, {headers: chief.headers()})).status, 200);
		watch.destroy();
		await someone.expect(200, 'POST', `/api/alerts/${recorded}/claim`, {});
		await someone.expect(200, 'POST', `/api/alerts/${recorded}/close`, {outcome: 'verified_safe'});
		const after = (await someone.expect(200, 'GET', `/api/alerts/${recorded}`)).refusals;
		assert.deepEqual([after.hear, after.clips, after.evidence], [undefined, undefined, undefined]);
		assert.equal((await fetch(one.server.url + archive, {headers: chief.headers()})).status, 200);
		await fromServer('close.tar');
		assert.equal((await fetch(one.server.url + file, {headers: someone.headers()})).status, 200);

		const conf = one.server.in('egide.conf');
		await one.server.stop();
		await fs.writeFile(conf, (await fs.readFile(conf, 'utf8')).replace('sound = record', 'sound = listen'));
		await one.server.start();
		// Heard, and nowhere afterwards.
		const heard = await speak(2), socket = listening(heard);
		assert.equal(JSON.parse((await once(socket, 'message'))[0]).recording, 'off');
		socket.terminate();
		for (const what of ['audio.ogg', 'recording']) await someone.expect(404, 'GET', `/api/alerts/${heard}/${what}`);
	} finally {
		await one.close();
	}
});

test('who_was_granted_the_button_alone_calls_and_is_not_heard', async () => {
	const official = await house.official(90), identity = await enrol(server, official.id);
	await server.ctl('device', 'set', {device: identity.device, sound: 'non'});
	const phone = await Phone.welcome(server, identity);
	assert.equal(phone.welcomed.sound, false);
	const {alert} = await phone.call(Date.now());
	phone.say({type: 'streaming', alert, epoch: 77, began: Date.now()});
	for (let sequence = 0; sequence < 10; sequence++) phone.say(frame({alert, epoch: 77, sequence}));
	phone.say({type: 'alive'});
	await phone.first('now');
	await operator.expect(404, 'GET', `/api/alerts/${alert}/recording`);
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${alert}`)).state, 'raised');
	phone.socket.terminate();
});
