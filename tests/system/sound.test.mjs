// The sound of a telephone, from its socket to who listens and to the file: who may, what is acknowledged, what kill -9 leaves.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {Client, House} from '../lib/api.mjs';
import {enrol, Phone} from '../lib/phone.mjs';
import {until} from '../lib/wait.mjs';

const NOWHERE = '01a20a29-0000-7000-8000-000000000000';

let house, operator, neighbour, auditor, alert;
const sockets = [];

before(async () => {
	house = await House.open({options: {sound: 'both', listen_number: '+33549000000'}});
	[operator, neighbour, auditor] = await Promise.all(['operatrice', 'voisine', 'auditrice'].map((login) => house.client(login)));
	const official = await house.official(1);
	sockets.push(await house.press(official));
	alert = (await house.alertOf(operator, official)).id;
});

after(async () => {
	for (const socket of sockets) socket.destroy?.();
	await house?.close();
});

const listen = (client, id) => new WebSocket(`${house.server.url.replace('http', 'ws')}/api/alerts/${id}/sound`, {headers: client.headers()});

async function closedWith(client, id) {
	const [code] = await once(listen(client, id), 'close');
	return code;
}

test('only_who_sees_the_alert_listens', async () => {
	assert.equal(await closedWith(new Client(house), alert), 4401);
	assert.equal(await closedWith(neighbour, alert), 4404);
	assert.equal(await closedWith(operator, NOWHERE), 4404);
});

