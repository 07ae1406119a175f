// The live feed against the real server: who receives what, and that nothing is missed or said twice.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {Client, Console, House, OTHER_ROOM, ROOM} from '../lib/api.mjs';
import {until} from '../lib/wait.mjs';

let house, operator, supervisor, neighbour;
let officials = 0;
const sockets = [];

before(async () => {
	house = await House.open();
	[operator, supervisor, neighbour] = await Promise.all(['operatrice', 'cheffe', 'voisine'].map((login) => house.client(login)));
});

after(async () => {
	for (const socket of sockets) socket.destroy();
	await house?.close();
});

afterEach(() => house.forgetConsoles());

async function alarm() {
	const official = await house.official(++officials);
	sockets.push(await house.press(official));
	return {...official, alert: await house.alertOf(operator, official)};
}

const note = (client, alert, text) => client.expect(201, 'POST', `/api/alerts/${alert.id}/notes`, {text});
const cursor = async (client) => (await client.expect(200, 'GET', '/api/alerts')).cursor;

test('a_console_is_welcomed_and_follows_an_alert_from_the_trigger_on', async () => {
	const console = await operator.console();
	const welcome = await console.first('welcome');
	assert.ok(Math.abs(welcome.now - Date.now()) < 60_000);
	const {alert} = await alarm();
	const raised = await console.entry('alert.raised', alert.id);
	assert.deepEqual([raised.card.id, raised.card.state, raised.actor.kind], [alert.id, 'raised', 'device']);
	await operator.expect(200, 'POST', `/api/alerts/${alert.id}/claim`, {});
	const claimed = await console.entry('alert.claimed', alert.id);
	assert.deepEqual([claimed.card.state, claimed.actor.name], ['claimed', 'Opératrice d’essai']);
	const fix = await console.entry('fix', alert.id);
	assert.deepEqual([fix.card, fix.body.lat], [undefined, 46.6401]);
});

test('a_beat_comes_again_and_again_and_counts_who_watches', async () => {
	const [one, two] = [await operator.console(), await supervisor.console()];
	const beats = () => one.received.filter(({type}) => type === 'beat');
	await until('two consoles in a beat', () => beats().some(({consoles}) => consoles === 2));
	two.say({type: 'presence', visible: true, sound: false});
	await until('one console in a beat', () => beats().at(-1).consoles === 1);
	assert.ok(beats().length >= 2);
});

test('the_operator_of_another_room_receives_nothing_of_ours', async () => {
	const [ours, theirs] = [await operator.console(), await neighbour.console()];
	await Promise.all([ours, theirs].map((console) => console.first('welcome')));
	const {alert} = await alarm();
	await note(operator, alert, 'Secret de la salle');
	const noted = await ours.entry('alert.noted', alert.id);
	await theirs.reached(noted);
	assert.deepEqual(theirs.entries, []);
	const late = await neighbour.console({cursor: {...theirs.cursor, number: 0}});
	await late.reached(noted);
	assert.deepEqual(late.entries, []);
});

test('only_operators_with_a_session_come_in_and_from_our_own_pages', async () => {
	assert.equal(await (await new Client(house).console()).closed(), 4401);
	assert.equal(await (await new Client(house, {cookie: 'egide_session=AAAAAAAAAAAAAAAAAAAAAA'}).console()).closed(), 4401);
	assert.equal(await (await (await house.client('admin')).console()).closed(), 4403);
	assert.equal(await (await (await house.client('auditrice')).console()).closed(), 4403);
	const forged = new Client(house, {cookie: operator.cookie});
	forged.headers = () => ({Cookie: operator.cookie, Origin: 'https://ailleurs.example'});
	assert.equal(await new Console(forged).closed(), 1006);
	await operator.expect(403, 'GET', '/api/feed', undefined, {Origin: 'https://ailleurs.example'});
});

test('logging_out_ends_the_consoles_of_that_session_and_everywhere_all_of_them', async () => {
	const [here, there] = [await house.client('operatrice'), await house.client('operatrice')];
	const [mine, same, other] = [await here.console(), await here.console(), await there.console()];
	await Promise.all([mine, same, other].map((console) => console.first('welcome')));
	await here.expect(204, 'DELETE', '/api/session');
	assert.deepEqual(await Promise.all([mine.closed(), same.closed()]), [4401, 4401]);
	const again = await house.client('operatrice');
	const bystander = await supervisor.console();
	await bystander.first('welcome');
	assert.equal(other.socket.readyState, other.socket.OPEN);
	await again.expect(204, 'DELETE', '/api/sessions');
	assert.equal(await other.closed(), 4401);
	assert.equal(bystander.socket.readyState, bystander.socket.OPEN);
	await operator.login('operatrice');
});

