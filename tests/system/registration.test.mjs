// « Alarme élu »: prepared at home with a code, activated at the counter, found when the official calls 17.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import {after, before, test} from 'node:test';

import {Client, House, OTHER_ROOM, SECRET} from '../lib/api.mjs';
import {Phone} from '../lib/phone.mjs';
import {BRIGADE, ROOM, run} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let house, counter, operator, administrator, auditor;

before(async () => {
	house = await House.open({options: {switch_secret: SECRET}});
	await house.account('guichet', 'counter');
	[counter, operator, administrator, auditor] = await Promise.all(['guichet', 'operatrice', 'admin', 'auditrice'].map((login) => house.client(login)));
});

after(() => house?.close());

let numbers = 0;
const phone = () => `06 39 98 ${String(3000 + ++numbers).replace(/(..)$/, ' $1')}`;
const FILE = {
	mandate: 'Maire', commune: 'Béruges', address: '3 rue de l’Église, 86190 Béruges', places: 'Mairie, place du Bourg', household: '3',
	reason: 'Menaces répétées depuis mars.', consent: 'oui', access: 'Portail vert', remarks: 'Un chien',
};
const prepare = (holder, code, fields) => holder.expect(200, 'POST', '/api/registration', {code, ...fields});
const CHECKED = {identity: 'oui', mandate_checked: 'oui', unit: BRIGADE};

