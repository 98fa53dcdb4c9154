#!/usr/bin/env node
import { stopSignal } from '@tidemark/runtime'
import { runCommandLine } from './cli.ts'
import { processTerminal } from './terminal.ts'

// A reader that closes the pipe early (`tidemark tail ... | head`) has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

// A process whose log nobody reads any more still does its work.
process.stderr.on('error', () => undefined)

const context = { terminal: processTerminal(process), signal: stopSignal(process), process }
void runCommandLine(process.argv.slice(2), context).then((code) => {
  process.exitCode = code
  // A pipe that stays open, with nothing coming, would keep the process.
  process.stdin.destroy()
})
