// The HTTP API as its clients know it: every answer is held against the OpenAPI description the server gives of itself.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import http from 'node:http';
import {createRequire} from 'node:module';
import net from 'node:net';

import WebSocket from 'ws';

import {BRIGADE, PASSWORD, ROOM, SECRET, Server} from './server.mjs';
import {until} from './wait.mjs';
import {frameOf} from './watch.mjs';

const Ajv = createRequire(import.meta.url)('ajv/dist/2020.js').default;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const OTHER_ROOM = 'Salle des Deux-Sèvres';

// What the server says of itself, and whether its answers follow.
export class Description {
	constructor(description) {
		this.paths = description.paths;
		this.ajv = new Ajv({strict: false, allErrors: true, formats: {uuid: UUID}});
		this.ajv.addSchema({$id: 'api', ...description});
	}

	// Every operation as {method, path, ...}.
	operations() {
		return Object.entries(this.paths).flatMap(([path, methods]) =>
			Object.entries(methods).map(([method, operation]) => ({...operation, method: method.toUpperCase(), path})));
	}

	find(method, path) {
		const fits = (pattern) => new RegExp(`^${pattern.replace(/\{[^}]+\}/g, '[^/]+')}$`).test(path);
		return this.operations().find((one) => one.method === method && fits(one.path));
	}

	check(name, value) {
		const schema = this.ajv.getSchema(`api#/components/schemas/${name}`);
		assert.ok(schema(value), `${name}: ${this.ajv.errorsText(schema.errors)}`);
	}

	checkAnswer(method, path, status, type, text) {
		const operation = this.find(method, path);
		if (!operation) return;
		const answer = operation.responses[status];
		assert.ok(answer, `${method} ${path}: ${status} is not described: ${text}`);
		for (const [described, {schema}] of Object.entries(answer.content ?? {})) {
			assert.equal(type.split(';')[0], described, `${method} ${path}`);
			this.check(schema.$ref.split('/').pop(), JSON.parse(text));
		}
	}
}

// Somebody at a program: a session or none, an address of their own.
export class Client {
	static #count = 0;

	constructor(house, {cookie, address = `10.66.${Client.#count >> 8}.${Client.#count++ & 255}`} = {}) {
		Object.assign(this, {house, cookie, address});
	}

	headers(more = {}) {
		const all = {Origin: this.house.server.url, 'X-Forwarded-For': this.address, ...this.cookie && {Cookie: this.cookie}, ...more};
		return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
	}

	// body: a value, or bytes as they are. Headers that are undefined are not sent.
	async ask(method, path, body, headers = {}) {
		const raw = Buffer.isBuffer(body) || typeof body === 'string';
		const response = await fetch(this.house.server.url + path, {
			method, body: raw || body === undefined ? body : JSON.stringify(body),
			headers: this.headers({...body !== undefined && {'Content-Type': 'application/json'}, ...headers}),
		});
		const text = await response.text();
		const type = response.headers.get('content-type') ?? '';
		if (method !== 'HEAD')
			this.house.description?.checkAnswer(method, new URL(response.url).pathname, response.status, type, text);
		return {status: response.status, headers: response.headers, text, json: type.includes('json') && text ? JSON.parse(text) : undefined};
	}

	// The same, that must end with this status; its JSON.
	async expect(status, method, path, body, headers) {
		const answer = await this.ask(method, path, body, headers);
		assert.equal(answer.status, status, `${method} ${path}: ${answer.text}`);
		return answer.json;
	}

	async login(login, password = PASSWORD) {
		const answer = await this.ask('POST', '/api/session', {login, password});
		assert.equal(answer.status, 200, answer.text);
		this.cookie = answer.headers.get('set-cookie').split(';')[0];
		return this;
	}

	console(options) { return Console.open(this, options); }
}

// A page's end of the feed. What it receives is checked, kept in order, and found in `received`.
export class Console {
	static async open(client, {cursor = null, visible = true, sound = true, hello = true} = {}) {
		const console = new Console(client);
		await until('a console open or refused', () => console.code ?? console.socket.readyState === WebSocket.OPEN);
		if (hello && console.code === undefined) console.say({type: 'hello', cursor, visible, sound});
		return console;
	}

	constructor(client) {
		Object.assign(this, {received: [], entries: []});
		this.socket = new WebSocket(`${client.house.server.url.replace('http', 'ws')}/api/feed`, {headers: client.headers()});
		client.house.consoles.add(this);
		this.socket.on('close', (code) => { this.code = code; });
		this.socket.on('error', () => {});
		this.socket.on('message', (data) => {
			const message = JSON.parse(data);
			client.house.description.check('FeedToPage', message);
			this.received.push(message);
			this.cursor = message.cursor ?? this.cursor;
			this.entries.push(...message.entries ?? []);
		});
	}

	say(message) { this.socket.send(JSON.stringify(message)); }

