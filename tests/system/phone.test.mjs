// The telephone's socket against the real server: who is let in, what a call becomes, what it is told (docs/protocol/phone.md).
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {CONTACT, House} from '../lib/api.mjs';
import {enrol, enrolAgain, Phone} from '../lib/phone.mjs';
import {ROOM} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let house, server, operator;
let officials = 0;

before(async () => {
	house = await House.open();
	server = house.server;
	operator = await house.client('operatrice');
});

after(() => house?.close());

const open = (identity) => house.keep(Phone.open(server, identity));
const welcome = (identity) => house.keep(Phone.welcome(server, identity));

// An official with a watch and an enrolled telephone.
async function official() {
	const one = await house.official(++officials);
	return {...one, identity: await enrol(server, one.id)};
}

const place = (at, more = {}) => ({at, lat: 46.6401, lon: 0.166, accuracy: 12, speed: 2, course: 90, altitude: null, ...more});
const openAlerts = async (one) =>
	(await operator.expect(200, 'GET', '/api/alerts?state=open')).alerts.filter((card) => card.official?.id === one.id);
const close = async (alert) => {
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
};

test('three_taps_are_an_alert_in_the_room_and_their_repeats_the_same_one', async () => {
	const one = await official(), at = Date.now();
	const phone = await welcome(one.identity);
	assert.deepEqual([phone.welcomed.alert, phone.welcomed.streams, phone.welcomed.sound], [null, [], false]);
	const {alert} = await phone.call(at, {position: place(at - 500), battery: 81});
	for (let i = 0; i < 3; i++) assert.equal((await phone.call(at)).alert, alert);
	const cards = await openAlerts(one);
	assert.deepEqual(cards.map(({id}) => id), [alert]);
	const [card] = cards;
	assert.deepEqual([card.device.kind, card.device.battery, card.silent, card.triggers, card.device_at], ['phone', 81, true, 1, at]);
	assert.deepEqual(card.reasons, ['sos']);
	assert.deepEqual([card.fix.lat, card.fix.lon, card.fix.at], [46.6401, 0.166, at - 500]);
	const detail = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	assert.equal(detail.connected, true);
	// A second triple tap re-arms (I6).
	assert.equal((await phone.call(at + 2000)).alert, alert);
	assert.equal((await openAlerts(one))[0].triggers, 2);
});

test('another_socket_of_the_same_telephone_repeats_the_same_call_and_knows_its_alert', async () => {
	const one = await official(), at = Date.now();
	const first = await welcome(one.identity);
	const {alert} = await first.call(at);
	const second = await welcome(one.identity);
	assert.equal(second.welcomed.alert, alert);
	assert.equal((await second.call(at)).alert, alert);
	await close(alert);
	for (const phone of [first, second]) assert.equal((await phone.first('ended')).alert, alert);
	assert.equal((await welcome(one.identity)).welcomed.alert, null);
	// A repeat that comes after the end is told so, and raises nothing.
	const from = second.received.length;
	assert.equal((await second.call(at)).alert, alert);
	assert.equal((await second.first('ended', () => true, from)).alert, alert);
	assert.deepEqual(await openAlerts(one), []);
	// A new call is a new alert.
	assert.notEqual((await second.call(at + 1)).alert, alert);
});

test('a_call_joins_what_the_wearer_s_watch_has_raised', async () => {
	const one = await official();
	const watch = await house.press(one);
	const {id: alert} = await house.alertOf(operator, one);
	const phone = await welcome(one.identity);
	assert.equal(phone.welcomed.alert, alert);
	assert.equal((await phone.call(Date.now())).alert, alert);
	await close(alert);
	assert.equal((await phone.first('ended')).alert, alert);
	watch.destroy();
});

test('positions_are_answered_and_are_the_trail_late_ones_too', async () => {
	const one = await official(), at = Date.now();
	const phone = await welcome(one.identity);
	const {alert} = await phone.call(at, {position: place(at)});
	const move = async (time, lat) => {
		phone.say({type: 'position', position: place(time, {lat}), battery: 40});
		await phone.first('stored', (message) => message.at === time);
	};
	await move(at + 3000, 46.65);
	// What was missed comes after, and does not move the card back.
	await move(at + 1000, 46.64);
	const {fixes} = await operator.expect(200, 'GET', `/api/alerts/${alert}/trail?after=0`);
	assert.deepEqual(fixes.map(({lat}) => lat), [46.6401, 46.65, 46.64]);
	assert.equal(fixes[1].speed, 7.2);
	const [card] = await openAlerts(one);
	assert.deepEqual([card.fix.lat, card.device.battery], [46.65, 40]);
});