test('a_registration_prepared_at_home_is_activated_at_the_counter_and_shown_on_a_call', async () => {
	const {code} = await counter.expect(200, 'POST', '/api/counter/invitations', {});
	assert.match(code, /^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
	const holder = new Client(house), number = phone(), hall = phone();
	const {fields: none} = await holder.expect(200, 'POST', '/api/registration/open', {code: code.toLowerCase().replaceAll('-', ' ')});
	assert.deepEqual(none, {});
	await prepare(holder, code, {...FILE, name: 'Solène Quéméneur', phone: number, other_phones: hall, other_kinds: 'town_hall'});
	// Another day, another telephone.
	const draft = await new Client(house).expect(200, 'POST', '/api/registration/open', {code});
	assert.equal(draft.fields.name, 'Solène Quéméneur');
	assert.equal(draft.fields.phone, `+33${number.replaceAll(' ', '').slice(1)}`);
	for (const search of [{code}, {name: 'quemeneur sol'}]) {
		const {drafts} = await counter.expect(200, 'POST', '/api/counter/drafts', search);
		assert.deepEqual(drafts.map(({id}) => id), [draft.id]);
	}
	const {id} = await counter.expect(200, 'POST', '/api/counter/registrations', {...draft.fields, ...CHECKED, draft: draft.id, level: '2'});
	// A code opens one registration, once.
	await holder.expect(404, 'POST', '/api/registration/open', {code});
	assert.deepEqual((await counter.expect(200, 'POST', '/api/counter/drafts', {name: 'quemeneur'})).drafts, []);
	await operator.expect(204, 'POST', '/api/calls', {call: 'of-hers', event: 'ringing', number: hall, line: '17'}, {Authorization: `Bearer ${SECRET}`, 'X-Forwarded-For': undefined});
	const {calls} = await operator.expect(200, 'GET', '/api/alerts');
	await operator.expect(200, 'POST', `/api/calls/${calls[0].id}/claim`, {});
	const {person} = await operator.expect(200, 'GET', `/api/calls/${calls[0].id}`);
	assert.equal(person.force, 'gendarmerie');
	assert.deepEqual(person.phone_kinds, ['main', 'town_hall']);
	assert.deepEqual([person.id, person.reason, person.level, person.places, person.household, person.access],
		[id, FILE.reason, 2, [{kind: 'other', address: FILE.places, access: null}], 3, FILE.access]);
	// Who made it, who read it: lines about the file.
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${id}`);
	assert.deepEqual(lines.map(({kind, actor}) => [kind, actor.name]).sort(), [['created', 'Compte guichet'], ['read', 'Opératrice d’essai']]);
});

test('several_mandates_and_addresses_go_from_home_to_the_call_and_how_to_get_in_leaves_with_the_consent', async () => {
	const {code} = await counter.expect(200, 'POST', '/api/counter/invitations', {}), holder = new Client(house), number = phone();
	const lists = {
		other_mandates: 'Conseillère départementale du Finistère\nVice-présidente de Concarneau Agglomération',
		places: 'Mairie, place du Bourg, 29900 Concarneau\n12 quai Carnot, 29900 Concarneau\nLe Moulin, 22320 Plussulien', place_kinds: 'town_hall,duty,second_home',
		place_access: '\nInterphone Perm.\nClé chez le voisin',
	};
	const fields = {...FILE, ...lists, name: 'Bleuenn Kermarec', phone: number};
	for (const [wrong, field, why] of [[{other_mandates: 'a\nb\nc\nd\ne'}, 'other_mandates', /quatre mandats au plus/], [{places: 'a\n\nc'}, 'places', /adresse 2 : l’adresse manque/],
		[{place_kinds: 'grotte'}, 'place_kinds', /second_home/], [{places: `a\n${'é'.repeat(251)}`}, 'places', /adresse 2 : texte trop long \(500/], [{consent: 'non', access: null, remarks: null}, 'consent', /accord/]]) {
		const {errors: [error]} = await holder.expect(400, 'POST', '/api/registration', {code, ...fields, ...wrong});
		assert.equal(error.field, field);
		assert.match(error.message, why);
	}
	const draft = await prepare(holder, code, fields);
	assert.deepEqual(Object.fromEntries(Object.keys(lists).map((name) => [name, draft.fields[name]])), lists);
	const {id} = await counter.expect(200, 'POST', '/api/counter/registrations', {...draft.fields, ...CHECKED, draft: draft.id});
	const places = [{kind: 'town_hall', address: 'Mairie, place du Bourg, 29900 Concarneau', access: null},
		{kind: 'duty', address: '12 quai Carnot, 29900 Concarneau', access: 'Interphone Perm.'}, {kind: 'second_home', address: 'Le Moulin, 22320 Plussulien', access: 'Clé chez le voisin'}];
	// A call whose number is withheld: each address and each mandate finds them.
	await operator.expect(204, 'POST', '/api/calls', {call: 'withheld', event: 'ringing', line: '17'}, {Authorization: `Bearer ${SECRET}`, 'X-Forwarded-For': undefined});
	const call = (await operator.expect(200, 'GET', '/api/alerts')).calls.find((one) => one.number === null);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/claim`, {});
	for (const q of ['quai carnot', 'plussulien', 'departementale finistere', 'vice-présidente'])
		assert.deepEqual((await operator.expect(200, 'GET', `/api/calls/${call.id}/search?${new URLSearchParams({q})}`)).people.map((one) => one.id), [id], q);
	// How to get in is no way to find somebody.
	assert.deepEqual((await operator.expect(200, 'GET', `/api/calls/${call.id}/search?q=interphone`)).people, []);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/identify`, {official: id});
	const {person} = await operator.expect(200, 'GET', `/api/calls/${call.id}`);
	assert.deepEqual([person.mandate, person.other_mandates, person.places], [FILE.mandate, lists.other_mandates.split('\n'), places]);
	await operator.expect(200, 'POST', `/api/calls/${call.id}/close`, {alert: 'none', text: 'Essai.'});
	// An alert, and the patrol that is sent.
	const watch = '8800003999';
	await house.server.ctl('device', 'add', {protocol: 'watch', ident: watch, label: 'Montre', official: id, networks: '127.0.0.0/8'});
	const socket = await house.press({watch}), {id: alert} = await house.alertOf(operator, {id});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	const detail = await operator.expect(200, 'GET', `/api/alerts/${alert}`);
	assert.deepEqual([detail.other_mandates, detail.places], [person.other_mandates, places]);
	await operator.expect(201, 'POST', `/api/alerts/${alert}/dispatches`, {unit: house.patrol.id});
	const patrol = await house.gateway.token('p', '+33199000102');
	assert.deepEqual((await house.client().expect(200, 'GET', `/api/patrouille/${patrol}`)).places, places);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'false_alarm'});
	socket.destroy();
	// Their own file: the sheet goes, from a waiting correction too, and the addresses stay.
	const own = house.client(), {request} = await own.expect(200, 'POST', '/api/own/code', {phone: number});
	const to = `+33${number.replaceAll(' ', '').slice(1)}`;
	const sms = await until('the code', () => house.gateway.messages.filter((one) => one.to === to).map(({text}) => text.match(/code (\d{6})/)?.[1]).find(Boolean));
	own.cookie = (await own.ask('POST', '/api/own/session', {request, code: sms})).headers.get('set-cookie').split(';')[0];
	const copy = await own.expect(200, 'GET', '/api/own/copy');
	assert.deepEqual([copy.file.other_mandates, copy.file.places], [person.other_mandates, places]);
	assert.deepEqual(copy.grounds.filter(({fields: of}) => /mandate|places/.test(of)).map(({fields: of, ground}) => [of, ground]), [['name, mandate, other_mandates', 'R. 236-39, 2° b'],
		['address, places, commune, commune_code', 'R. 236-39, 2° c'], ['access, places.access, remarks, contacts', 'votre accord, que vous pouvez retirer']]);
	await own.expect(204, 'POST', '/api/own/correction', {places: lists.places, place_access: 'Sonner', consent: 'oui'});
	await own.expect(204, 'DELETE', '/api/own/consent');
	const without = places.map((one) => ({...one, access: null}));
	const after = await own.expect(200, 'GET', '/api/own');
	assert.deepEqual([after.file.places, after.correction.fields], [without, {places: lists.places}]);
	assert.deepEqual((await operator.expect(200, 'GET', `/api/alerts/${alert}`)).places, without);
});

test('the_counter_changes_one_of_the_addresses_and_the_line_names_what_changed', async () => {
	const lists = {places: 'Mairie\n12 quai Carnot', place_kinds: 'town_hall,duty', place_access: 'Porte bleue\nInterphone', other_mandates: 'Sénatrice'};
	const {id} = await counter.expect(200, 'POST', '/api/counter/registrations', {...FILE, ...CHECKED, ...lists, name: 'Tifenn Le Roux', phone: phone()});
	const present = async () => (await counter.expect(200, 'POST', '/api/counter/files', {official: id})).present;
	const change = (status, fields) => counter.expect(status, 'POST', '/api/counter/changes', {official: id, verified: 'oui', ...fields});
	const {places, place_kinds, place_access, other_mandates} = await present();
	assert.deepEqual({places, place_kinds, place_access, other_mandates}, lists);
	assert.match((await change(409, {...lists, consent: 'oui'})).detail, /Rien ne change/);
	assert.equal((await change(400, {place_access: 'Porte verte'})).errors[0].field, 'consent');
	// An address that stays keeps what is known of it.
	await change(200, {places: '12 quai Carnot\nLe Moulin'});
	const moved = await present();
	assert.deepEqual([moved.places, moved.place_kinds, moved.place_access], ['12 quai Carnot\nLe Moulin', 'duty,other', 'Interphone\n']);
	await change(200, {consent: 'non', other_mandates: ''});
	const bare = await present();
	assert.deepEqual([bare.places, bare.place_access, bare.other_mandates, bare.access], ['12 quai Carnot\nLe Moulin', undefined, undefined, undefined]);
});

test('a_town_hall_s_mail_may_bear_a_code_that_egidectl_made', async () => {
	const {code} = await house.server.ctl('registration', 'invite');
	assert.deepEqual((await new Client(house).expect(200, 'POST', '/api/registration/open', {code})).fields, {});
});

test('the_counter_types_it_all_from_nothing', async () => {
	const fields = {...FILE, name: 'Maël Le Bihan', phone: phone()};
	await counter.expect(400, 'POST', '/api/counter/registrations', {...fields, ...CHECKED, identity: 'non'});
	await counter.expect(400, 'POST', '/api/counter/registrations', {...fields, ...CHECKED, mandate_checked: 'non'});
	const refused = await counter.expect(400, 'POST', '/api/counter/registrations', {...fields, ...CHECKED, phone: '17'});
	assert.equal(refused.errors[0].field, 'phone');
	const {id} = await counter.expect(200, 'POST', '/api/counter/registrations', {...fields, ...CHECKED});
	assert.ok(id);
	assert.match((await counter.expect(409, 'POST', '/api/counter/registrations', {...fields, ...CHECKED})).detail, /déjà inscrite/);
});

test('trusted_persons_are_named_at_home_and_told_only_once_they_agree', async () => {
	const {code} = await counter.expect(200, 'POST', '/api/counter/invitations', {}), holder = new Client(house);
	const refused = async (contacts, fields) => (await holder.expect(400, 'POST', '/api/registration', {code, ...FILE, name: 'X', contacts, ...fields})).errors[0];
	for (const [contacts, why] of [['Yann;frère;17', 'personne 1 : numéro'], ['Yann;frère;0639983901\n;voisin;0639983902', 'personne 2 : le nom'],
		['A;;0639983901\n\nB;;+33 6 39 98 39 01', 'personne 2 : une autre'], [Array.from({length: 7}, (_, i) => `P${i};;063998391${i}`).join('\n'), 'personne 7 : six']]) {
		const {field, message} = await refused(contacts);
		assert.equal(field, 'contacts');
		assert.ok(message.includes(why), message);
	}
	assert.equal((await refused('Yann;frère;0639983901', {consent: 'non', access: null, remarks: null})).field, 'consent');
	const contacts = ' Yann Kervella ; frère ; 06 39 98 39 01\n;;\nMaë;;0639983902';
	const {fields} = await prepare(holder, code, {...FILE, name: 'Azenor Le Dû', phone: phone(), contacts});
	assert.equal(fields.contacts, 'Yann Kervella;frère;+33639983901\nMaë;;+33639983902');
	const {drafts: [draft]} = await counter.expect(200, 'POST', '/api/counter/drafts', {code});
	const {id} = await counter.expect(200, 'POST', '/api/counter/registrations', {...draft.fields, ...CHECKED, draft: draft.id});
	const {contacts: waiting} = await house.server.ctl('official', 'show', {official: id});
	assert.deepEqual(waiting.map(({rank, name, relation, phone: number, accepted_at: at}) => [rank, name, relation, number, at]),
		[[1, 'Yann Kervella', 'frère', '+33639983901', null], [2, 'Maë', null, '+33639983902', null]]);
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${id}`);
	assert.equal(lines.filter(({kind, what}) => kind === 'created' && what === 'contact').length, 2);
	const agreed = await counter.expect(200, 'POST', '/api/counter/registrations', {...draft.fields, ...CHECKED, name: 'Enora Le Dû', phone: phone(), contacts_agreed: 'oui'});
	const {contacts: told} = await house.server.ctl('official', 'show', {official: agreed.id});
	assert.ok(told.every(({accepted_at: at}) => at));
});

