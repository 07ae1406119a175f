// What can fail around the server: its disk, its database, its descriptors, its peers. It says so, acknowledges nothing that is
// not stored, and goes on by itself once it can.
import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {after, afterEach, before, describe, test} from 'node:test';

import {Client, House as Api, SECRET} from '../lib/api.mjs';
import {PASSWORD, ROOM, ROOT, Server} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';
import {Watch} from '../lib/watch.mjs';

const POSTGRES = path.join(ROOT, 'tests/lib/postgres');
const IDENT = '8800000001', PHONE = '+33639980010';
const HOUR_S = 3600;
// Past the limit of a file's size a write fails as on a full disk, instead of ending the process.
const LIMITED = ['sh', '-c', 'trap "" XFSZ; exec "$0" "$@"'];
const now_s = () => Math.floor(Date.now() / 1000);

function sh(program, ...words) {
	const {status, stdout, stderr} = spawnSync(program, words, {encoding: 'utf8'});
	assert.equal(status, 0, `${program} ${words.join(' ')}: ${stderr}`);
	return stdout;
}

const limit = (server, what) => sh('prlimit', '--pid', String(server.process.pid), what);

// Processor time used so far, in ticks of 10 ms.
function ticks(server) {
	const fields = fs.readFileSync(`/proc/${server.process.pid}/stat`, 'utf8').split(') ')[1].split(' ');
	return Number(fields[11]) + Number(fields[12]);
}

class House {
	static async open(options = {}) {
		const house = new House();
		house.server = await Server.prepare();
		await house.server.init({options});
		house.log_path = house.server.in('log');
		house.log = fs.openSync(house.log_path, 'a');
		await house.server.start({log: house.log, through: LIMITED});
		await house.server.register();
		({official: house.official} = await house.server.addOfficial({phone: PHONE, watch: IDENT, contacts: ['+33639980011']}));
		await house.server.login();
		house.watch = new Watch(house.server.watchPort, IDENT, now_s());
		return house;
	}

	said() { return fs.readFileSync(this.log_path, 'utf8'); }

	async cards() {
		return (await this.server.json('GET', '/api/alerts?state=open')).alerts;
	}

	async close() {
		fs.closeSync(this.log);
		await this.server.remove();
	}
}

// While `broken` holds: a call is made, repeated, and not answered; an operator is told. Then it is mended: the same call is answered.
async function assertHonest(house, card, pattern) {
	let mended = false;
	const answered = house.watch.press().then(() => mended);
	await until('the call was sent more than once', () => house.watch.sent > 2);
	const refused = await until('an operator is refused', async () => {
		const response = await house.server.request('POST', `/api/alerts/${card.id}/notes`, {text: 'Rien ne va plus'});
		return response.status !== 201 && response;
	});
	assert.equal(refused.status, 503);
	assert.match((await refused.json()).type, /unavailable/);
	assert.equal(house.watch.answered, 1, 'nothing is acknowledged meanwhile');
	assert.match(house.said(), pattern);
	return async (repair) => {
		mended = true;
		await repair();
		assert.equal(await answered, true, 'answered only after it was mended');
	};
}

async function assertStoredOnce(house, card) {
	const detail = await house.server.json('GET', `/api/alerts/${card.id}`);
	assert.equal(detail.triggers, 2);
	assert.equal(detail.entries.filter((entry) => entry.kind === 'alert.triggered').length, 1);
	assert.ok(!detail.entries.some((entry) => entry.kind === 'alert.noted'), 'what was refused was not done');
	await until('it works again', async () => (await house.server.request('POST', `/api/alerts/${card.id}/notes`, {text: 'Tout va'})).status === 201);
}

