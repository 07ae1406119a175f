// A PostgreSQL of its own for one test file, its database as docs/operation.md has it made, and what lies in its files.
import {execFileSync} from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

import {ROOT} from './server.mjs';

const POSTGRES = path.join(ROOT, 'tests/lib/postgres');

export const filesIn = (where) => fs.readdirSync(where, {withFileTypes: true}).flatMap((entry) =>
	entry.isDirectory() ? filesIn(path.join(where, entry.name)) : entry.isFile() ? [path.join(where, entry.name)] : []);

// Some go while one looks.
export const bytesOf = (file) => {
	try { return fs.readFileSync(file); } catch { return Buffer.alloc(0); }
};

export class Cluster {
	constructor() {
		this.folder = fs.mkdtempSync(path.join(process.env.TMPDIR ?? '/tmp', 'egide-cluster-'));
		execFileSync(POSTGRES, ['start', path.join(this.folder, 'postgres')]);
		this.where = fs.readFileSync(path.join(this.folder, 'postgres/cluster'), 'utf8').trim();
		this.url = `postgresql:host=${this.where} user=served dbname=served`;
		for (const text of ['CREATE ROLE served LOGIN', 'CREATE DATABASE served OWNER served', 'ALTER SYSTEM SET wal_recycle = off',
			'SELECT pg_reload_conf()', 'GRANT pg_checkpoint TO served']) this.sql(text, 'postgres');
		this.sql('GRANT EXECUTE ON FUNCTION pg_switch_wal() TO served');
	}

	// As its superuser; the rows, one a line.
	sql(text, database = 'served') {
		return execFileSync('psql', ['-qAtX', '-h', this.where, '-U', 'egide', '-d', database, '-c', text], {encoding: 'utf8'}).trim();
	}

	// Everything on the disk: tables, indexes, statistics, the write-ahead log, the server's own log.
	files() {
		this.sql('CHECKPOINT');
		return filesIn(this.where);
	}

	remove() {
		execFileSync(POSTGRES, ['stop', path.join(this.folder, 'postgres')]);
		fs.rmSync(this.folder, {recursive: true, force: true});
	}
}