test('an_account_that_changes_or_closes_loses_its_consoles', async () => {
	await house.account('mutee', 'operator', ROOM);
	const client = await house.client('mutee');
	const before = await client.console();
	await before.first('welcome');
	await house.server.ctl('account', 'set', {account: 'mutee', room: OTHER_ROOM});
	assert.equal(await before.closed(), 4401);
	await client.expect(401, 'GET', '/api/session');
	await client.login('mutee');
	const moved = await client.console();
	await moved.first('welcome');
	const {alert} = await alarm();
	const ours = await operator.console({cursor: {...moved.cursor, number: 0}});
	await moved.reached(await ours.entry('alert.raised', alert.id));
	assert.deepEqual(moved.entries, []);
	await house.server.ctl('account', 'disable', {account: 'mutee'});
	assert.equal(await moved.closed(), 4401);
});

test('a_cursor_of_another_journal_is_reset', async () => {
	const now = await cursor(operator);
	for (const strange of [{...now, epoch: now.epoch + 1}, {...now, number: now.number + 1000}, {...now, number: -1}]) {
		const console = await operator.console({cursor: strange});
		const reset = await console.first('reset');
		assert.equal(reset.cursor.epoch, now.epoch);
		await console.first('welcome');
		// Nothing of before; an alert that runs may say something new meanwhile.
		assert.ok(console.entries.every(({number}) => number > now.number));
		await console.end();
	}
});

test('what_is_no_message_of_ours_ends_the_console', async () => {
	for (const text of ['', '{', '[]', '{"type":"autre"}', '{"type":"painted","alert":"x"}', '{"type":"hello","cursor":1}', '['.repeat(50_000),
		JSON.stringify({type: 'presence', visible: 1, sound: 'oui'}), '{"type":"hello","cursor":null,"visible":true,"sound":true}']) {
		const console = await operator.console();
		await console.first('welcome');
		console.socket.send(text);
		assert.equal(await console.closed(), 1008, text.slice(0, 40));
	}
	const binary = await operator.console();
	binary.socket.send(Buffer.from('{}'), {binary: true});
	assert.equal(await binary.closed(), 1003);
	const long = await operator.console();
	long.socket.send(JSON.stringify({type: 'presence', visible: true, sound: true, more: 'a'.repeat(70_000)}));
	assert.equal(await long.closed(), 1009);
});

test('before_its_hello_a_console_receives_nothing', async () => {
	const [silent, heard] = [await operator.console({hello: false}), await operator.console()];
	const {alert} = await alarm();
	await heard.entry('alert.raised', alert.id);
	await until('a beat for who has said hello', () => heard.received.filter(({type}) => type === 'beat').length > 1);
	assert.deepEqual(silent.received, []);
	silent.say({type: 'hello', cursor: {...heard.cursor, number: 0}, visible: true, sound: true});
	await silent.entry('alert.raised', alert.id);
});

// --- painted

test('painted_counts_only_on_a_visible_page_that_can_sound', async () => {
	const {alert} = await alarm();
	const [hidden, mute, seen] = [await supervisor.console({visible: false}), await supervisor.console({sound: false}), await operator.console()];
	for (const console of [hidden, mute]) {
		await console.first('welcome');
		console.say({type: 'painted', alert: alert.id});
		// What comes after it in the same socket has been read after it.
		console.socket.ping();
		await new Promise((resolve) => { console.socket.once('pong', resolve); });
	}
	await note(operator, alert, 'Personne ne l’a encore peinte');
	await seen.entry('alert.noted', alert.id);
	const timeline = async () => (await operator.expect(200, 'GET', `/api/alerts/${alert.id}`)).entries.filter(({kind}) => kind === 'alert.painted');
	assert.deepEqual(await timeline(), []);
	seen.say({type: 'painted', alert: alert.id});
	seen.say({type: 'painted', alert: alert.id});
	assert.equal((await seen.entry('alert.painted', alert.id)).actor.name, 'Opératrice d’essai');
	hidden.say({type: 'presence', visible: true, sound: true});
	hidden.say({type: 'painted', alert: alert.id});
	await note(operator, alert, 'Peinte une fois');
	assert.equal((await timeline()).length, 1);
});

