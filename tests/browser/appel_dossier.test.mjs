// The file of who calls 17, whole and at once: before the operator speaks, nothing of it is below the fold.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {axeFaults, Browser, inLink, picture, takePost, widthTooLarge} from './browser.mjs';
import {until} from '../lib/wait.mjs';
import {BRIGADE, HOME, OFFICIAL, SECOND, Server, SWITCH_SECRET, TOWN_HALL, TRUSTED, Watch} from './server.mjs';

const REASON = 'Menaces de mort après le refus d’un permis de construire ; deux lettres, un tir sur la façade.';
const POITIERS = '46.58 0.34';
const STATION = 'Brigade de Poitiers';
const UNITS = 'identifiant_public_unite;service;telephone;code_commune_insee;geocodage_x_GPS;geocodage_y_GPS\n' +
	`3001;${STATION};06 39 98 00 22;86194;0.34;46.58\n`;
const REFERENTS = 'identifiant_public_unite;institution;nom;telephone\n3001;GN;Alix Mésange;06 39 98 00 23\n';
const COMMUNES = JSON.stringify([
	{code: '86024', nom: 'Béruges', departement: '86', region: '75', type: 'commune-actuelle', population: 1400},
	{code: '86194', nom: 'Poitiers', departement: '86', region: '75', type: 'commune-actuelle', population: 90000},
], null, 1);
let server, browser, watch;

before(async () => {
	server = await Server.start({switch_secret: SWITCH_SECRET});
	await server.ctl('account', 'set', {account: 'd.petit', extension: '4012'});
	await server.ctl('official', 'set', {official: OFFICIAL.phone, level: '3', reason: REASON});
	await server.load('communes', COMMUNES);
	await server.load('outlines', 'data/communes-86.geojson');
	await server.load('gendarmerie', UNITS, 'room=CORG de la Vienne');
	await server.load('referents', REFERENTS);
	await server.ctl('competence', 'set', {code: '86024', unit: BRIGADE.name});
	await server.ctl('competence', 'set', {code: '86194', unit: STATION});
	/* An alert that is over, and one that is not. */
	watch = await Watch.connect(server, OFFICIAL.watch);
	await watch.sos();
	await server.endAlerts();
	await watch.sos(HOME);
	browser = await Browser.open();
});

after(async () => {
	watch?.close();
	await browser?.close();
	await server?.stop();
});

afterEach(() => browser.leave());

const say = (event) => server.callIs(event);

const hero = (page) => page.locator('.call-hero');

async function post(login, viewport) {
	const page = await browser.page({viewport});
	await takePost(page, server.url, login);
	await inLink(page);
	return page;
}

const pidf = (pos) => `<presence xmlns="urn:ietf:params:xml:ns:pidf"><tuple><location-info><pos>${pos}</pos><radius>24</radius></location-info></tuple></presence>`;

// Those of these texts that nobody reads without a gesture: not there, out of the window, or under something else.
const unread = (page, texts) => page.evaluate((wanted) => {
	const plain = (text) => text.replace(/\s+/g, ' ');
	const holds = (element, text) => plain(element.textContent).includes(text);
	const isSeen = (element) => {
		const range = document.createRange();
		range.selectNodeContents(element);
		return [...range.getClientRects()].every(({left, top, right, bottom}) => {
			if (left < 0 || top < 0 || right > innerWidth || bottom > innerHeight) return false;
			return [[left + 1, top + 1], [right - 1, bottom - 1]].every(([x, y]) => {
				const at = document.elementFromPoint(x, y);
				return at !== null && (element.contains(at) || at.contains(element));
			});
		});
	};
	return wanted.filter((text) => {
		const innermost = [...document.querySelectorAll('.hand *')].filter((one) => holds(one, text) && ![...one.children].some((child) => holds(child, text)));
		return !innermost.some(isSeen);
	});
}, texts);

const FILE = [
	'PERSONNE PROTÉGÉE', OFFICIAL.name, 'Maire, Béruges', '3. Menaces répétées', REASON, // who, why, level
	'3 rue de l’Église, 86190 Béruges', 'Portail vert, code 4512A, au fond de la cour.', // where, and how to get in
	TOWN_HALL, 'Porte de service, code 77B, derrière la salle des fêtes.', '12 quai Carnot, 86000 Poitiers',
	'Téléphone qui appelle', 'à 24 m près', 'Commune : Poitiers', STATION, 'Référent : Alix Mésange, 06 39 98 00 23', `Unité du dossier : ${BRIGADE.name}`,
	'Un chien dans la cour.', '3 personnes',
	TRUSTED.name, '06 39 98 00 11', 'Inès Garnier', '06 39 98 00 12',
	'Montre 0015', 'Connecté',
	'Ses alertes ouvertes', 'Alerte n° 2', 'À prendre', 'Alertes précédentes', 'Alerte n° 1', 'Autre issue',
];

