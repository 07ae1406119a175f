// The demonstration: creates the département once (var/demo), starts Kannel with its simulated operator and the
// server, prints addresses and accounts, and plays a scene. Needs no Internet. Options: --no-scene, --reset.
import {spawn, spawnSync, execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {networkInterfaces, hostname} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {accounts, ladder, officials, place, rooms, units} from './vienne.mjs';
import {Watch} from './watch.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = process.env.EGIDE_DEMO_FOLDER ?? path.join(root, 'var/demo');
const port = Number(process.env.EGIDE_DEMO_PORT ?? 8080), secure = port + 363, watchPort = Number(process.env.EGIDE_DEMO_WATCH_PORT ?? 5093);
const kannelPort = Number(process.env.EGIDE_DEMO_KANNEL_PORT ?? 13013);
const file = (name) => path.join(folder, name);
const say = (text = '') => process.stdout.write(`${text}\n`);
const children = [];

const secretsFile = file('secrets.json');
let secrets;

function secret(bytes = 12) {
	return randomBytes(bytes).toString('base64url');
}

function prepareFolder() {
	if (process.argv.includes('--reset')) rmSync(folder, {recursive: true, force: true});
	mkdirSync(folder, {recursive: true, mode: 0o700});
	if (!existsSync(secretsFile))
		writeFileSync(secretsFile, JSON.stringify({kannel: secret(24), admin: secret(),
			...Object.fromEntries(accounts.map(({login}) => [login, secret()]))}), {mode: 0o600});
	secrets = JSON.parse(readFileSync(secretsFile));
}

function localAddresses() {
	return Object.values(networkInterfaces()).flat()
		.filter((one) => one.family === 'IPv4' && !one.internal).map((one) => one.address);
}

function makeCertificate() {
	if (existsSync(file('certificate.pem'))) return;
	const names = ['DNS:localhost', `DNS:${hostname()}`, 'IP:127.0.0.1', ...localAddresses().map((ip) => `IP:${ip}`)];
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90',
		'-subj', '/CN=Égide (démonstration)', '-utf8', '-addext', `subjectAltName=${names.join(',')}`,
		'-keyout', file('certificate.key'), '-out', file('certificate.pem')], {stdio: 'ignore'});
	chmodSync(file('certificate.key'), 0o600);
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
`);
}

function ctl(args, input) {
	const run = spawnSync(path.join(root, 'build/egidectl'), args, {input, encoding: 'utf8'});
	if (run.status !== 0) throw new Error(`egidectl ${args.slice(0, 2).join(' ')} : ${run.stderr.trim()}`);
	return run.stdout;
}

const live = (command, action, values, input) => {
	const options = ['--socket', file('control.sock'), '--json', ...input ? ['--password-stdin'] : []];
	const pairs = Object.entries(values).filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${value}`);
	const out = ctl([command, action, ...pairs, ...options], input && `${input}\n`);
	return out.trim() ? JSON.parse(out) : {};
};

function initDatabase() {
	if (existsSync(file('data/egide.db'))) return false;
	ctl(['init', 'admin', '--password-stdin', '--data', file('data'), '--keys', file('keys'),
		'--database', `sqlite:${file('data/egide.db')}`], `${secrets.admin}\n`);
	return true;
}

function fillDepartement() {
	for (const room of rooms) live('unit', 'add', {...room, kind: 'room'});
	for (const [name, others] of Object.entries(ladder)) live('unit', 'set', {unit: name, ...others});
	for (const {at, ...unit} of units) live('unit', 'add', {...unit, lat: place(at).lat, lon: place(at).lon});
	for (const {login, ...account} of accounts) live('account', 'add', {login, ...account}, secrets[login]);
	for (const {contacts, watch, at, ...official} of officials) {
		const {id} = live('official', 'add', official);
		contacts.forEach((contact, i) => live('contact', 'add', {official: id, rank: i + 1, ...contact}));
		live('device', 'add', {protocol: 'watch', ident: watch, label: `Montre de ${official.name}`, official: id,
			networks: '127.0.0.0/8', silent: 'oui'});
	}
}

function start(name, command, args, options = {}) {
	const child = spawn(command, args, {stdio: ['ignore', 'pipe', 'pipe'], ...options});
	child.name = name;
	children.push(child);
	child.on('exit', (code) => {
		if (stopping) return;
		say(`\n${name} s'est arrêté (${code}). Voir ${folder}.`);
		stop(1);
	});
	return child;
}

