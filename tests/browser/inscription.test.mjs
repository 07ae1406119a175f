// A registration prepared at home on a telephone, activated at the counter, with the keyboard alone.
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {after, afterEach, before, test} from 'node:test';

import {Browser, PHONE, sound, takeCounter} from './browser.mjs';
import {BRIGADE, OFFICIAL, PASSWORD, Server} from './server.mjs';

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
	await takeCounter(page, server.url, 'g.blanc');
	return page;
}

const focused = (page) => page.evaluate(() => globalThis.document.activeElement.id || globalThis.document.activeElement.textContent);

// Of what the browser asks before it leaves a page: its kind. The answer is to stay.
async function leaving(page, leave) {
	const [dialog] = await Promise.all([page.waitForEvent('dialog'), leave()]);
	await dialog.dismiss();
	return dialog.type();
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
	await page.getByLabel('Mandat', {exact: true}).fill('Maire');
	await page.getByLabel('Commune', {exact: true}).fill('Béruges');
	await page.getByText('La liste des communes n’est pas chargée').waitFor();
	await page.getByLabel('Code INSEE').fill('86024');
	await sound(page, 'inscription-qui');
	await next(page);
	await page.getByLabel('Votre téléphone').fill('17');
	await next(page);
	await page.locator('#phone-error').waitFor();
	assert.equal(await page.getByLabel('Votre téléphone').inputValue(), '17');
	await page.getByLabel('Votre téléphone').fill('06 39 98 41 41');
	await next(page);
	await page.getByLabel('Adresse du domicile').fill('3 rue de l’Église, 86190 Béruges');
	await next(page);
	await page.getByRole('heading', {name: 'Votre foyer'}).waitFor();
	// Loaded again, it opens at the same step with what was saved; what is not saved yet is not lost without asking.
	await page.reload();
	await page.getByRole('heading', {name: 'Votre foyer'}).waitFor();
	await page.getByLabel('Nombre de personnes').pressSequentially('deux');
	assert.equal(await leaving(page, () => page.close({runBeforeUnload: true})), 'beforeunload');
	await next(page);
	await page.getByText('Nombre entier de 0 à 99 attendu.').waitFor();
	assert.equal(await focused(page), 'household');
	await page.getByLabel('Nombre de personnes').fill('2');
	await page.getByRole('button', {name: 'Étape précédente'}).press('Enter');
	await page.getByRole('button', {name: 'Étape précédente'}).press('Enter');
	assert.match(await page.getByLabel('Votre téléphone').inputValue(), /^06\s39\s98\s41\s41$/);
	for (const heading of ['Les adresses qui comptent', 'Votre foyer et votre demande']) {
		await next(page);
		await page.getByRole('heading', {name: heading}).waitFor();
	}
	await page.getByLabel('Pourquoi').fill('Menaces répétées.');
	await next(page);
	await page.getByRole('checkbox').press('Space');
	await page.getByLabel('Comment entrer chez vous').fill('Portail vert');
	await page.getByRole('button', {name: 'Ajouter une personne'}).press('Enter');
	await page.keyboard.type('Yann Kervella');
	await page.getByLabel('Son téléphone').fill('17');
	await next(page);
	await page.getByText(/^Personne 1 : numéro de téléphone non reconnu/).waitFor();
	await page.getByLabel('Son téléphone').fill('06 39 98 41 42');
	await sound(page, 'inscription-consentement');
	await next(page);
	await page.getByRole('heading', {name: 'Votre inscription est prête'}).waitFor();
	await page.getByText(`et ce code : ${code}.`).waitFor();
	await sound(page, 'inscription-prete');

	await desk.getByLabel('Code de l’invitation, ou nom').fill('kervella');
	await desk.keyboard.press('Enter');
	await desk.getByRole('button', {name: 'Aline Kervella, Béruges'}).press('Enter');
	assert.equal(await desk.getByLabel('Comment entrer à son domicile').inputValue(), 'Portail vert');
	assert.equal(await focused(desk), 'Vérifier et activer');
	assert.match(await desk.getByLabel('Téléphone de la personne').inputValue(), /^06\s39\s98\s41\s41$/);
	assert.equal(await desk.getByText('La personne n’a pas encore écrit').count(), 0);
	const wrong = desk.getByText('Vérifiez d\'abord la pièce d\'identité.');
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await wrong.waitFor();
	// It is where the keyboard is led, and goes once the box is ticked.
	assert.equal(await focused(desk), 'identity');
	await sound(desk, 'guichet-a-corriger');
	await desk.keyboard.press('Space');
	await wrong.waitFor({state: 'detached'});
	assert.equal(await desk.getByText('Un renseignement est à corriger').count(), 0);
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
	// A live region is read aloud only when it was there before its words.
	const region = await desk.locator('main > p[role=status]').elementHandle();
	assert.equal(await region.textContent(), '');
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText('Aline Kervella est inscrit(e) (gendarmerie, fichier SIDPP)').waitFor();
	assert.match(await region.textContent(), /Aline Kervella est inscrit/);
	assert.match(await focused(desk), /Aline Kervella est inscrit/);
});