test('the_file_keeps_the_force_of_its_unit_and_no_other_can_be_chosen', async () => {
	await house.server.ctl('unit', 'add', {name: 'Commissariat d’essai', kind: 'commissariat', room: ROOM});
	const activate = (fields) => counter.ask('POST', '/api/counter/registrations', {...FILE, ...CHECKED, name: 'Ewen Le Goff', phone: phone(), ...fields});
	const {json: ours} = await activate({});
	assert.equal(ours.force, 'gendarmerie');
	const wrong = await activate({force: 'police', name: 'Nolwenn Le Goff'});
	assert.deepEqual([wrong.status, wrong.json.errors[0].field], [400, 'force']);
	assert.equal((await activate({force: 'marine', name: 'Nolwenn Le Goff'})).json.errors[0].field, 'force');
	const {json: theirs} = await activate({force: 'police', unit: 'Commissariat d’essai', name: 'Nolwenn Le Goff'});
	assert.equal(theirs.force, 'police');
	const shown = async (official) => (await house.server.ctl('official', 'show', {official})).force;
	assert.equal(await shown(theirs.id), 'police');
	await house.server.ctl('official', 'set', {official: ours.id, unit: 'Commissariat d’essai'});
	assert.equal(await shown(ours.id), 'police');
});

test('who_is_registered_is_found_seen_and_changed_at_a_counter_of_their_territory', async () => {
	await Promise.all([house.account('accueil.ici', 'counter', ROOM), house.account('accueil.ailleurs', 'counter', OTHER_ROOM)]);
	const [here, away] = await Promise.all(['accueil.ici', 'accueil.ailleurs'].map((login) => house.client(login)));
	const number = phone(), contacts = 'Yann Kervella;frère;+33639983911';
	const {id} = await here.expect(200, 'POST', '/api/counter/registrations', {...FILE, ...CHECKED, name: 'Rozenn Troadec', phone: number, contacts});
	const found = async (client, q) => (await client.expect(200, 'GET', `/api/counter/people?${new URLSearchParams({q})}`)).people.map((one) => one.id);
	for (const q of ['troadec', 'Roz béruges', number, `+33${number.replaceAll(' ', '').slice(1)}`]) {
		assert.deepEqual(await found(here, q), [id], q);
		assert.deepEqual(await found(counter, q), [id], q);
		assert.deepEqual(await found(away, q), [], q);
	}
	for (const q of ['', 'tr', '17']) await here.expect(400, 'GET', `/api/counter/people?${new URLSearchParams({q})}`);
	const file = await here.expect(200, 'POST', '/api/counter/files', {official: id});
	assert.deepEqual([file.present.name, file.present.contacts, file.present.access, file.unit.name, file.force, file.devices], ['Rozenn Troadec', contacts, FILE.access, BRIGADE, 'gendarmerie', []]);
	// What was sent as it is there is no change; who was not recognised changes nothing.
	const change = (status, fields, client = here) => client.expect(status, 'POST', '/api/counter/changes', {official: id, verified: 'oui', ...fields});
	assert.match((await change(409, {name: 'Rozenn Troadec', phone: number, household: '3'})).detail, /Rien ne change/);
	assert.equal((await change(400, {verified: 'non', phone: phone()})).errors[0].field, 'verified');
	// A number that stays keeps its kind; kinds that no number has are refused.
	const [hall, duty] = [phone(), phone()];
	const kinds = async () => (await here.expect(200, 'POST', '/api/counter/files', {official: id})).present.other_kinds;
	await change(200, {other_phones: `${hall},${duty}`, other_kinds: 'town_hall,duty'});
	await change(200, {other_phones: duty});
	assert.equal(await kinds(), 'duty');
	for (const wrong of ['cave', 'home,home']) assert.equal((await change(400, {other_kinds: wrong})).errors[0].field, 'other_kinds');
	await change(200, {other_kinds: ''});
	assert.equal(await kinds(), undefined);
	const moved = phone();
	await change(200, {name: 'Rozenn Troadec', phone: moved, address: '1 rue Neuve', household: '3', contacts: 'Maë;;+33639983912', consent: 'oui', contacts_agreed: 'oui'});
	const {present} = await here.expect(200, 'POST', '/api/counter/files', {official: id});
	assert.deepEqual([present.phone, present.address, present.contacts, present.reason], [`+33${moved.replaceAll(' ', '').slice(1)}`, '1 rue Neuve', 'Maë;;+33639983912', FILE.reason]);
	assert.deepEqual(await found(here, number), []);
	await change(200, {consent: 'non'});
	const without = await here.expect(200, 'POST', '/api/counter/files', {official: id});
	assert.ok(!without.present.access && !without.present.contacts && without.present.address);
	assert.equal((await change(400, {access: 'Portail'})).errors[0].field, 'consent');
	const {lines} = await auditor.expect(200, 'GET', `/api/journal?subject=${id}&limit=200`);
	assert.equal(lines.filter(({kind, actor}) => kind === 'read' && actor.name === 'Compte accueil.ici').length, 4 + 3 + 2);
	// One that has ended is taken back first; the fields the line names are those that changed.
	await counter.expect(200, 'POST', '/api/counter/terms/end', {official: id, verified: 'oui', why: 'asked'});
	assert.match((await change(409, {address: 'Ailleurs'})).detail, /a pris fin/);
});

