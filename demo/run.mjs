// The demonstration: creates the département once (var/demo), starts Kannel with its simulated operator and the
// server, prints addresses and accounts, and plays a scene. Needs no Internet. Options: --no-scene, --reset.
import {spawn, spawnSync} from 'node:child_process';
import {randomBytes, X509Certificate} from 'node:crypto';
import {appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import net from 'node:net';
import {networkInterfaces, hostname} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {accounts, ladder, officials, place, rooms, territory, units} from './vienne.mjs';
import {Watch} from './watch.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = process.env.EGIDE_DEMO_FOLDER ?? path.join(root, 'var/demo');
const port = Number(process.env.EGIDE_DEMO_PORT ?? 8080), secure = port + 363;
const watchPort = Number(process.env.EGIDE_DEMO_WATCH_PORT ?? 5093);
const kannelPort = Number(process.env.EGIDE_DEMO_KANNEL_PORT ?? 13013);
const file = (name) => path.join(folder, name);
const say = (text = '') => process.stdout.write(`${text}\n`);
const children = new Set();

const secretsFile = file('secrets.json');
let secrets;

function secret(bytes = 12) {
	return randomBytes(bytes).toString('base64url');
}

// Before anything is touched: a demonstration that runs already keeps its folder.
async function checkPorts() {
	const wanted = [['EGIDE_DEMO_PORT', port, 8080, '127.0.0.1', [port]], ['EGIDE_DEMO_PORT', port, 8080, '0.0.0.0', [secure]],
		['EGIDE_DEMO_WATCH_PORT', watchPort, 5093, '127.0.0.1', [watchPort]],
		['EGIDE_DEMO_KANNEL_PORT', kannelPort, 13013, '127.0.0.1', [0, 1, 2, 3, 4].map((i) => kannelPort + i)]];
	for (const [variable, chosen, usual, host, list] of wanted)
		for (const one of list)
			await new Promise((resolve, reject) => {
				const probe = net.createServer().once('error', (error) => reject(new Error(error.code !== 'EADDRINUSE' ? error.message :
					`le port ${one} est déjà pris. Une autre démonstration tourne peut-être ;\n` +
					`sinon, choisir un autre port : ${variable}=${chosen === usual ? usual + 1000 : usual} make demo`)));
				probe.listen(one, host, () => probe.close(resolve));
			});
}

function prepareFolder() {
	if (process.argv.includes('--reset')) rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true, mode: 0o700});
	// Stopped while it was being made: made again from the start.
	if (!existsSync(file('complete'))) for (const name of ['data', 'keys']) rmSync(file(name), {recursive: true, force: true});
	// A folder of an earlier version keeps its passwords, and is given those it lacks.
	secrets = {kannel: secret(24), switch: randomBytes(16).toString('hex'), admin: secret(), ...Object.fromEntries(accounts.map(({login}) => [login, secret()])),
		...existsSync(secretsFile) ? JSON.parse(readFileSync(secretsFile)) : {}};
	writeFileSync(secretsFile, JSON.stringify(secrets), {mode: 0o600});
}

function localAddresses() {
	return Object.values(networkInterfaces()).flat()
		.filter((one) => one.family === 'IPv4' && !one.internal).map((one) => one.address);
}

function makeCertificate() {
	const names = ['localhost', hostname(), '127.0.0.1', ...localAddresses()];
	if (existsSync(file('certificate.pem'))) {
		const {subjectAltName, validTo} = new X509Certificate(readFileSync(file('certificate.pem')));
		const known = subjectAltName.split(', ').map((name) => name.replace(/^.*?:/, ''));
		if (names.every((name) => known.includes(name)) && new Date(validTo) > Date.now() + 24 * 3600 * 1000) return;
	}
	for (const name of ['certificate.pem', 'certificate.key']) rmSync(file(name), {force: true});
	run('egided', ['--config', file('egide.conf'), '--make-certificate', names.join(',')]);
}

