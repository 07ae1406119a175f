// Looking callers up by their number over the API, beside Redis doing the least of the same: one GET, and one XADD that is on disk before
// the answer.
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
 * (what waited for a line waits in the figure); 0: as fast as they are answered.
 */
async function measure(lines, next, seconds, rate) {
	const us = [], start = performance.now(), end = start + seconds * 1000;
	let count = 0;
	const due = () => (rate ? start + (count++ * 1000) / rate : performance.now());
	await Promise.all(lines.map(async (line) => {
		for (let at = due(); at < end; at = due()) {
			const early = at - performance.now();
			if (early > 0) await new Promise((done) => setTimeout(done, early));
			// A timer comes up to a millisecond late: that is none of the server's.
			const from = early > 0 ? performance.now() : at;
			await line.ask(next());
			us.push((performance.now() - from) * 1000);
		}
	}));
	us.sort((a, b) => a - b);
	const at = (share) => us[Math.min(us.length - 1, Math.floor(us.length * share))];
	return { p50_us: at(0.5), p99_us: at(0.99), per_second: us.length / ((performance.now() - start) / 1000) };
}

const numberOf = (serial) => `+337${String(10000000 + serial)}`;

/** Calls of `held` numbers spread over the register, all taken by one operator: each reading of one looks its number up. */
async function holdCalls(line, { held, registered, secret }) {
	const login = await expect(line, 200, 'POST', '/api/session', {}, { login: 'bench', password: 'banc-essai-2026' });
	const session = { Cookie: /set-cookie: ([^;]+)/i.exec(login)[1], Origin: `http://127.0.0.1:${ports.http}` };
	for (let i = 0; i < held; i++)
		await expect(line, 204, 'POST', '/api/calls', { Authorization: `Bearer ${secret}` },
			{ call: `bench-${i}`, event: 'ringing', number: numberOf((i * 104729) % registered), line: '17', room: "Centre d'opérations du banc" });
	const { calls } = jsonOf(await expect(line, 200, 'GET', '/api/alerts', session));
	for (const { id } of calls) await expect(line, 200, 'POST', `/api/calls/${id}/claim`, session, {});
	const requests = calls.map(({ id }) => http('GET', `/api/calls/${id}`, session));
	const { person } = jsonOf(text(await line.ask(requests[0])));
	if (calls.length !== held || !person.name.startsWith('Dominique Exemple 1')) throw new Error('the file of who calls is not there');
	return requests;
}

export async function oursLookups({ registered, secret, seconds, rate, lines }) {
	const first = await Line.open(ports.http, wholeHttp);
	const requests = await holdCalls(first, { held: 100, registered, secret });
	const all = [first, ...await Promise.all(Array.from({ length: lines - 1 }, () => Line.open(ports.http, wholeHttp)))];
	let turn = 0;
	const measured = await measure(all, () => requests[turn++ % requests.length], seconds, rate);
	all.forEach((line) => line.close());
	return measured;
}

/** Files as long as ours, by number. */
export async function fillRedis(registered, file) {
	const socket = connect(ports.redis, '127.0.0.1');
	for (let serial = 0; serial < registered; serial += 1000) {
		const block = Array.from({ length: Math.min(1000, registered - serial) }, (_, i) => command('SET', numberOf(serial + i), file)).join('');
		if (!socket.write(block)) await new Promise((done) => socket.once('drain', done));
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

export async function redisLookups({ registered, seconds, rate, lines }) {
	const all = await Promise.all(Array.from({ length: lines }, () => Line.open(ports.redis, wholeRedis)));
	let turn = 0;
	const next = () => {
		const number = numberOf((turn++ * 104729) % registered);
		return command('GET', number) + command('XADD', 'audit', '*', 'who', 'bench', 'what', number);
	};
	const measured = await measure(all, next, seconds, rate);
	all.forEach((line) => line.close());
	return measured;
}