	first(type) { return until(`a ${type}`, () => this.received.find((message) => message.type === type)); }

	entry(kind, alert) {
		return until(`${kind} of ${alert}`, () => this.entries.find((entry) => entry.kind === kind && entry.alert === alert));
	}

	// Everything that was committed before this call has come, if it was to come.
	async reached({number}) { await until(`number ${number}`, () => this.cursor?.number >= number); }

	// The code it was closed with.
	closed() { return until('the end of a console', () => this.code); }

	// Cuts it off, without a goodbye.
	end() {
		this.socket.terminate();
		return this.closed();
	}
}

// In place of Kannel: takes every SMS, and keeps the secrets of the links in it.
class Gateway {
	static async start() {
		const gateway = new Gateway();
		gateway.messages = [];
		gateway.http = http.createServer((request, response) => {
			gateway.messages.push(gateway.read(request.url));
			response.writeHead(202).end('0: Accepted for delivery');
		}).listen(0, '127.0.0.1');
		await once(gateway.http, 'listening');
		return gateway;
	}

	get url() { return `http://127.0.0.1:${this.http.address().port}/cgi-bin/sendsms`; }

	read(url) {
		const query = new URL(url, 'http://gateway').searchParams;
		return {to: query.get('to'), text: query.get('text')};
	}

	// The secret in the link of that kind (s: trusted person, p: patrol) sent to that number after `from` messages.
	token(kind, to, from = 0) {
		return until(`a link for ${to}`, () => this.messages.slice(from).filter((message) => message.to === to)
			.map((message) => message.text.match(new RegExp(`/${kind}/([^\\s/]+)`))?.[1]).find(Boolean));
	}

	end() { this.http.closeAllConnections(); this.http.close(); }
}

export const CONTACT = '+33199000101';
export const PATROL = '+33199000102';

// A server with two rooms, an account of each kind, and a patrol.
export class House {
	phones = [];

	static async open({options = {}, ladder = {}, log, through} = {}) {
		const house = new House();
		house.consoles = new Set();
		house.gateway = await Gateway.start();
		const server = house.server = await Server.prepare();
		await server.init({
			options: {sendsms_url: house.gateway.url, trusted_proxies: '127.0.0.1', max_per_source: 0, ...options}, ladder,
		});
		await server.start({log, through});
		await server.register();
		house.description = new Description(await new Client(house).expect(200, 'GET', '/api/openapi.json'));
		await server.ctl('unit', 'add', {name: OTHER_ROOM, kind: 'room'});
		house.patrol = await server.ctl('unit', 'add', {name: 'Patrouille d’essai', kind: 'patrol', room: ROOM, phone: PATROL});
		await house.account('cheffe', 'operator,supervisor', ROOM);
		await house.account('voisine', 'operator', OTHER_ROOM);
		await house.account('auditrice', 'auditor');
		return house;
	}

	account(login, roles, room) {
		return this.server.ctl('account', 'add', {login, name: `Compte ${login}`, roles, ...room && {room}}, `${PASSWORD}\n`);
	}

	client(login) { return login ? new Client(this).login(login) : new Client(this); }

	// An official with a watch; n tells their numbers apart.
	async official(n, contact = CONTACT) {
		const watch = String(8800001000 + n);
		const {official, device} = await this.server.addOfficial({phone: `+3319900${2000 + n}`, watch, contacts: [contact]});
		return {id: official, device, watch};
	}

	// Presses SOS on that watch; resolves once the server has answered, with the watch's connection.
	async press({watch}) {
		const socket = net.connect(this.server.watchPort, '127.0.0.1');
		const said = [];
		socket.on('data', (bytes) => said.push(bytes.toString('latin1'))).on('error', () => {});
		const status = '231126,201500,A,46.640100,N,0.166000,E,4.2,90.0,92.0,9,78,82,1200,3,00010000,1,1,208,01,2101,30518,158,0,12';
		socket.write(frameOf(watch, `AL,${status}`));
		await until('the answer to an SOS', () => said.join('').includes('*AL]'));
		return socket;
	}

	// A telephone that is let go with the house.
	async keep(opening) {
		const phone = await opening;
		this.phones.push(phone);
		return phone;
	}

	// The card of that official's open alert, as the operator's list has it.
	async alertOf(operator, {id}) {
		return until('the alert in the list', async () =>
			(await operator.expect(200, 'GET', '/api/alerts')).alerts.find((card) => card.official?.id === id));
	}

	// What a test left open; a failed one too.
	async forgetConsoles() {
		await Promise.all([...this.consoles].map((console) => console.end()));
		this.consoles.clear();
	}

	async close() {
		for (const phone of this.phones) phone.socket.terminate();
		await this.server?.remove();
		this.gateway?.end();
	}
}

export {BRIGADE, PASSWORD, ROOM, SECRET};
