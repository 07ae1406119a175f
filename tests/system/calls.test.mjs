// A call to 17, from the telephone switch to who takes it: number and line for the whole room, the file for one.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import {after, before, test} from 'node:test';

import {Client, CONTACT, House, SECRET} from '../lib/api.mjs';
import {BRIGADE, ROOM} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let house, operator, colleague, supervisor, neighbour, administrator, auditor, outside;
let count = 0;

before(async () => {
	house = await House.open({options: {aml_secret: 'demonstration-aml-01', switch_secret: SECRET, switch_networks: '127.0.0.0/8, 10.66.0.0/16'}});
	await house.account('collegue', 'operator', ROOM);
	[operator, colleague, supervisor, neighbour, administrator, auditor] = await Promise.all(
		['operatrice', 'collegue', 'cheffe', 'voisine', 'admin', 'auditrice'].map((login) => house.client(login)));
	outside = new Client(house, {address: '203.0.113.9'});
});

after(() => house?.close());

const BEARER = {Authorization: `Bearer ${SECRET}`, Origin: undefined, Cookie: undefined};

// What a switch says; a name of its own unless one is given.
function say(event, fields = {}) {
	const call = fields.call ?? `call-${++count}`;
	return operator.expect(204, 'POST', '/api/calls', {event, ...fields, call}, BEARER).then(() => call);
}

const listed = async (client, number) => (await client.expect(200, 'GET', '/api/alerts')).calls.filter((call) => call.number === number).reverse();

// A call that rings, as the list has it.
async function ring(number, fields) {
	const call = await say('ringing', {number, line: '17', ...fields});
	return {...(await listed(operator, number)).at(-1), key: call};
}

const NO_ALERT = {alert: 'none', text: 'Renseignement donné.'};

const phoneOf = (n) => `+3319900${4000 + n}`;
let people = 0;

async function person(fields = {}) {
	const phone = phoneOf(++people);
	const {id} = await house.server.ctl('official', 'add', {
		name: `Élue d’essai ${people}`, phone, unit: BRIGADE, mandate: 'Maire', commune: 'Béruges', address: '3, rue de l’Essai, Béruges',
		access: 'portail vert', remarks: 'chien', household: 2, ...fields,
	});
	await house.server.ctl('contact', 'add', {official: id, name: 'Proche d’essai', phone: CONTACT, rank: 1});
	return {id, phone};
}

test('a_call_rings_on_every_console_of_the_room_with_number_and_line_only', async () => {
	const {id, phone} = await person();
	const consoles = await Promise.all([operator, colleague, neighbour].map((client) => client.console()));
	for (const console of consoles) await console.first('welcome');
	await say('ringing', {number: phone, line: '17'});
	for (const console of consoles.slice(0, 2)) {
		const entry = await until('the ring', () => console.entries.find(({kind}) => kind === 'call.rang'));
		assert.equal(entry.alert, null);
		assert.equal(entry.call.number, phone);
		assert.equal(entry.call.line, '17');
		assert.equal(entry.call.state, 'ringing');
		assert.ok(!JSON.stringify(entry).includes(id) && !JSON.stringify(entry).includes('Élue'));
		await consoles[2].reached(console.cursor);
	}
	assert.deepEqual(consoles[2].entries, []);
	await house.forgetConsoles();
});

test('who_claims_it_has_the_file_and_the_reading_is_a_line_before_the_answer', async () => {
	const {id, phone} = await person();
	const call = await ring(phone);
	const before = await operator.expect(200, 'GET', `/api/calls/${call.id}`);
	assert.equal(before.holds, false);
	assert.equal(before.person, null);
	assert.equal((await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {})).claim.account.name, 'Opératrice d’essai');
	const file = await operator.expect(200, 'GET', `/api/calls/${call.id}`);
	assert.equal(file.person.id, id);
	assert.deepEqual([file.person.address, file.person.access, file.person.remarks, file.person.household],
		['3, rue de l’Essai, Béruges', 'portail vert', 'chien', 2]);
	assert.deepEqual(file.person.contacts.map(({name, phone: number}) => [name, number]), [['Proche d’essai', CONTACT]]);
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${id}`);
	assert.ok(lines.some(({kind, what, actor}) => kind === 'read' && what === '/api/calls/{id}' && actor.name === 'Opératrice d’essai'));
	// The others of the room still see number and line; a chief sees what was taken.
	assert.equal((await colleague.expect(200, 'GET', `/api/calls/${call.id}`)).person, null);
	assert.equal((await supervisor.expect(200, 'GET', `/api/calls/${call.id}`)).person.id, id);
	assert.match((await colleague.expect(409, 'POST', `/api/calls/${call.id}/claim`, {})).detail, /déjà pris/);
	assert.match((await colleague.expect(409, 'POST', `/api/calls/${call.id}/close`, {})).detail, /déjà pris/);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/close`, NO_ALERT);
	assert.deepEqual(await listed(operator, phone), []);
	// Nobody has a call that is over: it opens no file any more, to whoever had it.
	for (const client of [operator, supervisor]) {
		const over = await client.expect(200, 'GET', `/api/calls/${call.id}`);
		assert.deepEqual([over.state, over.holds, over.person, over.fix], ['closed', false, null, null]);
	}
});

