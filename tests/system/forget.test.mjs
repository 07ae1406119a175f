// Years go by on the server's own clock: what the table of retention ends is in no table, file, free page or log any more, to
// its last sealed byte and its key; what is under a legal hold stays; and the tree still verifies.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {House} from '../lib/api.mjs';
import {enrol, frame, Phone} from '../lib/phone.mjs';
import {ROOT, run} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

const DAY_S = 24 * 3600;
const folder = fs.mkdtempSync(path.join(process.env.TMPDIR ?? '/tmp', 'egide-years-'));
const clock = path.join(folder, 'clock'), preloaded = path.join(folder, 'set_clock.so');

let house, operator, epoch = 0xbeef0101;

function setClock(days) {
	const bytes = Buffer.alloc(8), file = fs.openSync(clock, fs.existsSync(clock) ? 'r+' : 'w');
	bytes.writeBigInt64LE(BigInt(days * DAY_S));
	fs.writeSync(file, bytes);
	fs.closeSync(file);
}

const sql = (text) => execFileSync('sqlite3', [house.server.in('data/egide.db'), '.timeout 5000', text], {encoding: 'utf8'}).trim();
const blob = (id) => `x'${id.replaceAll('-', '')}'`;
const rows = (text) => sql(text).split('\n').filter(Boolean);

// Every sealed value of a dossier, and its key as it is kept; of an alert its sound too.
function sealed(dossier) {
	const tables = [['journal', 'body'], ['alert', 'face'], ['official', 'body'], ['contact', 'body'], ['outbox', 'body'], ['clip', 'body']];
	return [...tables.flatMap(([table, column]) => rows(`SELECT hex(${column}) FROM ${table} WHERE substr(${column}, 2, 16) = ${blob(dossier)}`)),
		...rows(`SELECT hex(wrapped) FROM data_key WHERE id = ${blob(dossier)}`)].map((hex) => Buffer.from(hex, 'hex'));
}

const files = (where) => fs.readdirSync(where, {withFileTypes: true}).flatMap((entry) =>
	entry.isDirectory() ? files(path.join(where, entry.name)) : entry.isFile() ? [path.join(where, entry.name)] : []);

// How many of these byte strings any file of the data folder holds.
function found(list) {
	const all = files(house.server.in('data')).flatMap((file) => {
		try { return [fs.readFileSync(file)]; } catch { return []; } // gone meanwhile
	});
	return list.filter((bytes) => all.some((file) => file.includes(bytes))).length;
}

// Somebody calls by telephone, is heard for a second, and it is over: their file, the alert, the bytes of both.
async function story(n) {
	const official = await house.official(n), phone = await Phone.welcome(house.server, await enrol(house.server, official.id));
	const {alert} = await phone.call(Date.now()), first = (epoch += 1);
	phone.say({type: 'streaming', alert, epoch: first, began: Date.now()});
	for (let i = 0; i < 50; i++) phone.say(frame({alert, epoch: first, sequence: i}));
	await phone.first('ack', ({epoch: one, next}) => one === first && next === 50);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(201, 'POST', `/api/alerts/${alert}/notes`, {text: 'Un mot que seul l’opérateur écrit'});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	phone.socket.terminate();
	const {ref} = await operator.expect(200, 'GET', `/api/alerts/${alert}`), sound = house.server.in(`data/sound/${alert}`);
	const heard = await until('its sound on the disk', () => files(sound).map((file) => fs.readFileSync(file).subarray(0, 400)).filter((bytes) => bytes.length > 100));
	return {official: official.id, alert, ref, sound, bytes: [...sealed(alert), ...heard], file: sealed(official.id)};
}

before(async () => {
	setClock(0);
	execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', preloaded, path.join(ROOT, 'tests/lib/set_clock.c')]);
	Object.assign(process.env, {LD_PRELOAD: preloaded, EGIDE_TEST_CLOCK: clock});
	house = await House.open({options: {sound: 'both'}});
	operator = await house.client('operatrice');
});

