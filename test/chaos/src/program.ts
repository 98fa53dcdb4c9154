import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** A program of this folder at work in a process of its own. */
export type Running = {
  readonly pid: number
  readonly signal: (signal: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void
  readonly isAlive: () => boolean
  /** Resolves when it has ended. */
  readonly ended: Promise<Ending>
}

export type Ending = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it said on standard error. */
  readonly complaint: string
}

const complaintMax = 4000

/** Starts a program with one argument; `hear` is given what it says, line by line. */
export const startProgram = (
  file: 'crashing.ts' | 'loading.ts',
  argument: unknown,
  hear: (said: unknown) => void,
): Running => {
  const path = join(import.meta.dirname, file)
  // The runner's process.env is a copy, which child processes do not get by themselves.
  const { env } = process
  const child = spawn(process.execPath, [path, JSON.stringify(argument)], { env })
  let complaint = ''
  let alive = true
  // It ends when this end of the pipe is closed.
  child.stdin.on('error', () => undefined)
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-complaintMax)
  })
  createInterface(child.stdout).on('line', (line) => hear(JSON.parse(line)))
  const ended = new Promise<Ending>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      alive = false
      resolve({ code, signal, complaint })
    })
  })
  return {
    pid: child.pid!,
    ended,
    isAlive: () => alive,
    signal: (signal) => {
      if (alive) child.kill(signal)
    },
  }
}
