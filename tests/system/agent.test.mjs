// Telephones that are no browser, over TLS and TCP, against the real server (docs/protocol/agent.md).
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import net from 'node:net';
import {after, before, test} from 'node:test';

import WebSocket from 'ws';

import {Agent, BINARY, CLOSE, message, PING, TEXT} from '../lib/agent.mjs';
import {House} from '../lib/api.mjs';
import {enrol, enrolAgain, frame, Phone} from '../lib/phone.mjs';
import {run, Server} from '../lib/server.mjs';
import {freePorts, until} from '../lib/wait.mjs';

let house, server, plain, operator;
let officials = 0;
const sockets = [];

before(async () => {
	const ports = await freePorts(2);
	house = new House();
	house.consoles = new Set();
	server = house.server = await Server.prepare();
	server.agentPort = ports;
	plain = {agentPort: ports + 1};
	await server.init({options: {
		sound: 'both', agent_tls: `127.0.0.1:${ports}`, agent: `127.0.0.1:${ports + 1}`, certificate: server.in('tls.pem'),
		certificate_key: server.in('tls.key'), log_level: 'error',
	}});
	await run('egided', ['--config', server.in('egide.conf'), '--make-certificate', 'localhost,127.0.0.1']);
	server.agentCertificate = await fs.readFile(server.in('tls.pem'));
	await server.start();
	await server.register();
	operator = await house.client('operatrice');
});

after(async () => {
	for (const one of sockets) one.socket.destroy?.();
	await house?.close();
});

const kept = async (opening) => {
	const agent = await opening;
	sockets.push(agent);
	return agent;
};
const open = (identity, where = server) => kept(Agent.open(where, identity));
const welcome = (identity, where = server) => kept(Agent.welcome(where, identity));

async function official() {
	const one = await house.official(++officials);
	return {...one, identity: await enrol(server, one.id)};
}

const announce = (agent, alert, epoch) => agent.say({type: 'streaming', alert, epoch, began: Date.now()});
function stream(agent, alert, epoch, first, count) {
	for (let i = 0; i < count; i++) agent.say(frame({alert, epoch, sequence: first + i}));
}
const acknowledged = (agent, epoch, next) => agent.first('ack', (one) => one.epoch === epoch && one.next >= next);
const alertsOf = async (one) =>
	(await operator.expect(200, 'GET', '/api/alerts?state=open')).alerts.filter((card) => card.official?.id === one.id);
const close = async (alert) => {
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
};

for (const [name, where] of [['tls', () => server], ['tcp', () => plain]])
	test(`over_${name}_a_call_a_position_and_sound_are_those_of_a_telephone`, async () => {
		const one = await official(), agent = await welcome(one.identity, where()), at = Date.now();
		assert.equal(agent.welcomed.sound, true);
		const {alert} = await agent.call(at, {battery: 71});
		const [card] = await alertsOf(one);
		assert.deepEqual([card.id, card.device.kind, card.device.battery, card.silent, card.device_at], [alert, 'phone', 71, true, at]);
		assert.equal((await operator.expect(200, 'GET', `/api/alerts/${alert}`)).connected, true);
		agent.say({type: 'position', position: {at, lat: 46.65, lon: 0.17}, battery: 70});
		await agent.first('stored', (said) => said.at === at);

		const heard = [];
		const listener = new WebSocket(`${server.url.replace('http', 'ws')}/api/alerts/${alert}/sound`, {headers: operator.headers()});
		listener.on('message', (data, binary) => heard.push(binary ? data : JSON.parse(data)));
		await until('the first word', () => heard.length);
		announce(agent, alert, 11);
		const said = Array.from({length: 50}, (_, sequence) => frame({alert, epoch: 11, sequence}));
		for (const bytes of said) agent.say(bytes);
		await until('fifty frames', () => heard.filter(Buffer.isBuffer).length === said.length);
		assert.deepEqual(heard.filter(Buffer.isBuffer), said);
		await acknowledged(agent, 11, 50);
		listener.terminate();

		await close(alert);
		assert.equal((await agent.first('ended')).alert, alert);
	});

