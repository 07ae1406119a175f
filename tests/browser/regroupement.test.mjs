// Two persons of one household call: the second alert is merged under the first and taken back, by keyboard.
import {after, afterEach, before, test} from 'node:test';

import {Browser, takePost, sound} from './browser.mjs';
import {OFFICIAL, SECOND, Server, Watch} from './server.mjs';

let server, browser;

before(async () => {
	server = await Server.start();
	await server.addOfficial(SECOND);
	browser = await Browser.open();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

afterEach(() => browser.leave());

const dialog = (page) => page.getByRole('dialog', {name: 'Regrouper'});

test('the_second_alert_of_a_household_is_handled_under_the_first_and_taken_back', async () => {
	const one = await Watch.connect(server, OFFICIAL.watch), two = await Watch.connect(server, SECOND.watch);
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	await one.sos();
	await page.getByRole('button', {name: 'Prendre en charge', disabled: false}).waitFor();
	await page.keyboard.press('p');
	await page.locator('.hero').getByText('Prise en charge', {exact: true}).waitFor();
	await two.sos();
	await page.locator('.waits', {hasText: SECOND.name}).waitFor();
	await page.keyboard.press('s');
	await page.locator('.hero').getByText(SECOND.name).waitFor();
	await page.keyboard.press('8');
	await dialog(page).getByText('une autre personne, Claire Marchand').waitFor();
	await sound(page, 'regroupement');
	await page.keyboard.press('Enter');
	await dialog(page).getByRole('alert').getByText('dites pourquoi').waitFor();
	await page.keyboard.press('Tab');
	await page.keyboard.type('Même maison.');
	await page.keyboard.press('Enter');
	await page.locator('.together').getByText('Regroupée sous l’alerte n° 1.').waitFor();
	await page.getByText('Rien à prendre').waitFor();
	await sound(page, 'regroupee');

	await page.keyboard.press('8');
	await dialog(page).waitFor();
	await page.keyboard.press('1');
	await page.locator('.hero').getByText(OFFICIAL.name).waitFor();
	await page.getByRole('region', {name: 'Regrouper'}).getByText(SECOND.name).waitFor();
	await page.locator('.timeline').getByText('Claire Marchand regroupe l’alerte n° 2 sous celle-ci').waitFor();
	// What the other device says from now on is a line here too.
	await two.sos();
	await page.locator('.timeline .line', {hasText: 'n° 2'}).getByText('Appel de détresse').first().waitFor();
	const together = page.getByRole('region', {name: 'Regrouper'});
	await together.getByText('A appelé de nouveau depuis le regroupement').waitFor();
	await sound(page, 'regroupement-premiere');
	// Closing the first closes it too: nobody does that without a word of it.
	const closing = page.getByRole('dialog', {name: 'Clore l’alerte'});
	await page.keyboard.press('c');
	await closing.getByText('l’alerte n° 2 a appelé de nouveau').waitFor();
	await closing.getByLabel('Personne vérifiée en sécurité').check();
	await sound(page, 'regroupement-cloture');
	await closing.getByRole('button', {name: 'Clore l’alerte'}).press('Enter');
	await closing.getByRole('alert').waitFor();
	await page.keyboard.press('Escape');
	await closing.waitFor({state: 'detached'});

	await page.keyboard.press('8');
	await dialog(page).getByRole('button', {name: /^Séparer/}).press('Enter');
	await page.locator('.timeline').getByText('Claire Marchand sépare l’alerte n° 2 de celle-ci').waitFor();
	await page.locator('.together').waitFor({state: 'detached'});
	one.close();
	two.close();
});