describe('storage', () => {
	let folder, house;

	before(() => { folder = fs.mkdtempSync(path.join(os.tmpdir(), 'egide-faults-')); });
	after(() => { fs.rmSync(folder, {recursive: true, force: true}); });
	afterEach(() => house?.close());

	test('a_full_disk_acknowledges_nothing_and_is_overcome_without_a_restart', async () => {
		house = await House.open();
		await house.watch.press();
		const [card] = await house.cards();
		// Somebody else takes over, who has not read the list yet.
		await house.server.ctl('account', 'add', {login: 'releve', name: 'Relève', roles: 'operator', room: ROOM}, `${PASSWORD}\n`);
		await house.server.login('releve');
		limit(house.server, '--fsize=4096:unlimited');
		const mend = await assertHonest(house, card, /error storage\.failed .*error=/);
		assert.deepEqual((await house.cards()).map(({id}) => id), [card.id], 'what is open is shown, though no line can say so');
		assert.equal((await house.server.json('GET', `/api/alerts/${card.id}`)).id, card.id, 'and where it is');
		await mend(() => limit(house.server, '--fsize=unlimited:unlimited'));
		await assertStoredOnce(house, card);
	});

	test('a_database_that_goes_and_comes_back_is_found_again', async () => {
		const cluster = path.join(folder, 'postgres');
		try {
			house = await House.open({database: sh(POSTGRES, 'start', cluster).trim()});
			await house.watch.press();
			const [card] = await house.cards();
			sh(POSTGRES, 'halt', cluster);
			const mend = await assertHonest(house, card, /error storage\.failed .*error=/);
			await mend(() => sh(POSTGRES, 'resume', cluster));
			await assertStoredOnce(house, card);
			// Its ladder went on: nobody claimed it.
			await until('the alert climbs', async () => (await house.server.json('GET', `/api/alerts/${card.id}`)).level > 0);
		} finally {
			await house?.close();
			house = null;
			sh(POSTGRES, 'stop', cluster);
		}
	});
});

describe('the journal', () => {
	const NAME = 'Élue du dossier fermé', BEARER = {Authorization: `Bearer ${SECRET}`, Origin: undefined, Cookie: undefined};
	let house;

	before(async () => {
		house = await Api.open({through: LIMITED, options: {switch_secret: SECRET, switch_networks: '127.0.0.0/8, 10.66.0.0/16'}});
		await house.account('guichet', 'counter', ROOM);
	});
	after(() => house?.close());

	// The session of an official in their own file, by the code sent to its number.
	async function ownFile(phone) {
		const client = new Client(house);
		const {request} = await client.expect(200, 'POST', '/api/own/code', {phone});
		const code = await until('a code', () => house.gateway.messages.filter(({to}) => to === phone).map(({text}) => text.match(/code (\d{6})/)?.[1]).find(Boolean));
		const {headers} = await client.ask('POST', '/api/own/session', {request, code});
		client.cookie = headers.get('set-cookie').split(';')[0];
		return client;
	}

	test('a_file_whose_reading_cannot_be_written_down_is_not_given', async () => {
		const [operator, counter, auditor] = await Promise.all(['operatrice', 'guichet', 'auditrice'].map((login) => house.client(login)));
		const {official} = await house.server.addOfficial({name: NAME, phone: PHONE, watch: IDENT, contacts: ['+33639980011']});
		await house.press({watch: IDENT});
		const {id: alert} = await house.alertOf(operator, {id: official});
		await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
		await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
		await operator.expect(204, 'POST', '/api/calls', {call: 'full-disk', event: 'ringing', line: '17', number: PHONE}, BEARER);
		const {calls: [call]} = await operator.expect(200, 'GET', '/api/alerts');
		await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {});
		const own = await ownFile(PHONE);
		const files = [[operator, 'GET', `/api/calls/${call.id}`], [operator, 'GET', `/api/alerts/${alert}`], [own, 'GET', '/api/own'], [own, 'GET', '/api/own/copy'],
			[counter, 'POST', '/api/counter/files', {official}], [counter, 'GET', `/api/counter/people?q=${encodeURIComponent(NAME)}`]];
		const readings = async () => {
			const {lines} = await auditor.expect(200, 'GET', `/api/journal?person=${official}&limit=200`);
			return lines.filter(({kind}) => kind === 'read' || kind === 'exported').length;
		};
		limit(house.server, '--fsize=4096:unlimited');
		for (const [client, ...question] of files) {
			const {status, text} = await client.ask(...question);
			assert.equal(status, 503, `${question[1]}: ${text}`);
			assert.ok(!text.includes(NAME) && !text.includes(PHONE.slice(4)), question[1]);
		}
		limit(house.server, '--fsize=unlimited:unlimited');
		await until('it writes again', async () => (await operator.ask('GET', files[0][2])).status === 200);
		const before = await readings();
		for (const [client, ...question] of files) assert.match((await client.ask(...question)).text, new RegExp(NAME), question[1]);
		// A search has one of its own beside those of whom it found.
		assert.ok(await readings() >= before + files.length, 'each has its line once it is given');
	});
});

