// The sound of an alert that is over, sealed by two persons of the room, each at a keyboard.
import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';

import {axeFaults, Browser, inLink, picture, takePost} from './browser.mjs';
import {OFFICIAL, Server} from './server.mjs';
import {enrol, frame, Phone} from '../lib/phone.mjs';
import {until} from '../lib/wait.mjs';

const EPOCH = 0xbeef0001;
let server, browser, alert;

const dialog = (page) => page.getByRole('dialog', {name: 'Preuve'});
const says = (page, text) => page.locator('.room').getByText(text).first().waitFor();

// A second of sound, and the alert is closed.
before(async () => {
	server = await Server.start({sound: 'both'});
	browser = await Browser.open();
	await server.login();
	server.json = async (method, address, body) => (await server.ask(method, address, body)).answer;
	const phone = await Phone.welcome(server, await enrol(server, OFFICIAL.phone));
	({alert} = await phone.call(Date.now()));
	phone.say({type: 'streaming', alert, epoch: EPOCH, began: Date.now()});
	for (let i = 0; i < 50; i++) phone.say(frame({alert, epoch: EPOCH, sequence: i}));
	await phone.first('ack', ({next}) => next === 50);
	await server.endAlerts();
	await until('what is kept', async () => (await server.ask('GET', `/api/alerts/${alert}`)).answer.keeping);
	phone.socket.terminate();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

// The alert among those that are over, and its window.
async function atTheAlert(login) {
	const page = await browser.page();
	await takePost(page, server.url, login);
	await inLink(page);
	await page.keyboard.press('f');
	await page.getByRole('dialog').getByRole('button', {name: OFFICIAL.name}).first().click();
	await says(page, /Sans scellés, le son sera supprimé le /);
	return page;
}

async function ask(page, reason, button) {
	await page.keyboard.press('z');
	await dialog(page).waitFor();
	await dialog(page).getByRole('button', {name: button}).waitFor();
	if (reason) await page.keyboard.type(reason);
	await page.keyboard.press('Enter');
}

test('one_asks_and_says_why_another_confirms_and_both_see_it', async () => {
	const claire = await atTheAlert('c.marchand'), anne = await atTheAlert('a.roux');
	await ask(claire, '', 'Demander les scellés');
	await dialog(claire).getByText('Un motif est nécessaire').waitFor();
	await picture(claire, 'scelles-motif');
	assert.deepEqual(await axeFaults(claire), []);
	await claire.keyboard.type('Plainte déposée');
	await claire.keyboard.press('Enter');
	await dialog(claire).waitFor({state: 'detached'});
	await says(claire, /Claire Marchand demande de sceller le son : une autre personne doit confirmer/);
	await says(anne, /Claire Marchand demande de sceller le son : une autre personne doit confirmer/);

	// Who asked can only withdraw.
	await claire.keyboard.press('z');
	await dialog(claire).getByRole('button', {name: 'Retirer la demande'}).waitFor();
	assert.equal(await dialog(claire).getByRole('button', {name: 'Confirmer les scellés'}).count(), 0);
	await claire.keyboard.press('Escape');

	await ask(anne, '', 'Confirmer les scellés');
	await dialog(anne).waitFor({state: 'detached'});
	for (const page of [claire, anne]) await says(page, /Son scellé depuis le .* : il est conservé/);
	await claire.locator('.timeline').getByText('Anne Roux confirme : le son est scellé').waitFor();
	await picture(claire, 'scelles');
	assert.deepEqual(await browser.takeFaults(), []);
});
