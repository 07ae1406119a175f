// The operations room, in a real browser, on a real server.
import assert from 'node:assert/strict';
import {after, afterEach, before, beforeEach, test} from 'node:test';

import {Browser, inLink, picture, takePost} from './browser.mjs';
import {BRIGADE, HOME, OFFICIAL, Server, TRUSTED, Watch} from './server.mjs';
import {Line} from '../lib/impair.mjs';
import {until} from '../lib/wait.mjs';

const SECOND = {name: 'Nora Lemaire', phone: '+33639980040', watch: '8800000016'};
let server, browser, watch;

before(async () => {
	server = await Server.start();
	await server.addOfficial({...SECOND, silent: false});
	browser = await Browser.open();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

beforeEach(async () => { watch = await Watch.connect(server, OFFICIAL.watch); });

afterEach(async () => {
	watch.close();
	for (const context of browser.chromium.contexts()) await context.close();
	await server.endAlerts();
	assert.deepEqual(await browser.takeFaults(), []);
});

const hero = (page) => page.locator('.hero');
const state = (page, text) => hero(page).getByText(text, {exact: true}).waitFor();
const line = (page, text) => page.locator('.timeline').getByText(text).first().waitFor();
const said = (page, text) => page.locator('.acts-message').getByText(text).waitFor();
const row = (page, name) => page.locator('.row-alert', {hasText: name}).first();
const dialog = (page, name) => page.getByRole('dialog', {name});

async function report(link, body) {
	const response = await fetch(`${server.url}${link.replace('/p/', '/api/patrouille/')}/state`, {
		method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify(body),
	});
	assert.equal(response.status, 200);
}

async function claim(page) {
	await page.getByRole('button', {name: 'Prendre en charge', disabled: false}).waitFor(); // the card comes first, what can be done a moment later
	await page.keyboard.press('p');
	await state(page, 'Prise en charge');
	await page.getByRole('button', {name: 'Envoyer une unité', disabled: false}).waitFor();
}

test('an_alert_goes_from_the_watch_to_its_end_by_keyboard_alone', async () => {
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	await inLink(page);
	await picture(page, 'salle-veille');

	await watch.sos();
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await state(page, 'À prendre');
	await hero(page).getByText('Sur la commune de Béruges').waitFor();
	await hero(page).getByText(BRIGADE.name).waitFor();
	await line(page, 'Affichée à l’écran de Claire Marchand');
	await page.getByText('SMS reçu, pas de réponse').waitFor();
	await picture(page, 'salle-a-prendre');

	await page.keyboard.press('a');
	await said(page, 'un appel pourrait mettre la personne en danger');
	assert.equal(await page.getByRole('dialog').count(), 0);

	await claim(page);
	const before = server.messages.length;
	await page.keyboard.press('e');
	await dialog(page, 'Envoyer une unité').waitFor();
	assert.ok(await page.getByRole('radio', {name: BRIGADE.name}).isChecked());
	await picture(page, 'salle-envoyer');
	await page.keyboard.press('Enter');
	await state(page, 'Unité engagée');
	const link = await server.link(BRIGADE.phone, before);

	for (const [step, text] of [['received', 'a reçu la mission'], ['en_route', 'est en route'], ['arrived', 'est sur place']]) {
		await report(link, {state: step});
		await line(page, `${BRIGADE.name} ${text}`);
	}
	await state(page, 'Unité sur place');
	for (let i = 1; i <= 6; i++) await watch.move({lat: HOME.lat + i * 0.0008, lon: HOME.lon + i * 0.0011});
	await page.getByRole('button', {name: 'Voir la liste (7)'}).waitFor();
	await page.locator('.panel', {has: page.getByRole('heading', {name: /^Ses autres adresses/})}).locator('.facts > div', {hasText: 'Mairie'}).getByText('Comment entrer : Porte de service').waitFor();
	await page.getByText('Conseillère départementale de la Vienne').waitFor();
	await picture(page, 'salle-sur-place');

	await page.keyboard.press('n');
	await dialog(page, 'Noter').waitFor();
	await page.keyboard.type('Voisine entendue : dispute terminée.');
	await page.keyboard.press('Enter');
	await line(page, '« Voisine entendue : dispute terminée. »');
	await dialog(page, 'Noter').waitFor({state: 'detached'}); // the feed may be faster than the answer that closes it

	await page.keyboard.press('c');
	await dialog(page, 'Clore l’alerte').waitFor();
	assert.ok(await page.getByRole('radio', {name: 'Intervention faite'}).isChecked());
	await picture(page, 'salle-clore');
	await page.keyboard.press('Enter');
	await state(page, 'Close');
	await page.getByRole('button', {name: 'Rouvrir', disabled: false}).waitFor();
	await dialog(page, 'Clore l’alerte').waitFor({state: 'detached'});

	await page.keyboard.press('o');
	await dialog(page, 'Rouvrir l’alerte').waitFor();
	await page.keyboard.type('Nouvel appel de la mairie.');
	await page.keyboard.press('Enter');
	await line(page, 'Claire Marchand rouvre l’alerte');
	await picture(page, 'salle-rouverte');
});

test('two_consoles_see_each_other_and_a_take_over_needs_a_reason_after_20_seconds', async () => {
	const [claire, damien] = [await browser.page(), await browser.page()];
	await takePost(claire, server.url, 'c.marchand');
	await takePost(damien, server.url, 'd.petit');
	await claire.getByText('2 postes ouverts').waitFor();
	await watch.sos();
	await state(claire, 'À prendre');
	await state(damien, 'À prendre');

	await claim(claire);
	await hero(damien).getByText('Prise en charge par Claire Marchand').waitFor();
	await row(damien, 'par Claire Marchand').waitFor();
	await damien.keyboard.press('p');
	await hero(claire).getByText('Prise en charge par Damien Petit').waitFor();
	await line(claire, 'Damien Petit reprend l’alerte à Claire Marchand');

	await hero(claire).getByText('depuis 21 s').waitFor();
	await claire.keyboard.press('p');
	await dialog(claire, 'Reprendre l’alerte').waitFor();
	await picture(claire, 'salle-reprendre');
	await claire.keyboard.type('Relève de poste');
	await claire.keyboard.press('Enter');
	await hero(damien).getByText('Prise en charge par Claire Marchand').waitFor();
	await line(damien, '« Relève de poste »');
});

test('a_connection_cut_for_20_seconds_comes_back_and_misses_nothing', async () => {
	const line = await Line.open(server.port);
	const other = await Watch.connect(server, SECOND.watch);
	const page = await browser.page();
	await takePost(page, line.url, 'c.marchand');
	await inLink(page);
	await watch.sos();
	await state(page, 'À prendre');
	await claim(page);
	// The map is there before the line is cut: it is not what is looked at here.
	await until('the map has its worker', () => page.workers().length > 0);
	for (const worker of page.workers()) await worker.evaluate(() => true);

	line.cut();
	await page.getByText('Connexion perdue depuis').waitFor();
	await other.sos();
	for (let i = 1; i <= 3; i++) await watch.move({lat: HOME.lat + i * 0.001, lon: HOME.lon});
	await page.getByText('Connexion perdue depuis 20 s').waitFor();
	await picture(page, 'salle-coupee');

	line.mend();
	await inLink(page);
	await row(page, SECOND.name).waitFor();
	await page.getByRole('button', {name: 'Voir la liste (4)'}).waitFor();
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await page.keyboard.press('s');
	await hero(page).getByRole('heading', {name: SECOND.name}).waitFor();
	other.close();
	await line.close();
});

test('a_network_gone_silent_is_said_lost', async () => {
	const line = await Line.open(server.port);
	const page = await browser.page();
	await takePost(page, line.url, 'c.marchand');
	await inLink(page);
	line.freeze();
	await page.getByText('Connexion perdue depuis').waitFor();
	line.mend();
	await inLink(page);
	await line.close();
});

test('a_console_without_sound_says_so_and_its_alert_climbs', async () => {
	const page = await browser.page({
		init: () => Object.defineProperty(AudioContext.prototype, 'state', {get: () => globalThis.soundState ?? 'suspended'}),
	});
	await takePost(page, server.url, 'c.marchand');
	await page.getByText('Le son est bloqué').waitFor();
	await watch.sos();
	await state(page, 'À prendre');
	await hero(page).getByText('Montée : échelon 1').waitFor();
	await page.getByText('Non affichée en 5 s').waitFor();
	await picture(page, 'salle-sans-son');

	await page.evaluate(() => { globalThis.soundState = 'running'; });
	await page.getByRole('button', {name: 'Rétablir le son'}).click();
	await line(page, 'Affichée à l’écran de Claire Marchand');
});

test('a_hidden_tab_shows_a_red_band', async () => {
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	await inLink(page);
	await page.evaluate(() => {
		Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => 'hidden'});
		document.dispatchEvent(new Event('visibilitychange'));
	});
	await page.getByText('Cet écran n’était pas visible').waitFor();
	await watch.sos();
	await state(page, 'À prendre');
	await hero(page).getByText('Montée : échelon 1').waitFor();

	await page.evaluate(() => {
		Object.defineProperty(document, 'visibilityState', {configurable: true, get: () => 'visible'});
		document.dispatchEvent(new Event('visibilitychange'));
	});
	await line(page, 'Affichée à l’écran de Claire Marchand');
});