test('what_a_telephone_cannot_be_asked_is_refused_with_the_reason_before_anybody_asks', async () => {
	const one = await official();
	const phone = await welcome(one.identity);
	const {alert} = await phone.call(Date.now());
	const {refusals} = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	assert.deepEqual([refusals.locate, /toutes les cinq secondes/.test(refusals.interval), /toujours discret/.test(refusals.discreet)], [undefined, true, true]);
	const watched = await official();
	const watch = await house.press(watched);
	const {id} = await house.alertOf(operator, watched);
	const {refusals: {interval, discreet}} = await operator.expect(200, 'GET', `/api/alerts/${id}`);
	assert.deepEqual([interval, discreet], [undefined, undefined]);
	watch.destroy();
	await close(id);
	await close(alert);
	assert.match((await operator.expect(200, 'GET', `/api/alerts/${alert}`)).refusals.discreet, /close/);
});

test('alive_is_answered_and_says_the_battery', async () => {
	const one = await official();
	const phone = await welcome(one.identity);
	phone.say({type: 'alive', battery: 17});
	assert.ok((await phone.first('now')).now > 0);
	await until('the battery', async () =>
		(await server.ctl('device', 'list', {official: one.id})).devices.some(({id, battery}) => id === one.identity.device && battery === 17));
});

