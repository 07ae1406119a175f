// An official's own file, on a telephone and at a desk: opened, read, corrected, copied, left; what the counter makes of it.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import fs from 'node:fs/promises';
import {after, afterEach, before, test} from 'node:test';

import {until} from '../lib/wait.mjs';
import {Browser, PHONE, sound, takeCounter} from './browser.mjs';
import {OFFICIAL, PASSWORD, Server, TOWN_HALL, TRUSTED} from './server.mjs';

let server, browser;

before(async () => {
	server = await Server.start();
	await server.ctl('account', 'add', {login: 'g.blanc', name: 'Gaël Blanc', roles: 'counter', room: 'CORG de la Vienne'}, `${PASSWORD}\n`);
	browser = await Browser.open();
});

after(async () => {
	await browser?.close();
	await server?.stop();
});

afterEach(() => browser.leave());

async function counter() {
	const page = await browser.page();
	await takeCounter(page, server.url, 'g.blanc');
	await page.getByRole('heading', {name: 'Demandes reçues'}).waitFor();
	return page;
}

const codeSince = (from) => until('the code', () => server.messages.slice(from).map(({text}) => text.match(/code (\d{6})/)?.[1]).find(Boolean));

// With the keyboard alone.
async function openedBySms(page) {
	const from = server.messages.length;
	await page.goto(`${server.url}/mon-dossier`);
	await page.getByLabel('Votre téléphone').fill(OFFICIAL.phone);
	await page.keyboard.press('Enter');
	await page.getByLabel('Code reçu').waitFor();
	await page.keyboard.type(await codeSince(from));
	await sound(page, 'dossier-code');
	await page.keyboard.press('Enter');
	await page.getByRole('heading', {name: 'Ce que contient votre dossier'}).waitFor();
}

// What the page offers to keep: its bytes.
async function saved(page, button) {
	const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', {name: button}).press('Enter')]);
	await page.getByText('est dans vos téléchargements').waitFor();
	return {name: download.suggestedFilename(), path: await download.path()};
}