test('the_extension_that_answers_says_who_has_it', async () => {
	const {id, phone} = await person();
	await house.server.ctl('account', 'set', {account: 'collegue', extension: '4012'});
	const call = await ring(phone);
	await say('answered', {call: call.key, extension: '4012'});
	assert.equal((await colleague.expect(200, 'GET', `/api/calls/${call.id}`)).person.id, id);
	assert.equal((await operator.expect(200, 'GET', `/api/calls/${call.id}`)).person, null);
	await say('ended', {call: call.key});
	// Of somebody registered: it stays until it is wrapped up.
	assert.equal((await listed(operator, phone))[0].state, 'ended');
	await colleague.expect(200, 'POST', `/api/calls/${call.id}/close`, NO_ALERT);
});

test('a_call_of_nobody_registered_ends_with_its_line_and_a_missed_one_stays', async () => {
	const key = await say('ringing', {number: '06 39 98 11 11'});
	const [answered] = await listed(operator, '+33639981111');
	await say('answered', {call: key, extension: '9999'});
	assert.equal((await listed(operator, '+33639981111'))[0].state, 'talking');
	await say('ended', {call: key});
	assert.deepEqual(await listed(operator, answered.number), []);
	const missed = await ring('+33639982222');
	await say('ended', {call: missed.key});
	assert.equal((await listed(operator, '+33639982222'))[0].state, 'missed');
	await operator.expect(200, 'POST', `/api/calls/${missed.id}/claim`, {});
	await operator.expect(200, 'POST', `/api/calls/${missed.id}/close`, {text: 'Rappelé : fausse manœuvre.'});
});

test('what_a_switch_says_twice_late_or_in_the_wrong_order_is_taken_as_it_comes', async () => {
	const number = '+33639983333';
	const key = await say('ringing', {number});
	await say('ringing', {number, call: key});
	assert.equal((await listed(operator, number)).length, 1);
	await say('answered', {call: key});
	await say('ended', {call: key});
	await say('ringing', {number, call: key});
	await say('answered', {call: key});
	assert.deepEqual(await listed(operator, number), []);
	const late = await say('answered', {number, call: 'ring-was-lost'});
	assert.equal((await listed(operator, number))[0].state, 'talking');
	await say('ended', {call: late});
});

