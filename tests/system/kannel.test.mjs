// The real gateway with the simulated operator, without egided: what the gateway promises, and what it does not.
import assert from 'node:assert/strict';
import http from 'node:http';
import {after, before, beforeEach, test} from 'node:test';

import {bytesOf, filesIn} from '../lib/cluster.mjs';
import {Kannel, SECRET} from '../lib/kannel.mjs';
import {until} from '../lib/wait.mjs';

let kannel, server, calls = [];

const callsOf = (id) => calls.filter((call) => call.path === '/kannel/receipt' && call.id === id).map((call) => call.d);
const receipt = (id, mask) => until(`receipt ${mask} of ${id}`, () => callsOf(id).includes(String(mask)));
const inbound = (text) => until(`inbound ${text}`, () => calls.find((call) => call.text === text));

before(async () => {
	server = http.createServer((request, response) => {
		const url = new URL(request.url, 'http://localhost');
		calls.push({path: url.pathname, ...Object.fromEntries(url.searchParams)});
		response.end();
	});
	await new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
	kannel = await Kannel.start(`http://127.0.0.1:${server.address().port}/kannel`);
});

after(async () => {
	await kannel?.remove();
	server?.closeAllConnections();
	server?.close();
});

beforeEach(async () => {
	calls = [];
	await kannel.behave({deliver: 'ok', submit: 'ok', link: 'up'});
});

test('an_sms_reaches_the_operator_whole_and_both_receipts_come_back', async () => {
	const text = 'ALERTE : Élu à Vouillé € [1] https://egide.example/s/aZ09-_';
	assert.equal((await kannel.send({text, id: 'whole'})).status, 202);
	const message = await kannel.messageTo('+33639980001', /Vouillé/);
	assert.equal(message.text, text);
	assert.equal(message.coding, 0);
	await receipt('whole', 8);
	await receipt('whole', 1);
	assert.ok(calls.every((call) => call.secret === SECRET));
});

test('letters_outside_the_gsm_alphabet_and_long_texts_arrive_whole', async () => {
	const text = 'Benoît’s forêt 🛡 '.repeat(10);
	assert.equal((await kannel.send({text, coding: '2', to: '+33639980002', id: 'long'})).status, 202);
	const message = await kannel.messageTo('+33639980002');
	assert.equal(message.text, text);
	assert.equal(message.coding, 8);
	assert.equal(message.parts, 3);
	await receipt('long', 1);
});

test('a_wrong_password_and_a_number_that_is_none_are_refused', async () => {
	assert.equal((await kannel.send({password: 'x'})).status, 403);
	assert.equal((await kannel.send({to: 'personne'})).status, 400);
	assert.equal((await kannel.send({to: ''})).status, 400);
});

test('an_sms_the_operator_refuses_gives_receipt_16', async () => {
	await kannel.behave({submit: 'refused'});
	assert.equal((await kannel.send({id: 'refused'})).status, 202);
	await receipt('refused', 16);
});

test('an_sms_that_cannot_be_delivered_gives_receipt_2', async () => {
	await kannel.behave({deliver: 'fail'});
	await kannel.send({id: 'failed'});
	await receipt('failed', 2);
	await receipt('failed', 8);
});

test('a_receipt_held_by_the_operator_comes_later', async () => {
	await kannel.behave({deliver: 'held'});
	await kannel.send({id: 'held'});
	await receipt('held', 8);
	assert.deepEqual(callsOf('held'), ['8']);
	await kannel.release();
	await receipt('held', 1);
});

// Kannel does not know yet whose receipt it is, and drops it: the message stays "sent", which is true (sms.md).
test('a_receipt_that_comes_before_the_operator_s_answer_does_not_disturb_the_gateway', async () => {
	await kannel.behave({deliver: 'before_resp'});
	await kannel.send({id: 'early'});
	await receipt('early', 8);
	await kannel.behave({deliver: 'ok'});
	await kannel.send({id: 'next'});
	await receipt('next', 1);
});

test('after_kill_9_of_bearerbox_between_submission_and_receipt_the_receipt_still_comes', async () => {
	await kannel.behave({deliver: 'held'});
	await kannel.send({id: 'killed'});
	await receipt('killed', 8);
	await kannel.kill('bearerbox');
	await kannel.release();
	await receipt('killed', 1);
});

test('what_was_accepted_while_the_operator_is_away_leaves_when_it_is_back_even_after_kill_9', async () => {
	await kannel.behave({link: 'down'});
	assert.equal((await kannel.send({to: '+33639980003', text: 'pendant la coupure', id: 'away'})).status, 202);
	await kannel.kill('bearerbox');
	await kannel.behave({link: 'up'});
	await kannel.messageTo('+33639980003', /pendant la coupure/);
	await receipt('away', 1);
});

test('an_answer_by_sms_comes_in_as_utf8_whatever_its_alphabet', async () => {
	for (const text of ['OK', 'OK, j’arrive à Vouillé', 'déjà là', '🛡 ok']) {
		await kannel.inbound('+33639980001', text);
		const call = await inbound(text);
		assert.equal(call.from, '+33639980001');
		assert.match(call.id, /^[0-9a-f-]{36}$/);
		assert.equal(call.secret, SECRET);
	}
});

// What waits is in its spool; what has left, was refused or came in is in no file of the gateway, nor in its logs.
test('what_was_said_is_in_no_file_of_the_gateway_once_it_has_left', async () => {
	const numbers = ['+33639983701', '+33639983702', '+33639983703'];
	const held = () => filesIn(kannel.dir).filter((file) => !file.endsWith('operator.out')).filter((file) =>
		bytesOf(file).includes('quokka') || numbers.some((number) => bytesOf(file).includes(number.slice(3))));
	await kannel.behave({link: 'down'});
	await kannel.send({to: numbers[0], text: 'quokka qui attend', id: 'spooled'});
	await until('it in the spool', () => held().length === 1);
	await kannel.behave({link: 'up'});
	await receipt('spooled', 1);
	await kannel.behave({submit: 'refused'});
	await kannel.send({to: numbers[1], text: 'quokka que personne ne prend', id: 'unwanted'});
	await receipt('unwanted', 16);
	await kannel.behave({submit: 'ok'});
	await kannel.inbound(numbers[2], 'quokka qui répond');
	await inbound('quokka qui répond');
	await until('none of it left', () => held().length === 0);
});