test('a_test_goes_the_way_of_a_call_says_how_far_it_came_and_ends_by_itself', async () => {
	const one = await official(), at = Date.now();
	const phone = await welcome(one.identity);
	const ask = (time) => { phone.say({type: 'test', at: time}); return phone.first('tested', (message) => message.at === time); };
	const console = await operator.console();
	await console.first('welcome');
	const tested = await ask(at);
	assert.deepEqual({...tested, alert: null, sms: null, sms_at: null}, {type: 'tested', at, problem: null, alert: null, room: ROOM, screens: 1, ready: 1,
		contacts: 1, granted: true, sms: null, sms_at: null, sms_late: 0, record: false, listen: false});
	const {card} = await console.entry('alert.raised', tested.alert);
	assert.deepEqual([card.test, card.official.id], [true, one.id]);
	console.say({type: 'painted', alert: tested.alert});
	assert.equal((await phone.first('shown')).alert, tested.alert);
	// A call meanwhile is a real alert, and stays.
	const {alert} = await phone.call(at + 1);
	assert.notEqual(alert, tested.alert);
	assert.equal((await phone.first('ended')).alert, tested.alert);
	assert.equal((await console.entry('alert.closed', tested.alert)).body.outcome, 'test');
	assert.deepEqual((await openAlerts(one)).map(({id, test}) => [id, test]), [[alert, false]]);
	assert.match((await ask(at + 2)).problem, /moins d'une minute/);
	assert.ok(house.gateway.messages.every(({text}) => !text.startsWith('TEST')));
	// The end of the test was not the end of the alert.
	assert.deepEqual(phone.received.filter(({type}) => type === 'ended').length, 1);
	await close(alert);
	await console.end();
});

test('a_wrong_secret_is_closed_and_a_new_enrolment_closes_the_old_telephone', async () => {
	const one = await official(), other = await official();
	const refused = async (identity) => assert.equal(await (await open(identity)).closed(), 4401);
	await refused({...one.identity, secret: 'AAAAAAAAAAAAAAAAAAAAAA'});
	await refused({...one.identity, secret: other.identity.secret});
	await refused({...one.identity, device: one.device});
	const old = await welcome(one.identity);
	const renewed = await enrolAgain(server, one.identity.device);
	assert.equal(await old.closed(), 4401);
	await refused(one.identity);
	const phone = await welcome(renewed);
	await server.ctl('device', 'credential', {device: renewed.device});
	assert.equal(await phone.closed(), 4401);
});

test('a_call_right_behind_its_hello_is_heard_and_one_behind_a_wrong_hello_goes_to_the_lane', async () => {
	const one = await official(), at = Date.now();
	const phone = await open(null);
	phone.say({type: 'hello', ...one.identity});
	phone.say({type: 'call', at, position: null, battery: null});
	const {alert} = await phone.first('called');
	assert.deepEqual((await openAlerts(one)).map(({id}) => id), [alert]);
	assert.equal(phone.received[0].type, 'welcome');
	const console = await operator.console();
	await console.first('welcome');
	const stranger = await open(null);
	stranger.say({type: 'hello', device: one.identity.device, secret: 'AAAAAAAAAAAAAAAAAAAAAA'});
	stranger.say({type: 'call', at, position: null, battery: null});
	assert.equal(await stranger.closed(), 4401);
	await until('the lane', () => console.received.some((message) => message.type === 'unverified'
		&& JSON.stringify(message).includes(one.identity.device)));
	assert.equal((await openAlerts(one))[0].triggers, 1);
	await console.end();
});

test('more_calls_behind_a_hello_than_fit_are_no_reason_to_hang_up', async () => {
	const one = await official(), at = Date.now();
	const phone = await open(null);
	phone.socket._socket.cork();
	phone.say({type: 'hello', ...one.identity});
	for (let i = 0; i < 80; i++) phone.say({type: 'call', at: at + i, position: null, battery: null});
	phone.socket._socket.uncork();
	const {alert} = await phone.first('called');
	// The last was dropped, and is heard when it is repeated.
	assert.equal((await phone.call(at + 79)).alert, alert);
	assert.ok(phone.received.filter(({type}) => type === 'called').length < 80);
	assert.equal(phone.code, undefined);
});

test('a_call_that_is_half_wrong_is_an_alert_marked_so', async () => {
	const one = await official();
	const phone = await welcome(one.identity);
	phone.say('{"type":"call","at":"bientôt","position":[],');
	assert.equal((await phone.first('called')).at, null);
	const [card] = await openAlerts(one);
	assert.ok(card.reasons.includes('malformed') && card.reasons.includes('sos'), card.reasons.join());
	assert.equal(phone.code, undefined);
});

test('what_is_not_of_the_protocol_closes_the_socket', async () => {
	const one = await official();
	for (const [message, code] of [['{}', 1008], ['bonjour', 1008], [{type: 'hello', ...one.identity}, 1008], [{type: 'position', position: null}, 1008],
		[{type: 'alive', battery: 'pleine'}, 1008], [`{"type":"alive","x":"${'a'.repeat(5000)}"}`, 1009]]) {
		const phone = await welcome(one.identity);
		phone.say(message);
		assert.equal(await phone.closed(), code, JSON.stringify(message).slice(0, 40));
	}
	for (const message of [{type: 'call', at: 1}, {type: 'alive'}, '[]']) {
		const phone = await open(null);
		phone.say(message);
		assert.equal(await phone.closed(), 1008);
	}
	const binary = await open(null);
	binary.say(Buffer.from([1, 2, 3]));
	assert.equal(await binary.closed(), 1008);
});

test('who_says_nothing_is_closed', async () => {
	assert.equal(await (await open(null)).closed(), 4408);
});

test('a_telephone_has_four_sockets_and_the_oldest_gives_way', async () => {
	const one = await official();
	const sockets = [];
	for (let i = 0; i < 6; i++) sockets.push(await welcome(one.identity));
	assert.deepEqual([await sockets[0].closed(), await sockets[1].closed()], [1008, 1008]);
	const {alert} = await sockets[2].call(Date.now());
	await close(alert);
	for (const phone of sockets.slice(2)) assert.equal((await phone.first('ended')).alert, alert);
});

test('after_kill_9_the_same_call_is_the_same_alert_and_what_was_answered_is_there', async () => {
	const one = await official(), at = Date.now();
	const phone = await welcome(one.identity);
	const {alert} = await phone.call(at);
	// This one may or may not have been stored: the telephone repeats it until it is answered.
	phone.say({type: 'call', at: at + 1000, position: null, battery: null});
	await server.kill();
	await phone.closed();
	await server.start();
	const again = await welcome(one.identity);
	assert.equal(again.welcomed.alert, alert);
	assert.equal((await again.call(at)).alert, alert);
	assert.equal((await again.call(at + 1000)).alert, alert);
	const [card] = await openAlerts(one);
	assert.deepEqual([card.id, card.triggers], [alert, 2]);
	const detail = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	assert.equal(detail.entries.filter(({kind}) => kind === 'alert.triggered').length, 1);
});

test('a_server_that_ends_says_goodbye_to_its_telephones', async () => {
	const one = await official();
	const sockets = [await welcome(one.identity), await welcome(one.identity), await open(null)];
	await server.stop();
	for (const phone of sockets) assert.equal(await phone.closed(), 1001);
	await server.start();
	assert.equal((await welcome(one.identity)).welcomed.alert, null);
});
