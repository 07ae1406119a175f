// A watch that does what a real one does: it repeats its call until it is answered, over as many connections as that takes.
import fs from 'node:fs/promises';
import net from 'node:net';

const ANSWER_MS = 3000; // then the connection is taken for dead

// A frame as it goes over the wire; content: text, or bytes.
export function frameOf(ident, content) {
	const bytes = Buffer.from(content);
	return Buffer.concat([Buffer.from(`[3G*${ident}*${bytes.length.toString(16).padStart(4, '0').toUpperCase()}*`), bytes, Buffer.from(']')]);
}

// As the watch escapes what its frames cannot hold.
const escaped = (bytes) => Buffer.from([...bytes].flatMap((byte) => {
	const at = [0x7d, 0x5b, 0x5d, 0x2c, 0x2a].indexOf(byte);
	return at < 0 ? [byte] : [0x7d, at + 1];
}));

// A voice clip of that watch, 0.4 s of a tone, as its bytes.
export async function voiceClip(ident) {
	const [tone] = (await fs.readFile(new URL('../vectors/amr.jsonl', import.meta.url), 'utf8')).split('\n');
	return frameOf(ident, Buffer.concat([Buffer.from('TK,'), escaped(Buffer.from(JSON.parse(tone).input_hex, 'hex'))]));
}

export class Watch {
	pressed = 0; // calls made
	answered = 0; // of them, those the server acknowledged
	sent = 0; // frames

	// start_s: the device's own clock, seconds since 1970; each call is a second later.
	constructor(port, ident, start_s) {
		Object.assign(this, {port, ident, at_s: start_s});
	}

	// The call as its bytes.
	frame() {
		const at = new Date(this.at_s * 1000).toISOString();
		const date = at.slice(8, 10) + at.slice(5, 7) + at.slice(2, 4), time = at.slice(11, 19).replaceAll(':', '');
		return frameOf(this.ident, `AL,${date},${time},A,46.571200,N,0.215400,E,4.20,80,118,9,61,74,120,0,00010000,0,0`);
	}

	// One connection: sends the call, true once it is answered.
	async #try() {
		const socket = net.connect({port: this.port, host: '127.0.0.1', noDelay: true});
		let got = '';
		const answer = new Promise((resolve) => {
			socket.setEncoding('latin1').setTimeout(ANSWER_MS, () => resolve(false));
			socket.on('error', () => resolve(false)).on('close', () => resolve(false));
			socket.on('data', (text) => {
				got += text;
				if (got.includes('*AL]')) resolve(true);
			});
			socket.on('connect', () => {
				this.sent++;
				socket.write(this.frame());
			});
		});
		const answered = await answer;
		socket.destroy();
		return answered;
	}

	// Presses SOS and repeats until it is answered, or `given_up()`.
	async press(given_up = () => false) {
		this.at_s++;
		this.pressed++;
		while (!given_up()) {
			if (await this.#try()) {
				this.answered++;
				return true;
			}
			await new Promise((resolve) => { setTimeout(resolve, 20); }); // as a watch waits before it tries again
		}
		return false;
	}
}
