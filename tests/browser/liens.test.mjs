// The pages that a link of an SMS opens, on a telephone.
import assert from 'node:assert/strict';
import http from 'node:http';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import {axeFaults, Browser, PHONE, picture, takePost, widthTooLarge} from './browser.mjs';
import {BRIGADE, HOME, OFFICIAL, Server, TRUSTED, Watch} from './server.mjs';
import {until} from '../lib/wait.mjs';

let server, browser, watch, alert;

before(async () => {
	server = await Server.start();
	browser = await Browser.open();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

beforeEach(async () => {
	watch = await Watch.connect(server, OFFICIAL.watch);
	alert = {since: server.messages.length};
	await watch.sos();
	await server.login();
	alert.id = (await server.ask('GET', '/api/alerts?state=open')).answer.alerts[0].id;
});

afterEach(async () => {
	watch.close();
	for (const context of browser.chromium.contexts()) await context.close();
	await server.endAlerts();
	assert.deepEqual(await browser.takeFaults(), []);
});

const detail = async () => (await server.ask('GET', `/api/alerts/${alert.id}`)).answer;
const openPhone = async (address, options) => {
	const page = await browser.page({viewport: PHONE, ...options});
	await page.goto(server.url + address);
	return page;
};

const sendBrigade = () => server.sendBrigade(alert.id);

test('the_trusted_person_follows_and_answers_and_reading_changes_nothing', async () => {
	const address = await server.link(TRUSTED.phone, alert.since);
	const before = await until('the SMS is delivered', async () => {
		const now = await detail();
		return now.contacts[0].state === 'delivered' && now;
	});
	const page = await openPhone(address, {theme: 'night'});
	await page.getByRole('heading', {name: `${OFFICIAL.name} a demandé de l’aide`}).waitFor();
	await page.getByText('Appel il y a').waitFor();
	await page.getByText('N\'intervenez pas seul').waitFor();
	await page.getByText('Sur la commune de Béruges').waitFor();
	await page.locator('.maplibregl-canvas').waitFor();
	assert.equal(await page.locator('.urgency').innerText(), 'Urgence : 17, 112, ou 114 par SMS');
	assert.equal(await widthTooLarge(page), 0);
	await picture(page, 'suivi');
	const read = await detail();
	assert.deepEqual(read.contacts, before.contacts);
	assert.deepEqual(read.entries.filter(({actor}) => actor.kind === 'contact'), []);

	await watch.move({lat: HOME.lat + 0.05, lon: HOME.lon + 0.13});
	await page.getByText('Sur la commune de Poitiers').waitFor();

	await page.getByRole('button', {name: 'Je m’en occupe'}).click();
	await page.getByText('Vous avez répondu').waitFor();
	assert.equal((await detail()).contacts[0].state, 'on_it');
	await picture(page, 'suivi-repondu');

	await server.endAlerts();
	await page.getByRole('heading', {name: 'L’alerte est terminée'}).waitFor();
	await picture(page, 'suivi-close');
	const late = await openPhone(address);
	await late.getByRole('heading', {name: 'Ce lien ne fonctionne plus'}).waitFor();
	await picture(late, 'suivi-mort');
});

test('quick_exit_leaves_no_page_to_come_back_to', async () => {
	const page = await openPhone(await server.link(TRUSTED.phone, alert.since));
	await page.route(/wikipedia/, (route) => route.fulfill({body: 'un site ordinaire', contentType: 'text/plain; charset=utf-8'}));
	await page.getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await page.keyboard.press('Escape');
	await page.waitForURL(/wikipedia/);
	await page.goBack();
	assert.ok(!page.url().startsWith(server.url), page.url());
	// That request to another host is the only one, and it is the person's own wish.
	assert.deepEqual(await browser.takeFaults(), ['asked of another host: https://fr.wikipedia.org/']);
});

test('an_address_that_was_guessed_shows_nothing', async () => {
	for (const address of ['/s/AAAAAAAAAAAAAAAAAAAAAA', '/p/AAAAAAAAAAAAAAAAAAAAAA']) {
		const page = await openPhone(address);
		await page.getByRole('heading', {name: /ne fonctionne plus|n’est plus accessible/}).waitFor();
		assert.ok(!(await page.locator('body').innerText()).includes(OFFICIAL.name));
	}
});

test('a_revoked_link_is_dead_at_once', async () => {
	const page = await openPhone(await server.link(TRUSTED.phone, alert.since));
	await page.getByRole('heading', {name: OFFICIAL.name}).waitFor();
	const [contact] = (await detail()).contacts;
	await server.ask('DELETE', `/api/alerts/${alert.id}/contacts/${contact.id}/link`);
	await page.getByRole('heading', {name: 'L’alerte est terminée'}).waitFor();
});

test('the_patrol_reads_and_reports_each_step', async () => {
	const page = await openPhone(await sendBrigade(), {theme: 'night'});
	await page.getByText('ALERTE SILENCIEUSE').waitFor();
	await page.getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await page.getByText('Portail vert, code 4512A').waitFor();
	await page.locator('.facts > div', {hasText: 'Mairie'}).getByText('Comment entrer : Porte de service').waitFor();
	assert.equal(await page.locator('a[href^="tel:"]').count(), 1, 'the room can be called, the person cannot');
	await page.locator('.maplibregl-canvas').waitFor();
	assert.equal(await widthTooLarge(page), 0);
	await picture(page, 'patrouille');

	for (const [button, state] of [['Bien reçu', 'received'], ['En route', 'en_route'], ['Arrivés sur place', 'arrived']]) {
		await page.getByRole('button', {name: button}).click();
		await until(state, async () => (await detail()).dispatches[0].state === state);
	}
	await page.locator('.mission-state', {hasText: 'Sur place'}).waitFor();
	await picture(page, 'patrouille-sur-place');
	await server.endAlerts();
	await page.getByRole('heading', {name: 'Alerte close'}).waitFor();
});

test('the_patrol_declines_with_a_reason', async () => {
	const page = await openPhone(await sendBrigade());
	await page.getByRole('button', {name: 'Décliner la mission'}).click();
	await page.getByRole('button', {name: 'Envoyer et décliner'}).click();
	await page.locator('.failure', {hasText: 'Pourquoi déclinez-vous ?'}).waitFor();
	await page.getByRole('radio', {name: 'Autre motif'}).check();
	await page.getByLabel('Précisez le motif').fill('Pneu crevé');
	await picture(page, 'patrouille-decline');
	await page.getByRole('button', {name: 'Envoyer et décliner'}).click();
	await page.getByRole('heading', {name: 'Mission déclinée'}).waitFor();
	await assertForgotten(page);
	const {dispatches, entries} = await detail();
	assert.equal(dispatches[0].state, 'declined');
	assert.equal(entries.find(({kind}) => kind === 'unit.declined').body.reason, 'Pneu crevé');
});

test('a_mission_called_off_leaves_neither_person_nor_position_on_the_page', async () => {
	const address = await sendBrigade();
	const page = await openPhone(address, {theme: 'night'});
	await page.locator('.maplibregl-canvas').waitFor();
	await page.getByRole('button', {name: 'Décliner la mission'}).click();
	const [{id}] = (await detail()).dispatches;
	await server.ask('POST', `/api/alerts/${alert.id}/dispatches/${id}/cancel`, {});
	await page.getByRole('heading', {name: 'Mission annulée par la salle'}).waitFor();
	await assertForgotten(page);
	await picture(page, 'patrouille-annulee');
	const late = await openPhone(address);
	await late.getByRole('heading', {name: 'Mission annulée par la salle'}).waitFor();
	await assertForgotten(late);
	await server.endAlerts();
	await page.getByRole('heading', {name: 'Alerte close'}).waitFor();
});

// Only the room is left to call.
async function assertForgotten(page) {
	const words = await page.locator('body').innerText();
	for (const gone of [OFFICIAL.name, 'Béruges', 'Portail', 'Porte de service', '46.57', '46,57', 'navigation']) assert.ok(!words.includes(gone), gone);
	assert.equal(await page.locator('.map, dialog').count(), 0);
	assert.deepEqual(await page.locator('main a').evaluateAll((links) => links.map(({href}) => href)), ['tel:+33549980000']);
}

const ANDROID = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Mobile/15E148 Safari/604.1';

test('the_way_there_opens_on_either_kind_of_phone_and_can_be_copied', async () => {
	const address = await sendBrigade();
	const geo = 'geo:46.571200,0.215400?q=46.571200,0.215400', maps = 'maps://?daddr=46.571200,0.215400';
	for (const [userAgent, first, name, second] of [
		[ANDROID, geo, 'Sur iPhone : ouvrir dans Plans', maps],
		[IPHONE, maps, 'Sur Android : ouvrir l’application de cartes', geo],
	]) {
		const page = await openPhone(address, {userAgent});
		await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
		assert.equal(await page.getByRole('link', {name: 'Lancer la navigation'}).getAttribute('href'), first);
		assert.equal(await page.getByRole('link', {name}).getAttribute('href'), second);
		await page.getByRole('button', {name: 'Copier les coordonnées 46.571200, 0.215400'}).click();
		await page.getByText('Coordonnées copiées').waitFor();
		assert.equal(await page.evaluate(() => navigator.clipboard.readText()), '46.571200, 0.215400');
		assert.equal(await widthTooLarge(page), 0);
	}
});

test('coordinates_are_copied_over_plain_http_too', async () => {
	// As on a page that is not a secure context.
	const init = () => { Object.defineProperty(navigator, 'clipboard', {value: undefined}); };
	const page = await openPhone(await sendBrigade(), {init});
	await page.getByRole('button', {name: 'Copier les coordonnées'}).click();
	await page.getByText('Coordonnées copiées').waitFor();
	await page.evaluate(() => document.body.append(document.createElement('textarea')));
	await page.locator('textarea').focus();
	await page.keyboard.press('Control+V');
	assert.equal(await page.locator('textarea').inputValue(), '46.571200, 0.215400');
});

test('a_test_shows_the_room_what_the_trusted_person_and_the_patrol_would_see', async () => {
	await server.endAlerts();
	const {answer: {devices}} = await server.ask('GET', '/api/devices');
	alert.id = (await server.ask('POST', '/api/test-alerts', {device: devices[0].id})).answer.id;
	const sent = server.messages.length;
	await server.ask('POST', `/api/alerts/${alert.id}/claim`, {});
	const {answer: {units}} = await server.ask('GET', `/api/units?alert=${alert.id}`);
	await server.ask('POST', `/api/alerts/${alert.id}/dispatches`, {unit: units[0].id});

	const room = await browser.page({theme: 'night'});
	await takePost(room, server.url, 'c.marchand');
	await room.getByText(`Pour ${BRIGADE.name}`).waitFor();
	await room.getByText('TEST - ALERTE Camille Berthelot').waitFor();
	await room.getByText('TEST - ALERTE Camille Berthelot').scrollIntoViewIfNeeded();
	assert.deepEqual(await axeFaults(room), []);
	await picture(room, 'salle-essai-sms');
	const open = async (key) => {
		await room.keyboard.press('v');
		await room.getByRole('dialog', {name: 'SMS de l’essai'}).waitFor();
		assert.deepEqual(await axeFaults(room, 'dialog'), []);
		await picture(room, 'salle-essai-ouvrir');
		const opened = room.context().waitForEvent('page');
		await room.keyboard.press(key);
		return opened;
	};
	const follow = await open('1'), patrol = await open('2');
	await follow.getByRole('heading', {name: `${OFFICIAL.name} a demandé de l’aide`}).waitFor();
	await patrol.getByText('Portail vert, code 4512A').waitFor();
	await watch.move({lat: HOME.lat + 0.05, lon: HOME.lon + 0.13});
	for (const page of [follow, patrol]) {
		await page.getByText('Sur la commune de Poitiers').waitFor();
		await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
		const mark = await page.getByText('ESSAI : ceci n’est pas une alerte réelle').boundingBox();
		assert.ok(mark.y >= 0 && mark.y < 300, 'in view wherever the page is scrolled to');
		assert.match(await page.title(), /^ESSAI – /);
	}
	await patrol.setViewportSize(PHONE);
	assert.equal(await widthTooLarge(patrol), 0);
	await picture(patrol, 'patrouille-essai');
	await follow.setViewportSize(PHONE);
	await picture(follow, 'suivi-essai');
	assert.equal((await detail()).trail.length, 1);
	await follow.getByRole('button', {name: 'Je m’en occupe'}).click();
	await until('the answer is on the test', async () => (await detail()).contacts[0].state === 'on_it');

	// A call for help while the test runs is a real alert.
	await watch.sos();
	const {answer: {alerts}} = await server.ask('GET', '/api/alerts?state=open');
	assert.deepEqual(alerts.map(({test}) => test), [false, true]);
	assert.deepEqual(server.messages.slice(sent).filter(({text}) => text.startsWith('TEST')), []);
	await server.endAlerts();
	await patrol.getByRole('heading', {name: 'Alerte close'}).waitFor();
	await patrol.getByText('ESSAI : ceci n’est pas une alerte réelle').waitFor();
});

test('a_tile_address_in_the_configuration_puts_tiles_under_the_outlines', async () => {
	const asked = [];
	const tiles = http.createServer((request, response) => {
		asked.push(request.url);
		response.writeHead(404, {'Access-Control-Allow-Origin': '*'}).end();
	});
	await new Promise((resolve) => { tiles.listen(0, '127.0.0.1', resolve); });
	const tiled = await Server.start({tile_url: `http://127.0.0.1:${tiles.address().port}/{z}/{x}/{y}.png`, tile_attribution: 'Fond de carte d’essai'});
	const other = await Watch.connect(tiled, OFFICIAL.watch);
	await other.sos();
	const page = await browser.page({viewport: PHONE});
	await page.goto(tiled.url + await tiled.link(TRUSTED.phone));
	await page.getByText('Fond de carte d’essai').waitFor();
	await until('tiles around the position', () => asked.some((address) => address.startsWith('/15/16403/')));
	await page.close();
	other.close();
	await tiled.stop();
	tiles.closeAllConnections();
	tiles.close();
});

test('without_webgl_a_plan_and_words_tell_the_position', async () => {
	const plain = await Browser.open(['--disable-3d-apis']);
	const page = await plain.page({viewport: PHONE});
	await page.goto(server.url + await server.link(TRUSTED.phone, alert.since));
	await page.getByText('Sur la commune de Béruges').waitFor();
	await page.getByRole('img', {name: 'Plan des communes autour de la position : Béruges'}).waitFor();
	await picture(page, 'suivi-sans-webgl');
	assert.deepEqual(await plain.takeFaults(), []);
	await plain.close();
});