test('after_kill_9_an_agent_goes_on_from_what_is_on_disk', async () => {
	const {identity} = await official(), agent = await welcome(identity);
	const {alert} = await agent.call(Date.now());
	announce(agent, alert, 7);
	stream(agent, alert, 7, 0, 100);
	await acknowledged(agent, 7, 100);
	await server.kill();
	await agent.closed();
	await server.start();
	operator = await house.client('operatrice');
	const again = await welcome(identity);
	assert.equal(again.welcomed.alert, alert);
	assert.deepEqual(again.welcomed.streams, [{epoch: 7, next: 100}]);
	announce(again, alert, 7);
	stream(again, alert, 7, 100, 50);
	await acknowledged(again, 7, 150);
});

test('an_agent_and_a_page_of_one_telephone_are_told_the_same', async () => {
	const {identity} = await official();
	const agent = await welcome(identity), page = await Phone.welcome(server, identity);
	const {alert} = await agent.call(Date.now());
	await close(alert);
	assert.equal((await page.first('ended')).alert, alert);
	assert.equal((await agent.first('ended')).alert, alert);
	await enrolAgain(server, identity.device);
	assert.equal(await agent.closed(), 4401);
	assert.equal(await page.closed(), 4401);
});

test('a_call_right_behind_the_hello_is_heard_even_of_nobody', async () => {
	const {identity, ...one} = await official(), at = Date.now();
	const agent = await open(identity);
	assert.ok((await agent.call(at)).alert);
	assert.equal((await alertsOf(one)).length, 1);
	const stranger = await open({...identity, secret: 'x'.repeat(43)});
	stranger.say({type: 'call', at: at + 1, position: null, battery: null});
	assert.equal(await stranger.closed(), 4401);
	await until('the lane', async () =>
		JSON.stringify((await operator.expect(200, 'GET', '/api/alerts')).unverified).includes(identity.device));
	assert.equal((await alertsOf(one))[0].triggers, 1);
});

test('one_byte_at_a_time_is_understood', async () => {
	const {identity} = await official(), agent = await open(null, plain);
	const hello = message(TEXT, Buffer.from(JSON.stringify({type: 'hello', device: identity.device, secret: identity.secret})));
	agent.socket.setNoDelay(true);
	for (const byte of hello) await new Promise((done) => { agent.socket.write(Buffer.from([byte]), done); });
	await agent.first('welcome');
});

test('a_ping_is_answered_and_a_goodbye_too', async () => {
	const {identity} = await official(), agent = await welcome(identity);
	agent.socket.write(message(PING, Buffer.from('abc')));
	await until('a pong', () => agent.pongs.length);
	assert.equal(String(agent.pongs[0]), 'abc');
	agent.socket.write(message(CLOSE, Buffer.from([0x03, 0xe8])));
	assert.equal(await agent.closed(), 1000);
});

test('what_is_no_message_is_closed_with_its_reason', async () => {
	const cases = [
		[Buffer.from('GET / HTTP/1.1\r\n\r\n'), 1002],
		[Buffer.from([0, 0, 0x10, 1, TEXT]), 1009],
		[Buffer.from([0xff, 0xff, 0xff, 0xff, BINARY]), 1009],
		[message(BINARY, Buffer.alloc(94)), 1008],
		[message(TEXT, Buffer.from('{"type":"call"}')), 1008],
	];
	for (const [bytes, code] of cases) {
		const agent = await open(null);
		agent.socket.write(bytes);
		assert.equal(await agent.closed(), code);
	}
	const {identity} = await official(), known = await welcome(identity);
	known.say('{"type":"dance"}');
	assert.equal(await known.closed(), 1008);
});

test('without_a_hello_it_is_closed_also_in_the_middle_of_one', async () => {
	const silent = await open(null), half = await open(null, plain);
	half.socket.write(Buffer.from([0, 0, 0, 80, TEXT, 0x7b]));
	assert.deepEqual(await Promise.all([silent.closed(), half.closed()]), [4408, 4408]);
});

test('what_does_not_speak_tls_is_dropped', async () => {
	const socket = net.connect(server.agentPort, '127.0.0.1', () => socket.end(message(TEXT, Buffer.from('{}'))));
	let ended = false, heard = '';
	socket.on('error', () => {}).on('data', (bytes) => { heard += bytes; }).on('close', () => { ended = true; });
	await until('its end', () => ended);
	assert.doesNotMatch(heard, /welcome/);
});