describe('peers', () => {
	let house;
	const sockets = new Set();
	const connect = async (port) => {
		const socket = net.connect({port, host: '127.0.0.1', noDelay: true});
		socket.setEncoding('latin1').on('error', () => {});
		sockets.add(socket);
		await once(socket, 'connect');
		return socket;
	};
	const answer = async (socket, pattern) => {
		let got = '';
		for await (const text of socket) if (pattern.test(got += text)) return got;
		throw new Error(`closed after ${JSON.stringify(got)}`);
	};
	const call = (at_s) => new Watch(0, IDENT, at_s).frame();

	before(async () => { house = await House.open({watch_idle_s: 10}); });
	after(() => house.close());
	afterEach(() => {
		for (const socket of sockets) socket.destroy();
		sockets.clear();
	});

	test('a_call_that_comes_one_byte_at_a_time_is_one_call', async () => {
		const socket = await connect(house.server.watchPort);
		for (const byte of call(now_s() - 100))
			await new Promise((sent) => { socket.write(Buffer.of(byte), () => setImmediate(sent)); });
		assert.equal((await answer(socket, /\*AL\]/)).match(/\*AL\]/g).length, 1);
		const [card] = await house.cards();
		assert.equal(card.triggers, 1);
	});

	test('clocks_an_hour_off_raise_at_the_time_it_is', async () => {
		const [before] = await house.cards();
		for (const off of [-HOUR_S, HOUR_S]) {
			const began = Date.now(), watch = new Watch(house.server.watchPort, IDENT, now_s() + off);
			await watch.press();
			const [card] = await house.cards();
			assert.ok(card.last_trigger_at >= began - 1000 && card.last_trigger_at <= Date.now() + 1000);
		}
		const [card] = await house.cards();
		assert.equal(card.triggers, before.triggers + 2);
	});

	test('half_a_frame_from_hundreds_delays_nobody_and_ends', async () => {
		const half = await Promise.all(Array.from({length: 300}, async (_, i) => {
			const socket = await connect(house.server.watchPort);
			socket.write(call(now_s()).slice(0, 10 + i % 60));
			return socket;
		}));
		const began = performance.now();
		await house.watch.press();
		assert.ok(performance.now() - began < 1000, 'a call among them is answered within a second');
		await Promise.all(half.map((socket) => socket.resume() && once(socket, 'close'))); // idle for too long
	});

	test('requests_that_never_end_delay_nobody', async () => {
		for (let i = 0; i < 200; i++)
			(await connect(house.server.port)).write('POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\nX-Slow: ');
		const began = performance.now();
		assert.equal((await house.server.request('GET', '/health')).status, 200);
		await house.watch.press();
		assert.ok(performance.now() - began < 2000);
	});

	test('without_descriptors_those_connected_are_heard_and_nothing_spins', async () => {
		const speaker = await connect(house.server.watchPort);
		let answers = 0;
		speaker.on('data', (text) => { answers += (text.match(/\*AL\]/g) ?? []).length; });
		limit(house.server, '--nofile=100:');
		// The kernel takes them all, the server as many as it may.
		for (let i = 0; i < 150; i++) await connect(house.server.watchPort);
		const last = await connect(house.server.watchPort);
		last.write(call(now_s() + 10));
		const before = ticks(house.server), began = performance.now();
		for (let i = 0; i < 20; i++) {
			speaker.write(call(now_s() + 30 + i));
			await until('the call is answered', () => answers > i);
		}
		const used_ms = (ticks(house.server) - before) * 10, ms = performance.now() - began;
		assert.ok(used_ms < ms / 2 + 50, `${used_ms} ms of processor in ${ms.toFixed(0)} ms`);
		assert.equal(last.bytesRead, 0);
		limit(house.server, '--nofile=1024:');
		await answer(last, /\*AL\]/); // room again: the one that waited is heard
	});
});
