// Calls of sipp through Kamailio with our configuration, as tests/lib/sip.mjs sets them up, many a second: when each INVITE left, when it rang at
// the caller's, and when it was on an operator's socket.
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { fill, launch, OFFER, Telephony } from '../tests/lib/sip.mjs';
import { ports, root } from './house.mjs';

const { WebSocket } = createRequire(join(root, 'tests', 'package.json'))('ws');

const now_ms = () => performance.timeOrigin + performance.now();

export class Trunk extends Telephony {
	/** One call of each number: [{number, invited_ms (since 1970), rang_ms (after it left)}]. Fails when one does not ring within 0.9 s. */
	async calls(numbers, rate) {
		const file = (name) => join(this.dir, name);
		await writeFile(file('numbers.csv'), `SEQUENTIAL\n${numbers.join('\n')}\n`);
		await writeFile(file('calls.xml'), await fill('tests/sip/caller.xml', {
			FROM: '<sip:[field0]@op.example>', HEADERS: 'Allow: INVITE, ACK, BYE, CANCEL', TYPE: 'application/sdp', BODY: OFFER.join('\n'), TALK: '200',
		}));
		const caller = launch('sipp', [`127.0.0.1:${this.port}`, '-sf', 'calls.xml', '-inf', 'numbers.csv', '-i', '127.0.0.1', '-p', String(this.port + 2),
			'-m', String(numbers.length), '-r', String(rate), '-nostdin', '-timeout', `${Math.ceil(numbers.length / rate) + 20}s`,
			'-trace_msg', '-message_file', file('messages.log'), '-message_overwrite', 'true'], this.dir);
		const [status] = await caller.ended;
		if (status !== 0) throw new Error(`calls failed (${status}): ${caller.said()}`);
		return seen(await readFile(file('messages.log'), 'latin1'));
	}
}

/** sipp's own record of what it sent and was sent: each message behind a line with its time, in microseconds. */
function seen(log) {
	const calls = new Map();
	for (const part of log.split(/^-{20,} /m)) {
		const [, day, second, micro] = /^(\S+)\s(\S+)\.(\d{6})/.exec(part) ?? [], number = /^From: <sip:(\+\d+)@/m.exec(part)?.[1];
		if (!number) continue;
		const at_ms = Date.parse(`${day}T${second}`) + Number(micro) / 1000;
		if (/^INVITE /m.test(part)) calls.set(number, calls.get(number) ?? { number, invited_ms: at_ms });
		else if (/^SIP\/2\.0 180/m.test(part)) calls.get(number).rang_ms ??= at_ms - calls.get(number).invited_ms;
	}
	const list = [...calls.values()];
	if (!list.length || !list.every(({ invited_ms, rang_ms }) => invited_ms + rang_ms > 0)) throw new Error("sipp's record cannot be read");
	return list;
}

/** An operator's socket: when each number was first seen to ring, milliseconds since 1970. */
export async function listen() {
	const url = `http://127.0.0.1:${ports.http}`, rang = new Map();
	const answer = await fetch(`${url}/api/session`, { method: 'POST', headers: { 'Content-Type': 'application/json', Origin: url }, body: JSON.stringify({ login: 'bench', password: 'banc-essai-2026' }) });
	if (!answer.ok) throw new Error(`login: ${answer.status}`);
	const headers = { Cookie: answer.headers.get('set-cookie').split(';')[0], Origin: url };
	const socket = new WebSocket(`${url.replace('http', 'ws')}/api/feed`, { headers });
	await new Promise((resolve, reject) => {
		socket.on('error', reject).on('open', () => socket.send(JSON.stringify({ type: 'hello', cursor: null, visible: true, sound: true })));
		socket.on('message', (data) => {
			const message = JSON.parse(data), at_ms = now_ms();
			if (message.type === 'welcome') resolve();
			for (const { kind, call } of message.entries ?? []) if (kind === 'call.rang' && !rang.has(call.number)) rang.set(call.number, at_ms);
		});
	});
	return { rang, close: () => socket.terminate() };
}
