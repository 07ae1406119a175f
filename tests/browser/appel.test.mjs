// A call to 17 in the operations room: it rings with number and line, whoever takes it has the file.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {axeFaults, Browser, inLink, picture, takePost} from './browser.mjs';
import {OFFICIAL, Server, SWITCH_SECRET, TOWN_HALL, TRUSTED} from './server.mjs';

let server, browser;

before(async () => {
	server = await Server.start({switch_secret: SWITCH_SECRET});
	await server.ctl('account', 'set', {account: 'd.petit', extension: '4012'});
	browser = await Browser.open();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

afterEach(() => browser.leave());

const say = (event) => server.callIs(event);

// Wrapped up with the keyboard: no alert follows, and why.
async function noAlert(page) {
	await page.keyboard.press('c');
	await page.getByRole('radio', {name: /^Ouvrir une alerte/}).waitFor();
	await page.keyboard.press('2');
	await page.keyboard.press('Tab');
	await page.keyboard.type('Renseignement donné.');
	await page.keyboard.press('Enter');
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
	await server.ctl('official', 'set', {official: OFFICIAL.phone, other_phones: '05 49 98 00 77', other_kinds: 'town_hall'});
	await say({call: 'one', event: 'ringing', number: '05 49 98 00 77'});
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
	// How to get in is under the address it is of.
	const places = page.locator('.panel', {has: page.getByRole('heading', {name: /^Où peut être/})}).locator('.facts > div');
	await places.filter({hasText: 'Domicile'}).getByText('Portail vert').waitFor();
	await places.filter({hasText: 'Mairie'}).filter({hasText: TOWN_HALL}).getByText('Comment entrer : Porte de service').waitFor();
	assert.equal(await places.filter({hasText: 'Permanence'}).locator('.entry').count(), 0);
	await page.getByText('Conseillère départementale de la Vienne').waitFor();
	await hero(page).getByText(/^Appelle du .* \(mairie\)$/).waitFor();
	await page.getByText(TRUSTED.name).waitFor();
	await picture(page, 'appel-pris');
	await row(colleague, 'par Claire Marchand').waitFor();
	await colleague.keyboard.press('7');
	await hero(colleague).getByText('n’est montré qu’à la personne').waitFor();
	assert.equal(await colleague.getByText(OFFICIAL.name).count(), 0);
	await say({call: 'one', event: 'ended'});
	await hero(page).getByText('Raccroché').waitFor();
	await noAlert(page);
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
	/* An alert has it: the note is all that is asked. */
	await page.keyboard.press('c');
	await page.getByText('L’appel est rattaché à une alerte.').waitFor();
	assert.equal(await page.getByRole('radio').count(), 0);
	await page.keyboard.press('Enter');
	await row(page, 'En ligne').waitFor({state: 'detached'});
	/* The same person calls again: Enter joins the call to the alert that is open. */
	await say({call: 'two-again', event: 'ringing', number: OFFICIAL.phone});
	await say({call: 'two-again', event: 'answered', extension: '4012'});
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await page.locator('button:not([aria-disabled="true"])', {hasText: 'Terminer l’appel'}).waitFor();
	await page.keyboard.press('c');
	const first = page.getByRole('radio', {name: /^Rattacher à l’alerte n°/});
	await first.waitFor();
	assert.ok(await first.isChecked());
	await picture(page, 'appel-fin-rattachement');
	assert.deepEqual(await axeFaults(page), []);
	await page.keyboard.press('Enter');
	await row(page, 'En ligne').waitFor({state: 'detached'});
	const {alerts} = await (await page.request.get(`${server.url}/api/alerts`)).json();
	const [alert] = alerts.filter(({test}) => !test), path = `${server.url}/api/alerts/${alert.id}`;
	const {entries} = await (await page.request.get(path)).json();
	assert.equal(entries.filter(({kind}) => kind === 'alert.called').length, 2);
	const closed = await page.request.post(`${path}/close`, {headers: {Origin: server.url}, data: {outcome: 'verified_safe'}});
	assert.equal(closed.status(), 200, await closed.text());
});

test('a_call_is_wrapped_up_and_its_alert_opened_by_one_confirmation', async () => {
	const page = await post('d.petit');
	await page.setViewportSize({width: 320, height: 640});
	await say({call: 'wrap', event: 'ringing', number: OFFICIAL.phone});
	await say({call: 'wrap', event: 'answered', extension: '4012'});
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await say({call: 'wrap', event: 'ended'});
	await hero(page).getByText('Raccroché').waitFor();
	await page.keyboard.press('c');
	const open = page.getByRole('radio', {name: /^Ouvrir une alerte/});
	await open.waitFor();
	assert.ok(await open.isChecked());
	/* That none follows is not said without a word. */
	await page.keyboard.press('2');
	await page.keyboard.press('Enter');
	await page.getByRole('alert').getByText('Dites pourquoi aucune alerte ne suit.').waitFor();
	assert.ok(await page.getByLabel('Pourquoi aucune alerte ne suit').evaluate((area) => area === document.activeElement));
	await picture(page, 'appel-fin-320');
	assert.deepEqual(await axeFaults(page), []);
	await page.keyboard.press('Shift+Tab');
	await page.keyboard.press('1');
	await page.keyboard.press('Enter');
	await row(page, 'Raccroché').waitFor({state: 'detached'});
	const {alerts} = await (await page.request.get(`${server.url}/api/alerts`)).json();
	assert.deepEqual(alerts.filter(({test}) => !test).map(({official, state}) => [official.name, state]), [[OFFICIAL.name, 'claimed']]);
	await page.request.post(`${server.url}/api/alerts/${alerts[0].id}/close`, {headers: {Origin: server.url}, data: {outcome: 'verified_safe'}});
});

test('who_hides_their_number_is_found_by_name_with_the_keyboard_alone', async () => {
	const page = await post('c.marchand');
	await say({call: 'three', event: 'ringing', number: 'anonymous'});
	await row(page, 'Numéro masqué').waitFor();
	await page.keyboard.press('7');
	await page.keyboard.press('p');
	await hero(page).getByText('Pris par vous').waitFor();
	/* Cut off in the middle of a word: the call stays with who has it. */
	await say({call: 'three', event: 'ended'});
	await hero(page).getByText('Raccroché').waitFor();
	await page.keyboard.press('r');
	await page.keyboard.type('berthelot beruges');
	await page.keyboard.press('Enter');
	const found = page.getByRole('dialog').getByRole('button', {name: OFFICIAL.name});
	await found.waitFor();
	assert.deepEqual(await axeFaults(page), []);
	await picture(page, 'appel-recherche');
	await found.press('Enter');
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await noAlert(page);
	await row(page, 'Numéro masqué').waitFor({state: 'detached'});
});

test('a_window_stays_with_its_call_and_another_call_opens_once_it_is_closed', async () => {
	const page = await post('d.petit');
	for (const [call, number] of [['four', '0639980004'], ['five', '0639980005']]) await say({call, event: 'ringing', number});
	await say({call: 'four', event: 'answered', extension: '4012'});
	await hero(page).getByRole('heading', {name: '06 39 98 00 04'}).waitFor();
	/* Once the file is there the call can be ended. */
	await page.locator('button:not([aria-disabled="true"])', {hasText: 'Terminer l’appel'}).waitFor();
	await page.keyboard.press('c');
	await page.getByLabel('Note (facultatif)').waitFor();
	await page.keyboard.type('Renseignement ');
	/* The caller hangs up, and the next one is already at the telephone. */
	await say({call: 'four', event: 'ended'});
	await say({call: 'five', event: 'answered', extension: '4012'});
	await row(page, '06 39 98 00 05').getByText('En ligne').waitFor();
	await hero(page).getByRole('heading', {name: '06 39 98 00 04'}).waitFor();
	await page.keyboard.type('donné.');
	assert.equal(await page.getByLabel('Note (facultatif)').inputValue(), 'Renseignement donné.');
	await page.keyboard.press('Enter');
	await hero(page).getByRole('heading', {name: '06 39 98 00 05'}).waitFor();
	await row(page, '06 39 98 00 04').waitFor({state: 'detached'});
	await row(page, '06 39 98 00 05').waitFor();
	await say({call: 'five', event: 'ended'});
	await row(page, '06 39 98 00 05').waitFor({state: 'detached'});
});

test('a_request_that_fails_leaves_the_file_on_screen_and_is_made_again', async () => {
	const page = await post('d.petit');
	await say({call: 'six', event: 'ringing', number: OFFICIAL.phone});
	await say({call: 'six', event: 'answered', extension: '4012'});
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	const failed = page.waitForResponse((response) => response.status() === 500);
	await page.route('**/api/calls/*', (route) => route.fulfill({status: 500, body: ''}));
	await say({call: 'six', event: 'ended'});
	await failed;
	await hero(page).getByText('Raccroché').waitFor();
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	const again = page.waitForResponse((response) => response.ok() && response.url().includes('/api/calls/'));
	await page.unroute('**/api/calls/*');
	await again;
	await hero(page).getByRole('heading', {name: OFFICIAL.name}).waitFor();
	await noAlert(page);
	await row(page, 'Raccroché').waitFor({state: 'detached'});
});
