// A registration prepared at home on a telephone, activated at the counter, with the keyboard alone.
import assert from 'node:assert/strict';
import {after, afterEach, before, test} from 'node:test';

import {Browser, PHONE, sound} from './browser.mjs';
import {BRIGADE, PASSWORD, Server} from './server.mjs';

let server, browser;

before(async () => {
	server = await Server.start();
	await server.ctl('account', 'add', {login: 'g.blanc', name: 'Gaël Blanc', roles: 'counter'}, `${PASSWORD}\n`);
	browser = await Browser.open();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

afterEach(() => browser.leave());

async function counter() {
	const page = await browser.page();
	await page.goto(`${server.url}/guichet`);
	await page.getByLabel('Identifiant').fill('g.blanc');
	await page.getByLabel('Mot de passe').fill(PASSWORD);
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Retrouver une inscription préparée'}).waitFor();
	return page;
}

const next = (page) => page.getByRole('button', {name: /^Enregistrer et/}).press('Enter');

test('a_registration_is_prepared_on_a_telephone_and_activated_at_the_counter', async () => {
	const desk = await counter();
	await desk.getByRole('button', {name: 'Créer un code'}).press('Enter');
	const code = await desk.locator('.code').textContent();
	await sound(desk, 'guichet');

	const page = await browser.page({viewport: PHONE});
	await page.goto(`${server.url}/inscription`);
	await sound(page, 'inscription-code');
	await page.getByLabel('Code de votre invitation').fill(code.toLowerCase());
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Qui vous êtes'}).waitFor();
	await page.getByLabel('Nom et prénom').fill('Aline Kervella');
	await page.getByLabel('Mandat').fill('Maire');
	await page.getByLabel('Commune', {exact: true}).fill('Béruges');
	await sound(page, 'inscription-qui');
	await next(page);
	await page.getByLabel('Votre téléphone').fill('17');
	await next(page);
	await page.locator('#phone-error').waitFor();
	assert.equal(await page.getByLabel('Votre téléphone').inputValue(), '17');
	await page.getByLabel('Votre téléphone').fill('06 39 98 41 41');
	await next(page);
	await page.getByLabel('Adresse du domicile').fill('3 rue de l’Église, 86190 Béruges');
	// Nothing is lost when the page is loaded again.
	await next(page);
	await page.getByRole('heading', {name: 'Votre foyer'}).waitFor();
	await page.reload();
	await page.getByRole('heading', {name: 'Qui vous êtes'}).waitFor();
	assert.equal(await page.getByLabel('Nom et prénom').inputValue(), 'Aline Kervella');
	for (const heading of ['Les numéros d’où vous appelez', 'Les adresses qui comptent', 'Votre foyer et votre demande']) {
		await next(page);
		await page.getByRole('heading', {name: heading}).waitFor();
	}
	await page.getByLabel('Nombre de personnes').fill('2');
	await page.getByLabel('Pourquoi').fill('Menaces répétées.');
	await next(page);
	await page.getByRole('checkbox').press('Space');
	await page.getByLabel('Comment entrer').fill('Portail vert');
	await page.getByRole('button', {name: 'Ajouter une personne'}).press('Enter');
	await page.keyboard.type('Yann Kervella');
	await page.getByLabel('Son téléphone').fill('17');
	await next(page);
	await page.getByText('personne 1 : numéro de téléphone non reconnu').waitFor();
	await page.getByLabel('Son téléphone').fill('06 39 98 41 42');
	await sound(page, 'inscription-consentement');
	await next(page);
	await page.getByRole('heading', {name: 'Votre inscription est prête'}).waitFor();
	await sound(page, 'inscription-prete');

	await desk.getByLabel('Code de l’invitation, ou nom').fill('kervella');
	await desk.keyboard.press('Enter');
	await desk.getByRole('button', {name: 'Aline Kervella, Béruges'}).press('Enter');
	assert.equal(await desk.getByLabel('Comment entrer').inputValue(), 'Portail vert');
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText('vérifiez d').waitFor();
	await desk.getByLabel('J’ai vu la pièce').press('Space');
	await desk.getByLabel('J’ai vérifié son mandat').press('Space');
	assert.equal(await desk.getByLabel('Son nom').inputValue(), 'Yann Kervella');
	await desk.getByLabel('Les personnes de confiance ont dit').press('Space');
	await desk.getByLabel('Niveau de menace').selectOption('2');
	await desk.getByLabel('Unité compétente').fill(BRIGADE.name);
	await sound(desk, 'guichet-dossier');
	await desk.getByLabel('Force et fichier').selectOption('police');
	await desk.locator('#phone-ground', {hasText: 'PEGASE II'}).waitFor();
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText('l’unité compétente est de l’autre force').waitFor();
	await desk.getByLabel('Force et fichier').selectOption('');
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText('Aline Kervella est inscrit(e) (gendarmerie, fichier SIDPP)').waitFor();
});
