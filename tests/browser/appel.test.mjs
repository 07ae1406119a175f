// A call to 17 in the operations room: it rings with number and line, whoever takes it has the file.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {axeFaults, Browser, inLink, picture, takePost} from './browser.mjs';
import {OFFICIAL, Server, TRUSTED} from './server.mjs';

const SECRET = 'standard-0123456789';
let server, browser;

before(async () => {
	server = await Server.start({switch_secret: SECRET});
	await server.ctl('account', 'set', {account: 'd.petit', extension: '4012'});
	browser = await Browser.open();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

afterEach(async () => {
	for (const context of browser.chromium.contexts()) await context.close();
	assert.deepEqual(await browser.takeFaults(), []);
});

async function say(event) {
	const response = await fetch(`${server.url}/api/calls`, {
		method: 'POST', body: JSON.stringify({room: 'CORG de la Vienne', line: '17', ...event}),
		headers: {'Content-Type': 'application/json', Authorization: `Bearer ${SECRET}`},
	});
	assert.equal(response.status, 204, await response.text());
}

const row = (page, text) => page.locator('.row-call', {hasText: text}).first();
const hero = (page) => page.locator('.call-hero');

async function post(login) {
	const page = await browser.page();
	await takePost(page, server.url, login);
	await inLink(page);
	return page;
}

test('a_call_is_taken_by_a_key_and_its_file_is_on_one_screen_only', async () => {
	const [page, colleague] = [await post('c.marchand'), await post('d.petit')];
	await say({call: 'one', event: 'ringing', number: OFFICIAL.phone});
	for (const screen of [page, colleague]) {
		await row(screen, 'Sonne').waitFor();
		assert.equal(await screen.getByText(OFFICIAL.name).count(), 0);
	}
	await picture(page, 'appel-sonne');
	await page.keyboard.press('7');
	await hero(page).getByText('Prenez l’appel pour savoir qui appelle').waitFor();
	await page.keyboard.press('p');
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await hero(page).getByText('PERSONNE PROTÉGÉE').waitFor();
	await page.getByText('Portail vert').waitFor();
	await page.getByText(TRUSTED.name).waitFor();
	await picture(page, 'appel-pris');
	await row(colleague, 'par Claire Marchand').waitFor();
	await colleague.keyboard.press('7');
	await hero(colleague).getByText('n’est montré qu’à la personne').waitFor();
	assert.equal(await colleague.getByText(OFFICIAL.name).count(), 0);
	await say({call: 'one', event: 'ended'});
	await hero(page).getByText('Raccroché').waitFor();
	await page.keyboard.press('c');
	await page.keyboard.type('Renseignement donné.');
	await page.keyboard.press('Enter');
	await row(page, 'Raccroché').waitFor({state: 'detached'});
});

test('who_lifts_the_receiver_has_the_file_without_a_gesture', async () => {
	const page = await post('d.petit');
	await say({call: 'two', event: 'ringing', number: `tel:${OFFICIAL.phone}`});
	await row(page, 'Sonne').waitFor();
	await say({call: 'two', event: 'answered', extension: '4012'});
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await page.keyboard.press('e');
	await page.getByText('Appel rattaché à l’alerte.').waitFor();
	await page.getByRole('button', {name: /Rattacher à l’alerte/}).waitFor();
	await picture(page, 'appel-alerte');
	assert.deepEqual(await axeFaults(page), []);
});

test('who_hides_their_number_is_found_by_name_with_the_keyboard_alone', async () => {
	const page = await post('c.marchand');
	await say({call: 'three', event: 'ringing', number: 'anonymous'});
	await row(page, 'Numéro masqué').waitFor();
	await page.keyboard.press('7');
	await page.keyboard.press('p');
	await hero(page).getByText('Pris par vous').waitFor();
	await page.keyboard.press('r');
	await page.keyboard.type('berthelot beruges');
	await page.keyboard.press('Enter');
	const found = page.getByRole('dialog').getByRole('button', {name: OFFICIAL.name});
	await found.waitFor();
	assert.deepEqual(await axeFaults(page), []);
	await picture(page, 'appel-recherche');
	await found.press('Enter');
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
});
