// The official's two codes against the real server: what they do, and that nobody at the telephone can tell one from the other.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import {after, before, test} from 'node:test';

import {House, OTHER_ROOM} from '../lib/api.mjs';
import {enrol, enrolAgain, Phone} from '../lib/phone.mjs';
import {ROOM} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

const PIN = '70318264', DURESS = '92640517', WRONG = '1234';
const DUTY = '+33639980077';
let house, server, operator, neighbour;
let officials = 100, clock = Date.now();

before(async () => {
	house = await House.open();
	server = house.server;
	await server.ctl('unit', 'set', {unit: ROOM, neighbour: OTHER_ROOM, duty_phone: DUTY});
	[operator, neighbour] = [await house.client('operatrice'), await house.client('voisine')];
});

after(() => house?.close());

const connected = (identity) => house.keep(Phone.welcome(server, identity));
const end = async (phone, pin) => (await phone.ask({type: 'end', at: clock++, pin}, 'heard')).right;
const choose = async (phone, pin, duress, current = null) => (await phone.ask({type: 'pins', at: clock++, pin, duress, current})).problem;

// An official whose telephone is connected, with codes.
async function official(codes = [PIN, DURESS]) {
	const one = await house.official(++officials);
	const identity = await enrol(server, one.id);
	const phone = await connected(identity);
	if (codes) assert.equal(await choose(phone, ...codes), null);
	return {...one, identity, phone};
}

const openAlerts = async (one, client = operator) =>
	(await client.expect(200, 'GET', '/api/alerts?state=open')).alerts.filter((card) => card.official?.id === one.id);
const entriesOf = async (alert) => (await operator.expect(200, 'GET', `/api/alerts/${alert}`)).entries;
const kindsOf = async (alert) => (await entriesOf(alert)).map(({kind}) => kind);

test('a_code_asks_the_room_for_the_end_and_ends_nothing', async () => {
	const one = await official(), {phone} = one;
	const {alert} = await phone.call(clock++);
	assert.equal(await end(phone, PIN), true);
	const [card] = await openAlerts(one);
	assert.deepEqual([card.id, card.state, card.warnings.includes('end_asked'), card.level], [alert, 'raised', true, 0]);
	// Another call: whoever calls again does not want it ended.
	await phone.call(clock++);
	assert.equal((await openAlerts(one))[0].warnings.includes('end_asked'), false);
	// The same message again is the same one.
	const at = clock++, from = phone.received.length;
	for (let i = 0; i < 3; i++) phone.say({type: 'end', at, pin: PIN});
	await until('three answers', () => phone.received.slice(from).filter(({type}) => type === 'heard').length === 3);
	const said = (await entriesOf(alert)).filter(({kind}) => kind === 'end.asked');
	assert.equal(said.length, 2);
	assert.ok(said.some(({body}) => body.at === at));
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	assert.equal((await phone.first('ended')).alert, alert);
	// Nothing is open: nothing to ask for.
	assert.equal(await end(phone, PIN), true);
	assert.deepEqual(await openAlerts(one), []);
});

test('duress_looks_the_same_and_calls_the_neighbour_and_the_duty_officer_though_the_alert_is_held', async () => {
	const one = await official(), {phone} = one;
	const {alert} = await phone.call(clock++);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	assert.deepEqual(await openAlerts(one, neighbour), []);
	const before = phone.received.length;
	const forced = await phone.ask({type: 'end', at: clock++, pin: DURESS}, 'heard');
	const free = await phone.ask({type: 'end', at: clock++, pin: PIN}, 'heard');
	assert.deepEqual(Object.keys(forced), Object.keys(free));
	assert.equal(forced.right, true);
	assert.deepEqual(phone.received.slice(before).map(({type}) => type), ['heard', 'heard']);
	const [card] = await openAlerts(one, neighbour);
	assert.deepEqual([card.id, card.level, card.silent], [alert, 1, true]);
	assert.ok(card.warnings.includes('duress') && !card.warnings.includes('end_asked'));
	const climbed = (await entriesOf(alert)).find(({kind}) => kind === 'alert.climbed');
	assert.deepEqual([climbed.body.step, climbed.body.target, climbed.body.duty], ['duress', OTHER_ROOM, true]);
	await until('the SMS of the duty officer', () =>
		house.gateway.messages.some(({to, text}) => to === DUTY && text.includes('sous la contrainte')));
});

