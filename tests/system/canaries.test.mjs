// What is personal comes in by every door there is, each time as something that is nowhere else; then every file that a thief
// could copy is looked through, on both databases: the data folder, temporary files, a backup, PostgreSQL's cluster, the log,
// the figures. A field that no canary has gone through, and that is not said to be impersonal, fails the test.
import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {House, SECRET} from '../lib/api.mjs';
import {bytesOf, Cluster, filesIn} from '../lib/cluster.mjs';
import {enrol, frame, Phone} from '../lib/phone.mjs';
import {BRIGADE, PASSWORD, ROOM, run} from '../lib/server.mjs';
import {stepNow, totp} from '../lib/totp.mjs';
import {until} from '../lib/wait.mjs';
import {frameOf, voiceClip} from '../lib/watch.mjs';

const AML_SECRET = 'demonstration-aml-01', SEED = 'zyxwquok';

// Fields and parameters that say nothing of a person: choices, dates of a term, numbers of lines, what names a row by its id, and
// what is public (a commune's code, a unit, a room).
const IMPERSONAL = new Set(['verified', 'accept', 'person_checked', 'devices_returned', 'identity', 'mandate_checked', 'shared_number', 'consent', 'contacts_agreed',
	'other_kinds', 'place_kinds', 'level', 'force', 'household', 'commune_code', 'until', 'mandate_until', 'unit', 'room', 'end', 'kind', 'draft', 'account', 'roles', 'networks',
	'neighbour', 'second', 'zone', 'available', 'lat', 'lon', 'silent', 'sound', 'protocol', 'after', 'limit', 'rank', 'alert', 'official', 'contact',
	'device', 'why', 'state', 'before', 'from', 'to', 'subject', 'person', 'ref', 'since', 'extension', 'event']);
// The same, there; what one logs in as, which is in clear; a line of the help that is no field; what has its canary by another
// route of the same words, or cannot be asked for before a hundred files were read.
const IMPERSONAL_HERE = new Set(['GET /api/territory commune', 'GET /api/mandates commune', 'GET /api/counter/units commune', 'GET /api/communes name',
	'competence.set code', 'unit.add name', 'unit.set name', 'account.add login', 'account.add mot', 'account.password mot', 'device.ask request', 'clock.confirm date',
	'device.ask seconds',
	'POST /api/own/session/phone code', 'POST /api/second-factor code', 'POST /api/journal/held/{id}/confirm reason']);

class Scene {
	secrets = new Map(); // what is looked for beside words → what it is
	words = 0;
	phones = 0;
	went = new Set(); // the fields that a canary went through

	// A word nobody else says; all of them begin alike, so that one look finds any.
	word(label) { return `Zyxwquok${label}${++this.words}`; }

	// A number of those kept for fiction, as people write it; every form of it is looked for.
	phone() {
		const last = String(7100 + ++this.phones), national = `63998${last}`, spaced = national.replace(/^(.)(..)(..)(..)(..)$/, '$1 $2 $3 $4 $5');
		const whole = Buffer.alloc(8);
		whole.writeBigInt64LE(BigInt(`33${national}`));
		for (const form of [national, spaced, spaced.replaceAll(' ', '.'), whole, Buffer.from(whole).reverse()]) this.secrets.set(form, `the number ${national}`);
		return `0${spaced}`;
	}

	secret(text, label) {
		assert.ok(text.length >= 6, label);
		this.secrets.set(text, label);
		return text;
	}

	// A place: as text, and as numbers a file would hold.
	place(lat, lon) {
		const pair = (write, size) => {
			const bytes = Buffer.alloc(2 * size);
			bytes[write](Math.round(lat * 1e7), 0);
			bytes[write](Math.round(lon * 1e7), size);
			return bytes;
		};
		const real = Buffer.alloc(8);
		real.writeDoubleLE(lat);
		for (const form of [String(lat), String(lat).replace('.', ','), pair('writeInt32LE', 4), pair('writeInt32BE', 4), real, Buffer.from(real).reverse()])
			this.secrets.set(form, `the place ${lat}`);
		const long = Buffer.alloc(8);
		long.writeBigInt64LE(BigInt(Math.round(lat * 1e7)));
		for (const form of [long, Buffer.from(long).reverse()]) this.secrets.set(form, `the place ${lat}`);
		return {lat, lon};
	}

