// Looking callers up by their number over the API, beside Redis doing the least of the same: one GET, and one XADD that is on disk before
// the answer. A call's number is looked up when somebody takes it; its file is what they read then. Every answer is looked into: another
// status than 200, or the file of somebody else, ends the bench.
import { connect } from 'node:net';

import { ports } from './house.mjs';

const text = (bytes) => bytes.toString('latin1');

/** A connection on which one thing is asked at a time. `whole`: how long the answer is once it is all there, 0 before. */
class Line {
	#got = Buffer.alloc(0);
	#answer;

	constructor(socket, whole) {
		this.socket = socket;
		socket.setNoDelay(true);
		socket.on('data', (bytes) => {
			this.#got = this.#got.length ? Buffer.concat([this.#got, bytes]) : bytes;
			const length = whole(this.#got);
			if (!length) return;
			const answer = this.#got.subarray(0, length);
			this.#got = this.#got.subarray(length);
			this.#answer(answer);
		});
	}

	static open(port, whole) {
		return new Promise((resolve, reject) => {
			const socket = connect(port, '127.0.0.1', () => resolve(new Line(socket, whole)));
			socket.on('error', reject);
		});
	}

	ask(bytes) {
		return new Promise((resolve) => {
			this.#answer = resolve;
			this.socket.write(bytes);
		});
	}

	close() {
		this.socket.destroy();
	}
}

function wholeHttp(bytes) {
	const head = bytes.indexOf('\r\n\r\n');
	if (head < 0) return 0;
	const length = head + 4 + Number(/content-length: (\d+)/i.exec(text(bytes.subarray(0, head)))?.[1] ?? 0);
	return bytes.length < length ? 0 : length;
}

/** Two replies: a bulk string, and another (the number of the line). */
function wholeRedis(bytes) {
	let at = 0;
	for (let reply = 0; reply < 2; reply++) {
		const end = bytes.indexOf('\r\n', at);
		if (end < 0) return 0;
		const line = text(bytes.subarray(at, end));
		if (line[0] !== '$' || line === '$-1') throw new Error(`Redis: ${line}`);
		at = end + 2 + Number(line.slice(1)) + 2;
	}
	return bytes.length < at ? 0 : at;
}

const command = (...words) => `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;

function http(method, path, headers, body) {
	const content = body ? JSON.stringify(body) : '';
	const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('');
	return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1:${ports.http}\r\n${more}${body ? `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(content)}\r\n` : ''}\r\n${content}`;
}

async function expect(line, status, ...what) {
	const answer = text(await line.ask(http(...what)));
	if (!answer.startsWith(`HTTP/1.1 ${status}`)) throw new Error(`${what[0]} ${what[1]}: ${answer.slice(0, 300)}`);
	return answer;
}

const jsonOf = (answer) => JSON.parse(Buffer.from(answer.slice(answer.indexOf('\r\n\r\n') + 4), 'latin1').toString());

/**
 * Asks from several lines, each one thing at a time. rate: things a second, each due at its time whether the one before was answered or not
 * (what waited for a line waits in the figure); 0: as fast as they are answered. next: {ask, sound}, sound saying whether the answer is what
 * was asked for; undefined: there is no more. How many different ones: distinct.
 */
async function measure(lines, next, { seconds, rate }) {
	const us = [], start = performance.now(), end = start + seconds * 1000;
	let count = 0;
	const due = () => (rate ? start + (count++ * 1000) / rate : performance.now());
	await Promise.all(lines.map(async (line) => {
		for (let at = due(); at < end; at = due()) {
			const early = at - performance.now();
			if (early > 0) await new Promise((done) => setTimeout(done, early));
			// A timer comes up to a millisecond late: that is none of the server's.
			const from = early > 0 ? performance.now() : at, one = next();
			if (!one) break;
			const answer = await line.ask(one.ask);
			us.push((performance.now() - from) * 1000);
			if (!one.sound(answer)) throw new Error(`not what was asked for: ${text(answer.subarray(0, 600))}`);
		}
	}));
	us.sort((a, b) => a - b);
	const at = (share) => us[Math.min(us.length - 1, Math.floor(us.length * share))];
	return { p50_us: at(0.5), p99_us: at(0.99), per_second: us.length / ((performance.now() - start) / 1000), count: us.length };
}

/** One after the other, and again from the first when it is to go on. */
function inTurn(list, again) {
	let turn = 0;
	return () => (again ? list[turn++ % list.length] : list[turn++]);
}

const FIRST = 10000000, STEP = 104729; // a prime: the numbers are spread over the register
const serialOf = (i, registered) => FIRST + (i * STEP) % registered;
const numberOf = (serial) => `+337${serial}`;
const nameOf = (serial) => `Dominique Exemple ${serial}`; // bench/seed.c

const openLines = (count, port, whole) => Promise.all(Array.from({ length: count }, () => Line.open(port, whole)));

