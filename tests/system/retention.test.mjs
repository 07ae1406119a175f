// What nobody sealed is gone when its days are over: from the disk, for who listens, for who exports; and it is said.
import assert from 'node:assert/strict';
import {execFileSync, spawnSync} from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {House} from '../lib/api.mjs';
import {enrol, frame, Phone} from '../lib/phone.mjs';
import {ROOT, run} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

const EGIDECTL = path.join(process.env.EGIDE_BUILD ?? path.join(ROOT, 'build'), 'egidectl');

let house, chief, operator, auditor, identity, phone, epoch = 0xbeef0001;

const kinds = async (alert) => (await auditor.expect(200, 'GET', `/api/journal?subject=${alert}&limit=200`)).lines.map(({kind}) => kind);
const keeping = async (alert) => (await operator.expect(200, 'GET', `/api/alerts/${alert}`)).keeping;
const names = async () => (await fs.readdir(house.server.in('data/sound'))).sort();

// The telephone calls and is heard for a second; the alert.
async function speak() {
	const {alert} = await phone.call(Date.now()), first = (epoch += 1);
	phone.say({type: 'streaming', alert, epoch: first, began: Date.now()});
	for (let i = 0; i < 50; i++) phone.say(frame({alert, epoch: first, sequence: i}));
	await phone.first('ack', ({epoch: one, next}) => one === first && next === 50);
	return alert;
}

// The same, and the operator closes: {alert, ref}.
async function heard() {
	const alert = await speak(), {ref} = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	await until('its line', async () => (await kinds(alert)).includes('sound.recorded'));
	return {alert, ref};
}

// Thirty days go by while the server is down: its dates lie so much further back. It keeps house as it starts.
async function passDays(days) {
	await house.server.stop();
	execFileSync('sqlite3', [house.server.in('data/egide.db'), `UPDATE keeping SET delete_at = delete_at - ${days * 24 * 3600 * 1000}`]);
	await house.server.start();
}

async function exported({ref}, name) {
	const file = house.server.in(name);
	await run('egidectl', ['alert', 'evidence', String(ref), file, '--config', house.server.in('egide.conf')]);
	const {status, stdout, stderr} = spawnSync(EGIDECTL, ['verify-export', file], {encoding: 'utf8', env: {}});
	return {status, said: stdout + stderr};
}

before(async () => {
	house = await House.open({options: {sound: 'both'}});
	operator = await house.client('operatrice');
	chief = await house.client('cheffe');
	auditor = await house.client('auditrice');
	const official = await house.official(1);
	identity = await enrol(house.server, official.id);
	phone = await Phone.welcome(house.server, identity);
});

after(() => house?.close());

test('what_nobody_sealed_is_gone_and_what_two_sealed_is_there', async () => {
	const gone = await heard(), sealed = await heard(), where = `/api/alerts/${sealed.alert}`;
	phone.socket.terminate();
	await operator.expect(400, 'POST', `${where}/seal`, {});
	await operator.expect(200, 'POST', `${where}/seal`, {reason: 'Plainte déposée'});
	await chief.expect(200, 'POST', `${where}/seal`, {});
	await passDays(29);
	assert.equal((await keeping(gone.alert)).state, 'free');
	await passDays(1);
	await until('its end', async () => (await keeping(gone.alert)).state === 'deleted');
	await until('its files gone', async () => (await names()).length === 1);
	assert.deepEqual(await names(), [sealed.alert]);
	assert.equal((await kinds(gone.alert)).filter((kind) => kind === 'sound.deleted').length, 1);
	await operator.expect(200, 'GET', `${where}/recording`);
	for (const what of ['recording', 'audio.ogg']) {
		const {detail} = await operator.expect(404, 'GET', `/api/alerts/${gone.alert}/${what}`);
		assert.match(detail, /^Le son de cette alerte a été supprimé le \d\d\/\d\d\/\d{4}, selon la règle de conservation\.$/);
	}

	const {status, said} = await exported(gone, 'gone.tar');
	assert.equal(status, 0, said);
	assert.match(said, /! le son a été supprimé le \d\d\/\d\d\/\d{4}, 30 jours après la clôture \(ligne \d+ du journal\)/);
	assert.equal((await exported(sealed, 'sealed.tar')).status, 0);
});

test('a_crash_before_the_line_or_after_it_is_mended_as_the_server_starts', async () => {
	const [kept] = await names(), sound = (name) => house.server.in(`data/sound/${name}`);
	const other = '01234567-89ab-7def-8123-456789abcdef';
	await house.server.kill();
	// Set aside, but nothing committed says so; and what was condemned, but not erased to its end.
	await fs.rename(sound(kept), sound(`${kept}.deleted`));
	await fs.mkdir(sound(`${other}.erased`));
	await fs.writeFile(sound(`${other}.erased/live`), 'EGP1');
	await house.server.start();
	await operator.expect(200, 'GET', `/api/alerts/${kept}/recording`);
	await until('the rest erased', async () => (await names()).length === 1);
	assert.deepEqual(await names(), [kept]);
});

test('what_was_recorded_before_a_fall_is_deleted_in_time_even_if_nothing_is_recorded_any_more', async () => {
	phone = await Phone.welcome(house.server, identity);
	const alert = await speak(), conf = house.server.in('egide.conf');
	await house.server.kill();
	await fs.writeFile(conf, (await fs.readFile(conf, 'utf8')).replace('sound = both', 'sound = off'));
	await house.server.start();
	assert.equal((await keeping(alert)).delete_at, null);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	const {closed} = await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	assert.equal((await keeping(alert)).delete_at, closed.at + 30 * 24 * 3600 * 1000);
	await passDays(30);
	await until('its files gone', async () => !(await names()).some((name) => name.startsWith(alert)));
});