// At the size a page has on the smallest telephone, or enlarged four times.
test('mandates_and_addresses_are_added_with_the_keyboard_alone_each_with_how_to_get_in', async () => {
	const {code} = await server.ctl('registration', 'invite', {});
	const page = await browser.page({viewport: {width: 320, height: 640}});
	const steps = async (...headings) => {
		for (const name of headings) {
			await next(page);
			await page.getByRole('heading', {name}).waitFor();
		}
	};
	const add = page.getByRole('button', {name: 'Ajouter une adresse'});
	await page.goto(`${server.url}/inscription`);
	await page.getByLabel('Code de votre invitation').fill(code);
	await page.keyboard.press('Enter');
	await page.getByLabel('Nom et prénom').fill('Nolwenn Tanguy');
	await page.getByLabel('Mandat', {exact: true}).fill('Maire');
	await page.keyboard.press('Tab');
	await page.keyboard.type('Conseillère départementale\nun\ndeux\ntrois\nquatre');
	await next(page);
	await page.getByText('quatre mandats au plus, un par ligne').waitFor();
	await sound(page, 'inscription-mandats');
	await page.getByLabel('Autres mandats').fill('Conseillère départementale\nVice-présidente de l’agglomération');
	await steps('Les numéros d’où vous appelez');
	await page.getByLabel('Votre téléphone').fill('06 39 98 41 61');
	await steps('Les adresses qui comptent');
	await page.getByLabel('Adresse du domicile').fill('3 rue de l’Église, 86190 Béruges');
	await add.press('Enter');
	assert.equal(await focused(page), 'place-0-kind');
	await page.keyboard.type('Mai');
	await page.keyboard.press('Tab');
	await page.keyboard.type('Place du Bourg, 86190 Béruges');
	// Its own button is between.
	await page.keyboard.press('Tab');
	await page.keyboard.press('Tab');
	await page.keyboard.press('Enter');
	await page.keyboard.type('R');
	await next(page);
	// What is wrong is said in the row it is of, and tied to its field.
	const row = page.getByRole('group', {name: 'Adresse 2', exact: true});
	await row.getByText('l’adresse manque').waitFor();
	assert.deepEqual(await Promise.all(['aria-invalid', 'aria-describedby'].map((name) => row.getByRole('textbox').getAttribute(name))), ['true', 'place-1-error']);
	assert.equal(await page.getByRole('group', {name: 'Adresse 1', exact: true}).getByRole('textbox').getAttribute('aria-invalid'), 'false');
	assert.equal(await focused(page), 'place-1');
	await sound(page, 'inscription-adresses');
	await row.getByRole('textbox').fill('Le Moulin, 22320 Plussulien');
	await add.press('Enter');
	await page.keyboard.press('Tab');
	await page.keyboard.type('Nulle part');
	await page.getByRole('button', {name: 'Retirer l’adresse 3'}).press('Enter');
	assert.equal(await focused(page), 'Ajouter une adresse');
	await add.press('Enter');
	await steps('Votre foyer et votre demande', 'Feuille de consentement');
	await page.getByRole('checkbox').press('Space');
	await page.getByLabel('Comment entrer chez vous').fill('Portail vert');
	await page.keyboard.press('Tab');
	await page.keyboard.type('Porte de service');
	await page.getByLabel(/^Résidence secondaire\s: Le Moulin/).fill('Clé chez le voisin');
	await sound(page, 'inscription-acces');
	await next(page);
	await page.getByRole('heading', {name: 'Votre inscription n’est pas complète'}).waitFor();
	await sound(page, 'inscription-incomplete');
	// Each thing that is missing leads to its field.
	await page.getByRole('button', {name: 'Pourquoi demandez-vous'}).press('Enter');
	await page.getByRole('heading', {name: 'Votre foyer'}).waitFor();
	assert.equal(await focused(page), 'reason');
	await page.keyboard.type('Menaces.');
	await next(page);
	await next(page);
	await page.getByRole('heading', {name: 'Votre inscription n’est pas complète'}).waitFor();
	assert.deepEqual(await page.locator('.missing button').allTextContents(), ['Commune', 'Nombre de personnes au foyer']);

	const desk = await counter();
	await desk.getByLabel('Code de l’invitation, ou nom').fill('tanguy');
	await desk.keyboard.press('Enter');
	await desk.getByRole('button', {name: 'Nolwenn Tanguy'}).press('Enter');
	assert.deepEqual(await desk.getByRole('region', {name: 'La personne n’a pas encore écrit'}).getByRole('button').allTextContents(), ['Commune', 'Nombre de personnes au foyer']);
	await desk.getByRole('button', {name: 'Nombre de personnes'}).press('Enter');
	assert.equal(await focused(desk), 'household');
	// What is typed there is not lost without asking.
	await desk.keyboard.type('3');
	assert.equal(await leaving(desk, () => desk.close({runBeforeUnload: true})), 'beforeunload');
	await desk.getByRole('button', {name: 'Abandonner'}).press('Enter');
	await desk.getByText('sera perdu').waitFor();
	await sound(desk, 'guichet-abandon');
	assert.equal(await focused(desk), 'Continuer ici');
	await desk.keyboard.press('Enter');
	assert.equal(await desk.getByLabel('Nombre de personnes').inputValue(), '3');
	await desk.getByRole('button', {name: 'Abandonner'}).press('Enter');
	await desk.getByRole('button', {name: 'Oui, partir'}).press('Enter');
	await desk.getByRole('heading', {name: 'Retrouver une inscription préparée'}).waitFor();
	assert.equal(await focused(desk), 'words');
	// Untouched, it is left at once.
	await desk.keyboard.type('tanguy');
	await desk.keyboard.press('Enter');
	await desk.getByRole('button', {name: 'Nolwenn Tanguy'}).press('Enter');
	await desk.getByRole('button', {name: 'Abandonner'}).press('Enter');
	await desk.getByLabel('Code de l’invitation, ou nom').fill('tanguy');
	await desk.keyboard.press('Enter');
	await desk.getByRole('button', {name: 'Nolwenn Tanguy'}).press('Enter');
	assert.deepEqual(await desk.getByLabel('Ce que c’est').evaluateAll((list) => list.map(({value}) => value)), ['town_hall', 'second_home']);
	assert.equal(await desk.getByLabel(/^Mairie\s: Place du Bourg, 86190 Béruges$/).inputValue(), 'Porte de service');
	assert.equal(await desk.getByLabel(/^Résidence secondaire\s: Le Moulin/).inputValue(), 'Clé chez le voisin');
	await desk.locator('#places').scrollIntoViewIfNeeded();
	await sound(desk, 'guichet-adresses');
	await desk.locator('#place_access').scrollIntoViewIfNeeded();
	await sound(desk, 'guichet-acces');
	await desk.getByLabel('J’ai vu la pièce').press('Space');
	await desk.getByLabel('J’ai vérifié son mandat').press('Space');
	await desk.getByLabel('Unité compétente').fill(BRIGADE.name);
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText('Nolwenn Tanguy est inscrit(e)').waitFor();
	const {other_mandates: mandates, places} = await server.ctl('official', 'show', {official: '0639984161'});
	assert.deepEqual([mandates, places.map(({kind, access}) => [kind, access])],
		[['Conseillère départementale', 'Vice-présidente de l’agglomération'], [['town_hall', 'Porte de service'], ['second_home', 'Clé chez le voisin']]]);

	// The file that is there: one address is withdrawn, the other keeps what is known of it.
	await desk.reload();
	await desk.getByLabel('Nom, commune ou numéro').fill('plussulien');
	await desk.keyboard.press('Enter');
	await desk.getByRole('button', {name: /^Nolwenn Tanguy/}).press('Enter');
	await desk.getByRole('button', {name: 'Retirer l’adresse 1'}).press('Enter');
	await desk.getByLabel('L’adresse, avec').fill('Le Grand Moulin, 22320 Plussulien');
	await desk.getByRole('checkbox', {name: /^J’ai reconnu la personne/}).press('Space');
	await desk.getByRole('button', {name: 'Enregistrer les changements'}).press('Enter');
	await desk.getByText('Le dossier de Nolwenn Tanguy est à jour').waitFor();
	assert.deepEqual((await server.ctl('official', 'show', {official: '0639984161'})).places, [{kind: 'second_home', address: 'Le Grand Moulin, 22320 Plussulien', access: 'Clé chez le voisin'}]);
});

