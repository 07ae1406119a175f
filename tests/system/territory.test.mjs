// The territory: files in their official forms through egidectl, and where an alert is after that.
import assert from 'node:assert/strict';
import {readFile, readdir, writeFile} from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import {after, before, test} from 'node:test';

import {House, OTHER_ROOM, ROOM} from '../lib/api.mjs';
import {ROOT, run} from '../lib/server.mjs';
import {until} from '../lib/wait.mjs';

let house, operator, watch;

before(async () => {
	house = await House.open();
	operator = await house.client('operatrice');
});

after(async () => {
	watch?.destroy();
	await house?.close();
});

// egidectl import KIND of that text or of a file of the project; gives what it printed.
async function load(kind, text, ...more) {
	const isText = text.includes('\n');
	const file = isText ? house.server.in(`${kind}.csv`) : path.join(ROOT, text);
	if (isText) await writeFile(file, text);
	return run('egidectl', ['import', kind, file, '--socket', house.server.in('control.sock'), ...more]);
}

const commune = (code, nom, population, more = {}) =>
	({code, nom, departement: '86', region: '75', type: 'commune-actuelle', population, ...more});
const COMMUNES = JSON.stringify([commune('86294', 'Vouillé', 2000, {codesPostaux: ['86190']}),
	commune('86194', 'Poitiers', 90000, {codesPostaux: ['86000', '86180']}), commune('86139', 'Lusignan', 2600, {anciensCodes: ['86999'], codesPostaux: ['86190']})], null, 1);
const UNITS = 'identifiant_public_unite;service;telephone;code_commune_insee;geocodage_x_GPS;geocodage_y_GPS\n' +
	'1001;Brigade de Vouillé;05 49 00 00 01;86294;0.166;46.64\n1002;Brigade de Lusignan;;86139;0.123;46.43\n';
const COMPETENCE = 'code_commune,institution,id_service,service\n86294,GN,1001,Brigade de Vouillé\n86139,GN,1002,Brigade de Lusignan\n';

const where = async (query) => (await operator.expect(200, 'GET', `/api/territory?${query}`)).territory;
const whereCode = async (code) => (await where(`commune=${code}`))?.unit?.name;

// One line of the control socket.
function ask(command, args) {
	return new Promise((resolve, reject) => {
		const socket = net.connect(house.server.in('control.sock'));
		let heard = '';
		socket.on('error', reject).on('data', (bytes) => {
			heard += bytes;
			if (heard.endsWith('\n')) socket.end(() => resolve(JSON.parse(heard)));
		});
		socket.write(`${JSON.stringify({command, arguments: args})}\n`);
	});
}

test('without_anything_imported_a_place_is_nowhere', async () => {
	assert.equal(await where('lat=46.6401&lon=0.166'), null);
	assert.equal(await where('commune=86294'), null);
	assert.deepEqual(await house.client().expect(200, 'GET', '/api/communes?name=vouille'), {loaded: false, communes: []});
});

test('communes_units_and_competences_make_a_territory', async () => {
	assert.match(await load('communes', COMMUNES), /3 communes, dont 0 ont une unité/);
	assert.match(await load('communes', COMMUNES), /Rien à changer/);
	await load('gendarmerie', UNITS, `room=${ROOM}`);
	const said = await load('competence', COMPETENCE);
	assert.match(said, /3 communes, dont 2 ont une unité/);
	// Another unit bore the name already: the imported one says its commune too.
	assert.equal(await whereCode('86294'), 'Brigade de Vouillé (86294)');
	assert.equal(await whereCode('86999'), 'Brigade de Lusignan');
	const {units} = await house.server.ctl('unit', 'list');
	const brigade = units.find(({name}) => name === 'Brigade de Lusignan');
	assert.deepEqual([brigade.room, brigade.kind, brigade.lat], [ROOM, 'brigade', 46.43]);
	assert.equal(units.find(({name}) => name === 'Brigade de Vouillé (86294)').phone, '+33549000001');
});

