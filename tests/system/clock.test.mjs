// Somebody sets the machine's clock by an hour while an alert climbs: no step comes early, none is put off.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, beforeEach, test} from 'node:test';

import {Watch} from '../../demo/watch.mjs';
import {ROOT, Server} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

const HOUR_S = 3600, FIRST_S = 4, LAST_S = 7;
const climbs = (name, after_s, show) =>
	({name, label: `Échelon ${name}`, after_s, unless: 'claimed', show, message_duty: false});

let server, people = 0, person, watch;

function setClock(ahead_s) {
	const bytes = Buffer.alloc(8);
	bytes.writeBigInt64LE(BigInt(ahead_s));
	// Written over: a new file would not be the one the server sees.
	const file = fs.openSync(server.in('clock'), 'r+');
	fs.writeSync(file, bytes);
	fs.closeSync(file);
}

async function start() {
	Object.assign(process.env, {LD_PRELOAD: server.in('set_clock.so'), EGIDE_TEST_CLOCK: server.in('clock')});
	await server.start().finally(() => { delete process.env.LD_PRELOAD; });
}

// Presses SOS; resolves once it is on disk.
function press() {
	watch = new Watch({id: person.watch, port: server.watchPort, lat: 46.5712, lon: 0.2154});
	watch.start();
	return new Promise((resolve) => {
		watch.answered = resolve;
		watch.socket.once('connect', () => watch.press());
	});
}

const alert = () => server.alertOf(person.official);
const climbed = (count) => until(`${count} steps`, async () => (await alert()).entries.filter((entry) => entry.kind === 'alert.climbed').length >= count);
const seconds = (since) => (performance.now() - since) / 1000;

before(async () => {
	server = await Server.prepare();
	fs.writeFileSync(server.in('clock'), Buffer.alloc(8));
	execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', server.in('set_clock.so'), path.join(ROOT, 'tests/lib/set_clock.c')]);
	await server.init({ladder: {steps: [climbs('neighbour', FIRST_S, 'neighbour'), climbs('second', LAST_S, 'second')]}});
	await start();
	await server.register();
	await server.login();
});

beforeEach(async () => {
	const n = ++people;
	person = {watch: String(8800000700 + n)};
	Object.assign(person, await server.addOfficial({phone: `+3319900${7000 + n}`, watch: person.watch, contacts: []}));
	const since = performance.now();
	await press();
	person.pressed = since;
});

after(async () => { await server?.remove(); });

async function close() {
	const {id} = await alert();
	await server.request('POST', `/api/alerts/${id}/claim`, {});
	assert.ok((await server.request('POST', `/api/alerts/${id}/close`, {outcome: 'false_alarm'})).ok);
	watch.stop?.();
	watch.socket.destroy();
}

// What the server believes, against the clock it was given. Anything written makes it look.
const follows = (ahead_s) => until('the server follows the clock', async () => {
	await server.ctl('unit', 'list');
	const {now} = await server.json('GET', '/api/configuration');
	return Math.abs(now - Date.now() - ahead_s * 1000) < 2000;
});

test('a clock set ahead makes no step of the ladder come early', async () => {
	setClock(HOUR_S);
	await alert();
	await climbed(1);
	assert.ok(seconds(person.pressed) >= FIRST_S, `after ${seconds(person.pressed)} s`);
	await climbed(2);
	assert.ok(seconds(person.pressed) >= LAST_S, `after ${seconds(person.pressed)} s`);
	await close();
	await follows(HOUR_S);
});

test('a clock set back puts no step of the ladder off', async () => {
	setClock(0);
	await climbed(2);
	assert.ok(seconds(person.pressed) < HOUR_S / 2);
	await close();
	await follows(0);
});

test('a clock set back while the server was down puts no step off', async () => {
	await server.kill();
	setClock(-HOUR_S);
	await start();
	await climbed(2);
	await close();
	await follows(-HOUR_S);
});
