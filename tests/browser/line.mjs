// The network between a page and a server: passes bytes on until it is cut.
import {once} from 'node:events';
import net from 'node:net';

export class Line {
	#pairs = new Set();
	joined = 0; // connections asked for so far
	#isCut = false;
	#isFrozen = false;

	// To that port of this machine.
	static async open(port) {
		const line = new Line();
		line.server = net.createServer((near) => line.#join(near, port));
		line.server.listen(0, '127.0.0.1');
		await once(line.server, 'listening');
		line.url = `http://127.0.0.1:${line.server.address().port}`;
		return line;
	}

	#join(near, port) {
		this.joined++;
		if (this.#isCut) return near.destroy();
		const far = net.connect(port, '127.0.0.1');
		const pair = [near, far];
		this.#pairs.add(pair);
		for (const [one, other] of [pair, [far, near]]) {
			one.on('data', (bytes) => { if (!this.#isFrozen) other.write(bytes); });
			one.on('error', () => {});
			one.on('close', () => { this.#pairs.delete(pair); other.destroy(); });
		}
	}

	// Every connection breaks, no other is made.
	cut() {
		this.#isCut = true;
		for (const pair of this.#pairs) for (const socket of pair) socket.destroy();
	}

	// Connections stay open, and what goes in is lost, as under a tunnel.
	freeze() { this.#isFrozen = true; }

	mend() {
		if (this.#isFrozen) this.cut();
		this.#isCut = this.#isFrozen = false;
	}

	async close() {
		this.cut();
		this.server.close();
	}
}
