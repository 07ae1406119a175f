// A simulated operator: an SMS centre that speaks SMPP 3.4, driven over a small HTTP page. For the tests and the
// demonstration.
//
//	node tests/lib/smsc.mjs SMPP_PORT CONTROL_PORT
//
// GET  /messages?after=N&wait=MS   SMS received, numbered from 1, as {messages: [{number, from, to, text, parts,
//                                  receipts: ["DELIVRD"…], at}]}; waits up to MS for one after N
// GET  /receipts?after=N&wait=MS   receipts the gateway has taken: {receipts: [{number, message, stat}]}
// GET  /inbound                    a page to answer as a trusted person would, for the demonstration
// POST /inbound {from, text, to?}  somebody sends an SMS; 204 once the gateway has taken it, 503: none is connected
// POST /behaviour {…}              what happens to the next messages; absent fields keep their value
//      deliver: "ok" | "fail" | "expired" | "none" | "before_resp" | "held" (until /release)
//      submit:  "ok" | "refused" | "busy" | "silent"
//      link:    "up" | "down" (connections are cut and refused)
// POST /release                    receipts that are held leave now
//
// On standard output: one line of JSON for each SMS received.
import http from 'node:http';
import net from 'node:net';
import {EventEmitter} from 'node:events';

const BIND_RECEIVER = 1, BIND_TRANSMITTER = 2, SUBMIT_SM = 4, DELIVER_SM = 5, UNBIND = 6;
const BIND_TRANSCEIVER = 9, ENQUIRE_LINK = 0x15, GENERIC_NACK = 0x80000000, RESP = 0x80000000;
const STATUS = {ok: 0, refused: 0x0b, busy: 0x58, unknown: 3};
const STAT = {ok: 'DELIVRD', fail: 'UNDELIV', expired: 'EXPIRED', before_resp: 'DELIVRD', held: 'DELIVRD'};
const MAX_PDU = 4096;
const BUSY_MS = 200; // before a receipt the gateway did not take is offered again

// 3GPP TS 23.038 §6.2.1, one character an octet, and what follows the escape.
const GSM7 = '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§' +
	'¿abcdefghijklmnopqrstuvwxyzäöñüà';
const ESCAPED = {10: '\f', 20: '^', 40: '{', 41: '}', 47: '\\', 60: '[', 61: '~', 62: ']', 64: '|', 101: '€'};

function decodeGsm7(bytes) {
	let text = '';
	for (let i = 0; i < bytes.length; i++)
		text += bytes[i] === 0x1b ? ESCAPED[bytes[++i]] ?? ' ' : GSM7[bytes[i] & 0x7f];
	return text;
}

// Null when a character is not in the alphabet.
function encodeGsm7(text) {
	const bytes = [];
	for (const character of text) {
		const plain = GSM7.indexOf(character);
		const escaped = Object.keys(ESCAPED).find((code) => ESCAPED[code] === character);
		if (plain >= 0 && plain !== 0x1b) bytes.push(plain);
		else if (escaped) bytes.push(0x1b, Number(escaped));
		else return null;
	}
	return Buffer.from(bytes);
}

const decodeUcs2 = (bytes) => Buffer.from(bytes).swap16().toString('utf16le');
const encodeUcs2 = (text) => Buffer.from(text, 'utf16le').swap16();

class Reader {
	constructor(bytes) { this.bytes = bytes; this.at = 0; }
	u8() { return this.bytes[this.at++] ?? 0; }
	text() {
		const end = this.bytes.indexOf(0, this.at);
		const text = this.bytes.subarray(this.at, end < 0 ? this.bytes.length : end).toString('latin1');
		this.at = end < 0 ? this.bytes.length : end + 1;
		return text;
	}
	take(length) { return this.bytes.subarray(this.at, this.at += length); }
}

function readSubmit(body) {
	const r = new Reader(body), pdu = {};
	pdu.service = r.text();
	r.u8(); r.u8(); pdu.from = r.text();
	pdu.ton = r.u8(); r.u8(); pdu.to = r.text();
	pdu.esm = r.u8(); r.u8(); pdu.priority = r.u8();
	r.text(); pdu.validity = r.text();
	pdu.registered = r.u8(); r.u8(); pdu.coding = r.u8(); r.u8();
	pdu.bytes = r.take(r.u8());
	return pdu;
}