test('duress_without_an_alert_raises_one_and_the_telephone_goes_along', async () => {
	const one = await official(), {phone} = one;
	assert.equal(await end(phone, DURESS), true);
	const {alert} = await phone.first('alert');
	const [card] = await openAlerts(one);
	assert.deepEqual([card.id, card.reasons, card.silent], [alert, ['duress'], true]);
	assert.equal((await phone.call(clock++)).alert, alert);
});

test('after_five_wrong_codes_no_answer_tells_any_more_and_the_room_knows', async () => {
	const one = await official(), {phone} = one;
	const {alert} = await phone.call(clock++);
	for (let i = 0; i < 5; i++) assert.equal(await end(phone, WRONG), false);
	for (let i = 0; i < 3; i++) assert.equal(await end(phone, WRONG), true);
	const tries = (await entriesOf(alert)).filter(({kind}) => kind === 'end.refused').map(({body}) => body.tries);
	assert.deepEqual(tries.sort(), [1, 2, 3, 4, 5]);
	assert.match(await choose(phone, '1111', '2222', PIN), /Trop de codes faux/);
	// What is said under duress is heard all the same.
	assert.equal(await end(phone, DURESS), true);
	assert.ok((await openAlerts(one))[0].warnings.includes('duress'));
});

test('many_codes_under_one_moment_are_many_tries', async () => {
	const one = await official(), {phone} = one;
	await phone.call(clock++);
	const at = clock++, answers = [];
	for (const pin of ['0001', '0002', '0003', '0004', '0005', '0006', PIN, DURESS]) {
		const from = phone.received.length;
		phone.say({type: 'end', at, pin});
		answers.push((await phone.first('heard', (message) => message.at === at, from)).right);
	}
	assert.deepEqual(answers, [false, false, false, false, false, true, true, true]);
	assert.ok((await openAlerts(one))[0].warnings.includes('duress'));
});

test('a_right_code_ends_the_count_of_wrong_ones', async () => {
	const {phone} = await official();
	for (let round = 0; round < 3; round++) {
		for (let i = 0; i < 4; i++) assert.equal(await end(phone, WRONG), false);
		assert.equal(await end(phone, PIN), true);
	}
});

test('codes_are_chosen_once_and_changed_only_by_who_knows_the_present_one', async () => {
	const one = await official(null), {phone} = one;
	assert.equal(phone.welcomed.pins, false);
	assert.equal(await end(phone, PIN), false);
	for (const [pin, duress] of [['123', '4567'], ['1234', '123456789'], ['12a4', '5678'], ['1234', '12 4'], ['1234', '1234']])
		assert.ok(await choose(phone, pin, duress), `${pin} and ${duress}`);
	assert.equal(await choose(phone, PIN, DURESS), null);
	assert.equal((await connected(one.identity)).welcomed.pins, true);
	assert.match(await choose(phone, '1111', '2222'), /code actuel/);
	assert.match(await choose(phone, '1111', '2222', WRONG), /code actuel/);
	assert.equal(await choose(phone, '1111', '2222', PIN), null);
	assert.deepEqual([await end(phone, PIN), await end(phone, '1111')], [false, true]);
	// Forced to choose others: « done », and help comes.
	assert.equal(await choose(phone, '3333', '4444', '2222'), null);
	assert.ok((await openAlerts(one))[0].warnings.includes('duress'));
	assert.deepEqual([await end(phone, '3333'), await end(phone, '1111')], [false, true]);
});

test('the_administration_and_a_new_enrolment_forget_the_codes', async () => {
	const {identity, phone} = await official();
	await server.ctl('device', 'pins', {device: identity.device});
	assert.equal(await end(phone, PIN), false);
	assert.equal((await connected(identity)).welcomed.pins, false);
	assert.equal(await choose(phone, PIN, DURESS), null);
	assert.equal((await connected(await enrolAgain(server, identity.device))).welcomed.pins, false);
});

test('no_code_is_on_disk', async () => {
	const one = await official();
	await end(one.phone, PIN);
	await end(one.phone, DURESS);
	for (const name of await fs.readdir(server.dir, {recursive: true})) {
		const bytes = await fs.readFile(server.in(name)).catch(() => Buffer.alloc(0));
		for (const code of [PIN, DURESS]) assert.ok(!bytes.includes(code), `${code} in ${name}`);
	}
});
