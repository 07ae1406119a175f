// The file of who calls 17: each thing in it that an operator reads before they speak, and where the telephone is.
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {CONTACT, House, OTHER_ROOM, SECRET} from '../lib/api.mjs';
import {BRIGADE, ROOM, ROOT, run} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

const STATION = 'Commissariat de Poitiers (essai)';
const commune = (code, nom) => ({code, nom, departement: '86', region: '75', type: 'commune-actuelle', population: 2000});
const COMMUNES = JSON.stringify([commune('86024', 'Béruges'), commune('86194', 'Poitiers')], null, 1);
const UNITS = 'identifiant_public_unite;service;telephone;code_commune_insee;geocodage_x_GPS;geocodage_y_GPS\n' +
	`2001;${STATION};05 49 00 00 02;86194;0.34;46.58\n`;
const REFERENTS = 'identifiant_public_unite;institution;nom;telephone\n2001;GN;Référente d’essai;05 49 00 00 03\n';
let house, operator, supervisor, colleague;

before(async () => {
	house = await House.open({options: {switch_secret: SECRET, switch_networks: '127.0.0.0/8, 10.66.0.0/16'}});
	await house.account('collegue', 'operator', ROOM);
	[operator, supervisor, colleague] = await Promise.all(['operatrice', 'cheffe', 'collegue'].map((login) => house.client(login)));
	await load('communes', COMMUNES);
	await load('gendarmerie', UNITS, `room=${ROOM}`);
	await load('competence', `code_commune,institution,id_service,service\n86194,GN,2001,${STATION}\n`);
	await load('referents', REFERENTS);
	await load('outlines', 'data/departements.geojson');
	await load('outlines', 'data/communes-86.geojson');
	await house.server.ctl('competence', 'set', {code: '79', unit: STATION});
});

after(() => house?.close());

async function load(kind, text, ...more) {
	const isText = text.includes('\n');
	const file = isText ? house.server.in(`${kind}.csv`) : path.join(ROOT, text);
	if (isText) await writeFile(file, text);
	return run('egidectl', ['import', kind, file, '--yes', '--socket', house.server.in('control.sock'), ...more]);
}

const BEARER = {Authorization: `Bearer ${SECRET}`, Origin: undefined, Cookie: undefined};
let count = 0;

const pidf = (pos) => `<presence xmlns="urn:ietf:params:xml:ns:pidf"><tuple><location-info><pos>${pos}</pos><radius>24</radius></location-info></tuple></presence>`;
const say = (call, event, fields) => operator.expect(204, 'POST', '/api/calls', {call, event, ...fields}, BEARER);

// A call that rings; its address in the API.
async function ring(fields) {
	const key = `call-file-${++count}`;
	await say(key, 'ringing', {line: '17', ...fields});
	const {calls} = await operator.expect(200, 'GET', '/api/alerts');
	return {key, id: calls[0].id, path: `/api/calls/${calls[0].id}`};
}

// The same, taken.
async function take(fields) {
	const call = await ring(fields);
	await operator.expect(200, 'POST', `${call.path}/claim`, {});
	return call;
}

const read = (call, client = operator) => client.expect(200, 'GET', call.path);

// Each reader looks once a second whether the territory is another one.
const territoryOf = (call, commune) => until('the territory of a call', async () => {
	const {territory} = await read(call);
	return territory?.unit && territory.commune?.name === commune && territory;
});

async function person(n, fields = {}) {
	const phone = `+3319900${6000 + n}`;
	const {id} = await house.server.ctl('official', 'add', {
		name: `Élue du dossier ${n}`, phone, unit: BRIGADE, mandate: 'Maire', commune: 'Béruges', address: `${n}, rue de l’Essai, Béruges`, ...fields,
	});
	await house.server.ctl('contact', 'add', {official: id, name: 'Proche d’essai', phone: CONTACT, rank: 1});
	return {id, phone};
}

test('the_file_has_the_devices_that_live_and_the_alerts_that_are_open_and_over', async () => {
	const {id, phone} = await person(1, {level: '3', reason: 'Menaces écrites.'}), watch = '8800006001';
	await house.server.ctl('device', 'add', {protocol: 'watch', ident: watch, label: 'Montre du dossier', official: id, networks: '127.0.0.0/8'});
	await house.server.ctl('device', 'add', {protocol: 'watch', ident: '8800006002', label: 'Montre au tiroir', official: id, networks: '127.0.0.0/8'});
	const call = await take({number: phone});
	const before = (await read(call)).person;
	assert.deepEqual([before.level, before.reason, before.alerts, before.history], [3, 'Menaces écrites.', [], []]);
	assert.deepEqual(before.devices.map(({label, kind, connected, heard_at: at, fix}) => [label, kind, connected, at, fix]),
		[['Montre du dossier', 'watch', false, null, null], ['Montre au tiroir', 'watch', false, null, null]]);
	const pressed = await house.press({watch});
	const first = await house.alertOf(operator, {id});
	const during = (await read(call)).person;
	assert.deepEqual(during.alerts.map(({id: alert, ref, state, ours, outcome}) => [alert, ref, state, ours, outcome]), [[first.id, first.ref, 'raised', true, null]]);
	assert.deepEqual(during.history, []);
	const [device] = during.devices;
	assert.deepEqual([device.label, device.connected, device.fix.lat, device.fix.lon], ['Montre du dossier', true, 46.6401, 0.166]);
	assert.ok(device.heard_at > 0);
	const detail = await operator.expect(200, 'GET', `/api/alerts/${first.id}`);
	assert.deepEqual([detail.threat_level, detail.reason], [3, 'Menaces écrites.']);
	await operator.expect(200, 'POST', `/api/alerts/${first.id}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${first.id}/close`, {outcome: 'verified_safe'});
	pressed.destroy();
	await until('the watch gone', async () => !(await read(call)).person.devices[0].connected);
	const over = (await read(call)).person;
	assert.deepEqual([over.alerts, over.history.map(({id: alert, state, outcome}) => [alert, state, outcome])], [[], [[first.id, 'closed', 'verified_safe']]]);
});