test('who_listens_is_told_what_there_is_and_has_a_line_in_the_journal', async () => {
	const socket = listen(operator, alert);
	const [text] = await once(socket, 'message');
	const {now, ...state} = JSON.parse(text);
	assert.deepEqual(state, {type: 'sound', streams: [], recording: 'on'});
	assert.equal(typeof now, 'number');
	socket.close();
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${alert}&limit=200`);
	assert.equal(lines.filter(({kind}) => kind === 'sound.listened').length, 1);
});

test('those_who_listen_are_named_to_each_other_once_each_until_they_leave', async () => {
	const chief = await house.client('cheffe');
	const named = async (...names) => until(`listeners: ${names}`, async () => {
		const {listeners} = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
		return JSON.stringify(listeners.map(({name}) => name).sort()) === JSON.stringify(names);
	});
	await named();
	const ears = [operator, operator, chief].map((client) => listen(client, alert));
	await Promise.all(ears.map((socket) => once(socket, 'message')));
	await named('Compte cheffe', 'Opératrice d’essai');
	ears[0].close();
	ears[2].close();
	await named('Opératrice d’essai');
	ears[1].close();
	await named();
	const {entries} = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	const left = entries.filter(({kind}) => kind === 'sound.left');
	assert.deepEqual(left.slice(-3).map(({actor}) => actor.name).sort(), ['Compte cheffe', 'Opératrice d’essai', 'Opératrice d’essai']);
	assert.ok(left.every(({body}) => Number.isInteger(body.seconds)));
});

test('a_moment_is_marked_with_words_or_without_after_closing_too', async () => {
	const official = await house.official(9);
	sockets.push(await house.press(official));
	const {id} = await house.alertOf(operator, official), path = `/api/alerts/${id}/marks`;
	await operator.expect(201, 'POST', path, {epoch: EPOCH, sequence: 61, text: 'Une voix d’homme.'});
	await operator.expect(200, 'POST', `/api/alerts/${id}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${id}/close`, {outcome: 'verified_safe'});
	await operator.expect(201, 'POST', path, {epoch: EPOCH, sequence: 0});
	const {entries} = await operator.expect(200, 'GET', `/api/alerts/${id}`);
	assert.deepEqual(entries.filter(({kind}) => kind === 'sound.marked').map(({body}) => body),
		[{epoch: EPOCH, sequence: 61, text: 'Une voix d’homme.'}, {epoch: EPOCH, sequence: 0, text: null}]);
	for (const [field, body] of [['epoch', {epoch: 0, sequence: 0}], ['epoch', {epoch: 2 ** 32, sequence: 0}], ['sequence', {epoch: 1, sequence: 30_240_000}],
		['sequence', {epoch: 1, sequence: -1}], ['text', {epoch: 1, sequence: 1, text: 'x'.repeat(4001)}]])
		assert.equal((await operator.expect(400, 'POST', path, body)).errors[0].field, field);
});

test('a_watch_is_asked_to_dial_the_administration_in_a_silent_alert_too', async () => {
	const official = await house.official(10), watch = await house.press(official);
	sockets.push(watch);
	let received = '';
	watch.on('data', (text) => { received += text; });
	const {id} = await house.alertOf(operator, official);
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${id}`)).refusals.listen, undefined);
	assert.deepEqual(await operator.expect(202, 'POST', `/api/alerts/${id}/device`, {request: 'listen'}), {sent: true});
	await until('the order to dial', () => received.includes('*MONITOR,+33549000000]'));
	const ident = received.match(/\*(\d+)\*[0-9a-f]{4}\*MONITOR/)[1];
	watch.write(`[3G*${ident}*0007*MONITOR]`);
	const {entries, triggers} = await operator.expect(200, 'GET', `/api/alerts/${id}`);
	assert.deepEqual(entries.find(({kind}) => kind === 'device.asked').body, {request: 'listen'});
	assert.equal(triggers, 1);
	watch.destroy();
	await until('the watch is gone', async () => !(await operator.expect(200, 'GET', `/api/alerts/${id}`)).connected);
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${id}`)).refusals.listen, 'La montre n\'est pas connectée.');
	await operator.expect(409, 'POST', `/api/alerts/${id}/device`, {request: 'listen'});
});

test('who_logs_out_hears_nothing_more', async () => {
	const leaving = await house.client('operatrice'), socket = listen(leaving, alert), closed = once(socket, 'close');
	await once(socket, 'message');
	await leaving.expect(204, 'DELETE', '/api/session');
	assert.equal((await closed)[0], 4401);
});

test('the_figures_say_who_sends_and_who_hears', async () => {
	const socket = listen(operator, alert);
	await once(socket, 'message');
	const text = await (await fetch(`${house.server.url}/metrics`)).text();
	assert.match(text, /^egide_sound_listeners 1$/m);
	assert.match(text, /^egide_sound_failing 0$/m);
	assert.match(text, /^egide_sound_room_bytes [1-9]/m);
	socket.close();
});

test('an_alert_without_sound_has_no_recording', async () => {
	await operator.expect(404, 'GET', `/api/alerts/${alert}/recording`);
	await operator.expect(404, 'GET', `/api/alerts/${alert}/audio.ogg`);
	await new Client(house).expect(401, 'GET', `/api/alerts/${alert}/audio.ogg`);
});

const EPOCH = 0xcafe0001;
const BEGAN = 1_795_388_400_000;

// An Opus packet of 20 ms, mono, of no sound: its decoder conceals.
function frame(alertId, sequence, flags = 0) {
	const bytes = Buffer.alloc(36);
	bytes[0] = 1;
	bytes[1] = flags;
	Buffer.from(alertId.replaceAll('-', ''), 'hex').copy(bytes, 2);
	bytes.writeUInt32BE(EPOCH, 18);
	bytes.writeUInt32BE(sequence, 22);
	bytes.writeBigUInt64BE(BigInt(BEGAN + 20 * sequence), 26);
	bytes[34] = 0xf8;
	bytes[35] = sequence & 0xff;
	return bytes;
}

async function streaming(identity) {
	const phone = await Phone.welcome(house.server, identity);
	sockets.push({destroy: () => phone.socket.terminate()});
	return phone;
}

function announce(phone, id) {
	phone.say({type: 'streaming', alert: id, epoch: EPOCH, began: BEGAN});
}

const sound = (id, headers = {}, query = '') => fetch(`${house.server.url}/api/alerts/${id}/audio.ogg${query}`, {headers: operator.headers(headers)});

test('a_telephone_is_heard_acknowledged_from_disk_and_recorded_through_kill_9', async () => {
	const official = await house.official(2), identity = await enrol(house.server, official.id);
	let phone = await streaming(identity);
	assert.equal(phone.welcomed.sound, true);
	const {alert: id} = await phone.call(Date.now());
	announce(phone, id);
	const listener = listen(operator, id), heard = [];
	listener.on('message', (data, binary) => { if (binary) heard.push(data); });
	await once(listener, 'message');
	for (let i = 0; i < 100; i++) phone.say(frame(id, i, i % 2));
	await until('every frame, as it was sent', () => heard.length >= 100);
	assert.deepEqual(heard.slice(-50), Array.from({length: 50}, (_, i) => frame(id, 50 + i, i % 2)));
	await phone.first('ack', ({epoch, next}) => epoch === EPOCH && next === 100);
	await house.server.kill();
	await house.server.start();
	phone = await streaming(identity);
	assert.deepEqual(phone.welcomed.streams, [{epoch: EPOCH, next: 100}]);
	announce(phone, id);
	for (let i = 110; i < 150; i++) phone.say(frame(id, i));
	for (let i = 100; i < 105; i++) phone.say(frame(id, i, 4));
	await phone.first('ack', ({next}) => next === 105);
	const recording = await operator.expect(200, 'GET', `/api/alerts/${id}/recording`);
	assert.deepEqual(recording.gaps, [{at: 2100, milliseconds: 100, reason: 'missing'}]);
	assert.deepEqual([recording.frames, recording.milliseconds], [145, 3000]);

	const whole = await sound(id), bytes = Buffer.from(await whole.arrayBuffer());
	assert.deepEqual([whole.status, whole.headers.get('content-type'), bytes.toString('latin1', 0, 4)], [200, 'audio/ogg', 'OggS']);
	for (const [range, from, to] of [['bytes=0-', 0, bytes.length], ['bytes=10-19', 10, 20], ['bytes=-7', bytes.length - 7, bytes.length]]) {
		const part = await sound(id, {Range: range});
		assert.equal(part.status, 206);
		assert.equal(part.headers.get('content-range'), `bytes ${from}-${to - 1}/${bytes.length}`);
		assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(from, to));
	}
	assert.equal((await sound(id, {Range: `bytes=${bytes.length}-`})).status, 416);
	const part = await sound(id, {}, '?from=1000&to=2000'), window = Buffer.from(await part.arrayBuffer());
	assert.equal(part.status, 200);
	assert.ok(window.includes('EGIDE_FROM=1000') && window.length < bytes.length);
	for (const [field, query] of [['from', 'from=3000'], ['from', 'from=x'], ['from', 'from=-1'], ['to', 'from=10&to=10'], ['to', 'from=0&to=600001'], ['to', 'to=x']])
		assert.equal((await operator.expect(400, 'GET', `/api/alerts/${id}/audio.ogg?${query}`)).errors[0].field, field);
	await neighbour.expect(404, 'GET', `/api/alerts/${id}/audio.ogg?from=x`);
	const {lines: readings} = await auditor.expect(200, 'GET', `/api/journal?subject=${id}&limit=200`);
	assert.ok(readings.some(({what}) => what === '/api/alerts/{id}/audio.ogg?from=1000&to=2000'));
	const tag = whole.headers.get('etag');
	assert.equal((await sound(id, {Range: 'bytes=0-9', 'If-Range': tag})).status, 206);
	assert.equal((await sound(id, {Range: 'bytes=0-9', 'If-Range': '"other"'})).status, 200);

	await operator.expect(200, 'POST', `/api/alerts/${id}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${id}/close`, {outcome: 'verified_safe'});
	await until('the line of the recording', async () => {
		const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${id}&limit=200`);
		return lines.some(({kind}) => kind === 'sound.recorded');
	});
	assert.equal((await sound(id)).status, 200);
});
