// A telephone as the server knows it: enrolled, then on its socket (docs/protocol/phone.md).
import WebSocket from 'ws';

import {until} from './wait.mjs';

// An official's telephone, enrolled: {device, secret, label}. `official`: as egidectl takes it.
export async function enrol(server, official, label = 'Téléphone d’essai') {
	const {id} = await server.ctl('device', 'add', {protocol: 'phone', label, official});
	return enrolAgain(server, id);
}

export async function enrolAgain(server, device) {
	const {code} = await server.ctl('device', 'code', {device});
	return server.json('POST', '/api/phone/enrol', {code});
}

// One socket of a telephone. What it receives is kept in order in `received`, the code it was closed with in `code`.
export class Phone {
	// identity: what enrol gave, or null to say no hello.
	static async open(server, identity) {
		const phone = new this(server);
		await until('a socket open or refused', () => phone.code ?? phone.isOpen());
		if (identity) phone.say({type: 'hello', device: identity.device, secret: identity.secret});
		return phone;
	}

	// The same, once it was welcomed.
	static async welcome(server, identity) {
		const phone = await this.open(server, identity);
		phone.welcomed = await phone.first('welcome');
		return phone;
	}

	constructor(server) {
		this.received = [];
		this.connect(server);
	}

	connect(server) {
		this.socket = new WebSocket(`${server.url.replace('http', 'ws')}/api/phone/socket`);
		this.socket.on('close', (code) => { this.code = code; });
		this.socket.on('error', () => {});
		this.socket.on('message', (data, binary) => { if (!binary) this.received.push(JSON.parse(data)); });
	}

	isOpen() { return this.socket.readyState === WebSocket.OPEN; }

	say(message) { this.socket.send(typeof message === 'object' && !Buffer.isBuffer(message) ? JSON.stringify(message) : message); }

	// The first message of that type, from number `from` of those received on, that `fits`.
	first(type, fits = () => true, from = 0) {
		return until(`a ${type}`, () => this.received.slice(from).find((message) => message.type === type && fits(message)));
	}

	// Says what has a time, and resolves with the answer of that type that bears it.
	ask(message, type = message.type) {
		const from = this.received.length;
		this.say(message);
		return this.first(type, ({at}) => at === message.at, from);
	}

	// Three taps; resolves with the answer.
	call(at, more = {}) { return this.ask({type: 'call', at, position: null, battery: null, ...more}, 'called'); }

	// The code it was closed with.
	closed() { return until('the end of a socket', () => this.code); }

	end() {
		this.socket.terminate();
		return this.closed();
	}
}

const uuidBytes = (id) => Buffer.from(id.replaceAll('-', ''), 'hex');

// A sound frame (docs/protocol/sound.md): 20 ms of Opus, CELT, mono; the packet's bytes follow its sequence.
export function frame({alert, epoch, sequence, at = Date.now(), flags = 0, packet}) {
	const header = Buffer.alloc(34);
	header[0] = 1;
	header[1] = flags;
	uuidBytes(alert).copy(header, 2);
	header.writeUInt32BE(epoch, 18);
	header.writeUInt32BE(sequence, 22);
	header.writeBigInt64BE(BigInt(at), 26);
	return Buffer.concat([header, packet ?? Buffer.concat([Buffer.from([0xf8]), Buffer.alloc(59, sequence & 255)])]);
}
