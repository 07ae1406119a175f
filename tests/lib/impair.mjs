// A network between a page and a server, made worse as asked: late, jittery, lossy, slow, cut, or dead without saying so.
// The kernel here offers none (no netem); over TCP a lost packet is never a hole, but a stall of all that comes behind it.
import {once} from 'node:events';
import net from 'node:net';

// What one packet of Ethernet carries of TCP.
const SEGMENT = 1448;
// RFC 6298 §2.4 says a second; Linux and every telephone take 200 ms.
const LEAST_TIMEOUT_MS = 200;
// Bytes on their way beyond which a sender is held back, as by a socket's buffer.
const WINDOW = 64 * 1024;

export const CLEAN = {delay_ms: 0, jitter_ms: 0, loss: 0, burst: 1, bytes_per_s: Infinity};
// A telephone at the edge of its cell: 120 ms there and back, one packet in twenty lost, three in a row.
export const EDGE = {...CLEAN, delay_ms: 60, jitter_ms: 15, loss: 0.05, burst: 3};

// Chance that can be had again: mulberry32.
export function chance(seed) {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

// One direction of one connection: when what is sent arrives. Pure; the same seed and the same segments arrive alike.
export class Lane {
	lost = 0;
	sent = 0;
	#isBad = false;
	#free_ms = 0; // when the last byte sent has left
	#arrived_ms = 0;

	constructor(path, seed) {
		this.path = path;
		this.random = chance(seed);
	}

	// That many bytes given to the line now: when the last of them is there, all before them being there too (TCP).
	arrival(now_ms, bytes) {
		for (let left = bytes; left > 0; left -= SEGMENT) this.#segment(now_ms, Math.min(left, SEGMENT));
		return this.#arrived_ms;
	}

	#segment(now_ms, bytes) {
		const {delay_ms, jitter_ms, bytes_per_s} = this.path;
		this.sent++;
		this.#free_ms = Math.max(this.#free_ms, now_ms) + 1000 * bytes / bytes_per_s;
		const there_ms = this.#free_ms + delay_ms + jitter_ms * this.random() + this.#repair_ms();
		this.#arrived_ms = Math.max(this.#arrived_ms, there_ms);
	}

	// A segment that is lost is sent again when those behind it were acknowledged (RFC 8985: a round trip and a quarter
	// more); what is lost again waits for the timer, twice as long each time (RFC 6298 §5.5).
	#repair_ms() {
		if (!this.#isLost()) return 0;
		this.lost++;
		const roundTrip_ms = 2 * this.path.delay_ms;
		let repair_ms = 1.25 * roundTrip_ms;
		for (let wait_ms = Math.max(LEAST_TIMEOUT_MS, 2 * roundTrip_ms); this.random() < this.path.loss; wait_ms *= 2) repair_ms += wait_ms;
		return repair_ms;
	}

	// Gilbert's model: everything is lost while it is bad, which lasts `burst` packets on average.
	#isLost() {
		const {loss, burst} = this.path;
		if (loss === 0) return (this.#isBad = false);
		const change = this.#isBad ? 1 / burst : loss / (1 - loss) / burst;
		if (this.random() < change) this.#isBad = !this.#isBad;
		return this.#isBad;
	}
}

// What is on its way from one socket to the other.
class Transit {
	#queue = []; // {at, bytes}; no bytes: the end
	#waiting = 0;
	#isHeld = false;

