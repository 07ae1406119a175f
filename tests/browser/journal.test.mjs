// Who answers for personal data: finds who read an alert, and takes it away as a table.
import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import {after, before, test} from 'node:test';

import {axeFaults, Browser, picture, sound, takePost, widthTooLarge} from './browser.mjs';
import {OFFICIAL, PASSWORD, Server, Watch} from './server.mjs';
import {until} from '../lib/wait.mjs';

let server, browser, page;

before(async () => {
	server = await Server.start();
	browser = await Browser.open();
	await server.ctl('account', 'add', {login: 'audit', name: 'Aude Itier', roles: 'auditor'}, `${PASSWORD}\n`);
	const watch = await Watch.connect(server, OFFICIAL.watch);
	await watch.sos();
	await server.login();
	const {answer: {alerts: [{id}]}} = await until('the alert', async () => {
		const asked = await server.ask('GET', '/api/alerts?state=open');
		return asked.answer.alerts.length > 0 && asked;
	});
	await server.ask('GET', `/api/alerts/${id}`);
	await server.ask('POST', `/api/alerts/${id}/notes`, {text: 'Une porte claque'});
	watch.close();
	page = await browser.page();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

async function login(name) {
	await page.getByLabel('Identifiant').fill(name);
	await page.getByLabel('Mot de passe').fill(PASSWORD);
	await page.keyboard.press('Enter');
}

const rows = () => page.locator('tbody tr');
const row = (text) => rows().filter({hasText: text}).first();

test('only_who_has_the_role_sees_the_journal', async () => {
	await page.goto(`${server.url}/journal`);
	await page.getByRole('heading', {name: 'Ouvrir le journal des accès'}).waitFor();
	await login('c.marchand');
	await page.getByText('Votre compte ne donne pas accès au journal').waitFor();
	await page.getByRole('button', {name: 'Se déconnecter'}).click();
	await login('audit');
	await row('Lecture : alerte entière').waitFor();
});

test('on_a_narrow_screen_the_lines_move_sideways_and_the_page_does_not', async () => {
	const {width, height} = page.viewportSize();
	await page.setViewportSize({width: 320, height: 640});
	assert.equal(await widthTooLarge(page), 0);
	assert.deepEqual(await axeFaults(page), []);
	await page.locator('tbody tr button').last().focus();
	const {x, width: wide} = await page.locator('tbody tr button').last().boundingBox();
	assert.ok(x >= 0 && x + wide <= 320, 'what has the focus is seen');
	await picture(page, 'journal-etroit');
	await page.setViewportSize({width, height});
});

test('who_read_an_alert_is_found_by_its_number_then_by_name', async () => {
	await page.getByLabel('Alerte n°').fill('1');
	await page.keyboard.press('Enter');
	await row('Alerte donnée').waitFor();
	await row('Connexion').waitFor({state: 'detached'});
	const text = await page.locator('main').innerText();
	assert.ok(!text.includes(OFFICIAL.name), 'an auditor reads no name of an alert');
	assert.deepEqual(await axeFaults(page), []);
	assert.equal(await widthTooLarge(page), 0);
	await picture(page, 'journal');

	await row('Lecture : alerte entière').getByRole('button', {name: 'Anne Roux'}).click();
	await page.getByText('Par : Anne Roux').waitFor();
	await until('her lines alone', async () => (await rows().count()) > 0 && (await rows().filter({hasNotText: 'Anne Roux'}).count()) === 0);
	await page.getByRole('button', {name: 'Retirer'}).click();
	await row('Alerte donnée').waitFor();
	await page.getByLabel('Alerte n°').fill('99');
	await page.keyboard.press('Enter');
	await page.getByText('Aucune alerte ne porte ce numéro.').waitFor();
});

test('the_lines_of_a_person_are_found_by_name_and_taken_away_with_their_proofs', async () => {
	await page.getByRole('button', {name: 'Tout', exact: true}).click();
	await page.getByText('Lignes d’une personne').press('Enter');
	await page.getByLabel('Nom, commune ou adresse de l’élu·e').fill(OFFICIAL.name.split(' ').at(-1).slice(0, 4));
	await page.keyboard.press('Enter');
	await page.getByRole('button', {name: OFFICIAL.name}).click();
	await page.getByText(`Personne : ${OFFICIAL.name}`).waitFor();
	await row('Alerte donnée').waitFor();
	await row('recherche d’une personne dans le journal').waitFor();
	await page.getByLabel('Genre').selectOption({label: 'Lecture'});
	await page.getByRole('button', {name: 'Chercher'}).click();
	await until('reads alone', async () => (await rows().count()) > 0 && (await rows().filter({hasNotText: 'Lecture'}).count()) === 0);
	await page.getByText('Exporter avec les preuves').press('Enter');
	await page.getByLabel('Motif de l’export').fill('Demande de la personne');
	assert.deepEqual(await axeFaults(page), []);
	assert.equal(await widthTooLarge(page), 0);
	await picture(page, 'journal-preuves');
	const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: 'Exporter (archive)'}).click()]);
	assert.equal(download.suggestedFilename(), 'journal-egide.tar');
	assert.ok((await fs.readFile(await download.path())).includes('egide-evidence'));
	await page.getByText('Archive exportée.').waitFor();
	await page.getByLabel('Genre').selectOption({label: 'Export'});
	await page.getByRole('button', {name: 'Chercher'}).click();
	await row('Export : lignes du journal, avec les preuves').waitFor();
	await page.getByText('Lignes d’une personne').press('Enter');
	await page.getByText('Exporter avec les preuves').press('Enter');
});

