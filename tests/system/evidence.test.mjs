// An alert as evidence: exported by who may, checked without a server, and one changed bit anywhere is found.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import fs from 'node:fs/promises';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {House} from '../lib/api.mjs';
import {enrol, frame, Phone} from '../lib/phone.mjs';
import {ROOT, run} from '../lib/server.mjs';

const EPOCH = 0xbeef0001;
const EGIDECTL = path.join(process.env.EGIDE_BUILD ?? path.join(ROOT, 'build'), 'egidectl');

let house, chief, operator, archive, key, alert, authority;

// A time-stamping service, its key made on the spot: openssl ts behind HTTP.
async function openAuthority(folder) {
	const inside = (name) => path.join(folder, name);
	const openssl = (...words) => {
		const {status, stderr} = spawnSync('openssl', words, {cwd: folder, encoding: 'utf8'});
		assert.equal(status, 0, stderr);
	};
	await fs.mkdir(folder);
	await fs.writeFile(inside('tsa.cnf'), ['[tsa]', 'serial = serial', 'signer_cert = tsa.pem', 'signer_key = tsa.key',
		'signer_digest = sha256', 'default_policy = 1.2.3.4.1', 'digests = sha256', 'ess_cert_id_alg = sha256', ''].join('\n'));
	openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'tsa.key', '-out', 'tsa.pem', '-days', '2',
		'-subj', '/O=Autorite de demonstration', '-addext', 'extendedKeyUsage=critical,timeStamping');
	openssl('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'other.key', '-out', 'other.pem', '-days', '2', '-subj', '/O=Une autre');
	const server = http.createServer(async (request, response) => {
		const chunks = [];
		for await (const chunk of request) chunks.push(chunk);
		await fs.writeFile(inside('query'), Buffer.concat(chunks));
		openssl('ts', '-reply', '-config', 'tsa.cnf', '-section', 'tsa', '-queryfile', 'query', '-out', 'reply');
		response.writeHead(200, {'content-type': 'application/timestamp-reply'});
		response.end(await fs.readFile(inside('reply')));
	});
	await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
	return {server, url: `http://127.0.0.1:${server.address().port}/`, certificate: inside('tsa.pem'), other: inside('other.pem')};
}

const verify = (file, ...more) => {
	const {status, stdout, stderr} = spawnSync(EGIDECTL, ['verify-export', file, ...more], {encoding: 'utf8', env: {}});
	return {status, said: stdout + stderr};
};

