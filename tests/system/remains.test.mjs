// What a purge leaves on PostgreSQL for somebody who has the disk and the master keys: nothing of what they open. Dead rows,
// indexes, statistics and the write-ahead log are looked through, to the last byte.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {House} from '../lib/api.mjs';
import {bytesOf, Cluster} from '../lib/cluster.mjs';
import {enrol, Phone} from '../lib/phone.mjs';
import {ROOT, run} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

const DAY_S = 24 * 3600;

let cluster, house, operator, clock;

function setClock(days) {
	const bytes = Buffer.alloc(8), file = fs.openSync(clock, fs.existsSync(clock) ? 'r+' : 'w');
	bytes.writeBigInt64LE(BigInt(days * DAY_S));
	fs.writeSync(file, bytes);
	fs.closeSync(file);
}

// Values of a column, as they lie in the files.
const values = (text) => cluster.sql(text).split('\n').filter(Boolean).map((hex) => Buffer.from(hex, 'hex'));

// Which of these byte strings lie in which files.
function found(list) {
	const files = cluster.files().map((file) => [file, bytesOf(file)]);
	return list.flatMap((bytes) => files.filter(([, held]) => held.includes(bytes)).map(([file]) => path.relative(cluster.where, file)));
}

before(async () => {
	cluster = new Cluster();
	clock = path.join(cluster.folder, 'clock');
	setClock(0);
	const preloaded = path.join(cluster.folder, 'set_clock.so');
	execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', preloaded, path.join(ROOT, 'tests/lib/set_clock.c')]);
	Object.assign(process.env, {LD_PRELOAD: preloaded, EGIDE_TEST_CLOCK: clock});
	house = await House.open({options: {database: cluster.url}});
	operator = await house.client('operatrice');
});

after(async () => {
	await house?.close();
	delete process.env.LD_PRELOAD;
	cluster.remove();
});

test('after_a_purge_no_key_and_nothing_the_master_keys_open_is_left_in_any_file', async () => {
	const {ctl} = house.server, ask = ctl.bind(house.server), official = await house.official(1);
	const phone = await Phone.welcome(house.server, await enrol(house.server, official.id));
	const position = {lat: 46.6401, lon: 0.166, accuracy: 8, at: Date.now()};
	const {alert} = await phone.call(Date.now(), {position});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	phone.socket.terminate();
	(await house.press({watch: '8699999999'})).destroy();
	await ask('registration', 'end', {official: official.id, verified: 'oui', why: 'mandate'});

	const keys = values(`SELECT encode(wrapped, 'hex') FROM data_key WHERE id IN ('\\x${alert.replaceAll('-', '')}', '\\x${official.id.replaceAll('-', '')}')`);
	const sealed = ['outbox.body', 'device_last.fix', 'unverified.body'].map((name) => name.split('.')).flatMap(([table, column]) => {
		const some = values(`SELECT encode(${column}, 'hex') FROM ${table} WHERE ${column} IS NOT NULL`);
		assert.ok(some.length > 0, table);
		return some;
	});
	assert.equal(keys.length, 2);
	const going = [...keys, ...sealed];
	cluster.sql('ANALYZE');
	assert.ok(found(going).length >= going.length);
	// Where samples of them would stay.
	const samples = cluster.sql(`SELECT tablename || '.' || attname FROM pg_stats WHERE schemaname = 'public'
		AND concat(most_common_vals, histogram_bounds) LIKE ANY (SELECT '%' || encode('\\x01'::bytea || id, 'hex') || '%' FROM data_key)
		OR attname = 'wrapped'`);
	assert.equal(samples, '');

	await until('nothing waits', () => cluster.sql('SELECT COUNT(*) FROM outbox WHERE next_at IS NOT NULL') === '0');
	setClock(732);
	await until('the server follows the clock', async () => (await operator.expect(200, 'GET', '/api/configuration')).now - Date.now() > 700 * DAY_S * 1000);
	const today = new Date(Date.now() + 732 * DAY_S * 1000).toLocaleDateString('fr-FR', {timeZone: 'Europe/Paris'});
	await ask('clock', 'confirm', {date: today});
	await until('the alert is gone', () => cluster.sql(`SELECT COUNT(*) FROM alert WHERE id = '\\x${alert.replaceAll('-', '')}'`) === '0');
	await until('the rest is gone', () => cluster.sql('SELECT (SELECT COUNT(*) FROM official) + (SELECT COUNT(*) FROM outbox)') === '0');
	// How long it leaves others alone is over, too.
	setClock(733);
	await until('no byte of it is left', () => found(going).length === 0);
	await run('egidectl', ['verify', '--config', house.server.in('egide.conf')]);
});
