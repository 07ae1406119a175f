// The control socket, line by line: what egidectl says to a running server, and what anybody might.
import assert from 'node:assert/strict';
import {once} from 'node:events';
import net from 'node:net';
import {after, before, test} from 'node:test';

import {House, ROOM} from '../lib/api.mjs';
import {until} from '../lib/wait.mjs';
import {frameOf} from '../lib/watch.mjs';

let house, operator, official, watch, card;

before(async () => {
	house = await House.open();
	operator = await house.client('operatrice');
	official = await house.official(1);
	watch = await house.press(official);
	card = await house.alertOf(operator, official);
});

after(async () => {
	watch?.destroy();
	await house?.close();
});

// Lines to the socket, as they are; as many answers, each held to be one line of JSON.
async function say(...lines) {
	const socket = net.connect(house.server.in('control.sock'));
	let heard = '';
	socket.on('data', (bytes) => { heard += bytes; });
	socket.write(lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
	await until('the answers', () => heard.split('\n').length > lines.length);
	const answers = heard.split('\n');
	assert.equal(answers.pop(), '');
	assert.equal(answers.length, lines.length);
	socket.end();
	await once(socket, 'close');
	return answers.map((answer) => JSON.parse(answer));
}

const ask = async (command, args) => (await say({command, ...args && {arguments: args}}))[0];

test('an_alert_is_shown_by_its_number_and_by_its_identity_alike', async () => {
	const shown = await Promise.all([card.ref, String(card.ref), card.id].map((alert) => ask('alert.show', {alert})));
	for (const {result} of shown) {
		house.description.check('Detail', result);
		assert.deepEqual([result.id, result.phone], [card.id, '+33199002001']);
	}
});

test('a_list_holds_the_alerts_of_every_room', async () => {
	const {result} = await ask('alert.list', {state: 'open', limit: '10'});
	house.description.check('AlertList', result);
	assert.deepEqual(result.alerts.map(({id}) => id), [card.id]);
	assert.deepEqual((await ask('alert.list', {state: 'closed'})).result.alerts, []);
	assert.equal((await ask('alert.list')).result.alerts.length, 1);
});

test('an_export_has_the_whole_trail_and_every_line', async () => {
	const point = (n) => `UD,231126,2016${String(n % 60).padStart(2, '0')},A,46.64${String(n).padStart(4, '0')},N,0.166000,E,4.2,90.0,92.0,9,78,82,` +
		'1200,3,00000000,1,1,208,01,2101,30518,158,0,12';
	for (let n = 0; n < 600; n++) watch.write(frameOf(official.watch, point(n)));
	for (let n = 0; n < 510; n += 10)
		await Promise.all(Array.from({length: 10}, (_, i) => operator.expect(201, 'POST', `/api/alerts/${card.id}/notes`, {text: `Note ${n + i}`})));
	const {result} = await until('the whole trail', async () => {
		const answer = await ask('alert.export', {alert: card.ref});
		return answer.result.trail.length >= 600 && answer;
	});
	assert.equal(result.entries.filter(({kind}) => kind === 'alert.noted').length, 510);
	assert.equal((await ask('alert.show', {alert: card.ref})).result.trail.length, 500);
});

test('a_connected_device_is_asked_and_another_is_not', async () => {
	assert.deepEqual((await ask('device.ask', {device: official.device, request: 'locate'})).result, {sent: true});
	assert.deepEqual((await ask('device.ask', {device: `watch:${official.watch}`, request: 'interval', seconds: '60'})).result, {sent: true});
	const away = await house.official(2);
	assert.equal((await ask('device.ask', {device: away.device, request: 'discreet'})).problem, 'conflict');
	assert.deepEqual([(await ask('device.ask', {device: 'watch:0', request: 'locate'}))].map(({problem, field}) => [problem, field]), [['invalid', 'device']]);
});

test('what_is_wrong_is_said_and_nothing_is_done', async () => {
	const cases = [
		['', 'invalid'], ['{', 'invalid'], ['[]', 'invalid'], ['{}', 'invalid'], ['{"command":1}', 'invalid'],
		[{command: 'alert.list', more: 1}, 'invalid'], [{command: 'alert.list', arguments: []}, 'invalid'],
		[{command: 'nothing.at.all'}, 'not-found'],
		[{command: 'alert.show'}, 'invalid', 'alert'], [{command: 'alert.show', arguments: {alert: 0}}, 'invalid', 'alert'],
		[{command: 'alert.show', arguments: {alert: 999}}, 'not-found'], [{command: 'alert.show', arguments: {alert: official.device}}, 'not-found'],
		[{command: 'alert.show', arguments: {alert: 1, more: 1}}, 'invalid', 'more'],
		[{command: 'alert.show', arguments: {alert: 1, password: 'mot de passe assez long'}}, 'invalid', 'password'],
		[{command: 'alert.list', arguments: {limit: 1001}}, 'invalid', 'limit'], [{command: 'alert.list', arguments: {state: 'x'}}, 'invalid', 'state'],
		[{command: 'alert.list', arguments: {before: true}}, 'invalid', 'before'],
		[{command: 'device.ask', arguments: {device: official.device, request: 'explode'}}, 'invalid', 'request'],
		[{command: 'device.ask', arguments: {device: official.device, request: 'interval'}}, 'invalid', 'seconds'],
		[{command: 'device.ask', arguments: {device: official.device, request: 'interval', seconds: 59}}, 'invalid', 'seconds'],
		[{command: 'device.ask', arguments: {device: official.device, request: 'locate', seconds: 60}}, 'invalid', 'seconds'],
		[{command: 'account.add', arguments: {login: 'x', name: 'X', roles: 'auditor', password: 'court'}}, 'invalid'],
		[{command: 'account.add', arguments: {login: 'x', name: 'X', roles: 'auditor', password_hash: '$argon2id$x'}}, 'invalid'],
		[{command: 'unit.list', arguments: {password: 'mot de passe assez long'}}, 'invalid', 'password_hash'],
		[{command: 'unit.add', arguments: {name: 'Sans genre'}}, 'invalid', 'kind'],
	];
	for (const [line, problem, field = null] of cases) {
		const [answer] = await say(line);
		const what = JSON.stringify(line);
		assert.equal(answer.problem, problem, `${what}: ${JSON.stringify(answer)}`);
		assert.ok(answer.title && answer.detail, what);
		if (field) assert.equal(answer.field, field, what);
	}
	assert.deepEqual((await ask('account.list')).result.accounts.filter(({login}) => login === 'x'), []);
});

test('lines_that_come_together_are_answered_in_order', async () => {
	const answers = await say({command: 'unit.list'}, '{', {command: 'alert.show', arguments: {alert: card.ref}}, {command: 'account.list'});
	assert.deepEqual(answers.map(({result, problem}) => problem ?? Object.keys(result)[0]), ['units', 'invalid', 'id', 'accounts']);
});

test('a_password_is_hashed_and_opens_a_session', async () => {
	const password = 'Éléphant rose 42';
	const answer = await ask('account.add', {login: 'nouvelle', name: 'Nouvelle', roles: ['operator'], room: ROOM, password});
	assert.ok(answer.result.id, JSON.stringify(answer));
	const client = await house.client();
	assert.equal((await client.ask('POST', '/api/session', {login: 'nouvelle', password})).status, 200);
	await ask('account.password', {account: 'nouvelle', password: 'Tout autre chose'});
	assert.equal((await (await house.client()).ask('POST', '/api/session', {login: 'nouvelle', password})).status, 401);
});

test('a_line_without_an_end_is_cut_off_at_its_cap', async () => {
	const socket = net.connect(house.server.in('control.sock'));
	socket.on('error', () => {}).resume();
	/* Not once(): the server may close while we write, which is an error first. */
	const closed = new Promise((resolve) => { socket.on('close', resolve); });
	socket.write('{"command":"'.padEnd(400 * 1024, 'a'));
	await closed;
	assert.ok((await ask('unit.list')).result.units.length);
});