test('an_official_reads_corrects_copies_and_asks_to_leave_and_the_counter_hears_of_it', async () => {
	const page = await browser.page({viewport: PHONE});
	await page.goto(`${server.url}/mon-dossier`);
	await sound(page, 'dossier-porte');
	await openedBySms(page);
	await page.getByText('Portail vert, code 4512A').waitFor();
	await page.getByText(`Mairie : ${TOWN_HALL}`).first().waitFor();
	await page.locator('.held', {hasText: 'Comment entrer, Mairie'}).getByText('Porte de service').waitFor();
	await page.locator('.held', {hasText: 'Autres mandats'}).getByText('R. 236-39, 2°, b').waitFor();
	await page.getByText(`${TRUSTED.name}, conjoint`).waitFor();
	await page.locator('.readings li').first().waitFor();
	assert.equal(await page.locator('.readings li').filter({hasText: 'Création'}).filter({hasText: 'Administration du serveur'}).count() > 0, true);
	await sound(page, 'dossier-telephone');

	// The copy, as both kinds of file.
	const json = await saved(page, 'Copie en JSON'), copy = JSON.parse(await fs.readFile(json.path, 'utf8'));
	assert.deepEqual([json.name, copy.format, copy.file.name], ['mon-dossier-alarme-elu.json', 'egide-file/1', OFFICIAL.name]);
	const pdf = await saved(page, 'Copie en PDF');
	const text = execFileSync('pdftotext', ['-layout', pdf.path, '-'], {encoding: 'utf8'}).replace(/\s+/g, ' ');
	for (const words of [`Dossier « Alarme élu » de ${OFFICIAL.name}`, '3 rue de l’Église, 86190 Béruges', 'R. 236-39', 'Portail vert', 'Conseillère départementale de la Vienne', `Mairie : ${TOWN_HALL}`, 'Porte de service', 'Qui a consulté votre dossier'])
		assert.ok(text.includes(words), `${words} is not in ${text.slice(0, 500)}`);
	assert.match(execFileSync('pdfinfo', [pdf.path], {encoding: 'utf8'}), /Tagged: +yes/);

	// A correction waits for the counter.
	await page.getByRole('button', {name: 'Corriger mon dossier'}).press('Enter');
	await page.getByLabel('Adresse du domicile').fill('5 rue Neuve, 86190 Béruges');
	await page.getByLabel('Votre téléphone').fill('17');
	await page.getByRole('button', {name: 'Envoyer la correction'}).press('Enter');
	await page.locator('#phone-error').waitFor();
	await page.getByLabel('Votre téléphone').fill(OFFICIAL.phone);
	await sound(page, 'dossier-correction');
	await page.getByRole('button', {name: 'Envoyer la correction'}).press('Enter');
	await page.getByText('Votre correction est envoyée').waitFor();
	await page.getByText('3 rue de l’Église, 86190 Béruges').waitFor();

	// Leaving is asked twice, and can be taken back.
	await page.getByRole('button', {name: 'Demander à sortir'}).press('Enter');
	await page.getByRole('button', {name: 'Ne rien changer'}).waitFor();
	await page.getByRole('button', {name: 'Oui, demander ma sortie'}).press('Enter');
	await page.getByRole('button', {name: 'Annuler ma demande de sortie'}).waitFor();
	await sound(page, 'dossier-sortie');

	const desk = await counter();
	await desk.getByText(`Sortie de ${OFFICIAL.name}`).waitFor();
	await desk.getByText('pas de sortie avant le').waitFor();
	await sound(desk, 'guichet-demandes');
	await desk.getByLabel('J’ai vu la personne').press('Space');
	await desk.getByRole('button', {name: 'La personne reste'}).press('Enter');
	await desk.getByText('reste dans « Alarme élu »').waitFor();
	await desk.getByRole('button', {name: 'Voir la correction'}).press('Enter');
	await desk.locator('.changes ins', {hasText: '5 rue Neuve'}).waitFor();
	await desk.getByRole('button', {name: 'Confirmer la correction'}).press('Enter');
	await desk.getByText('vérifiez d’abord avec la personne').waitFor();
	await desk.getByLabel('J’ai vu la personne').press('Space');
	await sound(desk, 'guichet-correction');
	await desk.getByRole('button', {name: 'Confirmer la correction'}).press('Enter');
	await desk.getByText('est corrigé').waitFor();

	await page.reload();
	await page.getByText('5 rue Neuve, 86190 Béruges').waitFor();
	await page.getByRole('button', {name: 'Retirer mon accord'}).press('Enter');
	await page.getByRole('button', {name: 'Oui, tout retirer'}).press('Enter');
	await page.getByText('Vous n’avez rien donné ici').waitFor();
	await page.getByRole('button', {name: 'Fermer mon dossier'}).press('Enter');
	await page.getByRole('heading', {name: 'Par un code reçu par SMS'}).waitFor();
	// Closed, it is closed for whoever takes the telephone next.
	await page.reload();
	await page.getByRole('heading', {name: 'Par un code reçu par SMS'}).waitFor();
});

test('a_linked_telephone_without_a_code_does_not_open_it_by_itself', async () => {
	const {id} = await server.ctl('device', 'add', {protocol: 'phone', label: 'Téléphone', official: OFFICIAL.phone});
	const {code} = await server.ctl('device', 'code', {device: id});
	const page = await browser.page({viewport: PHONE}), from = server.messages.length;
	await page.goto(`${server.url}/bouton`);
	await page.getByLabel('Code').fill(code);
	await page.getByRole('button', {name: 'Relier ce téléphone'}).press('Enter');
	await page.getByRole('button', {name: 'Armer'}).waitFor();
	await page.goto(`${server.url}/mon-dossier`);
	await page.getByRole('heading', {name: 'Avec ce téléphone'}).waitFor();
	await sound(page, 'dossier-porte-reliee');
	await page.getByRole('button', {name: 'Ouvrir mon dossier'}).press('Enter');
	await page.getByText('Aucun code n’est choisi sur ce téléphone').waitFor();
	await page.getByRole('heading', {name: 'Par un code reçu par SMS'}).waitFor();
	await sound(page, 'dossier-porte-sans-code');
	await page.getByLabel(/^Votre code/).fill('7031');
	await page.getByRole('button', {name: 'Ouvrir mon dossier'}).press('Enter');
	await page.getByText('Ce n’est pas votre code').waitFor();
	assert.equal(await page.getByRole('heading', {name: 'Ce que contient votre dossier'}).count(), 0);
	assert.equal(server.messages.length, from);
});

test('at_a_desk_and_in_english', async () => {
	const page = await browser.page();
	await openedBySms(page);
	await page.locator('.readings li').first().waitFor();
	await sound(page, 'dossier-bureau');
	await page.goto(`${server.url}/mon-dossier?lang=en`);
	await page.getByRole('heading', {name: 'What your file holds'}).waitFor();
	await sound(page, 'dossier-anglais');
});