/** Each of the list, over all the lines at once. */
async function each(lines, list, work) {
	let turn = 0;
	await Promise.all(lines.map(async (line) => {
		while (turn < list.length) await work(line, list[turn++]);
	}));
}

const AT_ONCE = 100; // calls that ring together: fewer than a list of them shows

/** An operator at our API, and calls that ring in their room. */
export class Operator {
	#rung = 0;

	static async open({ registered, secret }) {
		const operator = Object.assign(new Operator(), { registered, secret, lines: await openLines(8, ports.http, wholeHttp) });
		const login = await expect(operator.lines[0], 200, 'POST', '/api/session', {}, { login: 'bench', password: 'banc-essai-2026' });
		operator.session = { Cookie: /set-cookie: ([^;]+)/i.exec(login)[1], Origin: `http://127.0.0.1:${ports.http}` };
		return operator;
	}

	/** So many calls of different numbers: [{id, serial}]. */
	async #ring(count) {
		const serials = new Map(Array.from({ length: count }, () => serialOf(this.#rung++, this.registered)).map((serial) => [numberOf(serial), serial]));
		await each(this.lines, [...serials.keys()], (line, number) => expect(line, 204, 'POST', '/api/calls', { Authorization: `Bearer ${this.secret}` },
			{ call: `bench-${number}`, event: 'ringing', number, line: '17', room: "Centre d'opérations du banc" }));
		const { calls } = jsonOf(await expect(this.lines[0], 200, 'GET', '/api/alerts', this.session));
		const rung = calls.filter(({ number }) => serials.has(number)).map(({ id, number }) => ({ id, serial: serials.get(number) }));
		if (rung.length !== count) throw new Error(`${rung.length} of ${count} calls ring`);
		return rung;
	}

	#claim({ id }) {
		const request = http('POST', `/api/calls/${id}/claim`, this.session, {});
		return { ask: request, sound: (answer) => text(answer.subarray(0, 12)) === 'HTTP/1.1 200' };
	}

	#read({ id, serial }) {
		const request = http('GET', `/api/calls/${id}`, this.session), name = `"name":"${nameOf(serial)}"`, number = `"${numberOf(serial)}"`;
		return { ask: request, sound: (answer) => text(answer.subarray(0, 12)) === 'HTTP/1.1 200' && answer.includes(name) && answer.includes(number) };
	}

	/** Takes so many calls: what their readings ask. */
	async take(count) {
		const reads = [];
		while (reads.length < count) {
			const rung = await this.#ring(Math.min(AT_ONCE, count - reads.length));
			await each(this.lines, rung, async (line, call) => {
				const { ask, sound } = this.#claim(call);
				if (!sound(await line.ask(ask))) throw new Error('a call could not be taken');
			});
			reads.push(...rung.map((call) => this.#read(call)));
		}
		return reads;
	}

	/** The taking itself, so many times: the number is looked up, the line of the journal is on disk. */
	async taking(count, rate) {
		const claims = (await this.#ring(count)).map((call) => this.#claim(call));
		return measure(this.lines, inTurn(claims, false), { seconds: 2 * count / rate, rate });
	}

	async reading(reads, { seconds, rate, lines }) {
		const all = await openLines(lines, ports.http, wholeHttp), measured = await measure(all, inTurn(reads, true), { seconds, rate });
		all.forEach((line) => line.close());
		return { ...measured, distinct: Math.min(reads.length, measured.count) };
	}

	close() {
		this.lines.forEach((line) => line.close());
	}
}

/** Files of that length, by number. */
export async function fillRedis(registered, length) {
	const socket = connect(ports.redis, '127.0.0.1');
	const file = (serial) => `"${nameOf(serial)}"`.padEnd(length, 'x');
	for (let done = 0; done < registered; done += 1000) {
		const serials = Array.from({ length: Math.min(1000, registered - done) }, (_, i) => FIRST + done + i);
		const block = serials.map((serial) => command('SET', numberOf(serial), file(serial))).join('');
		if (!socket.write(block)) await new Promise((done_) => socket.once('drain', done_));
	}
	socket.write(command('PING'));
	await new Promise((done) => {
		let tail = '';
		socket.on('data', (bytes) => {
			tail = (tail + text(bytes)).slice(-20);
			if (tail.includes('+PONG')) done();
		});
	});
	socket.destroy();
}

export async function redisLookups({ registered, seconds, rate, lines, distinct }) {
	const all = await openLines(lines, ports.redis, wholeRedis);
	const reads = Array.from({ length: distinct }, (_, i) => {
		const serial = serialOf(i, registered), name = `"${nameOf(serial)}"`;
		return { ask: command('GET', numberOf(serial)) + command('XADD', 'audit', '*', 'who', 'bench', 'what', numberOf(serial)), sound: (answer) => answer.includes(name) };
	});
	const measured = await measure(all, inTurn(reads, true), { seconds, rate });
	all.forEach((line) => line.close());
	return measured;
}
