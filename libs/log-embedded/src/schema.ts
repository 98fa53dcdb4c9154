/** Version of the tables below, in the file's `user_version`. */
export const schemaVersion = 2
/** "TDMK" in the file's header: tells a log from any other SQLite file. */
export const applicationId = 0x54444d4b

/**
 * `batch`: one row for each record batch, its bytes in Kafka's format v2. Without a rowid, rows lie in the order in which they are
 * read, and there is no second tree to keep. `partition_state`: ends live beside the batches, since retention may remove all of
 * those; records below `clean_offset` have been compacted. `reader`: which processors read a topic, whether they have committed or
 * not. A task is free while its `member` is null; the lease of a task is that of its member.
 */
export const schema = `
  create table topic (
    topic text primary key, name text not null, partitions integer not null, stamped_by text not null,
    cleanup text not null, retention_ms integer not null) strict, without rowid;
  create table partition_state (
    partition_id integer primary key, topic text not null, partition integer not null,
    start_offset integer not null default 0, end_offset integer not null default 0, last_timestamp_ms integer,
    clean_offset integer not null default 0, unique (topic, partition)) strict;
  create table batch (
    partition_id integer not null, base_offset integer not null, last_offset integer not null,
    max_timestamp_ms integer not null, bytes blob not null,
    primary key (partition_id, base_offset)) strict, without rowid;
  create table reader (
    processor text not null, topic text not null, primary key (processor, topic)) strict, without rowid;
  create table processor (
    processor text primary key, generation integer not null default 0) strict, without rowid;
  create table member (
    joined integer primary key autoincrement, member text not null unique, processor text not null,
    machine text not null, pid integer not null, started text, lease_until_ms integer not null) strict;
  create table task (
    processor text not null, task integer not null, epoch integer not null default 0, member text,
    checkpoint_digest text, committed_ms integer, committed_epoch integer,
    primary key (processor, task)) strict, without rowid;
  create table checkpoint_part (
    processor text not null, task integer not null, part text not null, bytes blob not null,
    primary key (processor, task, part)) strict;
  create table position (
    processor text not null, task integer not null, topic text not null, partition integer not null,
    position integer not null, from_offset integer not null,
    primary key (processor, task, topic, partition)) strict, without rowid;
  create table maintenance (
    only_row integer primary key check (only_row = 1), started_ms integer not null) strict;
  insert into maintenance values (1, 0);
`

/** From an earlier version to the next one, by the earlier one. */
export const migrations: ReadonlyMap<number, string> = new Map([
  [
    1,
    'alter table task add column committed_ms integer; alter table task add column committed_epoch integer',
  ],
])