test('a_commune_is_found_by_its_name_its_departement_or_its_code_and_the_counter_chooses_a_unit', async () => {
	const said = async (name) => {
		const {loaded, communes} = await house.client().expect(200, 'GET', `/api/communes?${new URLSearchParams({name})}`);
		assert.equal(loaded, true);
		return communes.map(({name: one, departement, code}) => `${one} ${departement} ${code}`);
	};
	for (const name of ['vouille', 'VOU', 'Vouillé (86)', '86294', '86 vouil']) assert.deepEqual(await said(name), ['Vouillé 86 86294'], name);
	// A postcode is that of several; a name beside it says which.
	assert.deepEqual(await said('86190'), ['Lusignan 86 86139', 'Vouillé 86 86294']);
	for (const name of ['86190 Vouillé', 'vouille 86190']) assert.deepEqual(await said(name), ['Vouillé 86 86294'], name);
	assert.deepEqual((await house.client().expect(200, 'GET', '/api/communes?name=86180')).communes, [{code: '86194', name: 'Poitiers', departement: '86', force: 'gendarmerie', postcodes: ['86000', '86180']}]);
	// A former commune by its code alone; the most inhabited first; nothing of nothing.
	assert.deepEqual(await said('86999'), ['Lusignan 86 86999']);
	assert.deepEqual(await said('86'), ['Poitiers 86 86194', 'Lusignan 86 86139', 'Vouillé 86 86294']);
	for (const name of ['', '%', 'vouille lusignan', 'x'.repeat(5000)]) assert.deepEqual(await said(name), [], name);
	await house.account('accueil', 'counter');
	const counter = await house.client('accueil');
	const units = async (query) => counter.expect(200, 'GET', `/api/counter/units?${query}`);
	const {units: [first, second], is_default: byDefault} = await units('commune=86294');
	assert.deepEqual([first.name, first.force, first.departement, first.competent, byDefault], ['Brigade de Vouillé (86294)', 'gendarmerie', '86', true, false]);
	assert.deepEqual([second.name, second.competent], ['Brigade de Lusignan', false]);
	// For want of one of its own; by words, the neighbours first.
	const {units: [ofDepartement], is_default: isDefault} = await units('commune=86194');
	assert.deepEqual([ofDepartement.name, isDefault], ['Brigade de Lusignan', true]);
	assert.deepEqual((await units('commune=86194&name=vouil')).units.map(({name}) => name), ['Brigade de Vouillé (86294)', 'Brigade de Vouillé']);
	assert.ok((await units('')).units.every(({competent}) => !competent));
});

test('a_position_without_communal_outlines_gives_the_departement_and_its_default_unit', async () => {
	await load('outlines', 'data/departements.geojson');
	const place = await where('lat=46.6401&lon=0.166');
	assert.deepEqual([place.commune, place.departement, place.is_default], [null, '86', true]);
	// That of the largest commune that has one; then the one that was chosen.
	assert.equal(place.unit.name, 'Brigade de Lusignan');
	await house.server.ctl('competence', 'set', {code: '86', unit: 'Patrouille d’essai'});
	await until('the chosen unit', async () => (await where('lat=46.6401&lon=0.166')).unit.name === 'Patrouille d’essai');
	// A commune that nobody is competent for has it too.
	assert.deepEqual((await where('commune=86194')).is_default, true);
});

test('with_its_outline_the_commune_is_exact_and_the_alert_says_who_is_competent', async () => {
	await load('outlines', 'data/communes-86.geojson');
	const place = await where('lat=46.6401&lon=0.166');
	assert.deepEqual([place.commune, place.unit.name, place.is_default],
		[{code: '86294', name: 'Vouillé'}, 'Brigade de Vouillé (86294)', false]);
	const official = await house.official(1);
	watch = await house.press(official);
	const card = await house.alertOf(operator, official);
	assert.deepEqual([card.territory.commune.name, card.territory.unit.name], ['Vouillé', 'Brigade de Vouillé (86294)']);
	const detail = await operator.expect(200, 'GET', `/api/alerts/${card.id}`);
	assert.deepEqual(detail.territory, card.territory);
	const {units} = await operator.expect(200, 'GET', `/api/units?alert=${card.id}`);
	assert.deepEqual([units[0].name, units[0].competent], ['Brigade de Vouillé (86294)', true]);
});

