// An egided of its own for one test file: folder, ports, configuration, registry. It can be killed and started again.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import {freePorts, until} from './wait.mjs';

export const ROOT = new URL('../../', import.meta.url).pathname;
const BUILD = process.env.EGIDE_BUILD ?? path.join(ROOT, 'build');
export const PASSWORD = 'cinq mots pour un essai';
export const SECRET = 'demonstration-0123456789';
export const ROOM = 'Salle de la Vienne';
export const BRIGADE = 'Brigade de Vouillé';

// Runs one of our programs to its end; resolves with what it wrote, fails with what it said.
export async function run(program, words, input = '') {
	const child = spawn(path.join(BUILD, program), words, {stdio: 'pipe'});
	let out = '', wrong = '';
	child.stdout.on('data', (bytes) => { out += bytes; });
	child.stderr.on('data', (bytes) => { wrong += bytes; });
	child.stdin.on('error', () => {}).end(input);
	const [status] = await once(child, 'close');
	if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${wrong}${out}`);
	return out;
}

export class Server {
	// Chooses a folder and ports: what others need to know of it before it runs.
	static async prepare({folder = os.tmpdir()} = {}) {
		const server = new Server();
		server.dir = await fs.mkdtemp(path.join(folder, 'egide-server-'));
		server.port = await freePorts(2);
		server.watchPort = server.port + 1;
		server.url = `http://127.0.0.1:${server.port}`;
		return server;
	}

	in(name) { return path.join(this.dir, name); }

	// options: lines of egide.conf, over what every test needs. ladder: fields over definitions/ladder.json.
	async init({options = {}, ladder = {}} = {}) {
		await this.#writeDefinitions(ladder);
		const all = {
			data_folder: this.in('data'), keys: this.in('keys/keys'), database: `sqlite:${this.in('data/egide.db')}`,
			control_socket: this.in('control.sock'), http: `127.0.0.1:${this.port}`, watch: `127.0.0.1:${this.watchPort}`,
			public_url: this.url, web_folder: path.join(ROOT, 'web/dist'), definitions_folder: this.in('definitions'),
			kannel_secret: SECRET, kannel_callback: `${this.url}/kannel/receipt`, sms_password: SECRET,
			password_strength: 0, log_level: 'warning', ...options,
		};
		await fs.writeFile(this.in('egide.conf'), Object.entries(all).map(([name, value]) => `${name} = ${value}\n`).join(''));
		await run('egidectl', ['init', 'admin', '--password-stdin', '--data', all.data_folder, '--keys', all.keys,
			'--database', all.database], `${PASSWORD}\n`);
	}

	async #writeDefinitions(change) {
		await fs.cp(path.join(ROOT, 'definitions'), this.in('definitions'), {recursive: true});
		const file = this.in('definitions/ladder.json');
		await fs.writeFile(file, JSON.stringify({...JSON.parse(await fs.readFile(file, 'utf8')), ...change}));
	}

	// log: the descriptor of a file for what the server writes, instead of the test's own output. through: a program, with
	// its words, that becomes the server.
	async start({log = 'inherit', through = []} = {}) {
		const [program, ...words] = [...through, path.join(BUILD, 'egided'), '--config', this.in('egide.conf')];
		this.process = spawn(program, words, {stdio: ['ignore', log, log]});
		this.ended = once(this.process, 'exit');
		await until('egided answers', async () => {
			if (this.process.exitCode !== null) return true;
			return (await fetch(`${this.url}/health`)).ok;
		});
		if (this.process.exitCode !== null) throw new Error(`egided ended with ${this.process.exitCode}`);
	}

	async end(signal) {
		if (!this.process) return;
		this.process.kill(signal);
		await this.ended;
		this.process = null;
	}

	// kill -9.
	kill() { return this.end('SIGKILL'); }

	// A clean end; fails when it was not.
	async stop() {
		const running = this.process;
		await this.end('SIGTERM');
		if (running && running.exitCode !== 0) throw new Error(`egided ended with ${running.exitCode ?? running.signalCode}`);
	}

	async remove() {
		try {
			await this.stop();
		} finally {
			await fs.rm(this.dir, {recursive: true, force: true});
		}
	}

	// One command of egidectl over the server's socket: ctl('unit', 'add', {name: …}); its answer.
	async ctl(group, action, fields = {}, input = '') {
		const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
		const options = ['--json', '--socket', this.in('control.sock'), ...input ? ['--password-stdin'] : []];
		return JSON.parse(await run('egidectl', [group, action, ...words, ...options], input));
	}

	// A room, a brigade and an operator.
	async register() {
		await this.ctl('unit', 'add', {name: ROOM, kind: 'room'});
		await this.ctl('unit', 'add', {name: BRIGADE, kind: 'brigade', room: ROOM, lat: 46.6401, lon: 0.166});
		await this.ctl('account', 'add', {login: 'operatrice', name: 'Opératrice d’essai', roles: 'operator', room: ROOM}, `${PASSWORD}\n`);
	}

	// Somebody with a watch, and trusted persons in this order.
	async addOfficial({name = 'Élue d’essai', phone, watch, contacts}) {
		const {id} = await this.ctl('official', 'add', {name, phone, unit: BRIGADE, commune: 'Béruges'});
		for (const [i, number] of contacts.entries())
			await this.ctl('contact', 'add', {official: id, name: `Proche ${i + 1}`, phone: number, rank: i + 1});
		const device = await this.ctl('device', 'add', {protocol: 'watch', ident: watch, label: `Montre ${watch}`, official: id, networks: '127.0.0.0/8'});
		return {official: id, device: device.id};
	}

	// A session of the operator, or of another account: its cookie.
	async login(login = 'operatrice') {
		const response = await this.request('POST', '/api/session', {login, password: PASSWORD});
		this.cookie = response.headers.get('set-cookie').split(';')[0];
	}

	request(method, where, body) {
		const headers = {Origin: this.url, ...this.cookie && {Cookie: this.cookie}, ...body && {'Content-Type': 'application/json'}};
		return fetch(this.url + where, {method, headers, body: body && JSON.stringify(body)});
	}

	async json(method, where, body) {
		const response = await this.request(method, where, body);
		if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${await response.text()}`);
		return response.json();
	}

	// The open alert of that official, with everything the page sees; waits for it.
	async alertOf(official) {
		const card = await until('the alert', async () =>
			(await this.json('GET', '/api/alerts?state=open')).alerts.find((one) => one.official?.id === official));
		return this.json('GET', `/api/alerts/${card.id}`);
	}
}
