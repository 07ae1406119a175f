// From the watch to the trusted person's telephone and back, with the real server, the real gateway and the
// simulated operator; each of them dies once.
import assert from 'node:assert/strict';
import {after, before, beforeEach, test} from 'node:test';

import {Watch} from '../../demo/watch.mjs';
import {Kannel, SECRET} from '../lib/kannel.mjs';
import {Server} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let server, kannel, people = 0;
const watches = [];

// Somebody new, so that tests do not meet: numbers kept for fiction (01 99 00).
async function someone() {
	const n = ++people, number = (from) => `+3319900${from + n}`;
	const person = {phone: number(1000), first: number(3000), second: number(6000), watch: String(8800000000 + n)};
	Object.assign(person, await server.addOfficial({phone: person.phone, watch: person.watch, contacts: [person.first, person.second]}));
	return person;
}

// Presses SOS; resolves once the watch is answered, however often it had to call.
function press(person) {
	const watch = new Watch({id: person.watch, port: server.watchPort, lat: 46.5712, lon: 0.2154});
	watches.push(watch);
	watch.start();
	return new Promise((resolve) => {
		watch.answered = resolve;
		watch.socket.once('connect', () => watch.press());
	});
}

const contacts = async (person) => (await server.alertOf(person.official)).contacts;
const contactIs = (person, rank, ...states) => until(`contact ${rank} is ${states}`, async () =>
	states.includes((await contacts(person))[rank - 1].state));
const messagesTo = async (number) => (await kannel.messages()).filter((message) => message.to === number);
const arrived = (number) => until(`an SMS to ${number}`, async () => (await messagesTo(number))[0]);

before(async () => {
	server = await Server.prepare();
	kannel = await Kannel.start(`${server.url}/kannel`);
	await server.init({
		options: {sendsms_url: kannel.sendsmsUrl, max_per_source: 0},
		ladder: {contact_answer_s: 5},
	});
	await server.start();
	await server.register();
	await server.login();
});

after(async () => {
	for (const watch of watches) watch.stop();
	await server?.remove();
	await kannel?.remove();
});

beforeEach(() => kannel.behave({deliver: 'ok', submit: 'ok', link: 'up'}));

test('the_first_contact_gets_the_link_and_their_ok_by_sms_shows', async () => {
	const person = await someone();
	await press(person);
	const message = await arrived(person.first);
	assert.equal(message.coding, 0);
	const link = message.text.match(/https?:\/\/\S+\/s\/(\S+)/);
	assert.ok(link, message.text);
	const page = await server.json('GET', `/api/suivi/${link[1]}`);
	assert.equal(page.state, 'open');
	await contactIs(person, 1, 'delivered');
	await kannel.inbound(person.first, 'OK j’arrive');
	await contactIs(person, 1, 'on_it');
	assert.equal((await messagesTo(person.first)).length, 1);
});

test('the_second_contact_is_asked_when_the_first_does_not_answer_in_time', async () => {
	const person = await someone();
	await press(person);
	await arrived(person.first);
	assert.equal((await messagesTo(person.second)).length, 0);
	await arrived(person.second);
	const {warnings} = await server.alertOf(person.official);
	assert.ok(warnings.includes('contact_silent'), warnings);
});

test('a_reply_from_somebody_who_was_not_asked_changes_nothing', async () => {
	const person = await someone();
	await press(person);
	await arrived(person.first);
	await kannel.inbound(person.second, 'OK');
	await kannel.inbound(person.first, 'OK');
	await contactIs(person, 1, 'on_it');
	assert.notEqual((await contacts(person))[1].state, 'on_it');
});

test('a_number_the_operator_refuses_is_shown_and_the_next_contact_is_asked_at_once', async () => {
	const person = await someone();
	await kannel.behave({submit: 'refused'});
	const began = Date.now();
	await press(person);
	await contactIs(person, 1, 'failed');
	await until('the second contact is asked', async () => (await contacts(person))[1].state !== 'waiting');
	assert.ok(Date.now() - began < 5000, 'at once, not after the time to answer');
});

