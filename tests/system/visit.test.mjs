// A visit announced beforehand against the real server: who does not say in time that they are safe is in an alert, whatever happens to
// the telephone, the server or the code.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {House} from '../lib/api.mjs';
import {enrol, enrolAgain, Phone} from '../lib/phone.mjs';
import {until} from '../lib/wait.mjs';

const PIN = '70318264', DURESS = '92640517', WRONG = '1234';
const PLACE = 'Ferme des Aulnes, route de Vaux', PERSON = 'M. Ferrand';
// Fractions of a minute, so that nobody waits for one.
const SHORT = 1.5 / 60, LONG = 60;
let house, server, operator;
let officials = 300, clock = Date.now();

before(async () => {
	house = await House.open();
	server = house.server;
	operator = await house.client('operatrice');
});

after(() => house?.close());

const connected = (identity) => house.keep(Phone.welcome(server, identity));
const announce = (phone, minutes = LONG, more = {}) => phone.ask({type: 'announce', at: clock++, place: PLACE, person: PERSON, minutes, ...more}, 'visit');
const extend = (phone, pin, minutes = LONG) => phone.ask({type: 'extend', at: clock++, pin, minutes}, 'visit');
const end = async (phone, pin) => (await phone.ask({type: 'end', at: clock++, pin}, 'heard')).right;

async function official({codes = true} = {}) {
	const one = await house.official(++officials);
	const identity = await enrol(server, one.id);
	const phone = await connected(identity);
	if (codes) assert.equal((await phone.ask({type: 'pins', at: clock++, pin: PIN, duress: DURESS, current: null})).problem, null);
	return {...one, identity, phone};
}

const openAlerts = async (one) => (await operator.expect(200, 'GET', '/api/alerts?state=open')).alerts.filter((card) => card.official?.id === one.id);
const anAlert = (one) => until('an alert', async () => (await openAlerts(one))[0]);
const visitLines = async (alert) => (await operator.expect(200, 'GET', `/api/alerts/${alert}`)).entries.filter(({kind}) => kind.startsWith('visit.'));
const kinds = (lines) => lines.map(({kind}) => kind.slice('visit.'.length));

test('no_word_in_time_is_a_silent_alert_that_says_where_and_with_whom', async () => {
	const one = await official(), {phone} = one;
	const {problem, visit} = await announce(phone, SHORT);
	assert.deepEqual([problem, visit.place, visit.person], [null, PLACE, PERSON]);
	assert.equal(visit.due_at - visit.announced_at, 1500);
	const card = await anAlert(one);
	assert.deepEqual([card.reasons, card.silent, card.test, card.device.id], [['visit'], true, false, one.identity.device]);
	const lines = await visitLines(card.id);
	assert.deepEqual(kinds(lines), ['announced', 'missed']);
	for (const {body} of lines) assert.deepEqual([body.visit, body.place, body.person, body.due_at], [visit.id, PLACE, PERSON, visit.due_at]);
	// The telephone goes along, as if it had called.
	assert.equal((await phone.first('alert')).alert, card.id);
	assert.equal((await phone.call(clock++)).alert, card.id);
});

// Once another visit, announced later and as short, was missed, nothing more is to come of the first.
async function nothingCameOf(one) {
	const other = await official();
	await announce(other.phone, SHORT);
	await anAlert(other);
	assert.deepEqual(await openAlerts(one), []);
}

test('a_code_ends_it_and_a_wrong_one_does_not', async () => {
	const one = await official(), {phone} = one, wrong = await official();
	await announce(phone, SHORT);
	const from = phone.received.length;
	assert.equal(await end(phone, PIN), true);
	assert.equal((await phone.first('visit', () => true, from)).visit, null);
	await announce(wrong.phone, SHORT);
	assert.equal(await end(wrong.phone, WRONG), false);
	await anAlert(wrong);
	await nothingCameOf(one);
});

test('under_duress_the_same_answer_and_help_at_once', async () => {
	for (const way of ['end', 'extend']) {
		const one = await official(), {phone} = one;
		const {visit} = await announce(phone);
		if (way === 'end') {
			const from = phone.received.length;
			assert.equal(await end(phone, DURESS), true);
			assert.equal((await phone.first('visit', () => true, from)).visit, null);
		} else {
			const {problem, visit: longer} = await extend(phone, DURESS);
			assert.equal(problem, null);
			assert.ok(longer.due_at > visit.due_at);
		}
		const card = await anAlert(one);
		assert.deepEqual([card.reasons, card.silent, card.warnings.includes('duress')], [['duress'], true, true]);
		assert.deepEqual(kinds(await visitLines(card.id))[0], 'announced');
	}
});

