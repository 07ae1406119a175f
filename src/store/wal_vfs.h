/*
 * A file layer of SQLite over another one: what is written to a WAL is gathered in memory and given
 * to the file in one call when a commit is whole, or the file is synced, read or measured. SQLite
 * itself writes each page of a commit in two calls: some eighty for a call for help.
 *
 * What SQLite relies on holds: readers look only at frames that the wal-index names, which the
 * writer publishes after its last write; a write that fails is told by that last write or by the
 * sync, and either fails the commit.
 *
 * And a WAL grows by zeroes, some commits ahead: a file whose size changes makes each sync a commit
 * of the file system's own journal too, behind whatever else waits there. Zeroes are no frame: what
 * reads a WAL from its beginning ends at the first that is none.
 */
#ifndef STORE_WAL_VFS_H
#define STORE_WAL_VFS_H

/*
 * The name of the layer over the one named (NULL: SQLite's default); made at the first call, for
 * good. NULL when there is none of that name. Any thread.
 */
const char *wal_vfs_over(const char *name);

#endif