function writeConfiguration() {
	writeFileSync(file('egide.conf'), `# Écrite par la démonstration à chaque départ.
data_folder = ${file('data')}
keys = ${file('keys')}
database = sqlite:${file('data/egide.db')}
control_socket = ${file('control.sock')}
http = 127.0.0.1:${port}
https = 0.0.0.0:${secure}
watch = 127.0.0.1:${watchPort}
certificate = ${file('certificate.pem')}
certificate_key = ${file('certificate.key')}
public_url = http://127.0.0.1:${port}
web_folder = ${path.join(root, 'web/dist')}
definitions_folder = ${path.join(root, 'definitions')}
sendsms_url = http://127.0.0.1:${kannelPort}/cgi-bin/sendsms
sms_password = ${secrets.kannel}
kannel_secret = ${secrets.kannel}
kannel_callback = http://127.0.0.1:${port}/kannel/receipt
switch_secret = ${secrets.switch}
sound = both
`);
}

function run(program, args, input) {
	const {status, signal, stdout, stderr} = spawnSync(path.join(root, 'build', program), args, {input, encoding: 'utf8'});
	if (signal === 'SIGINT') throw new Error('interrompu');
	if (status !== 0) throw new Error(`${program} ${args.slice(0, 2).join(' ')} : ${stderr.trim()}`);
	return stdout;
}

const live = (command, action, values, input) => {
	const options = ['--socket', file('control.sock'), '--json', ...input ? ['--password-stdin'] : []];
	const pairs = Object.entries(values).filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${value}`);
	const out = run('egidectl', [command, action, ...pairs, ...options], input && `${input}\n`);
	return out.trim() ? JSON.parse(out) : {};
};

function initDatabase() {
	if (existsSync(file('complete'))) return false;
	say('→ Clés et base de données…');
	run('egidectl', ['init', 'admin', '--password-stdin', '--data', file('data'), '--keys', file('keys'),
		'--database', `sqlite:${file('data/egide.db')}`], `${secrets.admin}\n`);
	return true;
}

// As an administration would: communes and outlines, then who is competent where, in the official forms.
function importTerritory() {
	const load = (kind, source, ...more) => run('egidectl', ['import', kind, source, '--socket', file('control.sock'), ...more]);
	load('communes', path.join(root, 'data/communes-86.json'));
	for (const name of ['departements', 'communes-86']) load('outlines', path.join(root, `data/${name}.geojson`));
	for (const [kind, text] of Object.entries(territory)) {
		writeFileSync(file(`${kind}.csv`), text);
		const [room] = units.filter((unit) => unit.kind === {gendarmerie: 'brigade', police: 'commissariat'}[kind]).map((unit) => unit.room);
		load(kind, file(`${kind}.csv`), ...room ? [`room=${room}`] : []);
	}
}

// Those that are not there yet.
function addAccounts() {
	const there = new Set(live('account', 'list', {}).accounts.map(({login}) => login));
	for (const {login, ...account} of accounts) if (!there.has(login)) live('account', 'add', {login, ...account}, secrets[login]);
}

function fillDepartement() {
	for (const room of rooms) live('unit', 'add', {...room, kind: 'room'});
	for (const [name, others] of Object.entries(ladder)) live('unit', 'set', {unit: name, ...others});
	importTerritory();
	for (const {at, ...unit} of units.filter(({kind}) => kind === 'patrol')) live('unit', 'add', {...unit, lat: place(at).lat, lon: place(at).lon});
	addAccounts();
	for (const {contacts, watch, at, ...official} of officials) {
		const {id} = live('official', 'add', official);
		contacts.forEach((contact, i) => live('contact', 'add', {official: id, rank: i + 1, ...contact}));
		live('device', 'add', {protocol: 'watch', ident: watch, label: `Montre de ${official.name}`, official: id,
			networks: '127.0.0.0/8', silent: 'oui'});
	}
	writeFileSync(file('complete'), '');
}

// A code for the telephone of the first official, which is made a device the first time.
function telephoneCode() {
	if (!existsSync(file('telephone'))) {
		const [{name, phone}] = officials;
		const {id} = live('device', 'add', {protocol: 'phone', label: `Téléphone de ${name}`, official: phone});
		writeFileSync(file('telephone'), id);
	}
	return live('device', 'code', {device: readFileSync(file('telephone'), 'utf8')}).code;
}

// Runs a program, what it says on standard error kept in NAME.log; resolves with what it said that matches `ready`. Later,
// one that is killed is started again, as systemd would; one that ends by itself ends the demonstration.
function start(name, command, args, ready) {
	const child = spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe']});
	let said = '', isReady = false;
	children.add(child);
	return new Promise((resolve, reject) => {
		const hear = (bytes) => {
			said = `${said}${bytes}`.slice(-4000);
			const found = ready.exec(said);
			if (!found) return;
			isReady = true;
			resolve(found);
		};
		child.stdout.on('data', hear);
		child.stderr.on('data', hear).on('data', (bytes) => appendFileSync(file(`${name}.log`), bytes));
		child.on('error', reject);
		child.on('close', (code, signal) => {
			children.delete(child);
			if (stopping) {
				finish();
			} else if (!isReady) {
				reject(new Error(`${name} n'a pas démarré :\n${said}`));
			} else if (signal) {
				say(`  ${clock()}  ${name} a été tué (${signal}) : il est relancé.`);
				start(name, command, args, ready).then(() => say(`  ${clock()}  ${name} est revenu.`), fail);
			} else {
				fail(new Error(`${name} s'est arrêté (${code}) :\n${said}`));
			}
		});
	});
}