test('an_official_for_whom_no_unit_is_said_has_that_of_their_commune', async () => {
	const {id} = await house.server.ctl('official', 'add', {name: 'Élue sans unité', phone: '+33199002092', commune_code: '86139'});
	assert.equal((await house.server.ctl('official', 'show', {official: id})).unit, 'Brigade de Lusignan');
	await assert.rejects(house.server.ctl('official', 'add', {name: 'Élu de nulle part', phone: '+33199002091'}), /« unit » : valeur nécessaire/);
});

test('a_device_whose_wearer_left_calls_the_unit_of_where_it_is', async () => {
	const {id} = await house.server.ctl('official', 'add', {name: 'Élue partie', phone: '+33199002090', commune_code: '86139'});
	await house.server.ctl('device', 'add', {protocol: 'watch', ident: '8800009999', label: 'Montre de réserve', official: id, networks: '127.0.0.0/8'});
	await house.server.ctl('official', 'remove', {official: id});
	const reserve = await house.press({watch: '8800009999'});
	const {alerts} = await operator.expect(200, 'GET', '/api/alerts');
	const card = alerts.find(({device}) => device.label === 'Montre de réserve');
	assert.deepEqual([card.unit.name, card.official], ['Brigade de Vouillé (86294)', null]);
	reserve.destroy();
});

test('importing_twice_changes_nothing', async () => {
	for (const [kind, text] of [['communes', COMMUNES], ['gendarmerie', UNITS], ['competence', COMPETENCE], ['outlines', 'data/communes-86.geojson']])
		assert.match(await load(kind, text), /Rien à changer/);
});

const NEXT = COMPETENCE.replace('86139,GN,1002,Brigade de Lusignan', '86194,GN,1002,Brigade de Lusignan');