test('the_counter_gives_replaces_and_withdraws_a_telephone_but_not_while_it_calls', async () => {
	const {id: official} = await counter.expect(200, 'POST', '/api/counter/registrations', {...FILE, ...CHECKED, name: 'Tifenn Abgrall', phone: phone()});
	const order = {official, verified: 'oui'};
	const give = (status, more) => counter.expect(status, 'POST', '/api/counter/telephones', {...order, ...more});
	const withdraw = (status, device) => counter.expect(status, 'POST', '/api/counter/telephones/withdraw', {...order, device});
	assert.equal((await give(400, {verified: 'non'})).errors[0].field, 'verified');
	const given = await give(200, {label: 'Son téléphone'});
	// A code that was lost is given anew, and the one before opens nothing.
	const again = await give(200, {device: given.id});
	const enrol = (code) => house.client().ask('POST', '/api/phone/enrol', {code});
	assert.equal((await enrol(given.code)).status, 404);
	const {json: identity} = await enrol(again.code);
	assert.equal(identity.label, 'Son téléphone');
	const telephone = await house.keep(Phone.welcome(house.server, identity));
	const {alert} = await telephone.call(Date.now());
	for (const refused of [await give(409, {device: given.id}), await withdraw(409, given.id)]) assert.match(refused.detail, /Une alerte de cet élu est ouverte/);
	await operator.expect(200, 'POST', `/api/alerts/${alert}/claim`, {});
	await operator.expect(200, 'POST', `/api/alerts/${alert}/close`, {outcome: 'verified_safe'});
	const other = await give(200, {device: given.id});
	const {json: next} = await enrol(other.code);
	await until('the end of the one before', () => telephone.code);
	const successor = await house.keep(Phone.welcome(house.server, next));
	const {devices} = await counter.expect(200, 'POST', '/api/counter/files', {official});
	assert.deepEqual(devices.map(({label, linked}) => [label, linked]), [['Son téléphone', true]]);
	await withdraw(200, given.id);
	await until('the end of the one withdrawn', () => successor.code);
	assert.equal((await withdraw(400, given.id)).errors[0].field, 'device');
	for (let i = 0; i < 4; i++) await give(200);
	assert.match((await give(409)).detail, /quatre téléphones/);
});