// A date some days from now, as a date field takes it.
const inDays = (days) => new Date(Date.now() + days * 86400000).toISOString().slice(0, 10);

test('what_ends_is_said_by_sms_answered_by_its_link_and_settled_at_the_counter', async () => {
	const phone = '+33639984242';
	await server.ctl('official', 'add', {name: 'Yves Le Bris', mandate: 'Maire', commune: 'Béruges', phone, unit: BRIGADE.name, until: inDays(5)});
	// Its moment of the day has come.
	await server.restart((file) => execFileSync('sqlite3', [file, `UPDATE deadline SET due_at = ${Date.now()} WHERE timer = 33`]));
	const address = await server.link(phone);
	const page = await browser.page({viewport: PHONE});
	await page.goto(server.url + address);
	await page.getByRole('heading', {name: /^Votre inscription prend fin le \d\d\/\d\d\/\d{4} \(date prévue/}).waitFor();
	assert.ok(!(await page.content()).includes('Le Bris'));
	await sound(page, 'confirmation');
	await page.getByRole('button', {name: 'Non, je n’en veux plus'}).press('Enter');
	await page.getByText('Rien n’est arrêté').waitFor();
	await page.getByRole('button', {name: 'Oui, je veux la garder'}).press('Enter');
	await page.getByText('On vous appellera pour convenir').waitFor();
	await sound(page, 'confirmation-repondu');

	const desk = await counter();
	const row = desk.getByRole('listitem').filter({hasText: 'Yves Le Bris'});
	await row.getByText('la personne veut rester inscrite').waitFor();
	await row.getByText('SMS reçu').waitFor();
	await sound(desk, 'guichet-inscriptions');
	await row.getByRole('button', {name: 'Mettre fin : Yves Le Bris'}).press('Enter');
	await desk.getByLabel('fin de mandat').press('Space');
	await desk.getByRole('dialog').getByRole('button', {name: /^Mettre fin/}).press('Enter');
	await desk.getByText('Vérifiez d’abord').waitFor();
	await desk.getByLabel('J’ai reconnu la personne').press('Space');
	await sound(desk, 'guichet-fin');
	await desk.getByRole('dialog').getByRole('button', {name: /^Mettre fin/}).press('Enter');
	await row.getByText(/A pris fin le .* \(fin de mandat\)/).waitFor();
	await row.getByRole('button', {name: 'Reprendre : Yves Le Bris'}).press('Enter');
	await desk.getByLabel('Protection demandée jusqu’au').fill(inDays(400));
	await desk.getByLabel('J’ai reconnu la personne').press('Space');
	await desk.getByRole('dialog').getByRole('button', {name: /^Reprendre/}).press('Enter');
	await desk.getByText('L’inscription de Yves Le Bris est prolongée.').waitFor();
	await row.waitFor({state: 'detached'});

	await page.reload();
	await page.getByRole('heading', {name: 'Ce lien ne fonctionne plus'}).waitFor();
	await sound(page, 'confirmation-morte');
	const admin = await browser.page();
	await admin.goto(`${server.url}/guichet`);
	await admin.getByLabel('Identifiant').fill('admin');
	await admin.getByLabel('Mot de passe').fill(PASSWORD);
	await admin.keyboard.press('Enter');
	await admin.getByText('Le guichet s’en occupe').waitFor();
	assert.equal(await admin.getByRole('button', {name: 'Créer un code'}).count(), 0);
});

const RNE = 'Titre du rapport\nCode du département\tCode de la commune\tNom de l\'élu\tPrénom de l\'élu\tDate de naissance\tLibellé de la fonction\tDate de début du mandat\n' +
	'86\t024\tHIRONDELLE\tÉlodie\t03/02/1961\tMaire\t22/03/2026\n';

test('nobody_needs_to_know_a_code_the_commune_is_chosen_by_its_name_and_says_the_unit', async () => {
	await server.load('communes', 'data/communes-86.json');
	await server.load('rne', RNE, 'mandate=conseiller municipal');
	await server.ctl('competence', 'set', {code: '86024', unit: BRIGADE.name});
	const desk = await counter();
	await desk.getByRole('button', {name: 'Créer un code'}).press('Enter');
	const code = await desk.locator('.code').textContent();
	const page = await browser.page({viewport: PHONE});
	await page.goto(`${server.url}/inscription`);
	await page.getByLabel('Code de votre invitation').fill(code);
	await page.keyboard.press('Enter');
	await page.getByLabel('Nom et prénom').fill('Élodie Hirondelle');
	const commune = page.getByLabel('Commune', {exact: true});
	await commune.pressSequentially('saint ge');
	await page.getByRole('option').first().waitFor();
	await sound(page, 'inscription-communes');
	await commune.press('Escape');
	await page.getByText('Choisissez la commune dans la liste').waitFor();
	await commune.fill('berug');
	await page.getByRole('option', {name: 'Béruges (86)'}).waitFor();
	await commune.press('ArrowDown');
	await commune.press('Enter');
	await page.getByText('Commune reconnue : Béruges (86), code INSEE 86024.').waitFor();
	assert.equal(await page.getByLabel('Code INSEE').count(), 0);
	await next(page);
	await page.getByLabel('Votre téléphone').fill('06 39 98 41 51');
	await page.getByRole('button', {name: 'Ajouter un numéro'}).press('Enter');
	await page.keyboard.type('Mairie');
	await page.getByLabel('Le numéro').fill('05 49 98 41 51');
	// One that stays empty is none.
	await page.getByRole('button', {name: 'Ajouter un numéro'}).press('Enter');
	await sound(page, 'inscription-numeros');
	await next(page);
	await page.getByRole('heading', {name: 'Les adresses qui comptent'}).waitFor();

	await desk.getByLabel('Code de l’invitation, ou nom').fill(code);
	await desk.keyboard.press('Enter');
	await desk.getByRole('button', {name: 'Élodie Hirondelle, Béruges'}).press('Enter');
	await desk.getByText('Commune reconnue : Béruges (86)').waitFor();
	assert.deepEqual([await desk.getByLabel('Où il sonne').inputValue(), (await desk.getByLabel('Le numéro').inputValue()).replace(/\s/g, ' ')], ['town_hall', '05 49 98 41 51']);
	await desk.getByText(`D’office : ${BRIGADE.name} (gendarmerie, fichier SIDPP), compétente pour cette commune.`).waitFor();
	await desk.getByLabel('Nom et prénom').fill('Élodie Tourterelle');
	await desk.getByRole('button', {name: 'Chercher au répertoire'}).press('Enter');
	await desk.getByText('Le répertoire n’a pas ce nom dans cette commune.').waitFor();
	await desk.getByLabel('Nom et prénom').fill('Élodie Hirondelle');
	await desk.getByRole('button', {name: 'Chercher au répertoire'}).press('Enter');
	// The line is chosen by the keyboard; another commune forgets it.
	await desk.getByRole('radio', {name: 'Élodie HIRONDELLE, Maire'}).press('Space');
	await sound(desk, 'guichet-repertoire');
	// Another commune, that has no unit: it is said, and chosen from the list by the keyboard.
	await desk.getByLabel('Commune', {exact: true}).fill('Poitier');
	await desk.getByText('Choisissez la commune dans la liste : c’est').waitFor();
	await desk.getByRole('button', {name: 'Chercher au répertoire'}).press('Enter');
	await desk.getByText('Choisissez d’abord la commune').waitFor();
	await desk.getByLabel('Commune', {exact: true}).fill('Poitiers');
	await desk.getByText('Commune reconnue : Poitiers (86)').waitFor();
	await desk.getByText('unité par défaut du département').waitFor();
	const unit = desk.getByLabel('Unité compétente');
	await unit.focus();
	await desk.getByRole('option', {name: BRIGADE.name}).waitFor();
	await sound(desk, 'guichet-unite');
	await unit.press('ArrowDown');
	await unit.press('Enter');
	await desk.getByText(`Unité choisie : ${BRIGADE.name}`).waitFor();
	await desk.getByLabel('J’ai vu la pièce').press('Space');
	await desk.getByLabel('J’ai vérifié son mandat').press('Space');
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText('Élodie Hirondelle est inscrit(e) (gendarmerie, fichier SIDPP)').waitFor();
});

test('a_mandate_that_left_the_register_is_said_at_the_counter_which_sets_its_end', async () => {
	const name = 'Rozenn Hirondelle';
	await server.load('rne', `${RNE}86\t024\tHIRONDELLE\tRozenn\t04/05/1972\t\t22/03/2026\n`, 'mandate=conseiller municipal');
	const desk = await counter();
	await desk.getByRole('button', {name: 'Saisir'}).press('Enter');
	await desk.getByLabel('Nom et prénom').fill(name);
	await desk.getByLabel('Commune', {exact: true}).fill('Béruges');
	await desk.getByText('Commune reconnue : Béruges (86)').waitFor();
	await desk.getByLabel('Téléphone de la personne').fill('06 39 98 41 71');
	await desk.getByRole('button', {name: 'Chercher au répertoire'}).press('Enter');
	await desk.getByRole('radio', {name: 'Rozenn HIRONDELLE, conseiller municipal'}).press('Space');
	await sound(desk, 'guichet-ligne-du-repertoire');
	await desk.getByLabel('J’ai vu la pièce').press('Space');
	await desk.getByLabel('J’ai vérifié son mandat').press('Space');
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText(`${name} est inscrit(e)`).waitFor();
	const said = await server.load('rne', RNE, 'mandate=conseiller municipal');
	assert.match(said, /Inscriptions touchées : 1/);
	await desk.reload();
	const row = desk.getByRole('listitem').filter({hasText: name});
	await row.getByText(/Mandat qui n’est plus au répertoire \(édition du \d\d\/\d\d\/\d{4}\) : à vérifier avec la personne/).waitFor();
	await row.scrollIntoViewIfNeeded();
	await sound(desk, 'guichet-mandat-parti');
	await row.getByRole('button', {name: `Fin de mandat : ${name}`}).press('Enter');
	assert.match(await desk.getByLabel('Fin du mandat').inputValue(), /^\d{4}-\d\d-\d\d$/);
	await sound(desk, 'guichet-fin-de-mandat');
	await desk.getByRole('dialog').getByRole('button', {name: /^Fin de mandat/}).press('Enter');
	await desk.getByText('Vérifiez d’abord').waitFor();
	await desk.getByLabel('J’ai reconnu la personne').press('Space');
	await desk.getByRole('dialog').getByRole('button', {name: /^Fin de mandat/}).press('Enter');
	await desk.getByText(`La fin du mandat de ${name} est notée ; la personne est prévenue.`).waitFor();
	await row.waitFor({state: 'detached'});
});

test('a_registration_is_prolonged_for_another_mandate_chosen_from_the_register', async () => {
	const name = 'Nolwenn Hirondelle', line = (what, since) => `${RNE}86\t024\tHIRONDELLE\tNolwenn\t04/05/1972\t${what}\t${since}\n`;
	await server.load('rne', line('', '22/03/2026'), 'mandate=conseiller municipal');
	const desk = await counter();
	await desk.getByRole('button', {name: 'Saisir'}).press('Enter');
	await desk.getByLabel('Nom et prénom').fill(name);
	await desk.getByLabel('Commune', {exact: true}).fill('Béruges');
	await desk.getByText('Commune reconnue : Béruges (86)').waitFor();
	await desk.getByLabel('Téléphone de la personne').fill('06 39 98 41 62');
	await desk.getByRole('button', {name: 'Chercher au répertoire'}).press('Enter');
	await desk.getByRole('radio', {name: 'Nolwenn HIRONDELLE, conseiller municipal'}).press('Space');
	await desk.getByLabel('J’ai vu la pièce').press('Space');
	await desk.getByLabel('J’ai vérifié son mandat').press('Space');
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText(`${name} est inscrit(e)`).waitFor();
	assert.match(await server.load('rne', line('Maire', '20/06/2026'), 'mandate=conseiller municipal'), /Inscriptions touchées : 1/);
	await desk.reload();
	const row = desk.getByRole('listitem').filter({hasText: name});
	await row.getByText(/Mandat qui n’est plus au répertoire/).waitFor();
	await row.getByRole('button', {name: `Prolonger : ${name}`}).press('Enter');
	const dialog = desk.getByRole('dialog');
	await dialog.getByRole('button', {name: 'Chercher au répertoire'}).press('Enter');
	await dialog.getByRole('radio', {name: 'Nolwenn HIRONDELLE, Maire'}).press('Space');
	await sound(desk, 'guichet-autre-mandat');
	await dialog.getByLabel('J’ai reconnu la personne').press('Space');
	await dialog.getByRole('button', {name: /^Prolonger/}).press('Enter');
	await row.waitFor({state: 'detached'});
	/* The next edition that has it asks nothing. */
	assert.doesNotMatch(await server.load('rne', line('Maire', '20/06/2026'), 'mandate=conseiller municipal'), /Inscriptions touchées : 1/);
});

test('who_is_registered_is_found_changed_and_given_a_telephone_at_the_counter', async () => {
	await server.ctl('official', 'add', {name: 'Maïwenn Salaün', mandate: 'Maire', commune: 'Béruges', commune_code: '86024', phone: '06 39 98 42 61', unit: BRIGADE.name, address: '2 rue du Lavoir'});
	const desk = await counter();
	await desk.getByLabel('Nom, commune ou numéro').fill('06 39 98 42 61');
	await desk.keyboard.press('Enter');
	await desk.getByRole('button', {name: 'Maïwenn Salaün, Maire, Béruges, 06 39 98 42 61'}).press('Enter');
	await desk.getByText(`Reste : ${BRIGADE.name}.`).waitFor();
	assert.match(await desk.getByLabel('Téléphone de la personne').inputValue(), /^06\s39\s98\s42\s61$/);
	await sound(desk, 'guichet-inscrit');
	await desk.getByLabel('Téléphone de la personne').fill('06 39 98 42 62');
	await desk.getByRole('button', {name: 'Enregistrer les changements'}).press('Enter');
	await desk.getByText('vérifiez d’abord que c’est bien cette personne').waitFor();
	await desk.getByLabel('J’ai reconnu la personne').press('Space');
	await desk.getByRole('button', {name: 'Enregistrer les changements'}).press('Enter');
	await desk.getByText('Le dossier de Maïwenn Salaün est à jour.').waitFor();
	assert.match(await desk.getByLabel('Téléphone de la personne').inputValue(), /^06\s39\s98\s42\s62$/);
	await desk.getByRole('button', {name: 'Enregistrer les changements'}).press('Enter');
	await desk.getByText('Rien ne change dans ce dossier.').waitFor();

	await desk.getByRole('button', {name: 'Relier un téléphone'}).press('Enter');
	await desk.getByRole('img', {name: 'Code QR'}).waitFor();
	const code = await desk.getByRole('dialog').locator('.code').textContent();
	await sound(desk, 'guichet-telephone');
	await desk.keyboard.press('Escape');
	await desk.getByText('pas encore relié').waitFor();
	assert.equal(await desk.getByText(code).count(), 0);
	// As the QR code opens it.
	const page = await browser.page({viewport: PHONE});
	await page.goto(`${server.url}/bouton#${code}`);
	await page.getByRole('button', {name: 'Relier ce téléphone'}).press('Enter');
	await page.getByRole('button', {name: 'Relier ce téléphone'}).waitFor({state: 'detached'});
	assert.equal(new URL(page.url()).hash, '');
	await desk.getByRole('button', {name: 'Revenir au guichet'}).press('Enter');
	await desk.getByLabel('Nom, commune ou numéro').fill('salaun');
	await desk.keyboard.press('Enter');
	await desk.getByRole('button', {name: /^Maïwenn Salaün/}).press('Enter');
	await desk.getByRole('button', {name: 'Relier un autre téléphone à la place'}).waitFor();
	await desk.getByLabel('J’ai reconnu la personne').press('Space');
	await desk.getByRole('button', {name: 'Retirer ce téléphone'}).press('Enter');
	await desk.getByRole('button', {name: 'Oui, retirer'}).press('Enter');
	await desk.getByText('Aucun appareil.').waitFor();
});

test('who_has_the_number_already_is_said_while_it_is_typed_and_the_ground_follows_the_competent_unit', async () => {
	const desk = await counter(), ground = desk.locator('#phone-ground');
	await desk.getByRole('button', {name: 'Saisir', exact: true}).press('Enter');
	await ground.filter({hasText: /R\. 236-39.*PEGASE II/}).waitFor();
	await desk.getByLabel('Nom et prénom').fill('Berthelot Claude');
	await desk.getByLabel('Téléphone de la personne').fill(OFFICIAL.phone);
	await desk.getByText(`Le numéro est déjà dans le dossier de : ${OFFICIAL.name}`).waitFor();
	await desk.getByLabel('J’ai vu la pièce').press('Space');
	await desk.getByLabel('J’ai vérifié son mandat').press('Space');
	await desk.getByLabel('Unité compétente').fill(BRIGADE.name);
	await ground.filter({hasText: 'PEGASE II'}).waitFor({state: 'detached'});
	assert.match(await ground.textContent(), /R\. 236-39, 2°, c \(SIDPP\)/);
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText('ce numéro est déjà celui d’une autre personne inscrite').waitFor();
	await sound(desk, 'guichet-numero-partage');
	await desk.getByLabel('C’est voulu').press('Space');
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText('Berthelot Claude est inscrit(e)').waitFor();
	// The same words in another order are the same person.
	await desk.getByRole('button', {name: 'Saisir', exact: true}).press('Enter');
	await desk.getByLabel('Nom et prénom').fill('CLAUDE  BERTHELOT');
	await desk.getByLabel('Téléphone de la personne').fill(OFFICIAL.phone);
	for (const tick of ['J’ai vu la pièce', 'J’ai vérifié son mandat']) await desk.getByLabel(tick).press('Space');
	await desk.getByLabel('Unité compétente').fill(BRIGADE.name);
	await desk.getByRole('button', {name: 'Inscrire'}).press('Enter');
	await desk.getByText('Cette personne est déjà inscrite avec ce numéro.').waitFor();
});
