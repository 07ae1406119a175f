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

const alerts = () => Number(execFileSync('sqlite3', [server.in('data/egide.db'), 'SELECT COUNT(*) FROM alert']));
const lines = () => execFileSync('sqlite3', [server.in('data/egide.db'), 'SELECT kind FROM journal WHERE kind IN (170, 171) ORDER BY number'], {encoding: 'utf8'}).trim().split('\n');

test('a clock years ahead as the machine starts erases nothing, and hears who calls, until an administrator says what day it is', async () => {
	const YEARS_S = 3 * 365 * 24 * HOUR_S, health = () => server.json('GET', '/health');
	await close();
	assert.equal((await health()).date_believed, true);
	await server.kill();
	setClock(YEARS_S);
	await start();
	await server.login();
	await until('the doubt', async () => !(await health()).date_believed);
	const before = alerts();
	assert.ok(before > 0);
	watch = new Watch({id: person.watch, port: server.watchPort, lat: 46.5712, lon: 0.2154});
	watch.start();
	await new Promise((resolve) => {
		watch.answered = resolve;
		watch.socket.once('connect', () => watch.press());
	});
	await climbed(1);
	assert.equal(alerts(), before + 1);
	assert.match(await (await server.request('GET', '/metrics')).text(), /^egide_date_believed 0$/m);
	assert.equal((await server.ctl('clock', 'show')).believed, false);
	const day = (at) => new Date(at).toLocaleDateString('fr-FR', {timeZone: 'Europe/Paris'});
	await assert.rejects(server.ctl('clock', 'confirm', {date: day(Date.now())}), /ce n'est pas le jour de l'horloge du serveur/);
	assert.equal(alerts(), before + 1);
	const {now} = await server.ctl('clock', 'show');
	assert.equal((await server.ctl('clock', 'confirm', {date: day(now), reason: 'Essai'})).believed, true);
	assert.equal((await health()).date_believed, true);
	assert.deepEqual(lines(), ['170', '171']);
	await server.kill();
	await start();
	await until('what is over gone', () => alerts() === 1);
	watch.stop();
	watch.socket.destroy();
});
