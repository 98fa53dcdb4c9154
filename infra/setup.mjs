// Installs what the lock file names, when it is not installed yet. Runs before every npm script, on
// whatever Node the machine has (20 or newer), so it may use neither packages nor TypeScript.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.tidemark-lock')
const guardDir = join(root, '.cache', 'setup.lock')
const guardWaitMsMax = 10 * 60_000

if (reasonToInstall() !== undefined) withGuard(install)

function reasonToInstall() {
  if (!existsSync(modules)) return 'node_modules is missing'
  if (!existsSync(join(modules, 'node', 'bin', 'node'))) return 'Node from the lock file is missing'
  if (!existsSync(stampFile)) return sameAsInstalled() ? stamp() : 'node_modules is of unknown age'
  if (readFileSync(stampFile, 'utf8') === lockHash()) return undefined
  return sameAsInstalled() ? stamp() : 'package-lock.json has changed'
}

function install() {
  // Another run may have installed while this one waited for the guard.
  const reason = reasonToInstall()
  if (reason === undefined) return
  console.log(`setup: ${reason}, so running npm ci and npm rebuild node (about a minute)`)
  npm('ci', '--ignore-scripts')
  // The one install script that is needed: it fetches the Node that runs everything else.
  npm('rebuild', 'node')
  stamp()
}

function npm(...args) {
  // npm tells its scripts where it is itself; started by hand, the one on the PATH will do. The Node that runs npm is not the one that
  // runs this where packages are installed already: that one lies in node_modules, which `npm ci` takes away.
  const cli = process.env.npm_execpath
  const node = process.env.npm_node_execpath ?? process.execPath
  const [command, first] = cli?.endsWith('.js') ? [node, [cli]] : ['npm', []]
  const run = spawnSync(command, [...first, ...args, '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (run.status === 0) return
  console.error(`setup: npm ${args.join(' ')} failed`)
  console.error(run.error?.message ?? `${run.stdout}${run.stderr}`)
  process.exit(1)
}

function lockHash() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
}

function stamp() {
  writeFileSync(stampFile, lockHash())
  return undefined
}

/** True after `npm install <package>`, which brings the lock file and node_modules up to date together. */
function sameAsInstalled() {
  const installedFile = join(modules, '.package-lock.json')
  if (!existsSync(installedFile)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(installedFile, 'utf8')).packages
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    if (!path.startsWith('node_modules/')) return true
    return installed[path] === undefined ? optional === true : installed[path].version === version
  })
}

/** Keeps two runs in one checkout from installing over each other. */
function withGuard(action) {
  mkdirSync(dirname(guardDir), { recursive: true })
  const giveUpMs = Date.now() + guardWaitMsMax
  while (!tryTakeGuard()) {
    if (Date.now() > giveUpMs) {
      console.error(`setup: another install holds ${guardDir}; remove it if none is running`)
      process.exit(1)
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
  }
  process.on('exit', () => rmSync(guardDir, { recursive: true, force: true }))
  action()
}

function tryTakeGuard() {
  try {
    mkdirSync(guardDir)
    writeFileSync(join(guardDir, 'pid'), String(process.pid))
    return true
  } catch (error) {
    if (error.code !== 'EEXIST') throw error
  }
  const pidFile = join(guardDir, 'pid')
  const pid = existsSync(pidFile) ? Number(readFileSync(pidFile, 'utf8')) : 0
  if (pid > 0 && !isRunning(pid)) rmSync(guardDir, { recursive: true, force: true })
  return false
}

function isRunning(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}
