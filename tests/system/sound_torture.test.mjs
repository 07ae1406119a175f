// Live sound under what must not break it: kill -9 in the midst of fifty streams, a thousand ears, a disk that fills, a telephone
// that says anything.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {House} from '../lib/api.mjs';
import {enrol, frame, Phone} from '../lib/phone.mjs';
import {until} from '../lib/wait.mjs';

const STREAMS = 50, EARS = 1000, TICK_MS = 100, FRAMES_A_TICK = 5, LATE = 4;

let house, server, operator;
let officials = 0;
const open = [];

before(async () => {
	house = await House.open({options: {sound: 'both'}});
	server = house.server;
	operator = await house.client('operatrice');
});

after(async () => {
	for (const one of open) one.end();
	await house?.close();
});

// A telephone in alert that captures at the pace of a microphone, comes back by itself, and sends again what is not on disk.
class Streamer {
	static async open(epoch) {
		const official = await house.official(++officials);
		const streamer = new Streamer();
		open.push(streamer);
		Object.assign(streamer, {epoch, identity: await enrol(server, official.id), captured: 0, sent: 0, acked: 0, began: Date.now()});
		streamer.phone = await Phone.welcome(server, streamer.identity);
		({alert: streamer.alert} = await streamer.phone.call(Date.now()));
		streamer.announce(0);
		streamer.timer = setInterval(() => streamer.tick(), TICK_MS);
		return streamer;
	}

	announce(next) {
		this.sent = next;
		this.missed = this.captured;
		this.phone.say({type: 'streaming', alert: this.alert, epoch: this.epoch, began: this.began});
	}

	tick() {
		if (!this.isFull) this.captured += FRAMES_A_TICK;
		if (this.coming) return;
		for (const {type, next} of this.phone.received.splice(0)) if (type === 'ack') this.acked = Math.max(this.acked, next);
		if (this.phone.code !== undefined) return void this.comeBack();
		for (; this.sent < this.captured; this.sent++)
			this.phone.say(frame({alert: this.alert, epoch: this.epoch, sequence: this.sent, flags: this.sent < this.missed ? LATE : 0}));
	}

	async comeBack() {
		this.coming = true;
		const phone = await Phone.open(server, this.identity).catch(() => null);
		const answer = phone && await until('a welcome or an end', () => phone.code ?? phone.received.find(({type}) => type === 'welcome')).catch(() => null);
		if (answer?.type === 'welcome') {
			this.phone = phone;
			this.back = answer.streams.find(({epoch}) => epoch === this.epoch)?.next ?? 0;
			this.ackedBefore = this.acked;
			this.announce(this.back);
		}
		this.coming = false;
	}

	end() {
		clearInterval(this.timer);
		this.phone?.socket.terminate();
	}
}

// A program that must end with 0, given bytes; what it said.
async function check(program, words) {
	const child = spawn(program, words, {stdio: ['ignore', 'pipe', 'pipe']});
	let said = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { said += bytes; });
	const [status] = await once(child, 'close');
	assert.equal(status, 0, `${program}: ${said}`);
	return said;
}

// Every frame that was captured is in the recording, which the usual programs find without fault.
async function assertRecorded(stream) {
	const {frames, gaps} = await operator.expect(200, 'GET', `/api/alerts/${stream.alert}/recording`);
	assert.deepEqual([frames, gaps], [stream.captured, []]);
	const file = path.join(server.dir, 'recording.ogg');
	const answer = await fetch(`${server.url}/api/alerts/${stream.alert}/audio.ogg`, {headers: operator.headers()});
	await fs.writeFile(file, Buffer.from(await answer.arrayBuffer()));
	assert.doesNotMatch(await check('opusinfo', [file]), /WARNING|ERROR/i);
	await check('ffmpeg', ['-v', 'error', '-xerror', '-i', file, '-f', 'null', '-']);
	stream.end();
}