// A telephone calls and is heard: 70 frames live, 10 of them again later, 5 never.
before(async () => {
	const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-tsa-'));
	authority = await openAuthority(path.join(folder, 'tsa'));
	house = await House.open({options: {sound: 'both', timestamp_url: authority.url}});
	operator = await house.client('operatrice');
	chief = await house.client('cheffe');
	const official = await house.official(1), phone = await Phone.welcome(house.server, await enrol(house.server, official.id));
	({alert} = await phone.call(Date.now()));
	phone.say({type: 'streaming', alert, epoch: EPOCH, began: Date.now()});
	for (let i = 0; i < 70; i++) if (i < 40 || i >= 45) phone.say(frame({alert, epoch: EPOCH, sequence: i}));
	await phone.first('ack', ({next}) => next === 40);
	const {ref} = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	await phone.first('ended');
	const auditor = await house.client('auditrice');
	for (;;) {
		const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${alert}&limit=200`);
		if (lines.some(({kind}) => kind === 'sound.recorded')) break;
	}
	archive = house.server.in('preuve.tar');
	key = (await run('egidectl', ['keys', 'public', '--keys', house.server.in('keys/keys')])).trim();
	await run('egidectl', ['alert', 'evidence', String(ref), archive, '--config', house.server.in('egide.conf')]);
	phone.socket.terminate();
});

after(async () => {
	authority?.server.close();
	await house?.close();
	if (authority) await fs.rm(path.join(authority.certificate, '../..'), {recursive: true});
});

test('what_was_exported_is_proven_line_by_line_and_page_by_page', () => {
	const {status, said} = verify(archive, `key=${key}`);
	assert.equal(status, 0, said);
	assert.match(said, /✓ liste signée par la clé [0-9a-f]{64}, celle que vous tenez d'ailleurs/);
	assert.match(said, /✓ \d+ lignes, chacune à sa place dans le journal de \d+ lignes/);
	assert.match(said, /✓ sound\/live\.pages : \d+ pages, celles de la ligne \d+ du journal/);
	assert.match(said, /✓ sound\/audio\.ogg : ce qu'on entend est le rendu de ces pages/);
	assert.match(said, /L'archive est intacte\.\n$/);
});

test('without_a_key_had_elsewhere_it_is_said_that_the_signer_is_not_known', () => {
	const {status, said} = verify(archive);
	assert.equal(status, 0, said);
	assert.match(said, /! la clé vient de l'archive elle-même/);
});

test('the_time_is_that_of_a_service_one_chose_to_believe', () => {
	const said = verify(archive, `key=${key}`).said;
	assert.match(said, /✓ horodatée le \d\d\/\d\d\/\d{4} à \d\d:\d\d:\d\d \(UTC\) par \/O=Autorite de demonstration/);
	assert.match(said, /! l'autorité d'horodatage n'a pas été vérifiée/);
	const trusted = verify(archive, `key=${key}`, `tsa=${authority.certificate}`);
	assert.equal(trusted.status, 0, trusted.said);
	assert.doesNotMatch(trusted.said, /n'a pas été vérifiée/);
	const other = verify(archive, `key=${key}`, `tsa=${authority.other}`);
	assert.equal(other.status, 1);
	assert.match(other.said, /✗ l'horodatage n'est pas signé par une autorité de votre liste/);
});

test('another_key_is_not_believed', () => {
	const {status, said} = verify(archive, `key=${key.replace(/^../, (two) => two === '00' ? '11' : '00')}`);
	assert.equal(status, 1);
	assert.match(said, /✗ la liste n'est pas signée par cette clé/);
});

test('tar_unpacks_it_and_opusinfo_and_ffmpeg_take_the_sound', async () => {
	const folder = house.server.in('unpacked');
	await fs.mkdir(folder);
	assert.equal(spawnSync('tar', ['-xf', archive, '-C', folder]).status, 0);
	const info = spawnSync('opusinfo', [path.join(folder, 'sound/audio.ogg')], {encoding: 'utf8'});
	assert.equal(info.status, 0, info.stdout + info.stderr);
	assert.match(info.stdout, /EGIDE_GAPS=1/);
	assert.equal(spawnSync('ffmpeg', ['-v', 'error', '-xerror', '-i', path.join(folder, 'sound/audio.ogg'), '-f', 'null', '-']).status, 0);
	assert.match(await fs.readFile(path.join(folder, 'LISEZMOI.txt'), 'utf8'), /verify-export/);
	const readable = JSON.parse(await fs.readFile(path.join(folder, 'alert.json'), 'utf8'));
	assert.equal(readable.id, alert);
});

// Of each file of the archive one byte in so many, its header's name and size among them, and every byte of the small ones.
async function everyFlipIsNamed(file, ...more) {
	const bytes = await fs.readFile(file), broken = house.server.in('broken.tar');
	const places = [];
	for (let at = 0; bytes[at];) {
		const size = parseInt(bytes.toString('latin1', at + 124, at + 135), 8);
		places.push(at + 3, at + 130);
		const step = Math.max(1, Math.floor(size / 12));
		for (let i = 0; i < size; i += step) places.push(at + 512 + i);
		at += 512 + Math.ceil(size / 512) * 512;
	}
	for (const [i, place] of places.entries()) {
		const changed = Buffer.from(bytes);
		changed[place] ^= 1 << i % 8;
		await fs.writeFile(broken, changed);
		const {status, said} = verify(broken, `key=${key}`, ...more);
		assert.equal(status, 1, `byte ${place}: ${said}`);
		assert.match(said, /✗/);
	}
	return places.length;
}

test('one_changed_bit_is_found_wherever_it_is', async () => {
	assert.ok(await everyFlipIsNamed(archive, `tsa=${authority.certificate}`) > 100);
});

test('an_archive_cut_short_or_that_is_none_is_refused_in_words', async () => {
	const bytes = await fs.readFile(archive), broken = house.server.in('cut.tar');
	for (const len of [1, 511, 512, 1024, bytes.length >> 1, bytes.length - 512, bytes.length - 1]) {
		await fs.writeFile(broken, bytes.subarray(0, len));
		assert.match(verify(broken).said, /✗ l'archive est coupée ou altérée/);
	}
	assert.match(verify(house.server.in('absent')).said, /absent : /);
	assert.equal(verify(archive, 'key=12').status, 2);
});

test('a_service_that_does_not_answer_leaves_an_archive_without_a_time', async () => {
	authority.server.close();
	authority.server.closeAllConnections();
	const file = house.server.in('sans-heure.tar');
	await run('egidectl', ['alert', 'evidence', alert, file, '--config', house.server.in('egide.conf')]);
	const {status, said} = verify(file, `key=${key}`);
	assert.equal(status, 0, said);
	assert.match(said, /! aucun tiers n'a horodaté cette archive/);
});

test('a_chief_takes_it_from_the_room_and_the_journal_says_who', async () => {
	await operator.expect(403, 'GET', `/api/alerts/${alert}/evidence`);
	const answer = await fetch(`${house.server.url}/api/alerts/${alert}/evidence`, {headers: chief.headers()});
	assert.equal(answer.status, 200);
	assert.equal(answer.headers.get('content-type'), 'application/x-tar');
	const file = house.server.in('from-the-room.tar');
	await fs.writeFile(file, Buffer.from(await answer.arrayBuffer()));
	const {status, said} = verify(file, `key=${key}`);
	assert.equal(status, 0, said);
	const auditor = await house.client('auditrice');
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${alert}&limit=200`);
	assert.equal(lines.filter(({kind}) => kind === 'exported').length, 1);
});

