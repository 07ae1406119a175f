// A telephone that is no browser: the messages of phone.mjs over TLS or TCP (docs/protocol/agent.md).
import net from 'node:net';
import tls from 'node:tls';

import {Phone} from './phone.mjs';

export const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;

// One message as it goes over the wire.
export function message(kind, payload) {
	const header = Buffer.alloc(5);
	header.writeUInt32BE(payload.length, 0);
	header[4] = kind;
	return Buffer.concat([header, payload]);
}

// server: {agentPort, agentCertificate}; without a certificate, plain. Pongs it received are in `pongs`.
export class Agent extends Phone {
	connect({agentPort: port, agentCertificate: ca}) {
		const address = {port, host: '127.0.0.1'};
		let bytes = Buffer.alloc(0);
		this.pongs = [];
		this.socket = ca ? tls.connect({...address, servername: 'localhost', ca}) : net.connect(address);
		this.socket.once(ca ? 'secureConnect' : 'connect', () => { this.ready = true; });
		this.socket.on('error', () => {}).on('close', () => { this.code ??= 1006; });
		this.socket.on('data', (more) => {
			bytes = Buffer.concat([bytes, more]);
			while (bytes.length >= 5 && bytes.length >= 5 + bytes.readUInt32BE(0)) {
				const end = 5 + bytes.readUInt32BE(0);
				this.#hear(bytes[4], bytes.subarray(5, end));
				bytes = bytes.subarray(end);
			}
		});
	}

	#hear(kind, payload) {
		if (kind === TEXT) this.received.push(JSON.parse(payload));
		if (kind === CLOSE) this.code = payload.readUInt16BE(0);
		if (kind === PING) this.socket.write(message(PONG, payload));
		if (kind === PONG) this.pongs.push(payload);
	}

	isOpen() { return this.ready; }

	say(said) {
		if (Buffer.isBuffer(said)) this.socket.write(message(BINARY, said));
		else this.socket.write(message(TEXT, Buffer.from(typeof said === 'string' ? said : JSON.stringify(said))));
	}

	end() {
		this.socket.destroy();
		return this.closed();
	}
}
