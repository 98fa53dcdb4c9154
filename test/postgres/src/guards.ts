import { query } from './server-address.ts'

// I9 as the database sees it: whatever the SQL of the store says, no row of these may ever get older.
const versions = {
  position: 'new.position < old.position',
  partition_advance: 'new.position < old.position or new.clock_ms < old.clock_ms',
  assessment: 'new.window_end_us < old.window_end_us',
  alert:
    '(new.version_window_end_us, new.version_index) < (old.version_window_end_us, old.version_index)',
}

/** Makes the database of a store refuse positions that move back and row versions that go down. */
export const guardVersions = async (url: string): Promise<void> => {
  for (const [table, isOlder] of Object.entries(versions))
    await query(
      url,
      `create function guard_${table}() returns trigger language plpgsql as $$
       begin
         if ${isOlder} then raise exception 'I9: a row of ${table} would get older'; end if;
         return new;
       end $$;
       create trigger guard before update on ${table} for each row execute function guard_${table}()`,
    )
}