test('a_withheld_number_rings_and_a_number_of_several_asks_who_it_is', async () => {
	for (const number of ['anonymous', 'Anonymous <sip:anonymous@anonymous.invalid>', null]) await say('ringing', {number, line: '17'});
	assert.equal((await listed(operator, null)).length, 3);
	await say('ringing', {number: '4012', line: '17'});
	assert.equal((await listed(operator, '4012')).length, 1);
	const shared = '+33199005555';
	const [one, other] = [await person({other_phones: shared}), await person({other_phones: shared})];
	const call = await ring(shared);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {});
	const file = await operator.expect(200, 'GET', `/api/calls/${call.id}`);
	assert.equal(file.person, null);
	assert.deepEqual(file.candidates.map(({id}) => id).sort(), [one.id, other.id].sort());
	for (const {id} of [one, other]) {
		const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${id}`);
		assert.ok(lines.some(({kind}) => kind === 'read'));
	}
	await operator.expect(200, 'POST', `/api/calls/${call.id}/identify`, {official: other.id});
	assert.equal((await operator.expect(200, 'GET', `/api/calls/${call.id}`)).person.id, other.id);
	await say('ended', {call: call.key});
	await operator.expect(200, 'POST', `/api/calls/${call.id}/close`, NO_ALERT);
});

const AML_SECRET = 'demonstration-aml-01';

// As a mobile operator's gateway posts it.
async function locate(number, {lat, lon, at = Date.now(), secret = AML_SECRET, path = '/aml'}) {
	const said = `v=1&device_number=${encodeURIComponent(number)}&location_latitude=${lat}&location_longitude=${lon}&location_time=${at}&location_accuracy=12&location_source=GPS`;
	const hmac = crypto.createHmac('sha1', secret).update(said).digest('hex');
	return fetch(house.server.url + path, {method: 'POST', body: `${said}&hmac=${hmac}`, headers: {'Content-Type': 'application/x-www-form-urlencoded'}});
}

test('the_telephone_says_where_it_is_by_https_and_by_sms_before_the_call_and_during_it', async () => {
	const {phone} = await person();
	assert.equal((await locate(phone, {lat: 46.5, lon: 0.31})).status, 204);
	const call = await ring(phone);
	assert.ok(!JSON.stringify(call).includes('46.5'));
	await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {});
	const at = async () => {
		const {fix} = await operator.expect(200, 'GET', `/api/calls/${call.id}`);
		return fix && [fix.lat, fix.lon, fix.accuracy, fix.source];
	};
	assert.deepEqual(await at(), [46.5, 0.31, 12, 'gnss']);
	// Who is not the operator's gateway changes nothing, and is not told so.
	assert.equal((await locate(phone, {lat: 1, lon: 1, secret: 'autre'})).status, 204);
	// What comes late is not where the person is.
	assert.equal((await locate(phone, {lat: 2, lon: 2, at: Date.now() - 60_000})).status, 204);
	assert.deepEqual(await at(), [46.5, 0.31, 12, 'gnss']);
	const text = `A"ML=1;lt=46.75;lg=0.5;rd=30;top=${new Date(Date.now() + 1000).toISOString().replace(/[-:T]/g, '').slice(0, 14)};pm=W`;
	const inbound = new URLSearchParams({from: phone, text, id: 'aml-1', secret: SECRET});
	assert.equal((await fetch(`${house.server.url}/kannel/inbound?${inbound}`)).status, 200);
	assert.deepEqual(await at(), [46.75, 0.5, 30, 'network']);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/close`, NO_ALERT);
});

test('a_call_opens_an_alert_that_a_press_joins_and_a_call_joins_the_alert_of_a_press', async () => {
	const {id, phone} = await person(), watch = '8800009001';
	await house.server.ctl('device', 'add', {protocol: 'watch', ident: watch, label: 'Montre d’appel', official: id, networks: '127.0.0.0/8'});
	const before = house.gateway.messages.length;
	const call = await ring(phone);
	const where = `/api/calls/${call.id}`;
	await operator.expect(409, 'POST', `${where}/alert`, {});
	await operator.expect(200, 'POST', `${where}/claim`, {});
	const {alert} = await operator.expect(200, 'POST', `${where}/alert`, {});
	const detail = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	assert.deepEqual([detail.official.id, detail.state, detail.claim.account.name, detail.device.kind], [id, 'claimed', 'Opératrice d’essai', 'call']);
	assert.deepEqual(detail.entries.map(({kind}) => kind), ['alert.raised', 'alert.claimed', 'alert.called']);
	assert.equal(detail.entries[2].body.number, phone);
	// Nobody is asked by itself: the operator speaks with the person.
	assert.equal(house.gateway.messages.length, before);
	assert.equal((await operator.expect(200, 'POST', `${where}/alert`, {})).alert, alert);
	(await house.press({watch})).destroy();
	assert.equal((await operator.expect(200, 'GET', `/api/alerts/${alert}`)).triggers, 2);
	await say('ended', {call: call.key});
	const again = await ring(phone);
	await operator.expect(200, 'POST', `/api/calls/${again.id}/claim`, {});
	assert.deepEqual((await operator.expect(200, 'GET', `/api/calls/${again.id}`)).person.alerts.map((one) => one.id), [alert]);
	assert.equal((await operator.expect(200, 'POST', `/api/calls/${again.id}/alert`, {})).alert, alert);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	for (const {id: one} of [call, again]) await operator.expect(200, 'POST', `/api/calls/${one}/close`, {});
});

test('a_withheld_number_is_looked_for_by_name_commune_and_address_by_who_has_the_call', async () => {
	const {id} = await person({name: 'Héloïse Lœvenbruck-Çelik', commune: 'Saint-Élix', address: 'impasse du Tilleul'});
	await say('ringing', {call: 'masked', line: '17'});
	const call = (await listed(operator, null)).at(-1), find = (client, q) => client.ask('GET', `/api/calls/${call.id}/search?q=${encodeURIComponent(q)}`);
	assert.equal((await find(operator, 'heloise')).status, 409);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {});
	for (const q of ['HELOISE', 'loeven celik', 'heloise saint-elix', 'tilleul héloïse', '  Çel'])
		assert.deepEqual((await find(operator, q)).json.people.map((one) => one.id), [id], q);
	for (const q of ['eloise', 'heloise autre', '% _', 'tilleulx']) assert.deepEqual((await find(operator, q)).json.people ?? [], [], q);
	for (const q of ['', 'he', '!!!!', 'x'.repeat(201)]) assert.equal((await find(operator, q)).status, 400, q);
	assert.equal((await find(neighbour, 'heloise')).status, 404);
	assert.equal((await find(colleague, 'heloise')).status, 409);
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${id}`);
	assert.ok(lines.some(({what}) => what === '/api/calls/{id}/search'));
	await operator.expect(200, 'POST', `/api/calls/${call.id}/identify`, {official: id});
	assert.equal((await operator.expect(200, 'GET', `/api/calls/${call.id}`)).person.id, id);
	// What changes and what is destroyed is followed.
	await house.server.ctl('official', 'set', {official: id, name: 'Héloïse Durand'});
	assert.deepEqual((await find(operator, 'lœvenbruck')).json.people, []);
	assert.deepEqual((await find(operator, 'durand tilleul')).json.people.map((one) => one.id), [id]);
	await house.server.ctl('official', 'remove', {official: id});
	assert.deepEqual((await find(operator, 'durand tilleul')).json.people, []);
	assert.equal((await operator.expect(200, 'GET', `/api/calls/${call.id}`)).person, null);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/close`, NO_ALERT);
});

test('a_withheld_number_that_hangs_up_is_still_looked_for_and_an_alert_opened_from_it', async () => {
	const {id} = await person({name: 'Gwenaëlle Ar-Bras'}), account = {account: 'operatrice', extension: '4017'};
	await house.server.ctl('account', 'set', account);
	const key = await say('ringing', {call: 'masked-and-cut', line: '17'}), call = (await listed(operator, null)).at(-1);
	await say('answered', {call: key, extension: '4017'});
	await say('ended', {call: key});
	const {people: [found]} = await operator.expect(200, 'GET', `/api/calls/${call.id}/search?q=gwenaelle`);
	assert.equal(found.id, id);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/identify`, {official: id});
	const {alert} = await operator.expect(200, 'POST', `/api/calls/${call.id}/alert`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	await operator.expect(200, 'POST', `/api/calls/${call.id}/close`, NO_ALERT);
	// Somebody else's telephone: who has the call keeps it while they look.
	const other = await ring('+33639986666');
	await say('answered', {call: other.key, extension: '4017'});
	await operator.expect(200, 'POST', `/api/calls/${other.id}/claim`, {});
	await say('ended', {call: other.key});
	assert.equal((await operator.expect(200, 'POST', `/api/calls/${other.id}/identify`, {official: id})).state, 'ended');
	await operator.expect(200, 'POST', `/api/calls/${other.id}/close`, NO_ALERT);
});