test('nobody_paints_the_alert_of_another_room', async () => {
	const {alert} = await alarm();
	const theirs = await neighbour.console();
	theirs.say({type: 'painted', alert: alert.id});
	theirs.socket.ping();
	await new Promise((resolve) => { theirs.socket.once('pong', resolve); });
	await note(operator, alert, 'Après eux');
	const {entries} = await operator.expect(200, 'GET', `/api/alerts/${alert.id}`);
	assert.deepEqual(entries.filter(({kind}) => kind === 'alert.painted'), []);
	await theirs.end();
});

// --- the cursor (I8)

// A console that is cut off and comes back by its cursor, again and again, until it has seen `last`.
async function flicker(client, from, last) {
	const seen = [];
	let at = from, cuts = 0;
	for (;;) {
		const console = await client.console({cursor: at});
		const wanted = 1 + cuts % 17;
		await until('some entries', () => console.entries.length >= wanted || console.entries.some(({number}) => number >= last.number));
		// The page keeps the cursor of what it has worked off: some of what came is cut off with the socket.
		const messages = console.received.filter(({type}) => type === 'entries').slice(0, 1 + cuts % 3);
		for (const message of messages) {
			seen.push(...message.entries);
			at = message.cursor;
		}
		await console.end();
		cuts++;
		if (seen.some(({number}) => number >= last.number)) return {seen, cuts};
	}
}

test('a_console_that_comes_and_goes_under_load_misses_nothing_and_hears_nothing_twice', async () => {
	const from = await cursor(operator);
	const {alert} = await alarm();
	const last = {number: Infinity};
	const steady = await operator.console({cursor: from});
	const watching = Array.from({length: 4}, () => flicker(operator, from, last));
	const texts = Array.from({length: 200}, (_, i) => `Note ${i}`);
	for (let i = 0; i < texts.length; i += 8)
		await Promise.all(texts.slice(i, i + 8).map((text) => note(i % 16 ? operator : supervisor, alert, text)));
	const {entries} = await operator.expect(200, 'GET', `/api/alerts/${alert.id}`);
	last.number = entries.at(-1).number;
	await steady.reached(last);
	const numbers = steady.entries.filter(({number}) => number <= last.number).map(({number}) => number);
	assert.deepEqual(numbers, [...new Set(numbers)].sort((a, b) => a - b));
	assert.deepEqual(steady.entries.filter(({alert: about, kind}) => about === alert.id && kind !== 'fix').map(({number}) => number),
		entries.map(({number}) => number));
	for (const {seen, cuts} of await Promise.all(watching)) {
		assert.ok(cuts > 3, `only ${cuts} cuts`);
		assert.deepEqual(seen.filter(({number}) => number <= last.number).map(({number}) => number), numbers);
	}
});

test('a_console_that_was_away_for_a_restart_misses_nothing', async () => {
	const {alert} = await alarm();
	const console = await operator.console();
	await console.first('welcome');
	const before = await cursor(operator);
	await note(operator, alert, 'Avant');
	await house.server.stop();
	assert.ok([1001, 1006].includes(await console.closed()));
	await house.server.start();
	await note(operator, alert, 'Après');
	const back = await operator.console({cursor: before});
	await until('both notes', () => back.entries.filter(({kind}) => kind === 'alert.noted').length === 2);
	assert.deepEqual(back.entries.filter(({kind}) => kind === 'alert.noted').map(({body}) => body.text), ['Avant', 'Après']);
	assert.equal(back.received.some(({type}) => type === 'reset'), false);
});

test('what_unknown_devices_send_comes_up_in_the_lane', async () => {
	const console = await operator.console();
	await console.first('welcome');
	sockets.push(await house.press({watch: '8899999999'}));
	const lane = await until('the lane', () => console.received.find(({type, lane: rows}) => type === 'unverified' && rows.length));
	assert.deepEqual([lane.lane[0].device, lane.lane[0].sos, lane.lane[0].reason], ['8899999999', true, 'unknown']);
	assert.equal((await operator.expect(200, 'GET', '/api/alerts')).unverified[0].id, lane.lane[0].id);
});
