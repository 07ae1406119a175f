// The file of who calls 17, whole and at once: before the operator speaks, nothing of it is below the fold.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {axeFaults, Browser, inLink, picture, takePost, widthTooLarge} from './browser.mjs';
import {BRIGADE, HOME, OFFICIAL, Server, TRUSTED, Watch} from './server.mjs';

const SECRET = 'standard-0123456789';
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
	server = await Server.start({switch_secret: SECRET});
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

async function say(event) {
	const response = await fetch(`${server.url}/api/calls`, {
		method: 'POST', body: JSON.stringify({room: 'CORG de la Vienne', line: '17', ...event}),
		headers: {'Content-Type': 'application/json', Authorization: `Bearer ${SECRET}`},
	});
	assert.equal(response.status, 204, await response.text());
}

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
});
