#!/usr/bin/env node
import { enableCompileCache } from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { stopSignal } from '@tidemark/runtime/process'
import { processTerminal } from './terminal.ts'

// What was compiled before is not compiled again, which is most of what a short command takes. In the user's own folder, since whoever could
// write there could run programs as this user anyway; where nothing can be written, nothing is kept.
enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tidemark'))

// A reader that closes the pipe early (`tidemark tail ... | head`) has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

// A process whose log nobody reads any more still does its work.
process.stderr.on('error', () => undefined)

const context = { terminal: processTerminal(process), signal: stopSignal(process), process }
void import('./cli.ts').then(async ({ runCommandLine }) => {
  process.exitCode = await runCommandLine(process.argv.slice(2), context)
  // A pipe that stays open, with nothing coming, would keep the process.
  process.stdin.destroy()
})