	holds(value) {
		const text = String(value);
		return text.toLowerCase().includes(SEED) || [...this.secrets.keys()].some((form) => typeof form === 'string' && text.includes(form));
	}

	// What of all that these bytes hold.
	found(bytes) {
		const lower = bytes.toString('latin1').toLowerCase(), at = lower.indexOf(SEED);
		const address = /\b10\.66\.\d{1,3}\.\d{1,3}\b/.exec(lower)?.[0];
		const forms = [...this.secrets].filter(([form]) => bytes.includes(form)).map(([, label]) => label);
		return [...at >= 0 ? [lower.slice(at, at + 40)] : [], ...address ? [address] : [], ...forms];
	}

	// Everything a file says of its official.
	file(label, more = {}) {
		const word = (field) => this.word(label + field);
		return {name: word('Nom'), phone: this.phone(), mandate: word('Mandat'), other_mandates: `${word('Second')}\n${word('Tiers')}`, commune: word('Commune'), other_phones: `${this.phone()}, ${this.phone()}`,
			other_kinds: 'home, town_hall', address: `12 rue ${word('Rue')}`, access: word('Acces'), remarks: word('Remarque'), household: '3', places: `${word('Lieu')}\n${word('Autre')}`,
			place_kinds: 'town_hall,duty', place_access: `\n${word('Entree')}`,
			reason: word('Motif'), ...more};
	}

	contacts(label) { return `${this.word(`${label}Proche`)};${this.word(`${label}Lien`)};${this.phone()}`; }
}