test('where_the_telephone_is_leads_to_its_commune_its_unit_and_its_referent_whatever_the_file_says', async () => {
	const {phone} = await person(2);
	const call = await take({number: phone, geolocation: pidf('46.58 0.34')});
	const territory = await territoryOf(call, 'Poitiers'), {person: file} = await read(call);
	assert.deepEqual([territory.commune, territory.departement, territory.unit.name, territory.referent, territory.is_default],
		[{code: '86194', name: 'Poitiers'}, '86', STATION, {name: 'Référente d’essai', phone: '+33549000003'}, false]);
	assert.equal(file.unit.name, BRIGADE);
	// Of whom it is not for: neither the place, nor who is competent there.
	assert.deepEqual([(await read(call, colleague)).fix, (await read(call, colleague)).territory], [null, null]);
	assert.deepEqual((await read(call, supervisor)).territory, territory);
});

test('a_call_of_nobody_known_has_the_territory_of_its_position_and_one_without_a_position_has_none', async () => {
	const unknown = await take({number: '+33199006990', geolocation: pidf('46.58 0.34')});
	const territory = await territoryOf(unknown, 'Poitiers'), {person: file} = await read(unknown);
	assert.deepEqual([file, territory.commune.name, territory.unit.name], [null, 'Poitiers', STATION]);
	// No outline of its communes: the département's unit, and said to be so.
	const away = await territoryOf(await take({number: '+33199006991', geolocation: pidf('46.32 -0.46')}));
	assert.deepEqual([away.commune, away.departement, away.unit.name, away.is_default], [null, '79', STATION, true]);
	for (const fields of [{}, {geolocation: pidf('0 -30')}])
		assert.equal((await read(await take({number: `+3319900699${4 + count % 5}`, ...fields}))).territory, null);
});

test('an_alert_names_the_calls_of_its_person_to_who_may_read_calls_of_that_room', async () => {
	const shared = '+33199006980';
	const {id, phone} = await person(3, {other_phones: shared, other_kinds: 'town_hall', level: '2'}), watch = '8800006003';
	const other = await person(4, {other_phones: shared, other_kinds: 'duty'});
	await house.server.ctl('device', 'add', {protocol: 'watch', ident: watch, label: 'Montre de l’appelante', official: id, networks: '127.0.0.0/8'});
	(await house.press({watch})).destroy();
	const alert = (await house.alertOf(operator, {id})).id, path = `/api/alerts/${alert}`;
	const calls = async (client) => (await client.expect(200, 'GET', path)).calls.map(({id: call, identified}) => [call, identified]);
	assert.deepEqual(await calls(operator), []);
	// It rings: the number is one of theirs, and nobody knows yet who speaks.
	const own = await ring({number: phone});
	assert.deepEqual(await calls(colleague), [[own.id, false]]);
	await operator.expect(200, 'POST', `${own.path}/claim`, {});
	assert.deepEqual(await calls(colleague), [[own.id, true]]);
	const hall = await take({number: shared});
	assert.deepEqual(await calls(colleague), [[own.id, true], [hall.id, false]]);
	const {candidates} = await read(hall);
	assert.deepEqual(candidates.map(({id: one, number_kind: kind, level, unit, has_alert: open}) => [one, kind, level, unit.name, open]).sort(([a], [b]) => a.localeCompare(b)),
		[[id, 'town_hall', 2, BRIGADE, true], [other.id, 'duty', null, BRIGADE, false]].sort(([a], [b]) => a.localeCompare(b)));
	// It was somebody else at that telephone.
	await operator.expect(200, 'POST', `${hall.path}/identify`, {official: other.id});
	assert.deepEqual(await calls(colleague), [[own.id, true]]);
	await operator.expect(200, 'POST', `${own.path}/close`, {alert: 'none', text: 'essai'});
	assert.deepEqual(await calls(colleague), []);
	// A call in another room, joined to the alert, shows it there: each room knows of its own calls.
	const neighbour = await house.client('voisine');
	const again = await take({number: phone});
	await say('of-another-room', 'ringing', {number: phone, line: '17', room: OTHER_ROOM});
	const [theirs] = (await neighbour.expect(200, 'GET', '/api/alerts')).calls;
	await neighbour.expect(200, 'POST', `/api/calls/${theirs.id}/claim`, {});
	await neighbour.expect(200, 'POST', `/api/calls/${theirs.id}/alert`, {});
	assert.deepEqual(await calls(neighbour), [[theirs.id, true]]);
	assert.deepEqual(await calls(operator), [[again.id, true]]);
});