function startKannel() {
	const child = start('Kannel', path.join(root, 'packaging/kannel/run'),
		[file('kannel'), String(kannelPort), `http://127.0.0.1:${port}/kannel`, secrets.kannel]);
	let text = '';
	child.stderr.resume();
	return new Promise((resolve) => child.stdout.on('data', (bytes) => {
		text += bytes;
		const operator = /operator (\S+)/.exec(text);
		if (operator) resolve(operator[1]);
	}));
}

async function startServer() {
	const child = start('egided', path.join(root, 'build/egided'), ['--config', file('egide.conf')]);
	let log = '';
	child.stderr.on('data', (bytes) => { log += bytes; });
	await new Promise((resolve, reject) => {
		child.stderr.on('data', () => { if (log.includes('server.ready')) resolve(); });
		child.on('exit', () => reject(new Error(`le serveur n'a pas démarré :\n${log}`)));
	});
}

// --- what is shown

function showAddresses() {
	say('\n  Égide — démonstration (données fictives, communes réelles de la Vienne)\n');
	say(`  Salle d'opérations   http://127.0.0.1:${port}/salle`);
	for (const ip of localAddresses().slice(0, 2))
		say(`  D'un téléphone       https://${ip}:${secure}/  (certificat fait sur place : l'accepter)`);
	say(`  SMS simulés          http://127.0.0.1:${kannelPort + 1}/inbound  (répondre à la place d'un proche)`);
	say(`  Montres              127.0.0.1:${watchPort}, protocole SeTracker\n`);
	say('  Compte    Mot de passe        Qui');
	for (const {login, name, room} of accounts) say(`  ${login.padEnd(8)}  ${secrets[login].padEnd(18)}  ${name}, ${room}`);
	say(`  ${'admin'.padEnd(8)}  ${secrets.admin.padEnd(18)}  Administration (ne lit aucune alerte)\n`);
	say('  Avant toute mise en service réelle, localiser une personne demande une base légale.\n');
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

function playScene() {
	const watches = officials.map(({watch, name, at}) => new Watch({id: watch, port: watchPort, label: name, lat: at.lat, lon: at.lon,
		battery: 40 + Math.floor(Math.random() * 55)}));
	const stranger = new Watch({id: '8699999999', port: watchPort, lat: 46.65, lon: 0.36});
	let next = 0;
	const press = () => {
		const watch = watches[next++ % watches.length];
		say(`  ${clock()}  La montre de ${watch.label} : appui SOS.`);
		watch.press();
		watch.move(5000);
	};
	for (const watch of watches) {
		watch.answered = (ms) => say(`  ${clock()}  Alerte enregistrée et acquittée en ${ms} ms (${watch.label}).`);
		watch.start();
		watch.move(30000);
	}
	setTimeout(press, 6000);
	setTimeout(() => {
		stranger.start();
		setTimeout(() => stranger.press(), 500);
	}, 20000);
	if (process.stdin.isTTY) {
		say('  Entrée : un autre élu appuie. Ctrl-C : arrêter.\n');
		process.stdin.on('data', press);
	}
	return [...watches, stranger];
}

let stopping = false, players = [];

function stop(status) {
	if (stopping) return;
	stopping = true;
	for (const player of players) player.stop();
	let left = children.filter((child) => child.exitCode === null).length;
	if (!left) process.exit(status);
	for (const child of children) {
		child.on('exit', () => { if (--left <= 0) process.exit(status); });
		child.kill('SIGTERM');
	}
	setTimeout(() => process.exit(status), 8000).unref();
}

process.on('SIGINT', () => stop(0));
process.on('SIGTERM', () => stop(0));
try {
	prepareFolder();
	makeCertificate();
	writeConfiguration();
	const isNew = initDatabase();
	say('→ Kannel et son opérateur simulé…');
	const operator = await startKannel();
	say('→ Serveur…');
	await startServer();
	if (isNew) {
		say('→ Département de démonstration…');
		fillDepartement();
	}
	showAddresses();
	showMessages(operator);
	if (!process.argv.includes('--no-scene')) players = playScene();
} catch (error) {
	say(`Échec : ${error.message}`);
	stop(1);
}
