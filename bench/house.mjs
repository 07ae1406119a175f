// What bench/run measures with: processes on throw-away data, and what they answered.
import { spawn, execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { speech } from '../tests/browser/heard.mjs';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
export const tools = join(root, 'build-bench', 'bench');
export const data = join(root, 'build-bench', 'data');
const egided = process.env.EGIDE_BENCH_SERVER || join(root, 'build', 'egided');

// The servers' processor and the load's. Ours has several threads, the bare one has one: both share CPU 0 with
// nobody, so that neither is helped by a second one. EGIDE_BENCH_SERVER_CPUS=0,1 shows ours with both.
export const serverCpus = process.env.EGIDE_BENCH_SERVER_CPUS || '0';
const loadCpus = process.env.EGIDE_BENCH_LOAD_CPUS || '1';
// On a machine that others use: EGIDE_BENCH_NICE=-15 keeps them from what is measured.
const nice = process.env.EGIDE_BENCH_NICE ? ['nice', '-n', process.env.EGIDE_BENCH_NICE] : [];

// EGIDE_BENCH_PORTS=23000: other ports, when another bench runs on this machine.
const first = Number(process.env.EGIDE_BENCH_PORTS || 21000);
export const ports = Object.fromEntries(Object.entries({ gateway: 13, http: 80, watch: 93, tls: 94, agent: 95, redis: 379, icecast: 800, mqtt: 883 })
	.map(([name, port]) => [name, first + port]));
export const devices = { calls: 4100000001, moves: 4200000001, movesHttp: 4300000001, telephones: 4500000001 };
const operator = ['--login', 'bench', '--password', 'banc-essai-2026'];

// This process is the SMS gateway: it is part of the load.
execFileSync('taskset', ['-cp', loadCpus, String(process.pid)], { stdio: 'ignore' });

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130));

function start(cpus, command, options = {}) {
	const [name, ...rest] = [...nice, 'taskset', '-c', cpus, ...command.map(String)];
	const child = spawn(name, rest, { stdio: ['pipe', 'pipe', 'pipe'], ...options });
	child.text = '';
	child.errors = '';
	child.stdout.on('data', (bytes) => (child.text += bytes));
	child.stderr.on('data', (bytes) => (child.errors += bytes));
	child.over = new Promise((done) => child.on('close', (code) => (running.delete(child), done(code))));
	running.add(child);
	return child;
}

/** Resolves with what the pattern found in what the process says; rejects when it ends before. */
export function said(child, pattern, seconds = 60) {
	return new Promise((resolve, reject) => {
		const end = setTimeout(() => reject(new Error(`waited ${seconds} s for ${pattern}\n${child.errors}`)), seconds * 1000);
		const look = () => {
			const found = pattern.exec(child.errors);
			if (found) (clearTimeout(end), resolve(found));
		};
		child.stderr.on('data', look);
		child.on('close', () => (clearTimeout(end), reject(new Error(child.errors))));
		look();
	});
}

async function stop(child, signal = 'SIGTERM') {
	child.kill(signal);
	await child.over;
}

// --- data

export const keys = join(data, 'keys');

export async function seed(database, ...what) {
	const child = start('0,1', [join(tools, 'seed'), database, keys, ...what]);
	if (await child.over) throw new Error(`seed ${what.join(' ')}: ${child.errors}`);
}

export const sqlite = (name) => `sqlite:${join(data, `${name}.db`)}`;

export function copy(from, to) {
	for (const tail of ['', '-wal', '-shm']) {
		rmSync(join(data, `${to}.db${tail}`), { force: true });
		if (existsSync(join(data, `${from}.db${tail}`)))
			copyFileSync(join(data, `${from}.db${tail}`), join(data, `${to}.db${tail}`));
	}
}

// --- servers