for (const kind of ['sqlite', 'postgresql']) {
	describe(`a thief of the disk, ${kind}`, () => {
		let cluster, house, scene, folder, log, temporary;

		before(async () => {
			temporary = process.env.TMPDIR;
			folder = fs.mkdtempSync(path.join(temporary ?? '/tmp', 'egide-canaries-'));
			cluster = kind === 'postgresql' && new Cluster();
			fs.mkdirSync(path.join(folder, 'tmp'));
			process.env.TMPDIR = path.join(folder, 'tmp');
			log = fs.openSync(path.join(folder, 'log'), 'w');
			scene = new Scene();
			house = await House.open({log, options: {log_level: 'debug', sound: 'both', switch_secret: SECRET, aml_secret: AML_SECRET,
				...cluster && {database: cluster.url}}});
			await house.account('guichet', 'counter');
			await house.account('adjointe', 'operator', ROOM);
		});

		after(async () => {
			await house?.close();
			if (temporary === undefined) delete process.env.TMPDIR;
			else process.env.TMPDIR = temporary;
			fs.closeSync(log);
			fs.rmSync(folder, {recursive: true, force: true});
			if (cluster) cluster.remove();
		});

		// Notes which fields of what is sent are canaries.
		function noted(client) {
			const ask = client.ask.bind(client);
			client.ask = (method, where, body, headers) => {
				const url = new URL(where, house.server.url), operation = house.description.find(method, url.pathname);
				for (const [field, value] of [...Object.entries(body ?? {}), ...url.searchParams])
					if (operation && scene.holds(value)) scene.went.add(`${method} ${operation.path} ${field}`);
				return ask(method, where, body, headers);
			};
			client.does = async (...what) => {
				const {status, text, json} = await client.ask(...what);
				assert.ok(status < 300, `${what.slice(0, 2).join(' ')}: ${status} ${text}`);
				return json;
			};
			return client;
		}

		const as = async (login) => noted(await house.client(login));
		const guest = () => noted(house.client());

		function ctl(group, action, fields, input) {
			for (const [field, value] of Object.entries(fields)) if (scene.holds(value)) scene.went.add(`${group}.${action} ${field}`);
			return house.server.ctl(group, action, fields, input);
		}

		const token = (kind_, phone, from = 0) => house.gateway.token(kind_, `+33${phone.replaceAll(' ', '').slice(1)}`, from);

		async function registry() {
			await ctl('account', 'add', {login: 'facteur', name: scene.word('Compte'), roles: 'operator', room: ROOM}, `${PASSWORD}\n`);
			await ctl('account', 'set', {account: 'adjointe', name: scene.word('CompteAutre')});
			await ctl('unit', 'add', {name: 'Unité d’essai', kind: 'brigade', room: ROOM, phone: scene.phone(), referent: scene.word('Referent'), referent_phone: scene.phone()});
			await ctl('unit', 'set', {unit: 'Unité d’essai', phone: scene.phone(), referent: scene.word('Referente'), referent_phone: scene.phone()});
			await ctl('unit', 'set', {unit: ROOM, duty_phone: scene.phone()});
			await ctl('unit', 'add', {name: 'Autre salle', kind: 'room', duty_phone: scene.phone()});
			const added = scene.file('Ajout'), {id} = await ctl('official', 'add', {...added, unit: BRIGADE});
			const changed = scene.file('Change');
			await ctl('official', 'set', {official: id, ...changed});
			const trusted = scene.phone();
			for (const [action, phone] of [['add', trusted], ['invite', scene.phone()]])
				await ctl('contact', action, {official: id, name: scene.word('Proche'), phone, relation: scene.word('Lien')});
			await ctl('device', 'add', {protocol: 'osmand', ident: scene.word('Ident'), label: scene.word('Traceur'), official: id});
			const watch = scene.secret('8699871001', 'the number of a watch');
			const {id: device} = await ctl('device', 'add', {protocol: 'watch', ident: watch, label: scene.word('Montre'), official: id, networks: '127.0.0.0/8'});
			await ctl('device', 'set', {device, label: scene.word('Bracelet')});
			return {id, phone: changed.phone, watch, trusted};
		}

		async function register(counter) {
			const {code} = await counter.does('POST', '/api/counter/invitations', {}), holder = guest();
			scene.secret(code, 'an invitation');
			scene.secret(code.replaceAll('-', ''), 'an invitation');
			await holder.does('POST', '/api/registration/open', {code});
			const fields = scene.file('Preparee', {consent: 'oui', contacts: scene.contacts('Prepare')});
			await holder.does('POST', '/api/registration', {code, ...fields});
			await counter.does('POST', '/api/counter/drafts', {code});
			await counter.does('POST', '/api/counter/drafts', {name: fields.name});
			await counter.does('GET', `/api/counter/units?name=${fields.commune}&commune=86024`);
			const {last, first, mark} = await register_of_mandates(counter);
			const draft = (await counter.does('POST', '/api/counter/drafts', {name: fields.name})).drafts[0].id;
			const {id} = await counter.does('POST', '/api/counter/registrations', {...fields, name: `${last} ${first}`, draft, identity: 'oui', mandate_checked: 'oui',
				unit: BRIGADE, commune_code: '86024', register_mark: mark});
			// Another one waits, its code unused.
			const waiting = await counter.does('POST', '/api/counter/invitations', {});
			await holder.does('POST', '/api/registration', {code: scene.secret(waiting.code, 'an invitation'), ...scene.file('Attend', {consent: 'oui'})});
			return {id, phone: fields.phone, mark};
		}

		async function register_of_mandates(counter) {
			const last = scene.word('Elue'), first = scene.word('Prenom'), file = path.join(folder, 'tmp/rne.csv');
			fs.writeFileSync(file, 'Code du département\tCode de la commune\tNom de l\'élu\tPrénom de l\'élu\tDate de naissance\tLibellé de la fonction\tDate de début du mandat\n' +
				`86\t024\t${last}\t${first}\t03/02/1961\tMaire\t22/03/2026\n`);
			await run('egidectl', ['import', 'rne', file, 'mandate=maire', '--yes', '--socket', house.server.in('control.sock')]);
			fs.rmSync(file);
			for (const form of ['1961-02-03', '03/02/1961']) scene.secret(form, 'a date of birth');
			const {mandates: [{mark}]} = await counter.does('GET', `/api/mandates?commune=86024&name=${last}`);
			return {last, first, mark: scene.secret(mark, 'whose mandate is registered')};
		}

		async function changes(counter, {id, mark}) {
			const changed = scene.file('Guichet', {contacts: scene.contacts('Guichet'), consent: 'oui'});
			await counter.does('GET', `/api/counter/people?q=${changed.name}`);
			await counter.does('POST', '/api/counter/files', {official: id});
			await counter.does('POST', '/api/counter/changes', {official: id, verified: 'oui', unit: BRIGADE, ...changed});
			const {code} = await counter.does('POST', '/api/counter/telephones', {official: id, verified: 'oui', label: scene.word('Telephone')});
			scene.secret(code, 'an enrolment');
			await guest().does('POST', '/api/phone/enrol', {code});
			return {id, phone: changed.phone, mark};
		}

		async function own(counter, {id, phone, mark}) {
			const holder = guest(), {request} = await holder.does('POST', '/api/own/code', {phone});
			const text = () => house.gateway.messages.find(({to, text: said}) => to.endsWith(phone.replaceAll(' ', '').slice(1)) && /code \d{6}/.test(said))?.text;
			const code = (await until('the code', text)).match(/code (\d{6})/)[1];
			scene.secret(request, 'a request of one’s own file');
			scene.went.add('POST /api/own/session request').add('POST /api/own/session code');
			holder.cookie = (await holder.ask('POST', '/api/own/session', {request, code})).headers.get('set-cookie').split(';')[0];
			scene.secret(holder.cookie.split('=')[1], 'a session of one’s own file');
			await holder.does('POST', '/api/own/correction', scene.file('Corrige', {consent: 'oui', contacts: scene.contacts('Corrige')}));
			await holder.does('GET', '/api/own/copy');
			const {corrections} = await counter.does('GET', '/api/counter/requests');
			await counter.does('POST', '/api/counter/corrections', {draft: corrections[0].id, accept: 'oui', person_checked: 'oui',
				unit: BRIGADE,
				...scene.file('Confirme', {consent: 'oui', contacts: scene.contacts('Confirme')})});
			await holder.does('POST', '/api/own/correction', scene.file('Attendue', {consent: 'oui'}));
			await ctl('registration', 'end', {official: id, verified: 'oui', why: 'asked', reason: scene.word('Fin')});
			await ctl('registration', 'prolong', {official: id, verified: 'oui', register_mark: mark});
			await counter.does('POST', '/api/counter/terms/prolong', {official: id, verified: 'oui', register_mark: mark});
			await counter.does('POST', '/api/counter/terms/end', {official: id, verified: 'oui', why: 'asked', reason: scene.word('Depart')});
			await ctl('hold', 'place', {official: id, reason: scene.word('Requisition')});
			for (const action of ['lift', 'keep', 'lift']) await ctl('hold', action, {official: id, reason: scene.word('Levee')});
			const auditor = await as('auditrice');
			await auditor.does('POST', '/api/journal/holds', {subject: id, lift: 'oui', reason: scene.word('Jugement')});
			const {now} = await house.server.ctl('clock', 'show');
			await ctl('clock', 'confirm', {date: new Date(now).toLocaleDateString('fr-FR', {timeZone: 'Europe/Paris'}), reason: scene.word('Horloge')});
		}

		async function telephone({id}) {
			const identity = await enrol(house.server, id, scene.word('Bouton')), phone = await house.keep(Phone.welcome(house.server, identity));
			scene.secret(identity.secret, 'a telephone’s secret');
			let at = Date.now();
			const pin = scene.secret('70318264', 'a code of the telephone'), duress = scene.secret('92640517', 'a code under duress');
			assert.equal((await phone.ask({type: 'pins', at: at++, pin, duress, current: null})).problem, null);
			await guest().does('POST', '/api/own/session/phone', {device: identity.device, secret: identity.secret, code: pin});
			assert.equal((await phone.ask({type: 'announce', at: at++, place: scene.word('Ferme'), person: scene.word('Visite'), minutes: 60}, 'visit')).problem, null);
			const {alert} = await phone.call(at++, {position: {at, ...scene.place(46.7391827, 0.3719283), accuracy: 8, speed: null, course: null, altitude: null}});
			const epoch = 0xbeef0001, packet = Buffer.concat([Buffer.from([0xf8]), Buffer.from('ZyxwquokSonDuTelephone'.padEnd(59, '.'))]);
			phone.say({type: 'streaming', alert, epoch, began: Date.now()});
			for (let i = 0; i < 100; i++) phone.say(frame({alert, epoch, sequence: i, packet}));
			await phone.first('ack', ({epoch: one, next}) => one === epoch && next === 100);
			return {alert, phone, epoch, pin};
		}

		async function handled(operator, chief, other, {alert, epoch}, second, contact) {
			const at = `/api/alerts/${alert}`, post = (client, what, body) => client.does('POST', `${at}/${what}`, body);
			await post(operator, 'claim', {});
			await post(operator, 'notes', {text: scene.word('Note')});
			await post(operator, 'marks', {epoch, sequence: 50, text: scene.word('Repere')});
			await post(other, 'take-over', {reason: scene.word('Reprise')});
			await post(operator, 'take-over', {reason: scene.word('Retour')});
			await operator.does('POST', `/api/alerts/${second}/merge`, {into: alert, reason: scene.word('Fusion')});
			await operator.does('POST', `/api/alerts/${second}/unmerge`, {});
			await post(operator, 'dispatches', {unit: house.patrol.id});
			const patrol = scene.secret(await house.gateway.token('p', '+33199000102'), 'a patrol’s link');
			await guest().does('GET', `/api/patrouille/${patrol}`);
			await guest().does('POST', `/api/patrouille/${patrol}/state`, {state: 'declined', reason: scene.word('Refus')});
			const follow = scene.secret(await token('s', contact), 'a trusted person’s link');
			await guest().does('GET', `/api/suivi/${follow}`);
			await post(operator, 'close', {outcome: 'verified_safe', text: scene.word('Issue')});
			const auditor = await as('auditrice');
			await until('its sound kept', async () =>
				(await auditor.does('GET', `/api/journal?subject=${alert}&limit=200`)).lines.some((line) => line.kind === 'sound.recorded'));
			await post(operator, 'reopen', {reason: scene.word('Reouverture')});
			const held = await operator.does('GET', at);
			if (!held.claim) await post(operator, 'claim', {});
			await post(operator, 'close', {outcome: 'verified_safe', text: scene.word('FinDAlerte')});
			for (const [what, word] of [['seal', 'Scelle'], ['unseal', 'Descelle']])
				for (const client of [operator, chief]) await post(client, what, {reason: scene.word(word)});
			await operator.does('GET', `${at}/audio.ogg`);
			await run('egidectl', ['alert', 'show', String(held.ref), '--socket', house.server.in('control.sock')]);
		}

		async function calls(operator, {phone}) {
			const call = scene.word('Appel'), at = scene.place(46.8127364, 0.4918273), later = scene.place(46.9182736, 0.5827364);
			const said = `v=1&device_number=${encodeURIComponent(`+33${phone.replaceAll(' ', '').slice(1)}`)}&location_latitude=${at.lat}&location_longitude=${at.lon}` +
				`&location_time=${Date.now()}&location_accuracy=12&location_source=GPS`;
			const hmac = crypto.createHmac('sha1', AML_SECRET).update(said).digest('hex');
			const aml = (fields) => fetch(`${house.server.url}/aml`, {method: 'POST', body: `${fields}&hmac=${hmac}`, headers: {'Content-Type': 'application/x-www-form-urlencoded'}});
			assert.equal((await aml(said)).status, 204);
			const stranger = scene.phone(), text = `A"ML=1;lt=${later.lat};lg=${later.lon};rd=30;top=${new Date().toISOString().replace(/[-:T]/g, '').slice(0, 14)};pm=W`;
			for (const words of [text, scene.word('ReponseParSms')]) {
				const inbound = new URLSearchParams({from: `+33${stranger.replaceAll(' ', '').slice(1)}`, text: words, id: 'canary', secret: SECRET});
				assert.equal((await fetch(`${house.server.url}/kannel/inbound?${inbound}`)).status, 200);
			}
			const here = scene.place(46.6273645, 0.6728194);
			const geolocation = '<presence xmlns="urn:ietf:params:xml:ns:pidf" xmlns:gp="urn:ietf:params:xml:ns:pidf:geopriv10" xmlns:gml="http://www.opengis.net/gml" entity="pres:' +
				`${scene.word('Presence')}@example.org"><tuple id="a"><status><gp:geopriv><gp:location-info><gml:Point srsName="urn:ogc:def:crs:EPSG::4326"><gml:pos>${here.lat} ${here.lon}</gml:pos>` +
				'</gml:Point></gp:location-info></gp:geopriv></status></tuple></presence>';
			const event = (more) => guest().does('POST', '/api/calls', {call, ...more}, {Authorization: `Bearer ${SECRET}`, 'X-Forwarded-For': undefined});
			await event({event: 'ringing', number: phone, line: scene.word('Ligne'), geolocation});
			await event({event: 'ringing', call: scene.word('Masque'), number: stranger, line: scene.word('Autre')});
			const ringing = (await operator.does('GET', '/api/alerts')).calls;
			for (const {id} of ringing) {
				await operator.does('POST', `/api/calls/${id}/claim`, {});
				await operator.does('GET', `/api/calls/${id}`);
				await operator.does('GET', `/api/calls/${id}/search?q=${scene.word('Cherche')}`);
				await operator.does('POST', `/api/calls/${id}/close`, {alert: 'none', text: scene.word('Bilan')});
			}
			assert.equal(ringing.length, 2);
			// Its call never comes.
			scene.place(46.5172839, 0.7618293);
		}

		async function factor() {
			const client = guest(), login = 'facteur', ask = (where, more) => client.ask('POST', where, {login, password: PASSWORD, ...more});
			const {secret, uri} = (await ask('/api/second-factor')).json;
			scene.secret(secret, 'a second factor');
			assert.ok(uri.includes(secret));
			const code = totp(secret, stepNow()), {recovery_codes: codes} = (await ask('/api/second-factor/confirm', {code})).json;
			for (const one of codes) scene.secret(one, 'a recovery code');
			await client.ask('POST', '/api/session', {login, password: PASSWORD, code: codes[0]});
			await client.ask('POST', '/api/session', {login: scene.word('QuiNexistePas'), password: scene.word('MotDePasse')});
			for (const where of ['second-factor', 'second-factor/confirm'])
				await client.ask('POST', `/api/${where}`, {login: scene.word('Personne'), password: scene.word('Passe'), code: codes[1]});
			await ctl('account', 'reset-factor', {account: 'adjointe', reason: scene.word('Perdu')});
		}

		async function journal() {
			const auditor = await as('auditrice');
			await auditor.does('GET', `/api/journal/people?q=${scene.word('Qui')}`);
			await auditor.ask('POST', '/api/journal/export', {reason: scene.word('Controle'), kind: 'read'}).catch(() => {});
			await auditor.does('GET', '/api/journal?limit=200');
		}

		test('nothing_personal_is_in_clear_in_any_file_whatever_door_it_came_by', async () => {
			scene.secret(PASSWORD, 'a password');
			const [counter, operator, chief, other] = await Promise.all(['guichet', 'operatrice', 'cheffe', 'adjointe'].map(as));
			const one = await registry(), two = await changes(counter, await register(counter));
			const watch = await house.press({watch: one.watch}), {id: second} = await house.alertOf(operator, one);
			const clip = await voiceClip(one.watch);
			scene.secret(clip.subarray(40, 80), 'a voice clip');
			watch.write(clip);
			watch.write(frameOf('8699871002', 'LK,garbage'));
			watch.write('[3G*x*zz*UD,garbage]');
			const three = await telephone({id: two.id});
			await operator.does('POST', `/api/alerts/${second}/claim`, {});
			await handled(operator, chief, other, three, second, one.trusted);
			await calls(operator, two);
			assert.equal((await three.phone.ask({type: 'end', at: Date.now(), pin: three.pin}, 'heard')).right, true);
			await own(counter, two);
			await factor();
			await journal();
			watch.destroy();
			const figures = Buffer.from(await (await fetch(`${house.server.url}/metrics`)).arrayBuffer());
			if (!cluster) await run('egidectl', ['backup', path.join(folder, 'copy.db'), '--config', house.server.in('egide.conf')]);
			const ours = new Set([house.server.in('egide.conf'), path.join(folder, 'log')]);
			const clean = new Set(); // a cluster has most of its files three times
			const look = () => [...filesIn(folder), ...cluster ? cluster.files() : []].filter((file) => !ours.has(file)).map((file) => {
				const bytes = bytesOf(file), digest = crypto.createHash('sha1').update(bytes).digest('hex');
				if (!clean.has(digest)) assert.deepEqual(scene.found(bytes), [], file);
				clean.add(digest);
				return bytes;
			});
			look();
			await house.server.stop();
			// What is public is there: the look sees what is in clear.
			assert.ok(look().some((bytes) => bytes.includes('Brigade de Vouillé')));
			const said = fs.readFileSync(path.join(folder, 'log'));
			assert.match(said.toString(), / debug /);
			// Not even a login that was typed.
			for (const [name, bytes] of [['the log', said], ['the figures', figures]]) assert.deepEqual(scene.found(bytes), [], name);
			assert.ok(scene.secrets.size > 100 && scene.words > 80);
		});

		test('every_field_there_is_had_its_canary', () => {
			const fields = [];
			const {paths, ajv} = house.description;
			for (const [where, methods] of Object.entries(paths))
				for (const [method, {requestBody, parameters}] of Object.entries(methods)) {
					const name = requestBody?.content['application/json']?.schema.$ref.split('/').pop();
					const {properties = {}} = name ? ajv.getSchema(`api#/components/schemas/${name}`).schema : {};
					const texts = Object.entries(properties).filter(([, schema]) => [schema.type].flat().includes('string') && !schema.enum && !schema.format).map(([field]) => field);
					const queries = (parameters ?? []).filter((one) => one.in === 'query').map((one) => one.name);
					fields.push(...[...texts, ...queries].map((field) => `${method.toUpperCase()} ${where} ${field}`));
				}
			fields.push(...ctlFields);
			assert.ok(fields.length > 150, `${fields.length} fields`);
			const without = fields.filter((field) => !scene.went.has(field) && !IMPERSONAL_HERE.has(field) && !IMPERSONAL.has(field.split(' ').pop()));
			assert.deepEqual(without, []);
		});
	});
}

// Those of egidectl, as its help has them: "official.add name".
const groups = [...(await run('egidectl', ['help'])).matchAll(/^ {2}(\w+) ACTION /gm)].map(([, group]) => group);
const ctlFields = (await Promise.all(groups.map(async (group) => {
	let action;
	return (await run('egidectl', ['help', group])).split('\n').flatMap((line) => {
		action = line.match(/^ {2}(\S+) (\S+) : /)?.slice(1).join('.') ?? action;
		const field = line.match(/^ {6}(\w+) /)?.[1];
		return field ? [`${action} ${field}`] : [];
	});
}))).flat();
