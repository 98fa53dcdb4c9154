import { createHash } from 'node:crypto'
import { watch } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Connection } from '@tidemark/assembly'
import { isoOf, type Configuration, type Layout } from '@tidemark/model'
import type { Logger } from '@tidemark/runtime'
import { applyConfiguration } from './apply.ts'
import {
  bytesOf,
  faultLines,
  lintBytes,
  loadConfigurationFile,
  soundConfiguration,
} from './configuration-file.ts'
import { changeLines } from './diff-text.ts'

/** A file whose content was looked at last. */
export type FollowedFile = { readonly file: string; readonly digest: string }

/** How long a file must be left alone before it is read: editors write in several steps. */
const quietMs = 300
/** In a folder that is never left alone it is read all the same. */
const waitsMax = 10
/** Where the file system tells nothing of a change, it is found by then. */
const lookMs = 10_000

/** A layout for a new log, with the configuration of a file from the beginning. ConfigurationFileError where that has errors. */
export const withConfigurationOf = async (file: string, layout: Layout): Promise<Layout> => ({
  ...layout,
  configuration: soundConfiguration(await loadConfigurationFile(file, { layout })),
})

/** Applies a file unless it is in force, at the start of a process. ConfigurationFileError where it has errors. */
export const putInForce = async (
  file: string,
  connection: Connection,
  logger: Logger,
): Promise<FollowedFile> => {
  const bytes = await bytesOf(file)
  const loaded = lintBytes(file, bytes, connection)
  const configuration = soundConfiguration(loaded)
  for (const line of faultLines(loaded)) logger.warn('configuration_warning', { message: line })
  await apply(file, configuration, connection, logger)
  return { file, digest: digestOf(bytes) }
}

/**
 * Until the signal: whenever the content of the file changes, applies it. One with errors changes nothing and is told; so is a log that cannot
 * be written to, which is tried again at the next look.
 */
export const followFile = async (
  { file, digest }: FollowedFile,
  connection: Connection,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> => {
  let known = digest
  for await (const _ of changesBeside(file, signal)) {
    try {
      const bytes = await bytesOf(file)
      const found = digestOf(bytes)
      if (found === known) continue
      const loaded = lintBytes(file, bytes, connection)
      if (loaded.configuration === null)
        logger.error('configuration_refused', {
          message: `${file}: not applied; what is in force stays\n${faultLines(loaded).join('\n')}`,
        })
      else await apply(file, loaded.configuration, connection, logger)
      known = found
    } catch (error) {
      logger.error('configuration_not_applied', {
        ...{ message: `${file}: not applied; what is in force stays`, error },
      })
    }
  }
}

const apply = async (
  file: string,
  configuration: Configuration,
  connection: Connection,
  logger: Logger,
): Promise<void> => {
  const note = `from ${file}`
  const applied = await applyConfiguration(connection, configuration, { by: null, note })
  const { effectiveFromUs, configurationId } = applied
  if (effectiveFromUs === null) return
  logger.info('configuration_applied', {
    configurationId,
    message: `${file}: in force for windows from ${isoOf(effectiveFromUs)} on\n${changeLines(applied.changes).join('\n')}`,
  })
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/**
 * Once for every stretch of events in the folder of a file that has come to rest, and now and then without any. The folder and not the file,
 * which editors and Kubernetes replace by another one.
 */
async function* changesBeside(file: string, signal: AbortSignal): AsyncGenerator<'look'> {
  let touched = Promise.withResolvers<true>()
  const watcher = watch(dirname(resolve(file)), { persistent: false }, () => {
    touched.resolve(true)
  })
  // A folder that goes away is found missing at the next look.
  watcher.on('error', () => undefined)
  try {
    while (!signal.aborted) {
      let isTouched = await within(lookMs, touched.promise, signal)
      for (let waits = 0; isTouched && waits < waitsMax; waits++) {
        touched = Promise.withResolvers<true>()
        isTouched = await within(quietMs, touched.promise, signal)
      }
      if (!signal.aborted) yield 'look'
    }
  } finally {
    watcher.close()
  }
}

/** Whether it happens in time, and before the signal. */
const within = async (
  ms: number,
  happens: Promise<true>,
  signal: AbortSignal,
): Promise<boolean> => {
  const done = new AbortController()
  const timer = sleep(ms, false, { signal: AbortSignal.any([signal, done.signal]) })
  try {
    return await Promise.race([happens, timer.catch(() => false)])
  } finally {
    done.abort()
  }
}
