/** Hours and changes of status live so much longer than windows: two months, so that the last calendar month is whole. */
const hoursKeptUs = 62 * 86_400_000_000
/** Facts about services: a year and a month. Silences and configurations stay: they are few, and may still hold. */
const factsKeptUs = 400 * 86_400_000_000

/** Each takes the moment before which things may go. */
export const pruneStatements: readonly string[] = [
  'delete from request_operation where window_start_us < $1 and not exists (select 1 from request_window w where w.service = request_operation.service and w.window_start_us = request_operation.window_start_us and w.window_end_us >= $1)',
  'delete from request_window where window_end_us < $1',
  'delete from health_window where window_end_us < $1',
  'delete from fleet_slice where window_end_us < $1 and window_end_us < (select max(newest.window_end_us) from fleet_slice newest where newest.partition = fleet_slice.partition)',
  'delete from platform_report where as_of_us < $1',
  `delete from alert_event where alert_id in (select alert_id from alert where state = 'resolved' and resolved_at_us < $1)`,
  `delete from alert where state = 'resolved' and resolved_at_us < $1`,
  `delete from slo_hour where hour_start_us < $1 - ${hoursKeptUs}`,
  `delete from latency_hour where hour_start_us < $1 - ${hoursKeptUs}`,
  `delete from status_change where since_us < $1 - ${hoursKeptUs} and since_us < (select max(later.since_us) from status_change later where later.service = status_change.service)`,
  `delete from fact where clock_ms * 1000 < $1 - ${factsKeptUs} and type not in ('ConfigurationActivated', 'SilenceCreated', 'SilenceExpired')`,
]