// Who listens: the sequences it heard, whether it was brought to the live edge, what it was last told of the recording.
function earOn({alert}, client) {
	const ear = {heard: []};
	ear.socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/alerts/${alert}/sound`, {headers: client.headers()});
	ear.socket.on('error', () => {});
	ear.socket.on('message', (data, binary) => {
		if (binary) return void ear.heard.push(data.readUInt32BE(22));
		const {type, recording} = JSON.parse(data);
		if (type === 'sound') ear.recording = recording;
		ear.jumped ||= type === 'jumped';
	});
	ear.end = () => ear.socket.terminate();
	open.push(ear);
	return ear;
}

const metrics = async () => (await fetch(`${server.url}/metrics`)).text();

test('kill_9_in_the_midst_of_fifty_streams_loses_nothing_that_was_acknowledged', async () => {
	const streams = await Promise.all(Array.from({length: STREAMS}, (_, i) => Streamer.open(1000 + i)));
	await until('two seconds of each on disk', () => streams.every(({acked}) => acked >= 100));
	await server.kill();
	await server.start();
	await until('each back by itself', () => streams.every(({back}) => back !== undefined));
	for (const {back, ackedBefore} of streams) assert.ok(back >= ackedBefore, `${back} on disk, ${ackedBefore} acknowledged`);
	for (const stream of streams) stream.isFull = true;
	await until('all of each on disk', () => streams.every(({captured, acked}) => acked === captured));
	for (const stream of streams) await assertRecorded(stream);
});

test('a_thousand_listen_to_one_and_each_hears_all_of_it', async () => {
	const stream = await Streamer.open(1);
	const addresses = await Promise.all([house.client('operatrice'), house.client('operatrice')]);
	const ears = Array.from({length: EARS}, (_, i) => earOn(stream, addresses[i % 2]));
	await until('a second in each ear', () => ears.every(({heard}) => heard.length >= 50));
	for (const {heard, jumped} of ears) assert.ok(jumped || heard.every((sequence, i) => sequence === heard[0] + i));
	assert.match(await metrics(), new RegExp(`^egide_sound_listeners ${EARS}$`, 'm'));
	for (const ear of ears) ear.end();
	await until('nobody listens', async () => /^egide_sound_listeners 0$/m.test(await metrics()));
	stream.end();
});

test('a_disk_that_fills_loses_nothing_acknowledged_and_the_operator_sees_it', async () => {
	const log = await fs.open(server.in('log'), 'a');
	await server.stop();
	// Past the limit of a file's size a write fails as on a full disk, instead of ending the process.
	await server.start({log: log.fd, through: ['sh', '-c', 'trap "" XFSZ; exec "$0" "$@"']});
	const limit = (bytes) => check('prlimit', ['--pid', String(server.process.pid), `--fsize=${bytes}:unlimited`]);
	const stream = await Streamer.open(1), ear = earOn(stream, operator);
	await until('two seconds on disk', () => stream.acked >= 100 && ear.recording === 'on');
	await limit(4096);
	await until('the operator is told', () => ear.recording === 'failing');
	const heard = ear.heard.length;
	await until('the voice is heard all the same', () => ear.heard.length >= heard + 100);
	assert.ok(stream.acked <= stream.captured - 100, 'what is only heard is not acknowledged');
	assert.match(await metrics(), /^egide_sound_failing 1$/m);
	await limit('unlimited');
	await until('the operator is told that it is kept again', () => ear.recording === 'on');
	await until('the telephone back by itself', () => stream.back !== undefined);
	stream.isFull = true;
	await until('all of it on disk', () => stream.acked === stream.captured);
	assert.match(await metrics(), /^egide_sound_failing 0$/m);
	await server.kill();
	const said = await fs.readFile(server.in('log'), 'utf8');
	for (const event of ['sound.not_recorded', 'sound.recorded_again']) assert.ok(said.includes(event), event);
	await log.close();
	await server.start();
	await assertRecorded(stream);
});

test('what_is_no_frame_and_what_is_too_fast_harm_nobody_and_the_next_call_is_heard', async () => {
	const official = await house.official(++officials), identity = await enrol(server, official.id);
	const hello = async () => {
		const phone = await Phone.welcome(server, identity);
		open.push(phone);
		const {alert} = await phone.call(Date.now());
		phone.say({type: 'streaming', alert, epoch: 5, began: Date.now()});
		return {phone, alert};
	};
	const broken = await hello();
	/* Stereo, 60 ms, a packet whose frames do not fit, days ahead, no header: dropped, forty of them are borne. */
	const packets = [Buffer.from([0xfc, 1]), Buffer.from([0x18, 1]), Buffer.from([0xfb, 0x3f])];
	for (let i = 0; i < 10; i++) {
		for (const packet of packets) broken.phone.say(frame({...broken, epoch: 5, sequence: i, packet}));
		broken.phone.say(Buffer.alloc(20));
		broken.phone.say(frame({...broken, epoch: 5, sequence: 20_000_000 + i}));
	}
	for (let i = 0; i < 50; i++) broken.phone.say(frame({...broken, epoch: 5, sequence: i}));
	await broken.phone.first('ack', ({next}) => next === 50);
	const {milliseconds} = await operator.expect(200, 'GET', `/api/alerts/${broken.alert}/recording`);
	assert.equal(milliseconds, 1000);
	broken.phone.say(Buffer.alloc(1024 * 1024));
	assert.equal(await broken.phone.closed(), 1009);
	const fast = await hello();
	for (let i = 50; i < 3000; i++) fast.phone.say(frame({...fast, epoch: 5, sequence: i}));
	assert.equal(await fast.phone.closed(), 1008);
	assert.equal((await hello()).alert, broken.alert);
});