async function call(page, name) {
	await say({call: name, event: 'ringing', number: OFFICIAL.phone, geolocation: pidf(POITIERS)});
	await say({call: name, event: 'answered', extension: '4012'});
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await page.locator('.maplibregl-canvas').waitFor();
}

// By the chief of the room, whoever has it.
async function end(name) {
	await say({call: name, event: 'ended'});
	await server.login();
	const {calls} = (await server.ask('GET', '/api/alerts?state=open')).answer;
	for (const {id, alert} of calls) await server.ask('POST', `/api/calls/${id}/close`, alert ? {} : {alert: 'none', text: 'fin du test'});
}

const status = (page) => page.locator('.on-line [role="status"], .on-line [role="status"] p').filter({visible: true}).last();

test('the_whole_file_is_read_without_scrolling_on_the_desks_there_are', async () => {
	const page = await post('d.petit');
	await call(page, 'whole');
	for (const [width, height] of [[1440, 900], [1366, 768], [1280, 720]]) {
		await page.setViewportSize({width, height});
		await picture(page, `appel-dossier-${width}`);
		assert.deepEqual(await unread(page, FILE), [], `at ${width} × ${height}`);
		assert.deepEqual(await axeFaults(page), [], `at ${width} × ${height}`);
	}
	await page.setViewportSize({width: 320, height: 700});
	await picture(page, 'appel-dossier-320');
	assert.equal(await widthTooLarge(page), 0);
	assert.deepEqual(await axeFaults(page), []);
	await page.setViewportSize({width: 1366, height: 768});
	/* The alert of the same person: its columns scroll too. */
	await page.keyboard.press('7');
	await page.getByText('3. Menaces répétées').waitFor();
	assert.deepEqual(await axeFaults(page), []);
	await end('whole');
});

test('a_level_and_a_reason_that_nobody_gave_are_said_to_be_missing', async () => {
	await server.ctl('official', 'set', {official: OFFICIAL.phone, level: '', reason: ''});
	const page = await post('d.petit');
	await call(page, 'bare');
	await hero(page).getByText('Niveau de menace : non renseigné').waitFor();
	await hero(page).getByText('Motif : non renseigné').waitFor();
	await server.ctl('official', 'set', {official: OFFICIAL.phone, level: '3', reason: REASON});
	await end('bare');
});

test('the_alert_and_the_call_of_one_person_say_each_other_while_both_go_on', async () => {
	const [page, colleague] = [await post('d.petit'), await post('c.marchand')];
	const heard = status(colleague);
	await colleague.locator('.hero').getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await colleague.locator('.acts-message').getByText('un appel pourrait mettre la personne en danger').waitFor();
	await say({call: 'both', event: 'ringing', number: OFFICIAL.phone});
	/* Nobody has touched either: they are proposed as one all the same. */
	await heard.getByText('Un numéro de cette personne appelle le 17 : cela sonne').waitFor();
	await say({call: 'both', event: 'answered', extension: '4012'});
	await heard.getByText('Cette personne est en ligne avec le 17 : Damien Petit a l’appel.').waitFor();
	await heard.getByText('C’est à Damien Petit de le rattacher à cette alerte (E).').waitFor();
	assert.equal(await colleague.getByText('un appel pourrait mettre la personne en danger').count(), 0);
	assert.deepEqual(await axeFaults(colleague), []);
	await picture(colleague, 'alerte-en-ligne');
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await status(page).getByText('Cette personne a une alerte ouverte, n° 2 : personne ne l’a encore prise en charge. Rattachez-lui cet appel (E).').waitFor();
	await page.keyboard.press('e');
	await status(page).getByText('L’appel est rattaché à l’alerte.').waitFor();
	await heard.getByText('L’appel est rattaché à l’alerte.').waitFor();
	/* The list names to who has it, and to nobody else. */
	await page.locator('.row-call').getByText(OFFICIAL.name).waitFor();
	assert.equal(await colleague.locator('.row-call').getByText(OFFICIAL.name).count(), 0);
	assert.doesNotMatch(await page.locator('.acts-row button').first().innerText(), /Prendre l’appel/);
	/* From the alert, the key of calls opens this one. */
	await page.keyboard.press('7');
	await status(page).getByText('Cette personne est en ligne avec vous au 17.').waitFor();
	await page.keyboard.press('7');
	await hero(page).waitFor();
	await say({call: 'both', event: 'ended'});
	await heard.getByText('Cette personne a appelé le 17 et a raccroché : Damien Petit a l’appel.').waitFor();
	await end('both');
	await colleague.getByText('Damien Petit a l’appel').waitFor({state: 'detached'});
});