test('two_persons_seal_it_and_the_room_sees_who_asked', async () => {
	const where = `/api/alerts/${alert}`, day = 24 * 3600 * 1000;
	const keeping = async () => (await operator.expect(200, 'GET', where)).keeping;
	const {closed} = await operator.expect(200, 'GET', where);
	assert.deepEqual({...await keeping(), at: 0}, {state: 'free', at: 0, asked_by: null, asked_by_id: null, delete_at: closed.at + 30 * day});
	await operator.expect(200, 'POST', `${where}/seal`, {reason: 'Plainte déposée'});
	assert.equal((await keeping()).asked_by, 'Opératrice d’essai');
	const {detail} = await operator.expect(409, 'POST', `${where}/seal`, {});
	assert.match(detail, /une autre personne doit confirmer/);
	await chief.expect(200, 'POST', `${where}/seal`, {});
	assert.deepEqual({...await keeping(), at: 0}, {state: 'sealed', at: 0, asked_by: null, asked_by_id: null, delete_at: null});
	const {entries} = await operator.expect(200, 'GET', where);
	assert.deepEqual(entries.slice(-2).map(({kind, body}) => [kind, body.reason]), [['sound.seal_asked', 'Plainte déposée'], ['sound.sealed', null]]);
});

async function takeLines(client, body, name) {
	const answer = await fetch(`${house.server.url}/api/journal/export`, {method: 'POST', headers: client.headers({'Content-Type': 'application/json'}), body: JSON.stringify(body)});
	assert.equal(answer.status, 200, answer.status === 200 ? '' : await answer.text());
	assert.equal(answer.headers.get('content-disposition'), 'attachment; filename="egide-journal.tar"');
	const file = house.server.in(name);
	await fs.writeFile(file, Buffer.from(await answer.arrayBuffer()));
	return file;
}

const contentOf = (file, member) => spawnSync('tar', ['-xOf', file, member], {encoding: 'utf8'}).stdout;