/** Ours on this database; `milliseconds` is the time from exec to being ready. */
export async function ours(database, cpus = serverCpus, more = {}) {
	const web = join(root, 'web', 'dist');
	const options = {
		data_folder: data, keys, database, control_socket: join(data, 'control.sock'),
		http: `127.0.0.1:${ports.http}`, watch: `127.0.0.1:${ports.watch}`, watch_tls: `127.0.0.1:${ports.tls}`,
		certificate: join(data, 'certificate.pem'), certificate_key: join(data, 'certificate.key'),
		public_url: `http://127.0.0.1:${ports.http}`, definitions_folder: join(root, 'definitions'),
		web_folder: existsSync(web) ? web : join(data, 'web'), password_strength: 0, max_connections: 19000,
		sendsms_url: `http://127.0.0.1:${ports.gateway}/`, sms_password: 'banc', kannel_secret: 'banc-essai-2026-kannel',
		log_level: 'warning', ...more,
	};
	const file = join(data, 'egide.conf');
	writeFileSync(file, Object.entries(options).map(([name, value]) => `${name} = ${value}\n`).join(''));
	const before = process.hrtime.bigint();
	const child = start(cpus, [egided, '-c', file]);
	for (const port of more.agent ? [ports.http, ports.agent] : [ports.http]) await answers(child, port);
	return {
		pid: child.pid,
		milliseconds: Number(process.hrtime.bigint() - before) / 1e6,
		load: ['--watch', ports.watch, '--http', ports.http, '--pid', child.pid, ...operator],
		sound: ['--agent', ports.agent, '--http', ports.http, '--pid', child.pid, '--first', devices.telephones, '--opus', packets, ...operator],
		tls: ['--watch', ports.tls, '--http', ports.http, '--pid', child.pid, ...operator, '--tls'],
		stop: () => stop(child),
		kill: () => stop(child, 'SIGKILL'),
	};
}

export async function bare() {
	const child = start(serverCpus, [join(tools, 'bare'), ports.watch, ports.http, join(data, 'bare.log')]);
	await answers(child, ports.watch);
	return { pid: child.pid, load: ['--watch', ports.watch, '--http', ports.http, '--pid', child.pid], stop: () => stop(child) };
}