test('ones_own_calls_are_named_after_the_page_was_opened_again', async () => {
	const page = await post('d.petit');
	await call(page, 'named');
	await page.keyboard.press('7');
	const again = await browser.page();
	await takePost(again, server.url, 'd.petit');
	await again.locator('.row-call').getByText(OFFICIAL.name).waitFor();
	await end('named');
});

test('a_number_of_several_protected_persons_says_so_and_one_is_chosen_by_its_key', async () => {
	const shared = '+33549980078';
	await server.addOfficial(SECOND);
	await server.ctl('official', 'set', {official: OFFICIAL.phone, other_phones: shared, other_kinds: 'town_hall'});
	await server.ctl('official', 'set', {official: SECOND.phone, mandate: 'Première adjointe', level: '1', other_phones: shared, other_kinds: 'duty'});
	const page = await post('d.petit');
	await say({call: 'shared', event: 'ringing', number: shared, geolocation: pidf(POITIERS)});
	await say({call: 'shared', event: 'answered', extension: '4012'});
	await hero(page).getByText('NUMÉRO DE PERSONNES PROTÉGÉES').waitFor();
	await page.locator('.maplibregl-canvas').waitFor();
	for (const [width, height] of [[1440, 900], [1366, 768]]) {
		await page.setViewportSize({width, height});
		assert.deepEqual(await unread(page, [
			'NUMÉRO DE PERSONNES PROTÉGÉES', 'Ce numéro est celui de 2 personnes protégées', 'Commune : Poitiers', STATION,
			OFFICIAL.name, 'Maire, Béruges', 'Ce numéro : mairie', 'Niveau de menace : 3. Menaces répétées', 'Alerte ouverte',
			SECOND.name, 'Première adjointe, Béruges', 'Ce numéro : astreinte', 'Niveau de menace : 1. Attention', `Unité : ${BRIGADE.name}`,
		]), [], `at ${width} × ${height}`);
		assert.deepEqual(await axeFaults(page), []);
	}
	await picture(page, 'appel-plusieurs');
	await page.setViewportSize({width: 320, height: 700});
	assert.equal(await widthTooLarge(page), 0);
	await picture(page, 'appel-plusieurs-320');
	const [second] = await page.locator('.candidate', {hasText: SECOND.name}).locator('kbd').allInnerTexts();
	await page.keyboard.press(second);
	await hero(page).getByRole('heading', {name: SECOND.name}).waitFor();
	await page.locator('.row-call').getByText(SECOND.name).waitFor();
	await end('shared');
});

test('a_place_pointed_at_on_the_map_says_its_commune_its_unit_and_its_referent', async () => {
	const page = await post('c.marchand');
	const canvas = page.locator('.maplibregl-canvas'), said = page.locator('.map-pointed');
	await canvas.waitFor();
	/* The middle of the map is where the telephone is. */
	const {x, y, width, height} = await canvas.boundingBox();
	await until('the map is drawn and points', async () => {
		await page.mouse.click(x + width / 2, y + height / 2);
		return /^Point désigné — Commune : Béruges/.test(await said.textContent({timeout: 1000}).catch(() => ''));
	});
	assert.ok((await said.textContent()).includes(`unité compétente : ${BRIGADE.name}`), await said.textContent());
	/* By the keyboard alone: eastwards until Poitiers. */
	await canvas.focus();
	await until('Poitiers', async () => {
		await page.keyboard.press('ArrowRight');
		const answer = page.waitForResponse(/\/api\/territory\?/);
		await page.keyboard.press('Enter');
		return (await (await answer).json()).territory?.commune?.name === 'Poitiers';
	});
	await page.locator('.map-pointed', {hasText: 'Commune : Poitiers'}).waitFor();
	const text = (await said.textContent()).replace(/\s/g, ' ');
	assert.ok(text.includes(`unité compétente : ${STATION}`) && text.includes('Alix Mésange') && text.includes('06 39 98 00 23'), text);
});