test('frames_of_an_unknown_watch_stay_in_their_lane', async () => {
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	await inLink(page);
	const unknown = await Watch.connect(server, '8800000099');
	await unknown.sos();
	await page.getByText('SOS non vérifié : 8800000099').waitFor();
	await page.getByText('Aucune alerte en cours').waitFor();
	await picture(page, 'salle-non-verifie');
	unknown.close();
});

test('a_test_alert_is_marked_and_waits_for_nobody', async () => {
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	await inLink(page);
	await page.keyboard.press('t');
	await dialog(page, 'Lancer un essai').waitFor();
	await page.getByRole('radio').first().waitFor();
	await page.keyboard.press('Enter');
	await row(page, 'Essai').waitFor();
	await page.getByText('Rien à prendre').waitFor();
	await page.keyboard.press('j');
	await page.getByText('ESSAI : ceci n’est pas une alerte réelle').waitFor();
	await picture(page, 'salle-essai');
	await claim(page);
	await page.keyboard.press('c');
	assert.ok(await page.getByRole('radio', {name: 'Essai'}).isChecked());
	await page.keyboard.press('Enter');
	await state(page, 'Close');
});

test('the_room_rings_until_the_alert_is_claimed', async () => {
	const page = await browser.page({
		init: () => {
			const make = AudioContext.prototype.createOscillator;
			globalThis.notes = [];
			AudioContext.prototype.createOscillator = function () {
				const oscillator = make.call(this);
				oscillator.addEventListener('ended', () => globalThis.notes.push(oscillator.frequency.value));
				return oscillator;
			};
		},
	});
	const heard = () => page.evaluate(() => globalThis.notes.splice(0));
	await takePost(page, server.url, 'c.marchand');
	await until('the short signal of the post', async () => (await heard()).includes(660));
	await watch.sos();
	await until('the alert', async () => (await heard()).includes(1320));
	await until('the alert again', async () => (await heard()).includes(1320));
	await until('three quick notes once it climbs', async () => (await heard()).includes(1568));
	await claim(page);
	await hero(page).getByText('par vous depuis 2 s').waitFor(); // what was sounding has ended
	await heard();
	await hero(page).getByText('par vous depuis 7 s').waitFor();
	assert.ok(!(await heard()).some((note) => note > 700), 'a claimed alert is quiet');
});