after(async () => {
	await house?.close();
	delete process.env.LD_PRELOAD;
	fs.rmSync(folder, {recursive: true, force: true});
});

const exists = (alert) => sql(`SELECT COUNT(*) FROM alert WHERE id = ${blob(alert)}`) === '1';
const verify = () => run('egidectl', ['verify', '--config', house.server.in('egide.conf')]);

test('what_is_over_leaves_nothing_behind_and_what_is_held_stays', async () => {
	const gone = await story(1), held = await story(2);
	const {ctl} = house.server, ask = ctl.bind(house.server);
	await ask('registration', 'end', {official: gone.official, verified: 'oui', why: 'mandate'});
	await ask('registration', 'end', {official: held.official, verified: 'oui', why: 'mandate'});
	await ask('hold', 'place', {official: held.official, reason: 'Réquisition du parquet', until: '31/12/2027'});
	const before = [...gone.bytes, ...gone.file];
	assert.ok(gone.bytes.length > 8 && gone.file.length > 2);
	assert.equal(found(before), before.length);

	// The SMS have left; then two years and a day.
	await until('nothing waits', () => sql('SELECT COUNT(*) FROM outbox WHERE next_at IS NOT NULL') === '0');
	setClock(732);
	await until('the server follows the clock', async () => {
		await ask('unit', 'list');
		return Math.abs((await operator.expect(200, 'GET', '/api/configuration')).now - Date.now()) > 700 * DAY_S * 1000;
	});
	operator = await house.client('operatrice');
	const chief = await house.client('cheffe');
	// A clock that jumps so far is not believed before somebody says that it is right.
	assert.ok(exists(gone.alert));
	const today = new Date(Date.now() + 732 * DAY_S * 1000).toLocaleDateString('fr-FR', {timeZone: 'Europe/Paris'});
	await ask('clock', 'confirm', {date: today});
	await until('the alert is gone', () => !exists(gone.alert));
	await until('no byte of it is left', () => found(before) === 0);
	assert.equal(fs.existsSync(gone.sound), false);

	// The other one is whole.
	await operator.expect(404, 'GET', `/api/alerts/${gone.alert}`);
	await operator.expect(200, 'GET', `/api/alerts/${held.alert}`);
	assert.equal(found([...held.bytes, ...held.file]), held.bytes.length + held.file.length);
	const {hold} = await ask('official', 'show', {official: held.official});
	assert.deepEqual({...hold, at: 0}, {of: 'official', at: 0, by: 'administrator', reason: 'Réquisition du parquet', until: '2027-12-31', lift_asked_at: null});
	assert.deepEqual((await chief.expect(200, 'GET', `/api/alerts/${held.alert}`)).hold, hold);
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${held.alert}`)).hold, null);
	assert.deepEqual((await ask('hold', 'list')).holds.map(({id, official}) => [id, official]), [[held.official, 'Élue d’essai']]);
	await assert.rejects(ask('official', 'remove', {official: held.official}), /retenu/);
	// Who did what is still known, not what was said.
	const auditor = await house.client('auditrice'), {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${gone.alert}&limit=200`);
	assert.ok(lines.some(({kind}) => kind === 'alert.noted') && lines.some(({kind, what}) => kind === 'deleted' && what === 'alert'));
	await verify();

	await ask('hold', 'lift', {official: held.official, reason: 'Affaire classée'});
	const {holds: [asked]} = await auditor.expect(200, 'GET', '/api/journal/holds');
	assert.deepEqual([asked.id, asked.official, asked.lift_reason, asked.own], [held.official, 'Élue d’essai', 'Affaire classée', false]);
	await auditor.expect(200, 'POST', '/api/journal/holds', {subject: held.official, lift: 'oui', reason: 'Jugement définitif'});
	assert.deepEqual((await auditor.expect(200, 'GET', '/api/journal/holds')).holds, []);
	await house.server.stop();
	await house.server.start();
	await until('the other is gone too', () => !exists(held.alert));
	await until('no byte of it is left', () => found([...held.bytes, ...held.file]) === 0);
	await verify();
});
