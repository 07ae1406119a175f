// A whole egided for one test file: its own folder, ports, accounts and registry, an SMS gateway that keeps what it is
// given, and watches that speak the real protocol.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import fs from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

import {freePorts, until} from '../lib/wait.mjs';
import {frameOf} from '../lib/watch.mjs';

const ROOT = new URL('../../', import.meta.url).pathname;
const BUILD = process.env.EGIDE_BUILD ?? path.join(ROOT, 'build');
export const PASSWORD = 'cinq mots pour un essai';

// Beside Béruges, west of Poitiers.
export const SWITCH_SECRET = 'standard-0123456789';
export const HOME = {lat: 46.5712, lon: 0.2154};
export const TOWN_HALL = 'Place du Bourg, 86190 Béruges';
export const OFFICIAL = {name: 'Camille Berthelot', phone: '+33639980010', watch: '8800000015'};
// Of the same household; not there unless a test adds her.
export const SECOND = {name: 'Lucie Ferrand', phone: '+33639980040', watch: '8800000016'};
export const TRUSTED = {name: 'Paul Berthelot', phone: '+33639980011'};
export const BRIGADE = {name: 'Brigade de Vouillé', phone: '+33639980020'};

async function run(program, words, input) {
	const child = spawn(path.join(BUILD, program), words, {stdio: ['pipe', 'pipe', 'pipe']});
	let out = '', wrong = '';
	child.stdout.on('data', (bytes) => { out += bytes; });
	child.stderr.on('data', (bytes) => { wrong += bytes; });
	child.stdin.on('error', () => {}); // a command that asks nothing may have ended already
	child.stdin.end(input);
	const [status] = await once(child, 'close');
	if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${wrong}${out}`);
	return out;
}

// What a gateway does for the server: takes each SMS, and says so.
async function startGateway(messages) {
	const gateway = http.createServer((request, response) => {
		const {searchParams} = new URL(request.url, 'http://localhost');
		messages.push({to: searchParams.get('to'), text: searchParams.get('text')});
		response.writeHead(202).end('0: Accepted for delivery');
		fetch(searchParams.get('dlr-url').replace('%d', '1')).catch(() => {}); // delivered
	});
	gateway.listen(0, '127.0.0.1');
	await once(gateway, 'listening');
	return gateway;
}

export class Server {
	messages = [];

	// options: more lines of the configuration.
	static async start(options) {
		const server = new Server();
		server.dir = await fs.mkdtemp(path.join(os.tmpdir(), 'egide-browser-'));
		server.gateway = await startGateway(server.messages);
		server.port = await freePorts(2);
		server.watchPort = server.port + 1;
		server.url = `http://127.0.0.1:${server.port}`;
		await server.#configure(options);
		await server.#launch();
		await server.#register();
		return server;
	}

	#in(name) { return path.join(this.dir, name); }

	async #configure(more) {
		const options = {
			data_folder: this.#in('data'), keys: this.#in('keys/keys'), database: `sqlite:${this.#in('data/egide.db')}`,
			control_socket: this.#in('control.sock'), http: `127.0.0.1:${this.port}`, watch: `127.0.0.1:${this.watchPort}`,
			public_url: this.url, web_folder: path.join(ROOT, 'web/dist'), definitions_folder: path.join(ROOT, 'definitions'),
			map_lon: 0.46, map_lat: 46.56, sendsms_url: `http://127.0.0.1:${this.gateway.address().port}/sendsms`,
			sms_password: 'essai', kannel_secret: 'essai-0123456789', kannel_callback: `${this.url}/kannel/receipt`, password_strength: 0, log_level: 'warning', ...more,
		};
		const lines = Object.entries(options).map(([name, value]) => `${name} = ${value}\n`);
		await fs.writeFile(this.#in('egide.conf'), lines.join(''));
		await run('egidectl', ['init', 'admin', '--password-stdin', '--data', options.data_folder, '--keys', options.keys], `${PASSWORD}\n`);
	}

	async #launch() {
		this.process = spawn(path.join(BUILD, 'egided'), ['--config', this.#in('egide.conf')], {stdio: ['ignore', 'inherit', 'inherit']});
		this.ended = once(this.process, 'exit');
		process.once('exit', () => this.process.kill('SIGKILL'));
		await until('egided answers', async () => (await fetch(`${this.url}/health`)).ok);
	}

	// One command of administration: ctl('unit', 'add', {name: …}).
	async ctl(group, action, fields, input) {
		const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
		return JSON.parse(await run('egidectl', [group, action, ...words, '--json', '--password-stdin', '--socket', this.#in('control.sock')], input));
	}

	// Files of the project's, or texts, as egidectl imports them.
	/** What the telephone switch says of a call to 17 (its secret: SWITCH_SECRET). */
	async callIs(event) {
		const response = await fetch(`${this.url}/api/calls`, {
			method: 'POST', body: JSON.stringify({room: 'CORG de la Vienne', line: '17', ...event}),
			headers: {'Content-Type': 'application/json', Authorization: `Bearer ${SWITCH_SECRET}`},
		});
		assert.equal(response.status, 204, await response.text());
	}

	async load(kind, text, ...more) {
		const isText = text.includes('\n');
		const file = isText ? this.#in(`${kind}.csv`) : path.join(ROOT, text);
		if (isText) await fs.writeFile(file, text);
		return run('egidectl', ['import', kind, file, '--yes', '--socket', this.#in('control.sock'), ...more]);
	}

	async #account(login, name, roles) {
		await this.ctl('account', 'add', {login, name, roles, room: 'CORG de la Vienne'}, `${PASSWORD}\n`);
	}

	async #register() {
		await this.ctl('unit', 'add', {name: 'CIC de Poitiers', kind: 'room', duty_phone: '+33639980031'});
		await this.ctl('unit', 'add', {name: 'CORG de la Vienne', kind: 'room', neighbour: 'CIC de Poitiers', phone: '+33549980000', duty_phone: '+33639980030'});
		await this.ctl('unit', 'add', {name: BRIGADE.name, kind: 'brigade', room: 'CORG de la Vienne', phone: BRIGADE.phone, lat: 46.6401, lon: 0.1660});
		await this.ctl('unit', 'add', {name: 'Patrouille de Poitiers', kind: 'patrol', room: 'CORG de la Vienne', phone: '+33639980021', lat: 46.5802, lon: 0.3404});
		await this.#account('c.marchand', 'Claire Marchand', 'operator');
		await this.#account('d.petit', 'Damien Petit', 'operator');
		await this.#account('a.roux', 'Anne Roux', 'operator,supervisor');
		await this.addOfficial({...OFFICIAL, silent: true});
		await this.ctl('contact', 'add', {official: OFFICIAL.phone, name: TRUSTED.name, phone: TRUSTED.phone, relation: 'conjoint', rank: 1});
		await this.ctl('contact', 'add', {official: OFFICIAL.phone, name: 'Inès Garnier', phone: '+33639980012', relation: 'première adjointe', rank: 2});
	}

	async addOfficial({name, phone, watch, silent}) {
		await this.ctl('official', 'add', {
			name, phone, unit: BRIGADE.name, mandate: 'Maire', commune: 'Béruges', commune_code: '86024',
			address: '3 rue de l’Église, 86190 Béruges', access: 'Portail vert, code 4512A, au fond de la cour.',
			remarks: 'Un chien dans la cour.', household: 3, other_mandates: 'Conseillère départementale de la Vienne',
			places: `${TOWN_HALL}\n12 quai Carnot, 86000 Poitiers`, place_kinds: 'town_hall,duty', place_access: 'Porte de service, code 77B, derrière la salle des fêtes.',
		});
		await this.ctl('device', 'add', {
			protocol: 'watch', ident: watch, label: `Montre ${watch.slice(-4)}`, official: phone, networks: '127.0.0.0/8', silent: silent ? 'oui' : 'non',
		});
	}

	async ask(method, address, body) {
		const headers = {'Content-Type': 'application/json', Origin: this.url, Cookie: this.cookie ?? ''};
		const response = await fetch(this.url + address, {method, headers, body: body && JSON.stringify(body)});
		const answer = await response.json();
		if (!response.ok) throw new Error(`${method} ${address}: ${JSON.stringify(answer)}`);
		return {answer, cookie: response.headers.get('set-cookie')?.split(';')[0]};
	}

	// ask() is the room's chief from now on.
	async login() {
		this.cookie ??= (await this.ask('POST', '/api/session', {login: 'a.roux', password: PASSWORD})).cookie;
	}

	// Closes what a test has left open.
	async endAlerts() {
		await this.login();
		const {answer: {alerts}} = await this.ask('GET', '/api/alerts?state=open');
		for (const {id, claim} of alerts) {
			const path = `/api/alerts/${id}`;
			if (!claim) await this.ask('POST', `${path}/claim`, {});
			await this.ask('POST', `${path}/close`, {outcome: 'other', text: 'fin du test'});
		}
	}

	// The link in the SMS sent to that number: waits for it.
	async link(to, since = 0) {
		// The server writes an overseas number with its own country code: the last nine figures are the same.
		const isTo = (one) => one.to.slice(-9) === to.slice(-9) && /\/[spc]\//.test(one.text);
		const message = await until(`an SMS to ${to}`, () => this.messages.slice(since).find(isTo));
		return new URL(message.text.match(/https?:\/\/\S+/)[0]).pathname;
	}

	// An operator sends the brigade: the link in its SMS.
	async sendBrigade(alert) {
		await this.ask('POST', `/api/alerts/${alert}/claim`, {});
		const {answer: {units}} = await this.ask('GET', `/api/units?alert=${alert}`);
		const before = this.messages.length;
		await this.ask('POST', `/api/alerts/${alert}/dispatches`, {unit: units[0].id});
		return this.link(BRIGADE.phone, before);
	}

	// Ends it, does something to what it left on disk, and starts it again.
	async restart(between) {
		this.process.kill('SIGTERM');
		await this.ended;
		await between(this.#in('data/egide.db'));
		await this.#launch();
	}

	async stop() {
		this.process?.kill('SIGTERM');
		await this.ended;
		this.gateway.closeAllConnections();
		this.gateway.close();
		await fs.rm(this.dir, {recursive: true, force: true});
	}
}

const thisSecond = () => Math.floor(Date.now() / 1000);

// A SeTracker watch.
export class Watch {
	static #called = new Map(); // when each watch last called, by its own clock

	static async connect(server, ident) {
		const watch = new Watch();
		watch.ident = ident;
		watch.socket = net.connect(server.watchPort, '127.0.0.1');
		watch.received = '';
		watch.socket.setEncoding('latin1').on('data', (text) => { watch.received += text; });
		watch.socket.on('error', () => {});
		await once(watch.socket, 'connect');
		await watch.send('LK,0,0,74', 'LK');
		return watch;
	}

	// Sends one message and waits for its answer.
	async send(content, answer) {
		const from = this.received.length;
		this.socket.write(frameOf(this.ident, content));
		if (answer) await until(`the answer ${answer}`, () => this.received.slice(from).includes(`*${answer}]`));
	}

	#report(type, {lat, lon}, state, at_s = thisSecond()) {
		const now = new Date(at_s * 1000).toISOString();
		const date = now.slice(8, 10) + now.slice(5, 7) + now.slice(2, 4);
		const time = now.slice(11, 19).replaceAll(':', '');
		return `${type},${date},${time},A,${lat.toFixed(6)},N,${lon.toFixed(6)},E,4.20,80,118,9,61,74,120,0,${state},0,0`;
	}

	// Each call is of a second of its own: two of the same second are one call that the watch repeats (I5), also when the
	// alert of the first is closed already.
	async sos(where = HOME) {
		const at_s = await until('a second without a call', () => thisSecond() !== Watch.#called.get(this.ident) && thisSecond());
		Watch.#called.set(this.ident, at_s);
		await this.send(this.#report('AL', where, '00010000', at_s), 'AL');
	}

	move(where) { return this.send(this.#report('UD', where, '00000000')); }
	close() { this.socket.destroy(); }
}