test('a_new_edition_shows_what_changes_and_changes_it_only_when_told', async () => {
	const dry = await load('competence', NEXT, '--dry-run');
	assert.match(dry, /Prennent fin : 1\n +86139 GN 1002 Brigade de Lusignan\nCommencent : 1\n +86194 GN 1002/);
	assert.match(dry, /rien n'est changé/);
	// Nobody at a terminal to agree.
	await assert.rejects(load('competence', NEXT), /rien n'est changé : ajoutez --yes/);
	assert.equal(await whereCode('86139'), 'Brigade de Lusignan');
	await load('competence', NEXT, '--yes');
	assert.equal(await whereCode('86194'), 'Brigade de Lusignan');
	assert.equal((await where('commune=86139')).is_default, true);
	await load('competence', COMPETENCE, '--yes');
});

test('an_import_cut_off_anywhere_leaves_the_edition_before', async () => {
	const {result: {edition}} = await ask('import.begin', {kind: 'competence'});
	const rows = '86194|GN|1002|Brigade de Lusignan\n86294|GN|1002|Brigade de Lusignan';
	assert.deepEqual((await ask('import.rows', {kind: 'competence', edition, rows})).result, {new: 2, known: 0, twice: 0, rest: false, loose: []});
	await house.server.kill();
	await house.server.start();
	// A server that starts answers before it has read the territory.
	await until('the territory', () => where('commune=86294'));
	assert.equal(await whereCode('86294'), 'Brigade de Vouillé (86294)');
	assert.equal((await where('commune=86194')).is_default, true);
	// Whoever goes on with an edition that another has overtaken is told.
	await ask('import.begin', {kind: 'competence'});
	assert.equal((await ask('import.finish', {kind: 'competence', edition, count: 2})).problem, 'conflict');
	assert.match(await load('competence', COMPETENCE), /Rien à changer/);
	assert.equal(await whereCode('86294'), 'Brigade de Vouillé (86294)');
});

const unitNamed = async (name) => (await house.server.ctl('unit', 'list')).units.find((unit) => unit.name === name);
test('a_unit_import_that_stopped_amid_the_units_is_taken_back_by_the_edition_before', async () => {
	await house.server.ctl('unit', 'set', {unit: 'Brigade de Lusignan', phone: '+33549009999'});
	const kind = 'gendarmerie', {result: {edition, unfinished}} = await ask('import.begin', {kind});
	assert.equal(unfinished, false);
	// One changes its name, one ends, one is new.
	const rows = '1001|Brigade renommée||86294||\n1003|Brigade nouvelle||86194||';
	assert.deepEqual((await ask('import.rows', {kind, edition, rows})).result.new, 2);
	for (const begins of [false, true]) assert.equal((await ask('import.apply', {kind, edition, begins})).result.after, null);
	await house.server.kill();
	await house.server.start();
	assert.equal((await unitNamed('Brigade de Lusignan')).available, false);
	assert.ok(await unitNamed('Brigade renommée'));
	assert.match(await load(kind, UNITS, '--dry-run'), /s’est arrêté en chemin[^]*Essai seulement/);
	assert.match(await load(kind, UNITS, '--yes'), /s’est arrêté en chemin/);
	const kept = await unitNamed('Brigade de Lusignan');
	// Chosen by hand: it is not taken back.
	assert.deepEqual([kept.available, kept.phone], [true, '+33549009999']);
	assert.equal((await unitNamed('Brigade nouvelle')).available, false);
	assert.equal(await unitNamed('Brigade renommée'), undefined);
	assert.equal((await unitNamed('Brigade de Vouillé (86294)')).phone, '+33549000001');
	assert.match(await load(kind, UNITS), /Rien à changer/);
});

test('taking_back_an_import_that_stopped_leaves_what_was_set_by_hand', async () => {
	const byHand = 'Brigade de Vouillé (86294)', kind = 'gendarmerie';
	await house.server.ctl('unit', 'set', {unit: byHand, available: 'non'});
	const {result: {edition}} = await ask('import.begin', {kind});
	// One is as it was, one ends, one is new.
	const rows = '1001|Brigade de Vouillé|+33549000001|86294|466400000|1660000\n1005|Brigade éphémère||86194||';
	assert.deepEqual((await ask('import.rows', {kind, edition, rows})).result, {new: 1, known: 1, twice: 0, rest: false});
	for (const begins of [false, true]) await ask('import.apply', {kind, edition, begins});
	assert.equal((await unitNamed('Brigade de Lusignan')).available, false);
	assert.match(await load(kind, UNITS, '--yes'), /s’est arrêté en chemin/);
	assert.equal((await unitNamed('Brigade de Lusignan')).available, true);
	assert.equal((await unitNamed(byHand)).available, false);
	await house.server.ctl('unit', 'set', {unit: byHand, available: 'oui'});
});

test('each_unit_that_an_import_makes_changes_or_ends_is_a_line_and_so_is_the_edition', async () => {
	const auditor = await house.client('auditrice'), {lines: [latest]} = await auditor.expect(200, 'GET', '/api/journal');
	const change = UNITS.replace('1002;Brigade de Lusignan', '1004;Brigade du Clain').replace('05 49 00 00 01', '05 49 00 00 02');
	await load('gendarmerie', change, '--yes');
	const {lines} = await auditor.expect(200, 'GET', '/api/journal');
	const since = lines.filter(({number}) => number > latest.number).reverse();
	assert.deepEqual(since.filter(({command}) => command?.startsWith('import.')).map(({kind, what, command, about}) => [kind, what, command, about.name]), [
		['changed', 'unit', 'import.apply', 'Brigade de Lusignan'],
		['changed', 'unit', 'import.apply', 'Brigade de Vouillé (86294)'],
		['created', 'unit', 'import.apply', 'Brigade du Clain'],
		['changed', 'territory', 'import.finish', null],
	]);
	await load('gendarmerie', UNITS, '--yes');
});

test('every_refused_line_is_said_with_its_number_and_why', async () => {
	const file = Buffer.from('Titre du rapport\ncode_commune\tinstitution\tid_service\tservice\n86294\tGN\t1001\tBrigade de Vouill\xe9\n' +
		'\n99999\tGN\t1\tx\n1004\tXX\t\ty\n86294\tGN\t1002\tautre\n"jamais ferm\xe9\t\n', 'latin1');
	const said = await load('competence', file, '--dry-run');
	for (const line of ['ligne 5 : code INSEE de commune inconnu', 'ligne 6 : institution inconnue', 'ligne 7 : en double : déjà dit ligne 3',
		'ligne 8 : code INSEE de commune inconnu', '5 lignes lues, 4 refusées'])
		assert.ok(said.includes(line), `${line}\n${said}`);
	await assert.rejects(load('police', 'a;b\n1;2\n'), /la colonne « service » manque/);
	await assert.rejects(load('outlines', 'a;b\n1;2\n'), /un fichier JSON est attendu/);
});

test('a_line_that_names_a_unit_or_a_commune_nobody_imported_is_said_and_the_default_stands_in', async () => {
	const lines = `${COMPETENCE}86194,GN,9999,Brigade de nulle part\n86998,GN,1001,Brigade de Vouillé\n`;
	for (const more of [['--dry-run'], ['--yes']]) {
		const said = await load('competence', lines, ...more);
		assert.match(said, /86194 : l’unité GN « 9999 » n’est dans aucune liste importée/);
		assert.match(said, /86998 : cette commune n’est pas importée/);
		assert.match(said, /2 lignes ne mènent à aucune unité/);
		if (more[0] === '--yes') assert.match(said, /3 communes, dont 2 ont une unité/);
	}
	const place = await where('commune=86194');
	assert.equal(place.is_default, true);
	assert.ok(place.unit.name);
	assert.doesNotMatch(await load('competence', COMPETENCE, '--yes'), /aucune/);
});

test('units_without_a_room_are_of_their_departements_own', async () => {
	await load('police', 'service;code_commune_insee\n"Commissariat de police de Poitiers";86194\n');
	const {units} = await house.server.ctl('unit', 'list');
	assert.equal(units.find(({name}) => name === 'Commissariat de police de Poitiers').room, 'CIC 86');
	// Gone from the next edition, it is not sent any more.
	await load('police', 'service;code_commune_insee\n"Commissariat de police de Châtellerault";86066\n', '--yes');
	const {units: later} = await house.server.ctl('unit', 'list');
	assert.equal(later.find(({name}) => name === 'Commissariat de police de Poitiers').available, false);
	assert.ok(later.some(({name}) => name === OTHER_ROOM));
});

test('referents_of_units_are_said_with_the_place_and_are_no_reading_of_the_database', async () => {
	const file = (name) => `identifiant_public_unite;institution;nom;telephone\n1001;GN;${name};06 39 98 00 10\n1002;GN;Adjudant Canari;\n`;
	await load('referents', file('Adjudante Perroquet'));
	assert.deepEqual((await where('commune=86294')).referent, {name: 'Adjudante Perroquet', phone: '+33639980010'});
	await load('referents', file('Major Colibri'), '--yes');
	assert.equal((await where('commune=86294')).referent.name, 'Major Colibri');
	// Chosen by hand: an import does not take it away.
	await house.server.ctl('unit', 'set', {unit: 'Brigade de Lusignan', referent: 'Gendarme Pinson'});
	await load('referents', 'identifiant_public_unite;institution;nom\n1001;GN;Major Colibri\n', '--yes');
	assert.equal((await where('commune=86139')).referent.name, 'Gendarme Pinson');
	// An import that stopped is taken back; one that was cleared by hand stays so.
	const both = 'identifiant_public_unite;institution;nom\n1001;GN;Major Colibri\n1002;GN;Adjudant Canari\n';
	await load('referents', both, '--yes');
	const {id} = await unitNamed('Brigade de Vouillé (86294)'), kind = 'referents';
	await house.server.ctl('unit', 'set', {unit: id, referent: '', referent_phone: ''});
	const {result: {edition}} = await ask('import.begin', {kind});
	assert.equal((await ask('import.rows', {kind, edition, rows: `${id}|Major Colibri|`})).result.known, 1);
	for (const begins of [false, true]) await ask('import.apply', {kind, edition, begins});
	assert.equal((await where('commune=86139')).referent, null);
	assert.match(await load('referents', both, '--yes'), /s’est arrêté en chemin/);
	assert.equal((await where('commune=86139')).referent.name, 'Adjudant Canari');
	assert.equal((await where('commune=86294')).referent, null);
});

const RNE = 'Titre du rapport\nCode du département\tCode de la commune\tNom de l\'élu\tPrénom de l\'élu\tDate de naissance\tLibellé de la fonction\tDate de début du mandat\n' +
	'86\t294\tHIRONDELLE\tÉlodie\t03/02/1961\tMaire\t22/03/2026\n86\t294\tMOINEAU-DUVAL\tJean\t29/02/1960\t\t22/03/2026\n' +
	'ZA\t101\tTOURTERELLE\tZoé\t01/01/1980\t\t22/03/2026\n86\t294\tFAUX\tDate\t30/02/1980\t\t22/03/2026\n86\t294\tFAUX\tDebut\t03/02/1980\t\t\n';

test('the_register_of_officials_is_searched_at_the_counter_and_mandates_that_end_are_shown_first', async () => {
	const municipal = (text, ...more) => load('rne', text, 'mandate=conseiller municipal', ...more);
	const said = await municipal(RNE);
	assert.match(said, /ligne 6 : date de naissance illisible[^]*ligne 7 : date de début de mandat illisible[^]*5 lignes lues, 2 refusées/);
	await house.account('guichet', 'counter');
	const counter = await house.client('guichet');
	const found = async (query) => (await counter.expect(200, 'GET', `/api/mandates?${query}`)).mandates;
	const [{mark, ...line}] = await found('commune=86294&name=hirondelle%20elo');
	assert.match(mark, /^[0-9a-f]{32}$/);
	assert.deepEqual(line, {last_name: 'HIRONDELLE', first_name: 'Élodie', birth_date: '1961-02-03',
		mandate: 'conseiller municipal', function: 'Maire', since: '2026-03-22', place: '86294'});
	assert.equal((await found('commune=86294')).length, 2);
	assert.equal((await found('commune=86294&name=duval')).length, 1);
	assert.equal((await found('commune=97101&name=Zoe')).length, 1);
	assert.deepEqual(await found('commune=86139'), []);
	await counter.expect(400, 'GET', '/api/mandates');
	const next = RNE.replace(/86\t294\tMOINEAU.*\n/, '');
	assert.match(await municipal(next, '--dry-run'), /Prennent fin : 1\n +86294 MOINEAU-DUVAL Jean 1960-02-29/);
	assert.equal((await found('commune=86294')).length, 2);
	await municipal(next, '--yes');
	assert.equal((await found('commune=86294')).length, 1);
	// Another mandate's file is another part.
	await load('rne', RNE, 'mandate=sénateur');
	assert.equal((await found('commune=86294')).length, 3);
	await assert.rejects(load('rne', RNE), /de quel mandat est ce fichier/);
});

test('a_mandate_that_left_the_register_is_looked_into_at_the_counter_and_ends_nothing', async () => {
	const municipal = (text, ...more) => load('rne', text, 'mandate=conseiller municipal', ...more);
	const counter = await house.client('guichet');
	await municipal(RNE, '--yes');
	const [{mark}] = (await counter.expect(200, 'GET', '/api/mandates?commune=86294&name=moineau')).mandates;
	const register = (status, more) => counter.expect(status, 'POST', '/api/counter/registrations', {name: 'Jean Moineau-Duval', phone: '06 39 98 77 01',
		commune_code: '86294', identity: 'oui', mandate_checked: 'oui', register_mark: mark, ...more});
	const wrong = await register(400, {commune_code: '86139'});
	assert.equal(wrong.errors[0].field, 'register_mark');
	const {id} = await register(200);
	await register(200, {name: 'Sans Répertoire', phone: '06 39 98 77 02', register_mark: null});
	const task = async () => {
		const {task: what, mandate_gone: gone, mandate_ends: ends, mandate_until: end} =
			(await counter.expect(200, 'POST', '/api/counter/terms', {})).terms.find(({official}) => official === id) ?? {};
		return [what, Boolean(gone), Boolean(ends), end ?? null];
	};
	const none = [undefined, false, false, null], asked = ['mandate_gone', true, true, null];
	const next = RNE.replace(/86\t294\tMOINEAU.*\n/, '');
	assert.match(await municipal(next, '--dry-run'), /Inscriptions touchées : 1 \(mandat qui n’est plus au répertoire : 1 ;/);
	assert.deepEqual(await task(), none);
	await municipal(next, '--yes');
	assert.deepEqual(await task(), asked);
	// The file of another mandate says nothing of it; the edition before, imported again, takes it back.
	await load('rne', next, 'mandate=sénateur', '--yes');
	assert.deepEqual(await task(), asked);
	assert.match(await municipal(RNE, '--yes'), /Inscriptions touchées : 1 \([^)]*; de nouveau au répertoire : 1\)/);
	assert.deepEqual(await task(), none);
	// One that stopped before it came to the registrations: the same file again does the rest.
	const set = {kind: 'rne', scope: 'conseiller-municipal'}, {result: {edition}} = await ask('import.begin', set);
	const rows = ['86294|HIRONDELLE|Élodie|1961-02-03|conseiller municipal|Maire|2026-03-22', '97101|TOURTERELLE|Zoé|1980-01-01|conseiller municipal||2026-03-22'];
	assert.equal((await ask('import.rows', {...set, edition, rows: rows.join('\n')})).result.known, 2);
	await ask('import.finish', {...set, edition, count: 2});
	assert.deepEqual(await task(), none);
	assert.match(await municipal(next, '--yes'), /Rien à changer/);
	assert.deepEqual(await task(), asked);
	// What was settled stays so, whatever comes.
	await counter.expect(200, 'POST', '/api/counter/terms/confirm', {official: id, verified: 'oui'});
	assert.deepEqual(await task(), none);
	assert.match(await municipal(next, '--yes'), /Rien à changer/);
	assert.deepEqual(await task(), none);
	await house.account('audit', 'auditor');
	const {lines} = await (await house.client('audit')).expect(200, 'GET', `/api/journal?subject=${id}`);
	assert.deepEqual(lines.map(({kind}) => kind).filter((kind) => kind.startsWith('term.')).reverse(),
		['term.mandate_gone', 'term.mandate_back', 'term.mandate_gone', 'term.confirmed']);
});

test('a_synthetic_network_leads_every_commune_to_a_unit_and_a_referent', async () => {
	const folder = house.server.in('synthetic');
	const towns = Array.from({length: 60}, (_, i) => commune(String(17001 + i), `Commune ${i}`, i === 30 ? 80000 : 300 + i,
		{departement: '17', arrondissement: `17${i % 2}`, codesPostaux: [String(17000 + 10 * i)],
			centre: {type: 'Point', coordinates: [-1 + i / 100, 46]}}));
	await writeFile(house.server.in('towns.json'), JSON.stringify(towns));
	assert.match(await run('egidectl', ['synthesize', house.server.in('towns.json'), folder, 'officials=300']), /60 communes, 6 brigades, 2 commissariats, 8 référents/);
	const files = (await readdir(folder)).sort();
	assert.deepEqual(files, ['competence-synthetique.csv', 'gendarmerie-synthetique.csv', 'police-synthetique.csv', 'referents-synthetiques.csv',
		'rne-conseillers-departementaux-synthetique.csv', 'rne-conseillers-municipaux-synthetique.csv']);
	for (const [kind, file] of [['communes', '../towns.json'], ['gendarmerie', files[1]], ['police', files[2]], ['competence', files[0]],
		['referents', files[3]], ['rne', files[4]], ['rne', files[5]]])
		await run('egidectl', ['import', kind, path.join(folder, file), '--yes', '--socket', house.server.in('control.sock')]);
	const {units} = await house.server.ctl('unit', 'list');
	const made = units.filter(({name}) => name.endsWith('(synthétique)'));
	assert.ok(made.length === 8 && made.every(({lat, lon}) => lat === 46 && lon >= -1 && lon < -0.4));
	// The middle of an outline; what nobody says is said to be missing.
	await writeFile(house.server.in('beruges.json'), JSON.stringify([commune('86024', 'Béruges', 1528), commune('86194', 'Poitiers', 90000)]));
	const synthesize = (...more) => run('egidectl', ['synthesize', house.server.in('beruges.json'), folder, ...more]);
	assert.doesNotMatch(await synthesize(`outlines=${path.join(ROOT, 'data/communes-86.geojson')}`), /position/);
	const [, row] = (await readFile(path.join(folder, 'gendarmerie-synthetique.csv'), 'utf8')).split('\n');
	const [lon, lat] = row.split(';').slice(-2).map(Number);
	assert.ok(Math.abs(lat - 46.5552) < 0.02 && Math.abs(lon - 0.202) < 0.02, row);
	assert.match(await synthesize(), /Les communes n’ont pas de position dans ces fichiers/);
	await assert.rejects(synthesize(`outlines=${house.server.in('egide.conf')}`), /n’est pas un fichier GeoJSON entier/);
	for (const {code} of towns) {
		const {unit, referent, is_default: byDefault} = await where(`commune=${code}`);
		assert.ok(unit.name.endsWith('(synthétique)') && referent.name.endsWith('(synthétique)') && !byDefault, code);
	}
	assert.match((await where('commune=17031')).unit.name, /^Commissariat/);
	const counter = await house.client('guichet');
	assert.equal((await counter.expect(200, 'GET', '/api/mandates?commune=17031')).mandates.filter((one) => one.function === 'Maire').length, 1);
	// Some have two mandates, each a line of the register.
	const [, second] = (await readFile(path.join(folder, files[4]), 'utf8')).split('\n');
	const [last, first] = second.split(';').slice(4);
	assert.ok(first);
	const both = (await Promise.all(towns.map(({code}) => counter.expect(200, 'GET', `/api/mandates?${new URLSearchParams({commune: code, name: last})}`))))
		.map(({mandates}) => mandates.filter((one) => one.last_name === last && one.first_name === first).map(({mandate}) => mandate).sort());
	assert.ok(both.some((list) => list.join() === 'conseiller départemental,conseiller municipal'), JSON.stringify(both));
});

test('a_synthetic_network_of_the_whole_country_has_a_station_in_each_sub_prefecture_and_leads_every_commune_to_a_unit', async () => {
	const data = (file) => path.join(ROOT, 'tests/node_modules/@etalab/decoupage-administratif/data', file);
	const folder = house.server.in('country'), arrondissements = JSON.parse(await readFile(data('arrondissements.json'), 'utf8'));
	const said = await run('egidectl', ['synthesize', data('communes.json'), folder, `arrondissements=${data('arrondissements.json')}`]);
	const [, brigades, stations, referents] = said.match(/ (\d+) brigades, (\d+) commissariats, (\d+) référents/).map(Number);
	assert.ok(referents === brigades + stations && referents > 3300 && referents < 3600, said);
	const police = await readFile(path.join(folder, 'police-synthetique.csv'), 'utf8');
	const seats = new Set(police.split('\n').map((line) => line.split(';')[4]));
	assert.deepEqual(arrondissements.filter(({chefLieu}) => !seats.has(chefLieu)), []);
	const socket = ['--yes', '--socket', house.server.in('control.sock')];
	await run('egidectl', ['import', 'communes', data('communes.json'), ...socket]);
	for (const [kind, file] of [['gendarmerie', 'gendarmerie-synthetique.csv'], ['police', 'police-synthetique.csv'], ['competence', 'competence-synthetique.csv']])
		await run('egidectl', ['import', kind, path.join(folder, file), ...socket]);
	const {communes, with_unit: withUnit} = (await ask('territory.show', {})).result;
	assert.ok(communes > 34000 && withUnit === communes, `${withUnit} of ${communes}`);
	// Overseas, Corsica, Paris and one of its arrondissements.
	for (const code of ['97411', '2A004', '75056', '75112']) assert.ok((await where(`commune=${code}`)).unit, code);
	await assert.rejects(run('egidectl', ['synthesize', data('communes.json'), folder, `arrondissements=${data('regions.json')}x`]), /regions.jsonx/);
});

test('names_and_birth_dates_are_in_no_file', async () => {
	await house.server.stop();
	for (const file of await readdir(house.server.in('data'))) {
		const bytes = await readFile(house.server.in(`data/${file}`)).catch(() => Buffer.alloc(0));
		for (const canary of ['HIRONDELLE', '1961-02-03', 'Moineau', 'MOINEAU', '1960-02-29', 'Colibri', 'Perroquet', 'Pinson', '639980010'])
			assert.ok(!bytes.includes(canary), `${canary} in ${file}`);
		if (file === 'egide.db') assert.ok(bytes.includes('Lusignan'));
	}
	await house.server.start();
});