// A part of a long SMS begins with a header that says which (TS 23.040 §9.2.3.24.1).
function readPart(pdu) {
	const part = {reference: 0, count: 1, index: 1, bytes: pdu.bytes};
	if (!(pdu.esm & 0x40)) return part;
	const end = 1 + pdu.bytes[0];
	part.bytes = pdu.bytes.subarray(end);
	for (let at = 1; at < end; at += 2 + pdu.bytes[at + 1])
		if (pdu.bytes[at] === 0) [part.reference, part.count, part.index] = pdu.bytes.subarray(at + 2, at + 5);
	return part;
}

const two = (n) => String(n).padStart(2, '0');
function stamp(date) {
	return two(date.getUTCFullYear() % 100) + two(date.getUTCMonth() + 1) + two(date.getUTCDate()) +
		two(date.getUTCHours()) + two(date.getUTCMinutes());
}

const cstring = (text) => Buffer.from(text + '\0', 'latin1');
const international = (number) => number.replace(/^\+/, '');

function deliverBody(from, to, esm, coding, bytes) {
	const isNumber = /^\+?\d+$/.test(from);
	return Buffer.concat([
		cstring(''), Buffer.from([isNumber ? 1 : 5, isNumber ? 1 : 0]), cstring(international(from)),
		Buffer.from([1, 1]), cstring(international(to)),
		Buffer.from([esm, 0, 0]), cstring(''), cstring(''), Buffer.from([0, 0, coding, 0, bytes.length]), bytes,
	]);
}

// One connection of the gateway.
class Session {
	constructor(socket, centre) {
		Object.assign(this, {socket, centre, buffer: Buffer.alloc(0), sequence: 0, waiting: new Map(), bound: false});
		socket.setNoDelay(true);
		socket.on('data', (bytes) => this.onBytes(bytes));
		socket.on('error', () => {});
		socket.on('close', () => this.onClose());
	}

	send(command, status, sequence, body = Buffer.alloc(0)) {
		const head = Buffer.alloc(16);
		[16 + body.length, command, status, sequence].forEach((value, i) => head.writeUInt32BE(value >>> 0, i * 4));
		this.socket.write(Buffer.concat([head, body]));
	}

	// Resolves true once the other side has taken it.
	deliver(body) {
		return new Promise((resolve) => {
			this.waiting.set(++this.sequence, resolve);
			this.send(DELIVER_SM, 0, this.sequence, body);
		});
	}

	onBytes(bytes) {
		this.buffer = Buffer.concat([this.buffer, bytes]);
		while (this.buffer.length >= 16) {
			const length = this.buffer.readUInt32BE(0);
			if (length < 16 || length > MAX_PDU) return this.socket.destroy();
			if (this.buffer.length < length) return;
			const [command, status, sequence] = [4, 8, 12].map((at) => this.buffer.readUInt32BE(at));
			this.onPdu(command, status, sequence, this.buffer.subarray(16, length));
			this.buffer = this.buffer.subarray(length);
		}
	}

	onPdu(command, status, sequence, body) {
		switch (command) {
		case BIND_RECEIVER: case BIND_TRANSMITTER: case BIND_TRANSCEIVER:
			this.send(command + RESP, 0, sequence, cstring('EGIDE-SIM'));
			this.bound = command !== BIND_TRANSMITTER;
			this.centre.onBound();
			break;
		case SUBMIT_SM: this.centre.onSubmit(this, sequence, body); break;
		case DELIVER_SM + RESP:
			this.waiting.get(sequence)?.(status === 0);
			this.waiting.delete(sequence);
			break;
		case ENQUIRE_LINK: this.send(ENQUIRE_LINK + RESP, 0, sequence); break;
		case UNBIND: this.send(UNBIND + RESP, 0, sequence); this.socket.end(); break;
		default:
			if (command < RESP) this.send(GENERIC_NACK, STATUS.unknown, sequence);
		}
	}

	onClose() {
		this.bound = false;
		this.centre.sessions.delete(this);
		for (const resolve of this.waiting.values()) resolve(false);
		this.waiting.clear();
	}
}

