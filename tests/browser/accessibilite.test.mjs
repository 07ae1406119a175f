// What axe says of each page, by day and by night, wide and at 320 pixels.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {axeFaults, Browser, DESK, inLink, picture, takePost, widthTooLarge} from './browser.mjs';
import {OFFICIAL, Server, TRUSTED, Watch} from './server.mjs';

const NARROW = {width: 320, height: 700};
let server, browser, watch, follow, patrol;

before(async () => {
	server = await Server.start();
	browser = await Browser.open();
	await server.ctl('official', 'set', {official: OFFICIAL.phone, level: '3', reason: 'Menaces de mort après le refus d’un permis de construire ; deux lettres, un tir sur la façade.'});
	watch = await Watch.connect(server, OFFICIAL.watch);
	const unknown = await Watch.connect(server, '8800000099');
	await unknown.sos();
	unknown.close();
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

async function sound(page, name, part) {
	assert.deepEqual(await axeFaults(page, part), [], name);
	assert.equal(await widthTooLarge(page), 0, `${name} is wider than its window`);
}

const WINDOWS = ['e', 'n', 'c', 'd', '1', 'u', 'b', 'f', 't', '?'];

for (const theme of ['night', 'day']) {
	test(`the_room_by_${theme}`, async () => {
		const page = await browser.page({theme});
		await page.goto(`${server.url}/salle`);
		await page.getByLabel('Identifiant').waitFor();
		await sound(page, 'login');
		await picture(page, `connexion-${theme}`);
		await takePost(page, server.url, 'a.roux');
		await inLink(page);
		await page.locator('.hero').getByText('Unité engagée').waitFor();
		await page.locator('.maplibregl-canvas').waitFor();
		await sound(page, 'room');
		await picture(page, `salle-${theme}`);
		for (const key of WINDOWS) {
			await page.keyboard.press(key);
			await page.locator('dialog[open]').waitFor();
			await sound(page, `window ${key}`, 'dialog');
			await picture(page, `fenetre-${theme}-${key === '?' ? 'aide' : key}`);
			await page.keyboard.press('Escape');
			await page.locator('dialog[open]').waitFor({state: 'detached'});
		}
		await page.getByText('3. Menaces répétées').waitFor();
		for (const [width, height] of [[1366, 768], [1280, 720], [1200, DESK.height], [800, DESK.height], [NARROW.width, DESK.height]]) {
			await page.setViewportSize({width, height});
			await sound(page, `room at ${width}`);
			await picture(page, `salle-${theme}-${width}`);
		}
		assert.deepEqual(await browser.takeFaults(), []);
	});

	test(`the_other_pages_by_${theme}`, async () => {
		const pages = [
			['accueil', '/', 'Égide'], ['suivi', follow, 'a demandé de l’aide'], ['patrouille', patrol, OFFICIAL.name],
			['suivi mort', '/s/AAAAAAAAAAAAAAAAAAAAAA', 'ne fonctionne plus'], ['patrouille morte', '/p/AAAAAAAAAAAAAAAAAAAAAA', 'n’est plus accessible'],
		];
		for (const [name, address, heading] of pages) {
			const page = await browser.page({theme, viewport: NARROW});
			await page.goto(server.url + address);
			await page.getByRole('heading', {name: heading}).waitFor();
			await sound(page, name);
			await picture(page, `${name.replace(' ', '-')}-${theme}`);
		}
		assert.deepEqual(await browser.takeFaults(), []);
	});
}

test('the_focus_is_always_seen', async () => {
	const page = await browser.page();
	await takePost(page, server.url, 'c.marchand');
	await page.locator('.hero').waitFor();
	for (let i = 0; i < 40; i++) {
		await page.keyboard.press('Tab');
		const outline = await page.evaluate(() => {
			const style = getComputedStyle(document.activeElement);
			const isBody = document.activeElement === document.body;
			return isBody ? 'body' : `${style.outlineStyle} ${style.outlineWidth}`;
		});
		assert.match(outline, /^(body|solid 3px)$/);
	}
});