	constructor(lane, from, to, isDead) {
		Object.assign(this, {lane, from, to, isDead});
		from.setNoDelay(true);
		from.on('data', (bytes) => { if (!isDead()) this.#send(this.lane.arrival(performance.now(), bytes.length), bytes); });
		from.on('end', () => this.#send(this.#queue.at(-1)?.at ?? 0, Buffer.alloc(0)));
		to.on('drain', () => this.#hold());
	}

	#send(at, bytes) {
		this.#queue.push({at, bytes});
		this.#waiting += bytes.length;
		this.#hold();
		if (!this.timer) this.#deliver();
	}

	#deliver() {
		const now = performance.now();
		this.timer = undefined;
		if (this.#isHeld) return;
		while (this.#queue.length && this.#queue[0].at <= now) {
			const {bytes} = this.#queue.shift();
			this.#waiting -= bytes.length;
			if (this.isDead()) continue;
			if (bytes.length) this.to.write(bytes);
			else this.to.end();
		}
		this.#hold();
		if (this.#queue.length) this.timer = setTimeout(() => this.#deliver(), this.#queue[0].at - now);
	}

	#hold() {
		if (this.#waiting + this.to.writableLength > WINDOW) this.from.pause();
		else this.from.resume();
	}

	// Nothing arrives until it is let go; nothing is lost.
	hold(isHeld) {
		this.#isHeld = isHeld;
		if (!isHeld && !this.timer) this.#deliver();
	}

	stop() { clearTimeout(this.timer); }
}

// Connections to one port, `up` from the page to the server and `down` back.
export class Line {
	joined = 0; // connections asked for so far
	#pairs = new Set();
	#paths = {up: {...CLEAN}, down: {...CLEAN}}; // shared with the lanes: changed in place
	#dead = new Set(); // directions in which everything is swallowed
	#isCut = false;

	// To that port of this machine.
	static async open(port, {seed = 1, ...path} = {}) {
		const line = new Line();
		line.seed = seed;
		line.impair(path);
		line.server = net.createServer({allowHalfOpen: true}, (near) => line.#join(near, port));
		line.server.listen(0, '127.0.0.1');
		await once(line.server, 'listening');
		line.url = `http://127.0.0.1:${line.server.address().port}`;
		return line;
	}

	// From now on, also for the connections there are.
	impair(path, ways = ['up', 'down']) {
		for (const way of ways) Object.assign(this.#paths[way], CLEAN, path);
	}

	#join(near, port) {
		this.joined++;
		if (this.#isCut) return near.destroy();
		const far = net.connect({port, host: '127.0.0.1', allowHalfOpen: true});
		const pair = {near, far, transits: []};
		this.#pairs.add(pair);
		this.#carry(pair, near, far, 'up');
		this.#carry(pair, far, near, 'down');
	}

	#carry(pair, from, to, way) {
		const lane = new Lane(this.#paths[way], this.seed * 7919 + 2 * this.joined + (way === 'up' ? 0 : 1));
		const transit = new Transit(lane, from, to, () => this.#dead.has(way));
		pair.transits.push(transit);
		from.on('error', () => {});
		from.on('close', (isBroken) => {
			if (pair.isHalfOpen) return;
			if (to.destroyed) this.#pairs.delete(pair);
			if (!isBroken) return;
			transit.stop();
			to.destroy();
		});
	}

	// Every connection breaks, no other is made.
	cut() {
		this.#isCut = true;
		this.#break();
	}

	#break() {
		for (const {near, far} of this.#pairs) for (const socket of [near, far]) socket.destroy();
		this.#pairs.clear();
	}

	// Connections stay open, and what goes in is lost, as under a tunnel: both ways, or one.
	freeze(ways = ['up', 'down']) { for (const way of ways) this.#dead.add(way); }

	// The connections there are stand still, as behind a packet that is lost again and again: what they carry comes when
	// they go on, all of it. Those made meanwhile are well. Returns what makes them go on.
	stall() {
		const held = [...this.#pairs].flatMap(({transits}) => transits);
		for (const transit of held) transit.hold(true);
		return () => { for (const transit of held) transit.hold(false); };
	}

	// The server's end breaks, and the page never hears of it, as when a router forgets who spoke to whom.
	halfOpen() {
		for (const pair of this.#pairs) {
			pair.isHalfOpen = true;
			pair.far.destroy();
		}
	}

	// Whole again for those who come; a connection that lost bytes on its way can only break.
	mend() {
		if (this.#dead.size > 0 || [...this.#pairs].some(({isHalfOpen}) => isHalfOpen)) this.#break();
		this.#dead.clear();
		this.#isCut = false;
	}

	async close() {
		this.cut();
		this.server.close();
	}
}
