// A visit announced beforehand against the real server: who does not say in time that they are safe is in an alert, whatever happens to
// the telephone, the server or the code.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {House} from '../lib/api.mjs';
import {enrol, Phone} from '../lib/phone.mjs';
import {until} from '../lib/wait.mjs';

const PIN = '70318264', DURESS = '92640517', WRONG = '1234';
const PLACE = 'Ferme des Aulnes, route de Vaux', PERSON = 'M. Ferrand';
// Fractions of a minute, so that nobody waits for one.
const SHORT = 1.5 / 60, LONG = 60;
let house, server, operator;
let officials = 300, clock = Date.now();
const phones = [];

before(async () => {
	house = await House.open();
	server = house.server;
	operator = await house.client('operatrice');
});

after(async () => {
	for (const phone of phones) phone.socket.terminate();
	await house?.close();
});

async function connected(identity) {
	const phone = await Phone.welcome(server, identity);
	phones.push(phone);
	return phone;
}

async function asked(phone, type, message) {
	const at = message.at ?? clock++, from = phone.received.length;
	phone.say({...message, at});
	return phone.first(type, (answer) => answer.at === at, from);
}

const announce = (phone, minutes = LONG, more = {}) => asked(phone, 'visit', {type: 'announce', place: PLACE, person: PERSON, minutes, ...more});
const extend = (phone, pin, minutes = LONG) => asked(phone, 'visit', {type: 'extend', pin, minutes});
const end = async (phone, pin) => (await asked(phone, 'heard', {type: 'end', pin})).right;

async function official({codes = true} = {}) {
	const one = await house.official(++officials);
	const identity = await enrol(server, one.id);
	const phone = await connected(identity);
	if (codes) assert.equal((await asked(phone, 'pins', {type: 'pins', pin: PIN, duress: DURESS, current: null})).problem, null);
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