export class Centre extends EventEmitter {
	constructor() {
		super();
		this.setMaxListeners(0);
		this.behaviour = {deliver: 'ok', submit: 'ok', link: 'up'};
		this.messages = [];
		this.receipts = [];
		this.sessions = new Set();
		this.parts = new Map();
		this.due = []; // receipts no session has taken yet
		this.held = [];
		this.lastId = Date.now() % 1e6;
		this.server = net.createServer((socket) => {
			if (this.behaviour.link === 'down') socket.destroy();
			else this.sessions.add(new Session(socket, this));
		});
	}

	listen(port) {
		return new Promise((resolve, reject) => {
			this.server.once('error', reject).listen(port, '127.0.0.1', () => resolve(this.server.address().port));
		});
	}

	close() {
		for (const session of this.sessions) session.socket.destroy();
		this.server.close();
	}

	receiver() { return [...this.sessions].find((session) => session.bound); }

	behave(change) {
		Object.assign(this.behaviour, change);
		if (this.behaviour.link === 'down') for (const session of this.sessions) session.socket.destroy();
	}

	onSubmit(session, sequence, body) {
		const pdu = readSubmit(body), {submit, deliver} = this.behaviour;
		if (submit === 'silent') return;
		if (submit !== 'ok') return session.send(SUBMIT_SM + RESP, STATUS[submit], sequence);
		const id = String(++this.lastId).padStart(10, '0');
		const resp = () => session.send(SUBMIT_SM + RESP, 0, sequence, cstring(id));
		const message = this.onPart(pdu);
		const receipt = {id, pdu, message, stat: STAT[deliver], at: new Date()};
		if (deliver === 'before_resp') this.post(receipt).then(resp);
		else resp();
		if (!(pdu.registered & 1) || deliver === 'none' || deliver === 'before_resp') return;
		if (deliver === 'held') this.held.push(receipt);
		else this.post(receipt);
	}

	// The message the part belongs to, recorded with its first part and shown when it is whole.
	onPart(pdu) {
		const part = readPart(pdu), key = `${pdu.from} ${pdu.to} ${part.reference} ${part.count}`;
		const whole = (part.count > 1 && this.parts.get(key)) || {pdu, texts: new Map(), message: {number: 0}};
		const bytes = Buffer.from(part.bytes);
		whole.texts.set(part.index, pdu.coding === 8 ? decodeUcs2(bytes) : decodeGsm7(bytes));
		if (part.count > 1) this.parts.set(key, whole);
		if (whole.texts.size < part.count) return whole.message;
		this.parts.delete(key);
		const text = [...whole.texts.keys()].sort((a, b) => a - b).map((index) => whole.texts.get(index)).join('');
		Object.assign(whole.message, {
			number: this.messages.length + 1, from: pdu.from, to: (pdu.ton === 1 ? '+' : '') + international(pdu.to),
			text, parts: part.count, coding: pdu.coding, receipts: [], at: Date.now(),
		});
		this.messages.push(whole.message);
		this.emit('message', whole.message);
		return whole.message;
	}

	post(receipt) {
		this.due.push(receipt);
		return this.flush();
	}

	release() {
		this.due.push(...this.held.splice(0));
		return this.flush();
	}

	onBound() { setImmediate(() => this.flush()); }

	// One at a time; what was not taken waits for the next connection, or a moment when the gateway is too busy.
	flush() {
		return this.flushing ??= this.flushAll().finally(() => { this.flushing = null; });
	}

	async flushAll() {
		for (let session; this.due.length && (session = this.receiver());) {
			const receipt = this.due[0];
			if (await session.deliver(this.receiptBody(receipt))) this.onTaken(this.due.shift());
			else if (session.bound) await new Promise((resolve) => { setTimeout(resolve, BUSY_MS); });
		}
	}

	onTaken({message, stat}) {
		message.receipts?.push(stat);
		this.receipts.push({number: this.receipts.length + 1, message: message.number, stat});
		this.emit('receipt');
	}

	receiptBody({id, pdu, stat, at}) {
		const delivered = stat === 'DELIVRD';
		const text = `id:${id} sub:001 dlvrd:${delivered ? '001' : '000'} submit date:${stamp(at)} ` +
			`done date:${stamp(new Date())} stat:${stat} err:${delivered ? '000' : '001'} text:`;
		return deliverBody(pdu.to, pdu.from, 0x04, 0, Buffer.from(text, 'latin1'));
	}