async function startKannel() {
	const [, operator] = await start('kannel', path.join(root, 'packaging/kannel/run'),
		[file('kannel'), String(kannelPort), `http://127.0.0.1:${port}/kannel`, secrets.kannel], /operator (\S+)\n/);
	return operator;
}

const startServer = () => start('egided', path.join(root, 'build/egided'), ['--config', file('egide.conf')], /server\.ready/);

// --- what is shown

function showAddresses() {
	say('\n  Égide — démonstration (données fictives, communes réelles de la Vienne)\n');
	say(`  Salle d'opérations   http://127.0.0.1:${port}/salle`);
	for (const ip of localAddresses().slice(0, 2))
		say(`  D'un téléphone       https://${ip}:${secure}  (certificat fait sur place : l'accepter ; y remplacer\n` +
			`                       http://127.0.0.1:${port} dans les liens des SMS)`);
	say(`  Bouton d'un élu      http://127.0.0.1:${port}/bouton, code ${telephoneCode()} (30 minutes) : trois appuis, et la
` +
		'                       salle entend ce que dit son micro (touche H)');
	say(`  Inscription d'un élu http://127.0.0.1:${port}/inscription, code ${live('registration', 'invite', {}).code} (30 jours) : préparée chez soi`);
	say(`  Guichet              http://127.0.0.1:${port}/guichet  (compte guichet : y retrouver l'inscription, vérifier, activer)`);
	say(`  Dossier d'un élu     http://127.0.0.1:${port}/mon-dossier, numéro ${officials[0].phone.replace('+33', '0')} : son code arrive au téléphone simulé, ci-dessous`);
	say(`  Journal des accès    http://127.0.0.1:${port}/journal  (compte dpo : qui a fait ou lu quoi)`);
	say(`  Téléphones simulés   http://127.0.0.1:${kannelPort + 1}  (les SMS partis ; y répondre à la place d'un proche)`);
	say(`  Montres              127.0.0.1:${watchPort}, protocole SeTracker\n`);
	say('  Compte    Mot de passe        Qui');
	for (const {login, name, room} of accounts) say(`  ${login.padEnd(8)}  ${secrets[login].padEnd(18)}  ${[name, room].filter(Boolean).join(', ')}`);
	say(`  ${'admin'.padEnd(8)}  ${secrets.admin.padEnd(18)}  Administration (ne lit aucune alerte)\n`);
	say('  Avant toute mise en service réelle, localiser une personne et enregistrer du son demandent une base légale.\n');
}

const clock = () => new Date().toLocaleTimeString('fr-FR');