test('a_test_alert_sends_nothing_and_shows_every_step', async () => {
	const person = await someone();
	const {id} = await server.json('POST', '/api/test-alerts', {device: person.device});
	await until('delivered', async () => (await server.json('GET', `/api/alerts/${id}`)).contacts[0].state === 'delivered');
	assert.equal((await messagesTo(person.first)).length, 0);
});

test('without_a_gateway_the_failure_shows_and_messages_leave_when_it_is_back', async () => {
	const person = await someone();
	await kannel.stop();
	await press(person);
	await contactIs(person, 1, 'failed');
	await contactIs(person, 2, 'failed');
	const {warnings} = await server.alertOf(person.official);
	assert.ok(warnings.includes('sms_failed'), warnings);
	await kannel.start();
	await arrived(person.first);
	await arrived(person.second);
	await contactIs(person, 1, 'delivered');
});

test('messages_queued_when_egided_is_killed_leave_after_its_restart', async () => {
	const group = await Promise.all(Array.from({length: 5}, someone));
	await kannel.stop();
	await Promise.all(group.map(press));
	await server.kill();
	await kannel.start();
	await server.start();
	for (const person of group) await arrived(person.first);
});

test('killed_while_sending_egided_loses_no_message_and_repeats_few', async () => {
	const group = await Promise.all(Array.from({length: 30}, someone));
	const calls = group.map(press);
	await until('some left', async () => (await messagesTo(group[0].first)).length || (await messagesTo(group[9].first)).length);
	await server.kill();
	await server.start();
	await Promise.all(calls);
	let repeated = 0;
	for (const person of group) {
		await arrived(person.first);
		const count = (await messagesTo(person.first)).length;
		assert.ok(count <= 2, `${count} times`);
		repeated += count - 1;
	}
	assert.ok(repeated <= 32, `${repeated} repeated`);
});

test('a_reply_and_a_receipt_that_come_while_egided_is_away_are_not_lost', async () => {
	const person = await someone();
	await kannel.behave({deliver: 'held'});
	await press(person);
	await contactIs(person, 1, 'sent');
	await server.kill();
	await kannel.release();
	await kannel.inbound(person.first, 'ok');
	await server.start();
	await contactIs(person, 1, 'on_it');
	const kinds = async () => (await server.alertOf(person.official)).entries.map((entry) => entry.kind);
	await until('the receipt is in the timeline', async () => (await kinds()).includes('message.delivered'));
});

// The first refuses our password.
test('a_second_gateway_sends_under_its_own_name_and_its_receipts_come_back_by_its_own_address', async () => {
	const house = await Server.prepare(), back = `http://127.0.0.2:${house.port}`;
	const second = await Kannel.start(`${back}/kannel`);
	let watch;
	try {
		await house.init({options: {
			http: `127.0.0.1:${house.port}, 127.0.0.2:${house.port}`, max_per_source: 0, kannel_networks: '127.0.0.1',
			sendsms_url: kannel.sendsmsUrl, sms_password: 'faux',
			backup_sendsms_url: `${second.sendsmsUrl}?smsc=operateur`, backup_sms_password: SECRET, backup_sms_from: 'SECOURS',
			backup_kannel_callback: `${back}/kannel/receipt`,
		}});
		await house.start();
		await house.register();
		await house.login();
		const {official} = await house.addOfficial({phone: '+33199009001', watch: '8800009001', contacts: ['+33199009002']});
		watch = new Watch({id: '8800009001', port: house.watchPort, lat: 46.5712, lon: 0.2154});
		watch.start();
		watch.socket.once('connect', () => watch.press());
		const message = await second.messageTo('+33199009002');
		assert.equal(message.from, 'SECOURS');
		const first = async () => (await house.alertOf(official)).contacts[0].state;
		await until('its receipt', async () => await first() === 'delivered');
		await second.inbound('+33199009002', 'OK');
		await until('their answer', async () => await first() === 'on_it');
		assert.equal((await messagesTo('+33199009002')).length, 0);
	} finally {
		watch?.stop();
		await house.remove();
		await second.remove();
	}
});