test('an_auditor_takes_away_who_read_what_of_a_person_and_why_and_it_proves_itself', async () => {
	const auditor = await house.client('auditrice'), reason = 'Demande de la personne, article 15';
	const {people: [person]} = await auditor.expect(200, 'GET', `/api/journal/people?q=${encodeURIComponent('élue béruges')}`);
	await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	const file = await takeLines(auditor, {person: person.id, reason}, 'personne.tar');
	const {status, said} = verify(file, `key=${key}`);
	assert.equal(status, 0, said);
	assert.match(said, /^\d+ lignes du journal, exportées le /);
	assert.match(said, /✓ \d+ lignes, chacune à sa place dans le journal de \d+ lignes/);
	assert.match(said, /! que rien ne manque de ce qui a été demandé, la signature l'affirme/);
	const lines = contentOf(file, 'journal.jsonl').trim().split('\n').map((line) => JSON.parse(line));
	assert.deepEqual(lines.map(({number}) => number), lines.map(({number}) => number).toSorted((a, b) => a - b));
	assert.ok(lines.some(({subject, name, body}) => subject === alert && name === 'read' && JSON.parse(body).what === '/api/alerts/{id}'));
	assert.ok(lines.some(({subject, name, body}) => subject === person.id && name === 'read' && JSON.parse(body).what === '/api/journal/people'));
	assert.deepEqual(JSON.parse(lines.at(-1).body), {what: '/api/journal/export', reason});
	// Not what was said.
	assert.ok(lines.some(({name, salt, body}) => name === 'alert.closed' && salt === null && body === null));
	assert.ok(!lines.some(({name}) => name === 'fix'));
	const manifest = JSON.parse(contentOf(file, 'manifest.json'));
	assert.equal(manifest.reason, reason);
	assert.deepEqual(manifest.selection, {since: null, until: null, subject: null, person: person.id, account: null, kind: null});
	const readable = JSON.parse(contentOf(file, 'lines.json')).lines;
	assert.equal(readable.length, lines.length);
	assert.ok(readable.some(({actor}) => actor.name === 'Opératrice d’essai'));
	assert.ok(await everyFlipIsNamed(file) > 50);
});

test('lines_are_chosen_by_account_kind_and_time_and_a_reason_is_asked', async () => {
	const auditor = await house.client('auditrice'), {account} = await operator.expect(200, 'GET', '/api/session');
	const file = await takeLines(auditor, {account: account.id, kind: 'read', since: 1, until: Date.now() + 1000, reason: 'Contrôle'}, 'compte.tar');
	const {status, said} = verify(file, `key=${key}`);
	assert.equal(status, 0, said);
	const lines = contentOf(file, 'journal.jsonl').trim().split('\n').map((line) => JSON.parse(line));
	assert.ok(lines.length > 0 && lines.every(({name, actor}) => name === 'read' && actor === account.id));
	const {detail} = await auditor.expect(400, 'POST', '/api/journal/export', {});
	assert.match(detail, /nécessaire/);
	await auditor.expect(404, 'POST', '/api/journal/export', {kind: 'talk.began', reason: 'Contrôle'});
	await auditor.expect(400, 'POST', '/api/journal/export', {kind: 'nothing', reason: 'Contrôle'});
	await auditor.expect(400, 'GET', '/api/journal/people?q=a');
	await chief.expect(403, 'POST', '/api/journal/export', {reason: 'Contrôle'});
	await chief.expect(403, 'GET', '/api/journal/people?q=essai');
});

test('who_opens_a_hundred_closed_files_in_an_hour_waits_for_a_second_person_but_not_for_what_runs', async () => {
	const auditor = await house.client('auditrice'), reader = await house.client('operatrice'), {account} = await reader.expect(200, 'GET', '/api/session');
	const {devices: [device]} = await reader.expect(200, 'GET', '/api/devices'), reason = 'Bilan du trimestre';
	const press = async () => (await reader.expect(201, 'POST', '/api/test-alerts', {device: device.id})).id;
	const closed = async () => {
		const id = await press();
		await reader.expect(200, 'POST', `/api/alerts/${id}/claim`, {});
		await reader.expect(200, 'POST', `/api/alerts/${id}/close`, {outcome: 'other', text: 'Essai'});
		return id;
	};
	let opened = 0, last;
	for (let status = 200; status === 200 && opened <= 101; opened++) {
		last = await closed();
		({status} = await reader.ask('GET', `/api/alerts/${last}`));
	}
	assert.ok(opened > 90 && opened <= 101, `held at ${opened}`); // some were opened above
	for (const path of ['', '/trail', '/recording']) {
		const answer = await reader.ask('GET', `/api/alerts/${last}${path}`);
		assert.ok(answer.status === 429 || (path === '/recording' && answer.status === 404), `${path}: ${answer.status}`);
	}
	const running = await press();
	await reader.expect(200, 'GET', `/api/alerts/${running}`);
	await chief.expect(200, 'GET', `/api/alerts/${last}`);
	await chief.expect(403, 'GET', '/api/journal/held');
	const {held} = await auditor.expect(200, 'GET', '/api/journal/held');
	assert.deepEqual(held.map(({account: one, name}) => [one, name]), [[account.id, account.name]]);
	const where = `/api/journal/held/${account.id}/confirm`;
	await chief.expect(403, 'POST', where, {reason});
	await auditor.expect(204, 'POST', where, {reason});
	await reader.expect(200, 'GET', `/api/alerts/${last}`);
	await auditor.expect(404, 'POST', where, {reason});
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${account.id}&limit=200`);
	assert.deepEqual(lines.filter(({kind}) => kind.startsWith('reading.')).map(({kind, actor}) => [kind, actor.name]),
		[['reading.confirmed', 'Compte auditrice'], ['reading.held', account.name]]);
});
