// A server as a telephone sees it (docs/protocol/phone.md), that can be told to misbehave: what the real one never does
// when asked. The pages are those of the real one.
import {once} from 'node:events';
import http from 'node:http';
import {createRequire} from 'node:module';

const require = createRequire(new URL('../package.json', import.meta.url));
const {WebSocketServer} = require('ws');

const HEADER = 34;
const FLAG = {voice: 1, gap: 2, backfill: 4};

// A frame of sound, read byte by byte.
function frameOf(bytes) {
	const id = bytes.toString('hex', 2, 18).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
	const flags = bytes[1];
	const isGap = (flags & FLAG.gap) !== 0;
	return {
		version: bytes[0], alert: id, epoch: bytes.readUInt32BE(18), sequence: bytes.readUInt32BE(22), at: Number(bytes.readBigUInt64BE(26)),
		isGap, isBackfill: (flags & FLAG.backfill) !== 0, isVoice: (flags & FLAG.voice) !== 0,
		span: isGap ? bytes.readUInt32BE(HEADER) : 1, packet: bytes.subarray(HEADER), size: bytes.length,
	};
}

export class Double {
	code = '7K2M-9QXD';
	sound = true;
	alert = null;
	answersCalls = true;
	refuses = false; // every hello, as of a telephone that was replaced
	acknowledges = true;
	trace = {room: 'CORG de la Vienne', screens: 2, ready: 2, contacts: 2, granted: true, sms: 'delivered', sms_at: Date.now(), sms_late: 0, record: true, listen: true};
	shows = true; // a screen of the room draws a test
	calls = []; // as they came, repeats included
	positions = [];
	frames = [];
	announced = []; // {epoch, began}, as they came
	codes = 0; // how many it was asked about
	hellos = 0;
	#alerts = 0;
	#disk = new Map(); // epoch → frames it has
	#said = new Map(); // epoch → what it said it has
	#sockets = new Set();

	static async start(server) {
		const double = new Double();
		double.http = http.createServer((request, response) => double.#answer(server, request, response));
		double.http.listen(0, '127.0.0.1');
		await once(double.http, 'listening');
		double.port = double.http.address().port;
		new WebSocketServer({server: double.http, path: '/api/phone/socket'}).on('connection', (socket) => double.#onSocket(socket));
		double.timer = setInterval(() => double.#acknowledge(), 1000);
		return double;
	}

	async #answer(server, request, response) {
		if (request.url === '/api/phone/enrol') return this.#enrol(request, response);
		const answer = await fetch(server.url + request.url);
		const headers = Object.fromEntries([...answer.headers].filter(([name]) => !/^(content-encoding|content-length|transfer-encoding|connection|keep-alive)$/.test(name)));
		response.writeHead(answer.status, headers).end(Buffer.from(await answer.arrayBuffer()));
	}

	async #enrol(request, response) {
		this.codes++;
		const chunks = await request.toArray();
		const isRight = JSON.parse(Buffer.concat(chunks)).code === this.code;
		if (isRight) this.refuses = false; // whoever has a new secret is known again, and nobody before
		const problem = {type: '/problems/not-found', title: 'Ce code n’existe pas, a déjà servi ou n’est plus valable.', status: 404};
		response.writeHead(isRight ? 201 : 404, {'Content-Type': isRight ? 'application/json' : 'application/problem+json'});
		response.end(JSON.stringify(isRight ? {device: '019a0000-0000-7000-8000-000000000001', secret: 'secret', label: 'Téléphone de Camille'} : problem));
	}

	#onSocket(socket) {
		this.#sockets.add(socket);
		socket.on('close', () => this.#sockets.delete(socket));
		socket.on('message', (bytes, isBinary) => (isBinary ? this.#onFrame(bytes) : this.#onText(socket, JSON.parse(bytes))));
	}

	#say(socket, message) { socket.send(JSON.stringify(message)); }

	#onText(socket, message) {
		const on = {
			hello: () => this.#onHello(socket),
			call: () => this.#onCall(socket, message),
			position: () => { this.positions.push(message.position); this.#say(socket, {type: 'stored', at: message.position.at}); },
			test: () => {
				this.#say(socket, {type: 'tested', at: message.at, problem: null, alert: '019a0000-0000-7000-8000-00000000000e', ...this.trace});
				this.#say(socket, {type: this.shows ? 'shown' : 'ended', alert: '019a0000-0000-7000-8000-00000000000e'});
			},
			alive: () => this.#say(socket, {type: 'now', now: Date.now()}),
			streaming: () => { this.announced.push(message); if (!this.#disk.has(message.epoch)) this.#disk.set(message.epoch, new Map()); },
		};
		on[message.type]();
	}

	#onHello(socket) {
		this.hellos++;
		if (this.refuses) return socket.close(4401);
		const streams = [...this.#said].map(([epoch, next]) => ({epoch, next}));
		this.#say(socket, {type: 'welcome', now: Date.now(), sound: this.sound, silent: true, alert: this.alert, streams});
	}

	#onCall(socket, call) {
		this.calls.push(call);
		if (!this.answersCalls) return;
		this.alert ??= `019a0000-0000-7000-8000-${String(++this.#alerts).padStart(12, 'a')}`;
		this.#say(socket, {type: 'called', at: call.at, alert: this.alert});
	}

	#onFrame(bytes) {
		const frame = frameOf(bytes);
		this.frames.push(frame);
		const disk = this.#disk.get(frame.epoch);
		for (let i = 0; i < frame.span; i++) disk?.set(frame.sequence + i, frame);
	}

	// The sequence wanted next of an epoch.
	next(epoch) {
		const disk = this.#disk.get(epoch);
		let next = 0;
		while (disk?.has(next)) next++;
		return next;
	}

	#acknowledge() {
		if (!this.acknowledges) return;
		for (const epoch of this.#disk.keys()) {
			this.#said.set(epoch, this.next(epoch));
			for (const socket of this.#sockets) this.#say(socket, {type: 'ack', epoch, next: this.next(epoch)});
		}
	}

	// The counter changes what is taken of the telephone.
	change(settings) {
		Object.assign(this, settings);
		for (const socket of this.#sockets) this.#say(socket, {type: 'settings', sound: this.sound, silent: true, pins: false});
	}

	// The room closes the alert.
	end() {
		for (const socket of this.#sockets) this.#say(socket, {type: 'ended', alert: this.alert});
		this.alert = null;
		this.#disk.clear();
		this.#said.clear();
	}

	// Closes every connection with that code.
	drop(code) { for (const socket of this.#sockets) socket.close(code); }

	close() {
		clearInterval(this.timer);
		this.http.closeAllConnections();
		this.http.close();
	}
}
