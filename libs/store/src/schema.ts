import { StoreError, type Sql, type SqlStatements } from './sql.ts'

/**
 * One script per version, applied in order and never edited afterwards. Portable: `bigint` for times in microseconds and counts,
 * `text` for names and documents of JSON, no date functions, no generated keys.
 */
const migrations: readonly (readonly string[])[] = [
  [
    `create table position (
       topic text not null, partition bigint not null, position bigint not null,
       primary key (topic, partition))`,
    `create table request_window (
       partition bigint not null, service text not null, overflow bigint not null,
       window_start_us bigint not null, window_end_us bigint not null,
       total bigint not null, failed bigint not null, statuses text not null, over_range bigint not null,
       latency_us_max bigint, histogram bytea not null, identity_checked bigint not null,
       incomplete bigint not null, input text not null, cause_offset bigint not null, cause_index bigint not null, id text not null,
       primary key (service, window_start_us, partition, overflow))`,
    `create index request_window_end on request_window (window_end_us)`,
    `create table request_operation (
       partition bigint not null, service text not null, overflow bigint not null, window_start_us bigint not null,
       operation text not null, operation_overflow bigint not null,
       total bigint not null, failed bigint not null, statuses text not null, over_range bigint not null,
       latency_us_max bigint, histogram bytea not null,
       primary key (service, window_start_us, partition, overflow, operation, operation_overflow))`,
    `create index request_operation_start on request_operation (window_start_us)`,
    `create table health_window (
       partition bigint not null, service text not null, overflow bigint not null,
       window_start_us bigint not null, window_end_us bigint not null,
       passed bigint not null, failed bigint not null, checks text not null, identity_checked bigint not null,
       incomplete bigint not null, input text not null, cause_offset bigint not null, cause_index bigint not null, id text not null,
       primary key (service, window_start_us, partition, overflow))`,
    `create index health_window_end on health_window (window_end_us)`,
    `create table partition_advance (
       topic text not null, partition bigint not null, position bigint not null, clock_ms bigint not null,
       document text not null, primary key (topic, partition))`,
    `create table assessment (
       service text not null primary key, partition bigint not null, window_end_us bigint not null,
       status text not null, since_us bigint not null, document text not null)`,
    `create table alert (
       alert_id text not null primary key, fingerprint text not null, rule text not null, service text not null,
       severity text not null, state text not null, raised_at_us bigint not null, resolved_at_us bigint,
       version_window_end_us bigint not null, version_index bigint not null)`,
    `create index alert_raised on alert (raised_at_us)`,
    `create table alert_event (
       alert_id text not null, window_end_us bigint not null, cause_index bigint not null, type text not null,
       document text not null, primary key (alert_id, window_end_us, cause_index))`,
    `create table fleet_slice (
       partition bigint not null, window_end_us bigint not null, part bigint not null, parts bigint not null,
       document text not null, primary key (partition, window_end_us, part))`,
    `create index fleet_slice_end on fleet_slice (window_end_us)`,
    `create table platform_report (
       as_of_us bigint not null primary key, overall_health text not null, service_count bigint not null,
       alert_count bigint not null, document text not null)`,
  ],
  [
    // Counts of an objective in one hour, as its newest window tells them.
    `create table slo_hour (
       service text not null, slo text not null, objective_id text not null, hour_start_us bigint not null,
       valid bigint not null, bad bigint not null, version bigint not null,
       primary key (service, objective_id, hour_start_us))`,
    `create index slo_hour_start on slo_hour (hour_start_us)`,
    `create table status_change (
       service text not null, since_us bigint not null, status text not null,
       primary key (service, since_us))`,
    `create table latency_hour (
       service text not null, hour_start_us bigint not null, p99_us_max bigint not null,
       primary key (service, hour_start_us))`,
    `create index latency_hour_start on latency_hour (hour_start_us)`,
    // Facts that stand in every partition are there once for each.
    `create table fact (
       partition bigint not null, cause_offset bigint not null, cause_index bigint not null,
       type text not null, fact_id text not null, service text, alert_id text, clock_ms bigint not null, at_us bigint not null,
       document text not null, primary key (partition, cause_offset, cause_index))`,
    `create index fact_type on fact (type, clock_ms)`,
    `create index fact_alert on fact (alert_id)`,
  ],
]

const schemaVersion = migrations.length

const tableOf = (statement: string): readonly string[] =>
  /^create table (\w+)/.exec(statement)?.slice(1) ?? []

const tableNames = migrations.flat().flatMap(tableOf).join(', ')

/** Roles of PostgreSQL that may use the tables of a schema and nothing else. */
export type StoreRoles = { readonly writer: string | null; readonly reader: string | null }

/** What the owner of the tables grants: a sink writes rows, whoever asks reads them, and none of them makes or changes tables. */
export const grantStatements = (
  schema: string,
  { writer, reader }: StoreRoles,
): readonly string[] => {
  const to = (role: string, rights: string): readonly string[] => [
    `grant usage on schema ${quoted(schema)} to ${quoted(role)}`,
    `grant ${rights} on ${tableNames} to ${quoted(role)}`,
    `grant select on schema_version to ${quoted(role)}`,
  ]
  return [
    ...(writer === null ? [] : to(writer, 'select, insert, update, delete')),
    ...(reader === null ? [] : to(reader, 'select')),
  ]
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

/**
 * Brings the database to the newest version, wholly or not at all, and one process at a time. Where it is there already nothing is touched,
 * so that whoever only writes rows needs no right to do more.
 */
export const migrate = async (sql: Sql): Promise<void> => {
  const version = await versionOf(sql)
  try {
    if (version < schemaVersion) await sql.exclusive(migrateIn)
  } catch (error) {
    if (!(error instanceof StoreError) || error.retriable) throw error
    const what = `its tables are of version ${version} and could not be brought to ${schemaVersion}`
    const message = `${error.message}; ${what}: "tidemark store migrate" does it, as a role that may create tables`
    throw new StoreError(message, { retriable: false, cause: error })
  }
  await requireVersion(sql)
}

const migrateIn = async (tx: SqlStatements): Promise<void> => {
  for (const statement of await pendingMigration(tx)) await tx.run(statement)
}

/** The statements that are missing to the newest version. */
export const pendingMigration = async (sql: SqlStatements): Promise<readonly string[]> => {
  const version = await versionOf(sql)
  const versions = (await sql.hasTable('schema_version'))
    ? []
    : ['create table schema_version (version bigint not null primary key)']
  return [
    ...versions,
    ...migrations
      .slice(version)
      .flatMap((statements, i) => [
        ...statements,
        `insert into schema_version (version) values (${version + i + 1})`,
      ]),
  ]
}

/** StoreError where the tables are of another version than this program's. */
export const requireVersion = async (sql: SqlStatements): Promise<void> => {
  const version = await versionOf(sql)
  if (version === schemaVersion) return
  const what =
    version === 0
      ? 'store: it has no tables yet'
      : `store: its tables are of version ${version}, this program's are of ${schemaVersion}`
  throw new StoreError(
    version > schemaVersion ? what : `${what}: run "tidemark sink" of this version on it first`,
    { retriable: false },
  )
}

const versionOf = async (sql: SqlStatements): Promise<number> => {
  if (!(await sql.hasTable('schema_version'))) return 0
  const [row] = await sql.all('select max(version) as version from schema_version')
  return Number(row?.version ?? 0)
}