test('an_activation_that_names_what_is_no_draft_is_refused_and_destroys_nothing', async () => {
	const official = await house.official(1);
	(await house.press(official)).destroy();
	const alert = await house.alertOf(operator, official);
	const {code} = await counter.expect(200, 'POST', '/api/counter/invitations', {});
	const {drafts: [draft]} = await counter.expect(200, 'POST', '/api/counter/drafts', {code});
	const activate = (id) => counter.ask('POST', '/api/counter/registrations', {...FILE, ...CHECKED, name: 'Anaïs Kervella', phone: phone(), draft: id});
	const refused = [];
	for (const id of [alert.id, official.id, '01a20a29-0000-7000-8000-000000000000']) refused.push(await activate(id));
	assert.equal((await activate(draft.id)).status, 200);
	refused.push(await activate(draft.id));
	assert.deepEqual([...new Set(refused.map(({status, text}) => `${status} ${text}`))].map((one) => one.slice(0, 3)), ['404']);
	// With its key gone nothing of it could be read, and no line be added.
	const detail = await operator.expect(200, 'GET', `/api/alerts/${alert.id}`);
	assert.deepEqual([detail.official.id, detail.entries[0].kind], [official.id, 'alert.raised']);
	await operator.expect(200, 'POST', `/api/alerts/${alert.id}/claim`, {});
});