test('a_day_of_it_is_taken_away_as_a_table', async () => {
	await page.getByRole('button', {name: 'Tout', exact: true}).click();
	await row('Lecture : alerte entière').waitFor();
	await page.getByLabel('Au (inclus)').fill('2020-01-01');
	await page.keyboard.press('Enter');
	await page.getByText('Aucune ligne ne correspond.').waitFor();
	await page.getByLabel('Au (inclus)').fill('');
	await page.getByRole('button', {name: 'Chercher'}).click();
	await row('Lecture : alerte entière').waitFor();
	const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: 'Exporter (CSV)'}).click()]);
	const text = await fs.readFile(await download.path(), 'utf8');
	assert.match(text, /^\ufeffLigne;Date et heure;/);
	assert.match(text, /;Anne Roux;[^;]+;Lecture : alerte entière;read;Alerte n° 1;/);
	await page.getByText(/lignes exportées\.$/).waitFor();
	assert.deepEqual(await browser.takeFaults(), []);
});

test('who_opened_many_files_is_shown_and_confirmed_by_another_with_a_reason', async () => {
	const {answer: {devices: [device]}} = await server.ask('GET', '/api/devices');
	for (let held = false, i = 0; !held && i < 110; i++) {
		const {answer: {id}} = await server.ask('POST', '/api/test-alerts', {device: device.id});
		await server.ask('POST', `/api/alerts/${id}/claim`, {});
		await server.ask('POST', `/api/alerts/${id}/close`, {outcome: 'other', text: 'Essai'});
		held = await server.ask('GET', `/api/alerts/${id}`).then(() => false, () => true);
	}
	await page.reload();
	await page.getByRole('heading', {name: 'Lectures en nombre'}).waitFor();
	await page.getByText(/^Anne Roux a ouvert 100 dossiers en une heure/).waitFor();
	await row('Lectures en nombre, suspendues').waitFor();
	assert.deepEqual(await axeFaults(page), []);
	assert.equal(await widthTooLarge(page), 0);
	await picture(page, 'journal-lectures');
	const office = await browser.page();
	await server.ctl('account', 'add', {login: 'a.admin', name: 'Alix Morel', roles: 'administrator'}, `${PASSWORD}\n`);
	await office.goto(`${server.url}/journal`);
	await office.getByLabel('Identifiant').fill('a.admin');
	await office.getByLabel('Mot de passe').fill(PASSWORD);
	await office.keyboard.press('Enter');
	await office.getByText(/^Anne Roux a ouvert 100 dossiers en une heure/).waitFor();
	assert.equal(await office.locator('table').count(), 0, 'an administrator reads no line');
	await sound(office, 'journal-administration');
	await office.setViewportSize({width: 320, height: 640});
	assert.equal(await widthTooLarge(office), 0);
	await page.getByLabel('Ce qui les justifie').fill('Bilan du trimestre');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Lectures en nombre'}).waitFor({state: 'detached'});
	await page.getByRole('button', {name: 'Tout', exact: true}).click();
	await row('Lectures en nombre, confirmées').waitFor();
	assert.deepEqual(await browser.takeFaults(), []);
});

test('a_legal_hold_is_seen_by_who_may_know_of_it_and_lifted_by_a_second_person', async () => {
	const {answer: {alerts: [{id: alert, official: {id}}]}} = await server.ask('GET', '/api/alerts?state=open');
	const reason = 'Réquisition du parquet de Poitiers';
	await server.ctl('hold', 'place', {official: id, reason, until: '31/12/2027'});
	await server.ctl('hold', 'lift', {official: id, reason: 'Affaire classée'});
	await server.ctl('account', 'add', {login: 'chef', name: 'Léa Marchais', roles: 'supervisor', room: 'CORG de la Vienne'}, `${PASSWORD}\n`);

	const room = await browser.page();
	await takePost(room, server.url, 'chef');
	await room.locator('.row-alert').first().click();
	const panel = room.locator('section', {has: room.getByRole('heading', {name: 'Retenue légale'})});
	await panel.getByText(reason).waitFor();
	assert.match(await panel.innerText(), /l’administration/);
	assert.match(await panel.innerText(), /31\/12\/2027, selon la demande/);
	assert.deepEqual(await axeFaults(room), []);
	await picture(room, 'salle-retenue');

	await page.goto(`${server.url}/journal`);
	const notice = page.getByRole('region', {name: 'Retenues légales à lever'});
	await notice.getByText('« Affaire classée »').waitFor();
	assert.match(await notice.innerText(), new RegExp(reason));
	await notice.getByLabel('Motif de votre décision').fill('Jugement définitif');
	assert.deepEqual(await axeFaults(page), []);
	assert.equal(await widthTooLarge(page), 0);
	await picture(page, 'journal-retenue');
	await page.keyboard.press('Enter');
	await page.getByText(`Retenue levée : ${OFFICIAL.name}.`).waitFor();
	await notice.waitFor({state: 'detached'});
	await server.ask('POST', '/api/alerts/' + alert + '/notes', {text: 'Fait relire le dossier'});
	await panel.waitFor({state: 'detached'});
	assert.deepEqual(await browser.takeFaults(), []);
});
