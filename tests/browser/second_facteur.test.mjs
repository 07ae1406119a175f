// The second factor, by keyboard: a role that must have one is led to it, then gives codes at the door.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {stepNow, totp} from '../lib/totp.mjs';
import {Browser, PHONE, sound} from './browser.mjs';
import {PASSWORD, Server} from './server.mjs';

let server, browser;

before(async () => {
	server = await Server.start();
	browser = await Browser.open();
	await server.ctl('account', 'second-factor', {roles: 'operator'});
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

afterEach(() => browser.leave());

async function password(page) {
	await page.goto(`${server.url}/salle`);
	await page.getByLabel('Identifiant').waitFor();
	for (const key of ['a.roux', 'Tab', PASSWORD, 'Enter']) await (key === 'Tab' || key === 'Enter' ? page.keyboard.press(key) : page.keyboard.type(key));
	await page.getByRole('heading', {name: 'Second facteur'}).waitFor();
}

test('an_application_is_associated_at_the_door_and_asked_for_from_then_on', async () => {
	const page = await browser.page({viewport: PHONE});
	await password(page);
	await page.locator('.qr path[d^="M"]').waitFor();
	const secret = (await page.locator('.secret').textContent()).replaceAll(' ', '');
	await sound(page, 'second-facteur-association');
	await page.keyboard.type('000000');
	await page.keyboard.press('Enter');
	await page.getByText(/Ce code n.est pas valable/).waitFor();
	const field = page.getByLabel('Code à six chiffres');
	await field.fill(totp(secret, stepNow()));
	const step = stepNow();
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Vos codes de secours'}).waitFor();
	const codes = await page.locator('.recovery code').allTextContents(), [code] = codes;
	await sound(page, 'second-facteur-secours');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Prendre le poste'}).waitFor();
	await page.getByRole('button', {name: 'Changer de second facteur'}).waitFor();
	await page.getByText('Il vous reste 10 codes de secours.').waitFor();

	const desk = await browser.page();
	await password(desk);
	await sound(desk, 'second-facteur-code');
	await desk.keyboard.type('123');
	await desk.keyboard.press('Enter');
	await desk.getByText(/Ce code n.est pas valable/).waitFor();
	// It is chosen whole: what is typed takes its place.
	await desk.keyboard.type(totp(secret, step + 1));
	await desk.keyboard.press('Enter');
	await desk.getByRole('heading', {name: 'Prendre le poste'}).waitFor();

	const lost = await browser.page();
	await password(lost);
	await lost.keyboard.type(code.toLowerCase());
	await lost.keyboard.press('Enter');
	await lost.getByText('Il vous reste 9 codes de secours.').waitFor();
	await lost.getByRole('button', {name: 'Changer de second facteur'}).press('Enter');
	await lost.getByLabel('Mot de passe').waitFor();
	await sound(lost, 'second-facteur-changer');

	// Down to the last ones: it is said at the door, and on a page that has no door of its own.
	for (const spent of codes.slice(1, 7))
		assert.ok((await server.ask('POST', '/api/session', {login: 'a.roux', password: PASSWORD, code: spent})).answer.account);
	const last = await browser.page();
	await password(last);
	await last.keyboard.type(codes[7]);
	await last.keyboard.press('Enter');
	await last.getByText('Il ne vous reste que 2 codes de secours. Changez de second facteur : dix nouveaux vous seront donnés.').waitFor();
	await sound(last, 'second-facteur-peu-de-codes');
	await last.goto(`${server.url}/journal`);
	await last.getByText('Il ne vous reste que 2 codes de secours.').waitFor();
	await last.getByRole('link', {name: 'Changer de second facteur'}).click();
	await last.getByRole('heading', {name: 'Prendre le poste'}).waitFor();
});

test('a_page_asks_nothing_that_is_refused_before_anybody_logs_in_nor_after_they_left', async () => {
	const page = await browser.page(), refused = [];
	page.on('response', (response) => { if (response.status() >= 400) refused.push(`${response.status()} ${response.url()}`); });
	for (const path of ['/salle', '/journal', '/guichet']) {
		await page.goto(server.url + path);
		await page.getByLabel('Identifiant').waitFor();
	}
	await page.getByLabel('Identifiant').fill('admin');
	await page.getByLabel('Mot de passe').fill(PASSWORD);
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: 'Se déconnecter'}).click();
	await page.getByLabel('Identifiant').waitFor();
	await page.reload();
	await page.getByLabel('Identifiant').waitFor();
	assert.deepEqual(refused, []);
});
