// The end of a shift, by keyboard: two alerts are offered, read and accepted one by one; the third goes back to the list.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {Browser, takePost, sound} from './browser.mjs';
import {OFFICIAL, SECOND, Server, SWITCH_SECRET, Watch} from './server.mjs';
import {until} from '../lib/wait.mjs';

let server, browser;

before(async () => {
	server = await Server.start({switch_secret: SWITCH_SECRET});
	await server.addOfficial(SECOND);
	browser = await Browser.open();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

afterEach(() => browser.leave());

const window = (page) => page.getByRole('dialog', {name: 'Relève'});

async function claimAll(page, n) {
	for (let left = n; left > 0; left--) {
		await page.locator('.waits').nth(left - 1).waitFor();
		await page.keyboard.press('s');
		await page.getByRole('button', {name: 'Prendre en charge', disabled: false}).waitFor();
		await page.keyboard.press('p');
		await page.locator('.hero').getByText('Prise en charge', {exact: true}).waitFor();
	}
	await page.getByRole('button', {name: 'Envoyer une unité', disabled: false}).waitFor();
}

test('nobody_leaves_with_something_in_hand_and_each_alert_is_accepted_apart', async () => {
	const watches = [await Watch.connect(server, OFFICIAL.watch), await Watch.connect(server, SECOND.watch)];
	const leaving = await browser.page(), coming = await browser.page();
	await takePost(leaving, server.url, 'c.marchand');
	await takePost(coming, server.url, 'd.petit');
	for (const watch of watches) await watch.sos();
	await claimAll(leaving, 2);
	await leaving.keyboard.press('n');
	await leaving.getByRole('dialog', {name: 'Noter'}).waitFor();
	await leaving.keyboard.type('La voisine a les clés.');
	await leaving.keyboard.press('Enter');
	await leaving.getByRole('dialog', {name: 'Noter'}).waitFor({state: 'detached'});

	await leaving.getByRole('button', {name: 'Quitter le poste'}).press('Enter');
	await window(leaving).getByText('2 dossiers sont encore à vous').waitFor();
	await sound(leaving, 'releve-sortante');
	await leaving.keyboard.press('1');
	await window(leaving).getByText('attend d’être repris').nth(1).waitFor();

	await coming.getByRole('button', {name: 'Relève : 2 à reprendre'}).waitFor();
	// It is as it was after the page is loaded again.
	await coming.reload();
	await coming.getByRole('heading', {name: 'Prendre le poste'}).waitFor();
	await coming.keyboard.press('Enter');
	await coming.getByRole('button', {name: 'Relève : 2 à reprendre'}).waitFor();
	await coming.keyboard.press('9');
	await window(coming).getByText('1 sur 2').waitFor();
	await window(coming).getByText('En charge : Claire Marchand').waitFor();
	await window(coming).getByText('Derniers événements').waitFor();
	await sound(coming, 'releve-entrante');
	await coming.keyboard.press('1');
	await window(coming).getByText('1 sur 2').waitFor({state: 'detached'});
	await window(coming).getByText('Vous avez un dossier en charge').waitFor();
	// The key that accepted the first never accepts the second, however often it is pressed; its own does, once it is read.
	const accepts = window(coming).getByRole('button', {name: /^Reprendre/});
	assert.deepEqual(await accepts.evaluateAll((all) => all.map((one) => one.getAttribute('aria-disabled'))), ['true', 'false']);
	assert.deepEqual(await accepts.evaluateAll((all) => all.map((one) => one.getAttribute('aria-keyshortcuts'))), ['1', '2']);
	for (let i = 0; i < 3; i++) await coming.keyboard.press('1');
	await sound(coming, 'releve-reprise');

	// The one that nobody came for goes back to the list, and is taken as a new one is.
	await window(leaving).getByText('Vous avez un dossier en charge').waitFor();
	await window(leaving).getByRole('button', {name: /^Remettre à la file/, disabled: false}).press('Enter');
	await window(leaving).getByText('Personne ne l’a plus').waitFor();
	await sound(leaving, 'releve-remettre');
	await window(leaving).getByRole('button', {name: 'Oui, remettre à la file'}).press('Enter');
	await window(leaving).getByText('Rien : vous pouvez quitter le poste.').waitFor();
	await window(leaving).getByRole('button', {name: 'Quitter le poste'}).press('Enter');
	await leaving.getByLabel('Identifiant').waitFor();
	await coming.keyboard.press('Escape');
	await claimAll(coming, 1);
	await coming.locator('.timeline').getByText('Claire Marchand remet l’alerte à la file').waitFor();
	for (const watch of watches) watch.close();
});

test('the_tenth_button_of_a_window_has_a_key_and_so_has_the_eleventh', async () => {
	const calls = 10;
	for (let i = 0; i < calls; i++) await server.callIs({call: `appel-${i}`, event: 'ringing', number: `06399812${10 + i}`});
	await server.login();
	const {answer: {calls: ringing}} = await server.ask('GET', '/api/alerts?state=open');
	for (const {id} of ringing) await server.ask('POST', `/api/calls/${id}/claim`, {});
	await server.ask('POST', '/api/handover', {}).catch(() => {}); // 204, no JSON
	const page = await browser.page();
	await takePost(page, server.url, 'd.petit');
	await page.getByRole('button', {name: `Relève : ${calls} à reprendre`}).waitFor();
	await page.keyboard.press('9');
	await window(page).getByText(`1 sur ${calls}`).waitFor();
	const keys = await window(page).locator('.stack button').evaluateAll((all) => all.map((one) => one.getAttribute('aria-keyshortcuts')));
	assert.deepEqual(keys.slice(8, 11), ['9', '0', 'A']);
	await sound(page, 'releve-longue');
	// A key means nothing before what it means can have been read.
	await until('the next one', async () => {
		await page.keyboard.press('a');
		return window(page).getByText(`2 sur ${calls}`).isVisible();
	});
	await page.keyboard.press('Escape');
	await page.keyboard.press('?');
	await page.getByText('Dans une fenêtre, premier bouton ; les suivants : 2 à 9, 0, puis A à Z').waitFor();
	await page.getByRole('button', {name: /^Écouter : Appel au 17/}).waitFor();
	await sound(page, 'salle-aide');
});
