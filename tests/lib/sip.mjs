// The telephone side for one test file: Kamailio with our configuration, a switch behind it and callers before it (sipp).
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import {ROOT} from './server.mjs';
import {freePorts, until} from './wait.mjs';

const PATH = `${process.env.PATH}:/usr/sbin:/sbin`;

export async function fill(name, values) {
	const text = await fs.readFile(path.join(ROOT, name), 'utf8');
	return Object.entries(values).reduce((filled, [key, value]) => filled.replaceAll(`@${key}@`, value), text);
}

// A program until its end: what it said is kept for who asks why.
export function launch(program, words, cwd) {
	const child = spawn(program, words, {cwd, stdio: ['ignore', 'pipe', 'pipe'], env: {...process.env, PATH, TERM: 'dumb'}});
	let said = '';
	for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => { said = (said + bytes).slice(-20_000); });
	return {child, said: () => said, ended: once(child, 'exit')};
}

export const OFFER = ['v=0', 'o=caller 1 1 IN IP4 [local_ip]', 's=-', 'c=IN IP4 [local_ip]', 't=0 0', 'm=audio 6001 RTP/AVP 8', ''];

export class Telephony {
	// egide: its address; secret: its switch_secret; room: which one the switch is of. ring, talk: milliseconds. change: of
	// Kamailio's configuration.
	static async start({egide, secret, room, ring = 200, change = (text) => text}) {
		const telephony = new this();
		telephony.dir = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-sip-'));
		telephony.port = await freePorts(3);
		const config = await fill('packaging/kamailio/kamailio.cfg', {
			LISTEN: `udp:127.0.0.1:${telephony.port}`, PBX: `sip:127.0.0.1:${telephony.port + 1}`, TRUNK: '127.0.0.1',
			EGIDE: egide, SECRET: secret, ROOM: room,
		});
		await fs.writeFile(path.join(telephony.dir, 'kamailio.cfg'), change(config));
		await fs.writeFile(path.join(telephony.dir, 'switch.xml'), await fill('tests/sip/switch.xml', {RING: String(ring)}));
		telephony.pbx = launch('sipp', ['-sf', 'switch.xml', '-i', '127.0.0.1', '-p', String(telephony.port + 1), '-nostdin'], telephony.dir);
		telephony.kamailio = launch('kamailio', ['-DD', '-E', '-m', '32', '-M', '4', '-Y', telephony.dir, '-f', 'kamailio.cfg', '-P', path.join(telephony.dir, 'pid')], telephony.dir);
		await until(() => `Kamailio answers: ${telephony.kamailio.said()}`, () => telephony.#answers());
		return telephony;
	}

	// The kernel's table of UDP sockets: local address in the second column.
	async #answers() {
		const hex = this.port.toString(16).toUpperCase().padStart(4, '0');
		return (await fs.readFile('/proc/net/udp', 'utf8')).includes(`:${hex} `);
	}

	// One call, to its end. Fails when it does not ring.
	async call({from = '<sip:+33639980001@op.example>', headers = [], type = 'application/sdp', body = OFFER, talk = 200}) {
		const name = `caller-${Math.random().toString(36).slice(2)}.xml`;
		await fs.writeFile(path.join(this.dir, name), await fill('tests/sip/caller.xml', {
			FROM: from, HEADERS: ['Allow: INVITE, ACK, BYE, CANCEL', ...headers].join('\n'), TYPE: type, BODY: body.join('\n'), TALK: String(talk),
		}));
		const caller = launch('sipp', [`127.0.0.1:${this.port}`, '-sf', name, '-i', '127.0.0.1', '-p', String(this.port + 2), '-m', '1', '-nostdin', '-timeout', '40s'], this.dir);
		const [status] = await caller.ended;
		if (status !== 0) throw new Error(`the call failed (${status}): ${caller.said()}`);
	}

	async stop() {
		for (const {child, ended} of [this.kamailio, this.pbx]) {
			child.kill(child === this.pbx.child ? 'SIGKILL' : 'SIGTERM');
			await ended;
		}
		await fs.rm(this.dir, {recursive: true, force: true});
	}
}
