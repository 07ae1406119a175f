// What tests wait for: an event, or a condition looked at again and again; never an amount of time.
import net from 'node:net';

export const PATIENCE_MS = 60_000;

const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

// The first true-ish answer of `look` (awaited, its errors are "not yet"); fails after PATIENCE_MS, saying what never came:
// a text, or what makes one then.
export async function until(what, look, patience_ms = PATIENCE_MS) {
	const end = Date.now() + patience_ms;
	for (let last; ; await pause(25)) {
		try {
			const answer = await look();
			if (answer) return answer;
		} catch (error) {
			last = error;
		}
		if (Date.now() > end) throw new Error(`never came: ${typeof what === 'function' ? what() : what}`, {cause: last});
	}
}

function isFree(port) {
	return new Promise((resolve) => {
		const server = net.createServer();
		server.once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}

// The first of `count` free ports in a row, below those the kernel gives to clients.
export async function freePorts(count) {
	for (;;) {
		const base = 20000 + Math.floor(Math.random() * (32000 - 20000 - count));
		const free = await Promise.all(Array.from({length: count}, (_, i) => isFree(base + i)));
		if (free.every(Boolean)) return base;
	}
}
