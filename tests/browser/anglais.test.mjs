// Each page in English: by choice only, complete on its first screens, as sound for axe as in French.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {Browser, DESK, PHONE, sound} from './browser.mjs';
import {BRIGADE, HOME, OFFICIAL, PASSWORD, Server, TRUSTED, Watch} from './server.mjs';

let server, browser, watch, follow, patrol;

before(async () => {
	server = await Server.start();
	await server.ctl('account', 'add', {login: 'g.blanc', name: 'Gaël Blanc', roles: 'counter,auditor'}, `${PASSWORD}\n`);
	browser = await Browser.open(['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream']);
	watch = await Watch.connect(server, OFFICIAL.watch);
	await watch.sos();
	await server.login();
	const [alert] = (await server.ask('GET', '/api/alerts?state=open')).answer.alerts;
	follow = await server.link(TRUSTED.phone);
	patrol = await server.sendBrigade(alert.id);
});

after(async () => {
	watch?.close();
	await browser?.close();
	await server?.stop();
});

afterEach(() => browser.leave());

// Words that no English sentence has; what is marked as French may have them.
const FRENCH = /(?<![\p{L}’])(le|les|la|des|du|une|est|vous|votre|avec|pour|dans|sur|cette|et|ou|qui|il y a|à)(?!\p{L})|(?<!\p{L})[ln]’[a-zé]|«|»/giu;

// What people wrote is in their language.
const DATA = [BRIGADE.name, 'CORG de la Vienne', 'CIC de Poitiers', 'Patrouille de Poitiers', 'rue de l’Église', 'Portail vert, code 4512A, au fond de la cour.', 'Un chien dans la cour.',
	'Conseillère départementale de la Vienne', 'Place du Bourg', '12 quai Carnot', 'Porte de service, code 77B, derrière la salle des fêtes.', '“Ferme des Aulnes, route de Vaux”'];

// What is seen and what is only read aloud, but for what says itself French and the link to it.
const words = (page) => page.evaluate(() => {
	const body = document.body.cloneNode(true);
	for (const french of body.querySelectorAll('[lang=fr], noscript, script, .maplibregl-map')) french.remove();
	const labels = [...body.querySelectorAll('[aria-label], [title], [placeholder]')].flatMap((one) => ['aria-label', 'title', 'placeholder'].map((name) => one.getAttribute(name)));
	return [document.title, ...labels, body.textContent].filter(Boolean).join(' | ');
});

async function english(page, name) {
	assert.equal(await page.evaluate(() => document.documentElement.lang), 'en', name);
	const text = DATA.reduce((text, one) => text.replaceAll(one, ''), await words(page));
	assert.deepEqual(text.match(FRENCH) ?? [], [], `${name}: ${text}`);
	await sound(page, `en-${name}`);
}

test('a_browser_in_English_reads_French_until_somebody_chooses', async () => {
	const page = await browser.page({context: {locale: 'en-GB'}});
	await page.goto(server.url);
	await page.getByRole('link', {name: 'Ouvrir la salle des opérations'}).waitFor();
	await page.getByRole('link', {name: 'English'}).press('Enter');
	await page.getByRole('link', {name: 'Open the operations room'}).waitFor();
	assert.equal(new URL(page.url()).search, '', 'the choice stays in the address');
	await page.goto(`${server.url}/salle`);
	await page.getByLabel('Username').waitFor();
	await page.getByRole('link', {name: 'Français'}).press('Enter');
	await page.getByLabel('Identifiant').waitFor();
});

test('an_address_that_somebody_else_wrote_chooses_for_its_page_alone', async () => {
	const page = await browser.page();
	await page.goto(`${server.url}/salle?lang=en`);
	await page.getByLabel('Username').waitFor();
	await page.goto(`${server.url}/salle`);
	await page.getByLabel('Identifiant').waitFor();
});

test('the_pages_of_telephones_are_in_English', async () => {
	const pages = [
		['index', '/', 'Égide'], ['follow', follow, 'has asked for help'], ['patrol', patrol, OFFICIAL.name], ['registration', '/inscription', 'my registration'],
		['button', '/bouton', 'Link this phone'], ['follow-dead', '/s/AAAAAAAAAAAAAAAAAAAAAA', 'no longer works'],
	];
	for (const [name, address, heading] of pages) {
		const page = await browser.page({viewport: PHONE});
		await page.goto(`${new URL(address, server.url)}?lang=en`);
		await page.getByRole('heading', {name: heading}).waitFor();
		await english(page, name);
	}
});