test('a_call_back_is_one_line_of_the_timeline', async () => {
	const other = await Watch.connect(server, SECOND.watch);
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	await other.sos();
	await state(page, 'À prendre');
	await claim(page);
	await page.keyboard.press('a');
	await dialog(page, `Rappeler : ${SECOND.name}`).waitFor();
	await page.getByRole('link', {name: '06 39 98 00 40'}).waitFor();
	await picture(page, 'salle-rappeler');
	await page.keyboard.press('3');
	await page.keyboard.press('Enter');
	await line(page, 'Rappel au 06 39 98 00 40 : pas de réponse.');
	other.close();
});

test('a_session_ended_elsewhere_closes_the_post', async () => {
	const page = await browser.page();
	await takePost(page, server.url, 'd.petit');
	await inLink(page);
	const other = await browser.page();
	await takePost(other, server.url, 'd.petit');
	await other.reload();
	await other.getByRole('button', {name: 'Se déconnecter de tous les écrans'}).click();
	await page.getByText('Votre session est terminée').waitFor();
	await other.getByLabel('Identifiant').waitFor();
});

test('with_alt_required_a_bare_letter_does_nothing', async () => {
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	await inLink(page);
	await watch.sos();
	await state(page, 'À prendre');
	await page.keyboard.press('?');
	await page.getByRole('checkbox', {name: 'Exiger la touche Alt'}).check();
	await page.keyboard.press('Escape');
	await page.getByRole('button', {name: 'Prendre en charge', disabled: false}).waitFor();
	await page.keyboard.press('p');
	await page.keyboard.press('Alt+n');
	await dialog(page, 'Noter').waitFor();
	await page.keyboard.press('Escape');
	await state(page, 'À prendre');
	await page.keyboard.press('Alt+p');
	await state(page, 'Prise en charge');
});

test('rows_keep_their_places_while_the_pointer_is_over_them', async () => {
	const other = await Watch.connect(server, SECOND.watch);
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	await watch.sos();
	await row(page, OFFICIAL.name).hover();
	const top = async (name) => (await row(page, name).boundingBox()).y;
	const place = await top(OFFICIAL.name);
	await other.sos();
	await row(page, SECOND.name).waitFor();
	assert.equal(await top(OFFICIAL.name), place);
	await page.mouse.move(900, 500);
	await until('the newest comes first', async () => await top(SECOND.name) < await top(OFFICIAL.name));
	other.close();
});

test('the_trusted_person_s_answer_is_seen_in_the_room', async () => {
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	const before = server.messages.length;
	await watch.sos();
	const link = await server.link(TRUSTED.phone, before);
	const response = await fetch(`${server.url}${link.replace('/s/', '/api/suivi/')}/answer`, {
		method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"answer":"on_it"}',
	});
	assert.equal(response.status, 200);
	await line(page, `${TRUSTED.name} s’en occupe`);
	await claim(page);
	await page.keyboard.press('1');
	await dialog(page, TRUSTED.name).waitFor();
	await page.keyboard.press('2');
	await line(page, `Lien de suivi de ${TRUSTED.name} révoqué`);
});