	// False: no gateway is connected, or it did not take it.
	async inbound({from, text, to = '36111'}) {
		const session = this.receiver(), gsm7 = encodeGsm7(text), bytes = gsm7 ?? encodeUcs2(text);
		if (!session || bytes.length > 160) return false;
		return session.deliver(deliverBody(from, to, 0, gsm7 ? 0 : 8, bytes));
	}

	// Resolves with what came after number, at once or when it comes, within wait_ms.
	async after(list, event, number, waitMs) {
		const end = Date.now() + waitMs;
		while (this[list].length <= number && Date.now() < end) {
			await new Promise((resolve) => {
				const timer = setTimeout(done, end - Date.now());
				const centre = this;
				function done() { clearTimeout(timer); centre.off(event, done); resolve(); }
				this.on(event, done);
			});
		}
		return this[list].slice(number);
	}
}

const PAGE = `<!doctype html><html lang="fr"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>Opérateur simulé</title><h1>Opérateur simulé</h1>
<p>Les SMS envoyés par Égide arrivent ici. Répondre « OK » comme le ferait une personne de confiance :</p>
<form><label>De <input name="from" value="+33639980001"></label> <label>Texte <input name="text" value="OK"></label>
<button>Envoyer</button> <output role="status"></output></form><ol id="list"></ol>
<script>
const form = document.querySelector('form'), list = document.querySelector('#list');
form.onsubmit = async (event) => {
	event.preventDefault();
	const answer = await fetch('/inbound', {method: 'POST', body: JSON.stringify(Object.fromEntries(new FormData(form)))});
	form.querySelector('output').textContent = answer.ok ? 'Envoyé.' : 'La passerelle n’est pas connectée.';
};
(async () => {
	for (let number = 0; ;) {
		const {messages} = await (await fetch('/messages?wait=20000&after=' + number)).json();
		for (const m of messages) {
			const line = document.createElement('li');
			line.append(new Date(m.at).toLocaleTimeString('fr') + ' → ' + m.to + ' : ');
			for (const part of m.text.split(/(https?:[^ ]+)/)) {
				const link = Object.assign(document.createElement('a'), {href: part, target: '_blank', textContent: part});
				line.append(part.startsWith('http') ? link : part);
			}
			list.prepend(line);
			form.from.value = m.to;
			number = m.number;
		}
	}
})();
</script></html>`;

async function readJson(request) {
	let text = '';
	for await (const piece of request) {
		text += piece;
		if (text.length > 10000) throw new Error('trop long');
	}
	return JSON.parse(text || '{}');
}

const routes = {
	'GET /': async () => [200, PAGE],
	'GET /inbound': async () => [200, PAGE],
	'GET /messages': async (centre, query) =>
		[200, {messages: await centre.after('messages', 'message', query.after, query.wait)}],
	'GET /receipts': async (centre, query) =>
		[200, {receipts: await centre.after('receipts', 'receipt', query.after, query.wait)}],
	'POST /inbound': async (centre, query, body) => [await centre.inbound(body) ? 204 : 503],
	'POST /behaviour': async (centre, query, body) => { centre.behave(body); return [200, centre.behaviour]; },
	'POST /release': async (centre) => { await centre.release(); return [204]; },
};

function control(centre) {
	return http.createServer(async (request, response) => {
		const url = new URL(request.url, 'http://localhost');
		const route = routes[`${request.method} ${url.pathname}`];
		const query = {after: Number(url.searchParams.get('after')) || 0, wait: Number(url.searchParams.get('wait')) || 0};
		try {
			const [status, body] = route
				? await route(centre, query, request.method === 'POST' ? await readJson(request) : null) : [404];
			const isPage = typeof body === 'string';
			response.writeHead(status, body ? {'Content-Type': isPage ? 'text/html; charset=utf-8' : 'application/json'} : {});
			response.end(isPage ? body : body && JSON.stringify(body));
		} catch (error) {
			response.writeHead(400).end(error.message);
		}
	});
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
	const [smppPort, controlPort] = process.argv.slice(2).map(Number);
	const centre = new Centre();
	centre.on('message', (message) => console.log(JSON.stringify(message)));
	await new Promise((resolve, reject) => {
		const server = control(centre).once('error', reject);
		server.keepAliveTimeout = 0; // none: a request on a connection that is being closed fails
		server.listen(controlPort, '127.0.0.1', resolve);
	});
	await centre.listen(smppPort);
	process.on('SIGTERM', () => process.exit(0));
}