test('one_confirmation_wraps_a_call_up_and_its_alert_has_it', async () => {
	const {id, phone} = await person();
	const taken = async () => {
		const call = await ring(phone);
		await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {});
		return call;
	};
	const close = (call, status, body, headers) => operator.expect(status, 'POST', `/api/calls/${call.id}/close`, body, headers);
	const call = await taken();
	// What comes of it is said, and nothing is done until it is.
	assert.match((await close(call, 409, {text: 'Renseignement donné.'})).detail, /une alerte, ou aucune/);
	assert.equal((await close(call, 409, {alert: 'none'})).type, '/problems/reason-needed');
	assert.equal((await close(call, 400, {alert: 'both'})).errors[0].field, 'alert');
	assert.match((await close(call, 409, {alert: 'join'})).detail, /plus d'alerte ouverte/);
	assert.deepEqual((await operator.expect(200, 'GET', `/api/calls/${call.id}`)).person.alerts, []);
	// The answer is lost, and it is asked again with its key: one alert, one end.
	const key = {'Idempotency-Key': 'wrap-up'};
	const done = await close(call, 200, {alert: 'open', text: 'Voix d’un tiers.'}, key);
	assert.deepEqual(await close(call, 200, {alert: 'open', text: 'Voix d’un tiers.'}, key), done);
	assert.equal(done.state, 'closed');
	const {entries, claim, official} = await operator.expect(200, 'GET', `/api/alerts/${done.alert}`);
	assert.deepEqual([official.id, claim.account.name], [id, 'Opératrice d’essai']);
	assert.deepEqual(entries.map(({kind}) => kind), ['alert.raised', 'alert.claimed', 'alert.called']);
	// The next one joins it, whatever the screen said when it was asked: nobody has two open alerts.
	for (const alert of ['join', 'open']) assert.equal((await close(await taken(), 200, {alert})).alert, done.alert);
	// One that has it already is closed with its note only.
	const joined = await taken();
	await operator.expect(200, 'POST', `/api/calls/${joined.id}/alert`, {});
	assert.equal((await close(joined, 200, {text: 'Rappelle dans cinq minutes.'})).alert, done.alert);
	const quiet = await taken();
	assert.equal((await close(quiet, 200, NO_ALERT)).alert, null);
	const said = async ({id: one}) => (await auditor.expect(200, 'GET', `/api/journal?subject=${one}`)).lines.reverse()
		.filter(({kind}) => ['call.joined', 'call.closed'].includes(kind)).map(({kind, what}) => what ?? kind);
	assert.deepEqual(await said(call), ['call.joined', 'call.closed']);
	assert.deepEqual(await said(quiet), ['call.no_alert']);
	await operator.expect(200, 'POST', `/api/alerts/${done.alert}/close`, {outcome: 'verified_safe'});
});