export async function mosquitto() {
	const file = join(data, 'mosquitto.conf');
	writeFileSync(file, `listener ${ports.mqtt} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nmax_connections -1\nlog_type none\n`);
	const child = start(serverCpus, ['mosquitto', '-c', file], { env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
	await answers(child, ports.mqtt);
	return { pid: child.pid, load: ['--watch', ports.mqtt, '--pid', child.pid], stop: () => stop(child) };
}

/** Ours with sound heard and recorded, on a folder of its own. */
export function oursWithSound(database) {
	rmSync(join(data, 'sound'), { recursive: true, force: true });
	return ours(database, serverCpus, { sound: 'both', agent: `127.0.0.1:${ports.agent}` });
}

/** burst: bytes given at once to who comes, or null for what it does unless told. It is never root: it refuses that. */
export async function icecast(burst = 0) {
	const file = join(data, 'icecast.xml');
	const limits = burst === null ? '' : `<burst-size>${burst}</burst-size>`;
	const owner = process.getuid() ? '' : '<security><changeowner><user>nobody</user><group>nogroup</group></changeowner></security>';
	writeFileSync(file, `<icecast><limits><clients>4000</clients><sources>1000</sources>${limits}</limits>
<authentication><source-password>banc</source-password><admin-user>admin</admin-user><admin-password>banc</admin-password></authentication>
<hostname>127.0.0.1</hostname><listen-socket><port>${ports.icecast}</port><bind-address>127.0.0.1</bind-address></listen-socket>
<paths><logdir>/tmp</logdir><webroot>/usr/share/icecast2/web</webroot><adminroot>/usr/share/icecast2/admin</adminroot></paths>
<logging><accesslog>-</accesslog><errorlog>-</errorlog><loglevel>1</loglevel></logging>${owner}</icecast>\n`);
	const child = start(serverCpus, ['icecast2', '-c', file]);
	await answers(child, ports.icecast);
	return { pid: child.pid, sound: ['--http', ports.icecast, '--pid', child.pid, '--opus', packets], stop: () => stop(child) };
}

/** Each write is on disk before its answer. */
export async function redis() {
	const child = start(serverCpus, ['redis-server', '--port', ports.redis, '--bind', '127.0.0.1', '--dir', data, '--save', '', '--appendonly', 'yes', '--appendfsync', 'always']);
	await answers(child, ports.redis);
	return { pid: child.pid, stop: () => stop(child) };
}

/** Until the port answers, looked at each millisecond. */
async function answers(child, port) {
	const { connect } = await import('node:net');
	for (let i = 0; i < 60000 && child.exitCode === null; i++) {
		const open = await new Promise((done) => {
			const socket = connect(port, '127.0.0.1', () => (socket.destroy(), done(true)));
			socket.on('error', () => done(false));
		});
		if (open) return;
		await new Promise((done) => setTimeout(done, 1));
	}
	throw new Error(`nothing listens on port ${port}: ${child.errors}`);
}

// --- load

export function begin(mode, ...options) {
	return start(loadCpus, [join(tools, 'load'), mode, ...options.flat()]);
}

/** The same, giving way to a load that is measured on the same processor. */
export function beginBehind(mode, ...options) {
	return start(loadCpus, ['nice', '-n', '19', join(tools, 'load'), mode, ...options.flat()]);
}

export async function result(child) {
	if ((await child.over) !== 0) throw new Error(`${child.spawnargs.join(' ')}: ${child.errors}`);
	return JSON.parse(child.text);
}

export const load = (mode, ...options) => result(begin(mode, ...options));

// --- at start

const packets = join(data, 'packets');

/** The bodies of the pages of an Ogg file, as packets: [Buffer]. Short packets of one page each, as ffmpeg is asked to write them. */
function packetsOf(ogg) {
	const list = [];
	for (let at = 0; at < ogg.length;) {
		const segments = ogg[at + 26];
		let body = at + 27 + segments;
		for (const length of ogg.subarray(at + 27, at + 27 + segments)) {
			list.push(ogg.subarray(body, body + length));
			body += length;
		}
		at = body;
	}
	return list;
}

/** Speech at 24 kbit/s, constant: packets of 60 bytes, each behind its length. Headers are longer or shorter. */
export function speak() {
	const { file } = speech(data);
	const ogg = execFileSync('ffmpeg', ['-v', 'error', '-i', file, '-ac', '1', '-c:a', 'libopus', '-b:a', '24k', '-vbr', 'off', '-application', 'voip',
		'-frame_duration', '20', '-f', 'ogg', '-'], { maxBuffer: 1 << 24 });
	const list = packetsOf(ogg).filter(({ length }) => length === 60);
	writeFileSync(packets, Buffer.concat(list.flatMap((packet) => [Buffer.from([0, packet.length]), packet])));
}

/** What `territory` measured. */
export async function lookups(files) {
	const child = start(loadCpus, [join(tools, 'territory'), ...files]);
	if (await child.over) throw new Error(`territory: ${child.errors}`);
	return JSON.parse(child.text);
}

/** What `audit` measured, among so many entries; its databases are gone afterwards. */
export async function auditing(count) {
	const folder = join(data, 'audit'), child = start(serverCpus, [join(tools, 'audit'), folder, count]);
	if (await child.over) throw new Error(`audit: ${child.errors}`);
	rmSync(folder, { recursive: true });
	return JSON.parse(child.text);
}

/** The most memory a process had, in KiB; 0 when it is gone. */
export function peak(pid) {
	try {
		return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]);
	} catch {
		return 0;
	}
}

/** egidectl import rne, into the server that runs: what it said, and the most memory it had. */
export async function importing(file) {
	const child = start('0,1', [egided.replace(/egided$/, 'egidectl'), 'import', 'rne', file, '--yes', '--socket', join(data, 'control.sock')]);
	let most = 0;
	const look = setInterval(() => (most = Math.max(most, peak(child.pid))), 100);
	const status = await child.over;
	clearInterval(look);
	if (status) throw new Error(`import: ${child.errors}`);
	return [child.text, most];
}

/** The SMS gateway: accepts everything, as Kannel says it. */
function gateway() {
	createServer((request, response) => (response.writeHead(202), response.end('0: Accepted for delivery')))
		.listen(ports.gateway, '127.0.0.1')
		.unref();
}

export function prepare() {
	const quiet = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] };
	if (!existsSync(join(root, 'build-bench', 'build.ninja')))
		execFileSync('meson', ['setup', '-Dbench=true', 'build-bench'], quiet);
	execFileSync('ninja', ['-C', 'build-bench', 'bench/audit', 'bench/bare', 'bench/load', 'bench/seed', 'bench/territory'], quiet);
	rmSync(data, { recursive: true, force: true });
	mkdirSync(join(data, 'web'), { recursive: true, mode: 0o700 });
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
		'-subj', '/CN=127.0.0.1', '-keyout', join(data, 'certificate.key'), '-out', join(data, 'certificate.pem')],
		{ stdio: 'ignore' });
	gateway();
}