test('an_empty_registration_says_in_English_what_is_missing', async () => {
	const {code} = await server.ctl('registration', 'invite', {});
	const page = await browser.page({viewport: PHONE});
	await page.goto(`${server.url}/inscription?lang=en`);
	await page.getByLabel('Your invitation code').fill(code.toLowerCase().replaceAll('-', ' '));
	await page.keyboard.press('Enter');
	for (const step of ['Who you are', 'The numbers you call from', 'The addresses that matter', 'Your household', 'Consent sheet']) {
		await page.getByRole('heading', {name: step}).waitFor();
		await page.getByRole('button', {name: /^Save and/}).press('Enter');
	}
	await page.getByRole('heading', {name: 'Your registration is not complete'}).waitFor();
	await page.getByText(code).waitFor();
	assert.equal(await page.locator('.missing button').count(), 7);
	await english(page, 'registration-missing');
});

// The clock tells nothing (I6): its date is in the language that was chosen before, and no link to another is there.
test('the_button_is_in_English_until_it_is_a_clock', async () => {
	const {id} = await server.ctl('device', 'add', {protocol: 'phone', label: 'Phone', official: OFFICIAL.phone});
	const {code} = await server.ctl('device', 'code', {device: id});
	const page = await browser.page({viewport: PHONE, context: {hasTouch: true, permissions: ['microphone', 'geolocation'], geolocation: {latitude: HOME.lat, longitude: HOME.lon}}});
	await page.goto(`${server.url}/bouton`);
	await page.getByRole('link', {name: 'English'}).press('Enter');
	await page.getByLabel('Enrolment code').fill(code);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Arm the button'}).waitFor();
	await page.getByRole('button', {name: 'Choose my codes'}).waitFor();
	await english(page, 'button-arm');
	await page.getByRole('button', {name: 'Arm', exact: true}).press('Enter');
	await page.locator('.clock').waitFor();
	assert.equal(await page.title(), 'Clock');
	assert.match(await page.locator('.clock-date').textContent(), /^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day/);
	assert.equal(await page.getByRole('link').count(), 0);
});

// Of what somebody else wrote the counter is told, not spoken to.
async function counterForm(page) {
	await page.getByRole('button', {name: 'Enter details'}).press('Enter');
	await page.getByLabel('The person’s telephone').pressSequentially('17');
	await page.getByRole('checkbox', {name: 'The person agrees'}).press('Space');
	await page.getByLabel('How to get into their home').waitFor();
	await english(page, 'guichet-form');
	await page.getByRole('button', {name: 'Register', exact: true}).press('Enter');
	await page.locator('#name-error, .failure:not(:empty)').first().waitFor();
	await english(page, 'guichet-form-wrong');
	await page.getByRole('button', {name: 'Cancel'}).press('Enter');
	await page.getByText('will be lost').waitFor();
	await english(page, 'guichet-form-leave');
	await page.getByRole('button', {name: 'Yes, leave'}).press('Enter');
	await page.getByRole('heading', {name: 'Invite'}).waitFor();
}

test('the_room_the_counter_and_the_log_are_in_English', async () => {
	const page = await browser.page({viewport: DESK});
	for (const [address, login, heading] of [['/guichet', 'Open the counter', 'Invite'], ['/journal', 'Open the access log', 'Access log']]) {
		await page.goto(`${server.url}${address}?lang=en`);
		await page.getByRole('heading', {name: login}).waitFor();
		await english(page, `${address.slice(1)}-login`);
		await page.getByLabel('Username').fill('g.blanc');
		await page.getByLabel('Password').fill(PASSWORD);
		await page.keyboard.press('Enter');
		await page.getByRole('heading', {name: heading}).waitFor();
		if (address === '/guichet') await counterForm(page);
		if (address === '/journal') await page.getByRole('cell').first().waitFor();
		await english(page, address.slice(1));
		await page.getByRole('button', {name: 'Log out'}).click();
		await page.getByLabel('Username').waitFor();
	}
	await page.goto(`${server.url}/salle?lang=en`);
	await page.getByLabel('Username').fill('a.roux');
	await page.getByLabel('Password').fill('not the right one');
	await page.keyboard.press('Enter');
	await page.getByText('The username or password is incorrect.').waitFor();
	await page.getByLabel('Password').fill(PASSWORD);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Take your console'}).waitFor();
	await english(page, 'console');
	await page.keyboard.press('Enter');
	await page.locator('.hero').getByText('Unit assigned').waitFor();
	await page.getByText('Connected, sound on').waitFor();
	await english(page, 'room');
	for (const key of ['c', 'd', '?']) {
		await page.keyboard.press(key);
		await page.locator('dialog[open]').waitFor();
		await english(page, `room-${key === '?' ? 'help' : key}`);
		await page.keyboard.press('Escape');
		await page.locator('dialog[open]').waitFor({state: 'detached'});
	}
});