test('an_alert_is_opened_for_somebody_only', async () => {
	const call = await ring('+33639985555');
	await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {});
	assert.match((await operator.expect(409, 'POST', `/api/calls/${call.id}/alert`, {})).detail, /qui appelle/);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/close`, {});
});

test('an_invite_may_bear_the_place_and_one_that_is_malformed_takes_nothing_from_the_call', async () => {
	const {phone} = await person();
	const pidf = '<presence xmlns="urn:ietf:params:xml:ns:pidf"><tuple><location-info><pos>46.6 0.2</pos><radius>24</radius>'
		+ '<civicAddress><HNO>3</HNO><RD>rue de l’Église</RD><PC>86190</PC><A3>Béruges</A3></civicAddress></location-info></tuple></presence>';
	const call = await ring(phone, {geolocation: pidf});
	await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {});
	const {fix, place} = await operator.expect(200, 'GET', `/api/calls/${call.id}`);
	assert.deepEqual([fix.lat, fix.lon, fix.accuracy, place], [46.6, 0.2, 24, '3 rue de l’Église, 86190 Béruges']);
	assert.equal((await colleague.expect(200, 'GET', `/api/calls/${call.id}`)).fix, null);
	assert.ok((await ring(`${phone.slice(0, -3)}999`, {geolocation: '<presence>'})).id);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/close`, NO_ALERT);
});

test('only_a_switch_with_its_secret_from_its_network_is_heard', async () => {
	const event = {event: 'ringing', call: 'forged', number: '+33639984444'};
	await outside.expect(404, 'POST', '/api/calls', event, BEARER);
	await operator.expect(403, 'POST', '/api/calls', event, {...BEARER, Authorization: `Bearer ${SECRET}x`});
	await operator.expect(403, 'POST', '/api/calls', event, {...BEARER, Authorization: undefined});
	for (const wrong of [{...event, event: 'rings'}, {event: 'ringing'}, {...event, call: 'x'.repeat(257)}, {...event, number: '1'.repeat(129)}, {...event, more: 1}])
		await operator.expect(400, 'POST', '/api/calls', wrong, BEARER);
	assert.deepEqual(await listed(operator, '+33639984444'), []);
});

test('another_room_and_other_roles_cannot_tell_a_call_from_none', async () => {
	const {phone} = await person();
	const call = await ring(phone);
	const nowhere = '01a20a29-0000-7000-8000-000000000000';
	for (const client of [neighbour, administrator, auditor])
		for (const [method, path, body] of [['GET', ''], ['GET', '/search?q=essai'], ['POST', '/claim', {}], ['POST', '/close', {}], ['POST', '/alert', {}], ['POST', '/identify', {official: nowhere}]]) {
			const [theirs, none] = await Promise.all([call.id, nowhere].map((id) => client.ask(method, `/api/calls/${id}${path}`, body)));
			assert.equal(theirs.status, 404, `${method} ${path}: ${theirs.text}`);
			assert.equal(theirs.text, none.text);
		}
	assert.deepEqual(await listed(neighbour, phone), []);
});

test('a_call_survives_kill_9_and_a_console_that_comes_back_misses_nothing', async () => {
	const console = await operator.console();
	const {cursor} = await console.first('welcome');
	await house.forgetConsoles();
	const {phone} = await person();
	const call = await ring(phone);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {});
	await house.server.kill();
	await house.server.start();
	const back = await operator.console({cursor});
	const kinds = () => back.entries.filter((entry) => entry.call?.id === call.id).map(({kind}) => kind);
	await until('both entries', () => kinds().length === 2);
	assert.deepEqual(kinds(), ['call.rang', 'call.claimed']);
	await house.forgetConsoles();
});