test('what_the_decree_does_not_list_needs_consent', async () => {
	const {code} = await counter.expect(200, 'POST', '/api/counter/invitations', {});
	const holder = new Client(house);
	// The threat is evaluated at the counter.
	for (const said of [{level: 4}, {force: 'police'}]) await holder.expect(400, 'POST', '/api/registration', {code, ...FILE, ...said, name: 'X'});
	const wrong = await holder.expect(400, 'POST', '/api/registration', {code, ...FILE, consent: 'non', name: 'X'});
	assert.equal(wrong.errors[0].field, 'consent');
	await prepare(holder, code, {...FILE, consent: 'non', access: null, remarks: '', name: 'Complète sans elle'});
});

test('a_code_is_not_guessed_and_each_role_has_its_own', async () => {
	const guesser = new Client(house);
	for (let i = 0; i < 30; i++) await guesser.expect(404, 'POST', '/api/registration/open', {code: `AAAA-AAAA-AA${String(i).padStart(2, '0')}`});
	await guesser.expect(429, 'POST', '/api/registration/open', {code: 'AAAA-AAAA-AAAA'});
	for (const client of [operator, administrator, auditor])
		for (const [path, body] of [['invitations', {}], ['drafts', {name: 'essai'}], ['registrations', {...CHECKED, name: 'X', phone: phone()}]])
			await client.expect(403, 'POST', `/api/counter/${path}`, body);
	await counter.expect(403, 'GET', '/api/alerts');
	for (const search of [{}, {name: 'ab'}]) await counter.expect(400, 'POST', '/api/counter/drafts', search);
	assert.deepEqual((await counter.expect(200, 'POST', '/api/counter/drafts', {code: 'AAAA-AAAA-AAAA'})).drafts, []);
});

