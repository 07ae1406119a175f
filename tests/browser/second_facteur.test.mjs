// The second factor, by keyboard: a role that must have one is led to it, then gives codes at the door.
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
	const [code] = await page.locator('.recovery code').allTextContents();
	await sound(page, 'second-facteur-secours');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Prendre le poste'}).waitFor();
	await page.getByRole('button', {name: 'Changer de second facteur'}).waitFor();

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
	await lost.getByRole('button', {name: 'Changer de second facteur'}).press('Enter');
	await lost.getByLabel('Mot de passe').waitFor();
	await sound(lost, 'second-facteur-changer');
});
