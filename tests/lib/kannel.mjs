// Kannel with its simulated operator, for one test file.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';

import {freePorts, PATIENCE_MS, until} from './wait.mjs';

const RUN = new URL('../../packaging/kannel/run', import.meta.url).pathname;
export const SECRET = 'demonstration-0123456789';

export class Kannel {
	// callbackUrl: egided's /kannel. The same folder and ports are used again by start() after stop().
	static async start(callbackUrl) {
		const kannel = new Kannel();
		kannel.callbackUrl = callbackUrl;
		kannel.dir = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-kannel-'));
		kannel.base = await freePorts(5);
		kannel.sendsmsUrl = `http://127.0.0.1:${kannel.base}/cgi-bin/sendsms`;
		kannel.operatorUrl = `http://127.0.0.1:${kannel.base + 1}`;
		await kannel.start();
		return kannel;
	}

	async start() {
		this.process = spawn(RUN, [this.dir, String(this.base), this.callbackUrl, SECRET], {stdio: ['ignore', 'pipe', 'inherit']});
		this.ended = once(this.process, 'exit');
		const lines = readline.createInterface({input: this.process.stdout});
		const ready = (async () => { for await (const line of lines) if (line.startsWith('operator ')) return true; })();
		if (!await Promise.race([ready, this.ended.then(() => false)])) throw new Error('Kannel did not start');
	}

	// Everything ends: gateway and operator.
	async stop() {
		this.process.kill('SIGTERM');
		await this.ended;
	}

	async remove() {
		await this.stop();
		await fs.rm(this.dir, {recursive: true, force: true});
	}

	async pid(name) { return Number(await fs.readFile(path.join(this.dir, `${name}.pid`), 'utf8')); }

	// kill -9; resolves once the supervisor has started another one and the gateway answers again.
	async kill(name) {
		const old = await this.pid(name);
		process.kill(old, 'SIGKILL');
		await until(`another ${name}`, async () => await this.pid(name) !== old);
		await until('sendsms answers', async () => (await fetch(this.sendsmsUrl)).status === 403);
	}

	async #get(name, after) {
		const url = `${this.operatorUrl}/${name}?after=${after}&wait=${PATIENCE_MS}`;
		const list = (await (await fetch(url)).json())[name];
		if (!list.length) throw new Error(`no more ${name} than ${after}`);
		return list;
	}

	// SMS number `number` (from 1), once the operator has it.
	async message(number) { return (await this.#get('messages', number - 1))[0]; }

	async receipt(number) { return (await this.#get('receipts', number - 1))[0]; }

	async messages() { return (await (await fetch(`${this.operatorUrl}/messages`)).json()).messages; }

	// The first SMS to `to` whose text matches, among those after number `after`.
	async messageTo(to, pattern = /./, after = 0) {
		for (let number = after + 1; ; number++) {
			const message = await this.message(number);
			if (message.to === to && pattern.test(message.text)) return message;
		}
	}

	async #post(name, body) {
		return fetch(`${this.operatorUrl}/${name}`, {method: 'POST', body: JSON.stringify(body ?? {})});
	}

	async behave(change) { await this.#post('behaviour', change); }

	async release() { await this.#post('release'); }

	// Somebody sends an SMS; resolves once the gateway has taken it.
	async inbound(from, text) {
		await until('the gateway takes an SMS', async () => (await this.#post('inbound', {from, text})).status === 204);
	}

	// What egided does, by hand.
	send(fields) {
		const query = new URLSearchParams({
			charset: 'UTF-8', coding: '0', priority: '3', validity: '10', username: 'egide', password: SECRET,
			from: 'EGIDE', to: '+33639980001', text: 'essai', ...fields,
		});
		if (fields.id) {
			query.set('dlr-mask', '31');
			query.set('dlr-url', `${this.callbackUrl}/receipt?id=${fields.id}&d=%d&secret=${SECRET}`);
		}
		return fetch(`${this.sendsmsUrl}?${query}`);
	}
}