test('it_is_prolonged_with_the_code_alone', async () => {
	const one = await official(), {phone} = one;
	const {visit} = await announce(phone, SHORT);
	const refused = await extend(phone, WRONG);
	assert.match(refused.problem, /pas le bon/);
	assert.equal(refused.right, false);
	assert.equal(refused.visit.due_at, visit.due_at);
	const longer = await extend(phone, PIN);
	assert.deepEqual([longer.problem, longer.right, longer.visit.due_at], [null, true, visit.due_at + LONG * 60000]);
	await nothingCameOf(one);
	assert.equal(await end(phone, PIN), true);
});

test('what_is_said_again_is_the_same_visit_and_what_is_wrong_changes_nothing', async () => {
	const {phone} = await official({codes: false});
	const refusals = [[{place: '  '}, /où vous allez/], [{place: 'a\nb'}, /une ligne/], [{place: 'é'.repeat(101)}, /une ligne/], [{person: 'x'.repeat(201)}, /une ligne/],
		[{minutes: 721}, /douze heures/], [{minutes: 0}, /une minute/]];
	for (const [more, why] of refusals) {
		const {problem, visit} = await announce(phone, LONG, more);
		assert.match(problem, why);
		assert.equal(visit, null);
	}
	const at = clock++;
	const first = await announce(phone, LONG, {at}), again = await announce(phone, LONG, {at});
	assert.deepEqual(again, first);
	const second = await announce(phone, LONG);
	assert.match(second.problem, /déjà annoncée/);
	assert.equal(second.visit.id, first.visit.id);
	// Without codes, whoever holds the telephone ends it.
	assert.equal(await end(phone, null), true);
	assert.match((await extend(phone, null)).problem, /Aucune visite/);
});

test('its_end_comes_without_the_telephone_and_through_a_server_that_was_killed', async () => {
	const gone = await official(), there = await official();
	await announce(there.phone, LONG);
	await announce(gone.phone, SHORT);
	gone.phone.socket.terminate();
	await server.kill();
	const due = Date.now() + 1500;
	await until('its time', () => Date.now() > due);
	await server.start();
	operator = await house.client('operatrice');
	const card = await anAlert(gone);
	assert.deepEqual([card.reasons, kinds(await visitLines(card.id))], [['visit'], ['announced', 'missed']]);
	const back = await connected(gone.identity);
	assert.deepEqual([back.welcomed.alert, back.welcomed.visit.place], [card.id, PLACE]);
	assert.equal((await back.first('alert')).alert, card.id);
	const still = await connected(there.identity);
	assert.equal(still.welcomed.visit.place, PLACE);
	assert.equal(await end(still, PIN), true);
	assert.equal((await openAlerts(gone)).length, 1);
});

test('it_joins_the_alert_that_is_open_and_goes_when_that_is_closed', async () => {
	const one = await official(), {phone} = one;
	await announce(phone, SHORT);
	const {alert} = await phone.call(clock++);
	const lines = await until('both lines', async () => {
		const list = await visitLines(alert);
		return list.length === 2 && list;
	});
	assert.deepEqual(kinds(lines), ['announced', 'missed']);
	assert.equal((await openAlerts(one)).length, 1);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe', text: 'rentrée'});
	const back = await connected(one.identity);
	assert.deepEqual([back.welcomed.alert, back.welcomed.visit], [null, null]);
});

test('once_five_codes_were_wrong_a_wrong_one_is_answered_as_the_right_one_and_ends_nothing', async () => {
	const one = await official(), right = await official();
	for (const {phone} of [one, right]) {
		await announce(phone, 6 / 60);
		for (let wrong = 0; wrong < 5; wrong++) assert.equal(await end(phone, WRONG), false);
	}
	const answers = async ({phone}, code) => {
		const from = phone.received.length;
		assert.equal(await end(phone, code), true);
		await phone.first('visit', () => true, from);
		return phone.received.slice(from).map((message) => ({...message, at: typeof message.at}));
	};
	assert.deepEqual(await answers(one, WRONG), await answers(right, PIN));
	assert.match((await announce(one.phone)).problem, /Trop de codes faux/);
	await anAlert(one);
	await nothingCameOf(right);
});

test('two_telephones_of_one_person_have_a_visit_each', async () => {
	const one = await official(), other = await connected(await enrol(server, one.id));
	assert.equal((await announce(one.phone, LONG)).problem, null);
	assert.equal((await announce(other, SHORT)).problem, null);
	assert.equal(await end(one.phone, PIN), true);
	const card = await anAlert(one);
	assert.deepEqual(card.reasons, ['visit']);
});

test('another_telephone_in_its_place_is_told_nothing_and_cannot_end_it', async () => {
	for (const minutes of [LONG, SHORT]) {
		const one = await official();
		await announce(one.phone, minutes);
		if (minutes === LONG) await assert.rejects(server.ctl('device', 'pins', {device: one.identity.device}), /visite annoncée/);
		const other = await connected(await enrolAgain(server, one.identity.device));
		assert.equal(other.welcomed.visit, null);
		assert.equal(await end(other, null), true);
		if (minutes === SHORT) assert.deepEqual((await anAlert(one)).reasons, ['visit']);
	}
});