async function showMessages(operator) {
	for (let after = 0; !stopping;) {
		try {
			const answer = await fetch(`${operator}/messages?after=${after}&wait=20000`);
			for (const message of (await answer.json()).messages) {
				after = message.number;
				say(`  ${clock()}  SMS → ${message.to} : ${message.text}`);
			}
		} catch {
			await new Promise((resolve) => setTimeout(resolve, 1000));
		}
	}
}

// Where a telephone is, as the network says it beside a call (PIDF-LO): on the road, far from home.
const pidf = ({lat, lon}) => '<presence xmlns="urn:ietf:params:xml:ns:pidf"><tuple><location-info>' +
	`<pos>${lat} ${lon}</pos><radius>30</radius></location-info></tuple></presence>`;

// As the switch of the operations room would say it.
async function call({name, phone}) {
	const response = await fetch(`http://127.0.0.1:${port}/api/calls`, {
		method: 'POST', headers: {Authorization: `Bearer ${secrets.switch}`, 'Content-Type': 'application/json'},
		body: JSON.stringify({call: secret(), event: 'ringing', number: phone, line: '17', room: 'CORG de la Vienne', geolocation: pidf(place('Poitiers'))}),
	});
	say(response.ok ? `  ${clock()}  ${name} appelle le 17 : touche 7 pour ouvrir l'appel, P pour le prendre et savoir qui appelle.`
		: `  ${clock()}  L'appel au 17 n'a pas été pris (${response.status}).`);
}

function playScene() {
	const watches = officials.map(({watch, name, at}) => new Watch({id: watch, port: watchPort, label: name, lat: at.lat, lon: at.lon,
		battery: 40 + Math.floor(Math.random() * 55)}));
	const stranger = new Watch({id: '8699999999', port: watchPort, lat: 46.65, lon: 0.36});
	let next = 0;
	const press = () => {
		const watch = watches[next++ % watches.length];
		say(`  ${clock()}  La montre de ${watch.label} : appui SOS.`);
		watch.press();
		// By car from here on: the trail shows on the map.
		watch.speed = 9;
		watch.move(5000);
	};
	for (const watch of watches) {
		watch.answered = (ms) => say(`  ${clock()}  Alerte enregistrée et acquittée en ${ms} ms (${watch.label}).`);
		watch.start();
		watch.move(30000);
	}
	setTimeout(press, 6000);
	setTimeout(() => {
		say(`  ${clock()}  Une montre que personne n'a enregistrée appelle : elle va dans la liste « Appareils non vérifiés ».`);
		stranger.start();
		setTimeout(() => stranger.press(), 500);
	}, 20000);
	setTimeout(() => call(officials[1]).catch(fail), 35000);
	if (process.stdin.isTTY) {
		say('  Entrée : un autre élu appuie. Ctrl-C : arrêter.\n');
		process.stdin.on('data', press);
	}
	return [...watches, stranger];
}

let stopping = false, players = [], status = 0;

function finish() {
	if (!children.size) process.exit(status);
}

function stop(code) {
	if (stopping) return;
	stopping = true;
	status = code;
	say('\n→ Arrêt…');
	for (const player of players) player.stop();
	for (const child of children) child.kill('SIGTERM');
	finish();
	setTimeout(() => {
		for (const child of children) child.kill('SIGKILL');
	}, 8000).unref();
}

function fail(error) {
	if (!stopping) say(`Échec : ${error.message}`);
	stop(1);
}

// SIGHUP: the terminal was closed; an error on standard output: nobody reads any more.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0));
process.stdout.on('error', () => stop(0));
try {
	await checkPorts();
	prepareFolder();
	writeConfiguration();
	makeCertificate();
	const isNew = initDatabase();
	say('→ Kannel et son opérateur simulé…');
	const operator = await startKannel();
	say('→ Serveur…');
	await startServer();
	if (isNew) {
		say('→ Département de démonstration…');
		fillDepartement();
	} else {
		addAccounts();
	}
	showAddresses();
	showMessages(operator);
	if (!process.argv.includes('--no-scene')) players = playScene();
} catch (error) {
	fail(error);
}