test('an_administration_without_the_consent_sheet_takes_nothing_of_it', async () => {
	const file = house.server.in('egide.conf');
	await house.server.stop();
	await fs.appendFile(file, 'consent_sheet = off\n');
	await house.server.start();
	const {code} = await counter.expect(200, 'POST', '/api/counter/invitations', {});
	const holder = new Client(house);
	assert.equal((await holder.expect(200, 'POST', '/api/registration/open', {code})).consent_sheet, false);
	assert.equal((await holder.expect(400, 'POST', '/api/registration', {code, ...FILE, name: 'X'})).errors[0].field, 'access');
	await prepare(holder, code, {...FILE, access: null, remarks: null, consent: null, name: 'Sans la feuille'});
	assert.equal((await holder.expect(400, 'POST', '/api/registration', {code, ...FILE, access: null, remarks: null, place_access: 'Clé', name: 'X'})).errors[0].field, 'place_access');
	const {drafts} = await counter.expect(200, 'POST', '/api/counter/drafts', {code});
	await counter.expect(200, 'POST', '/api/counter/registrations', {...drafts[0].fields, ...CHECKED, phone: phone(), draft: drafts[0].id});
	for (const word of ['Sans la feuille', 'Menaces répétées', 'place du Bourg', code.replaceAll('-', '')])
		for (const name of await fs.readdir(house.server.in('data')))
			assert.ok(!(await fs.readFile(house.server.in(`data/${name}`))).includes(word), `${name} holds ${word}`);
});

test('what_is_prepared_is_found_by_name_where_its_commune_is_and_by_its_code_anywhere', async () => {
	const file = house.server.in('communes.json');
	await fs.writeFile(file, JSON.stringify([{code: '86024', nom: 'Béruges', departement: '86', region: '75', type: 'commune-actuelle', population: 1400}]));
	await run('egidectl', ['import', 'communes', file, '--socket', house.server.in('control.sock')]);
	await house.server.ctl('competence', 'set', {code: '86024', unit: BRIGADE});
	await Promise.all([house.account('prepare.ici', 'counter', ROOM), house.account('prepare.ailleurs', 'counter', OTHER_ROOM)]);
	const [here, elsewhere] = await Promise.all(['prepare.ici', 'prepare.ailleurs'].map((login) => house.client(login)));
	const draft = async (name, fields) => {
		const {code} = await counter.expect(200, 'POST', '/api/counter/invitations', {});
		await prepare(new Client(house), code, {name, phone: phone(), address: '4 rue Cachée', ...fields});
		return code;
	};
	const within = await draft('Enora Lusignan', {commune: 'Béruges', commune_code: '86024'}), nowhere = await draft('Enora Partout', {commune: 'Béruges'});
	const found = async (client, search) => {
		const {drafts, more} = await client.expect(200, 'POST', '/api/counter/drafts', search);
		assert.equal(more, false);
		return drafts.map(({fields: {name}}) => name).sort();
	};
	assert.deepEqual(await found(counter, {name: 'enora'}), ['Enora Lusignan', 'Enora Partout']);
	assert.deepEqual(await found(here, {name: 'enora'}), ['Enora Lusignan']);
	assert.deepEqual(await found(elsewhere, {name: 'enora'}), []);
	assert.deepEqual([await found(elsewhere, {code: within}), await found(here, {code: nowhere})], [['Enora Lusignan'], ['Enora Partout']]);
});

test('one_person_is_one_registration_however_their_name_is_written', async () => {
	const fields = {mandate: 'Maire', commune: 'Béruges', ...CHECKED, phone: phone()}, register = (name, more) => counter.ask('POST', '/api/counter/registrations', {...fields, name, ...more});
	assert.equal((await register('Police Exemple')).status, 200);
	for (const name of ['EXEMPLE Police', 'police  exemple', 'Pôlice-Exemplé']) assert.equal((await register(name, {shared_number: 'oui'})).status, 409, name);
	const other = await register('Mairie Exemple');
	assert.equal(other.json.errors[0].field, 'shared_number', other.text);
	await house.account('partage.ailleurs', 'counter', OTHER_ROOM);
	const elsewhere = await house.client('partage.ailleurs');
	assert.deepEqual((await elsewhere.expect(200, 'GET', `/api/counter/people?q=${encodeURIComponent(fields.phone)}`)).people, [], 'who has it elsewhere is not said');
	assert.equal((await register('Mairie Exemple', {shared_number: 'oui'})).status, 200);
});
