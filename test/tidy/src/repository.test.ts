import { statSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { repositoryFiles, root, textOf } from './repository.ts'

type Manifest = {
  readonly scripts?: Readonly<Record<string, string>>
  readonly bin?: Readonly<Record<string, string>>
  readonly exports?: Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

type LockFile = {
  readonly packages: Readonly<
    Record<string, { readonly optionalDependencies?: Readonly<Record<string, string>> }>
  >
}

const files = repositoryFiles()
const sources = files.filter((path) => /\.(ts|mjs|cjs)$/.test(path))
const tests = sources.filter((path) => path.endsWith('.test.ts'))
const texts = files.filter((path) => !/\.(png|bin|ico|gz)$/.test(path))
const manifests = files.filter((path) => /(^|\/)package\.json$/.test(path))
/** What `npm run` starts. */
const commands = Object.values(manifestOf('package.json').scripts ?? {})

describe('source files', () => {
  it('are all reachable from an entry point or a test', () => {
    const projectSources = sources.filter((path) => path.includes('/src/'))
    const reached = reachableFrom(projectSources.filter(isEntryPoint))
    expect(projectSources.filter((path) => !reached.has(path))).toEqual([])
  })

  it('leave no work behind in comments', () => {
    const marker = /\b(TODO|FIXME|XXX)\b/
    const allowed = 'test/tidy/src/repository.test.ts'
    expect(sources.filter((path) => path !== allowed && marker.test(textOf(path)))).toEqual([])
  })
})

describe('tests', () => {
  it('are never focused', () => {
    const focused = /\b(?:describe|it|test)\.only\b/
    const focusedShort = /(?<![.\w])f(?:describe|it)\(/
    expect(sources.filter((path) => focused.test(textOf(path)))).toEqual([])
    expect(tests.filter((path) => focusedShort.test(textOf(path)))).toEqual([])
  })

  // A helper that looks for a real component may skip, with its reason; a test file may not.
  it('are never switched off', () => {
    const off = /\b(?:describe|it|test)\.(?:skip|todo|failing)\b|(?<![.\w])x(?:describe|it)\(/
    expect(tests.filter((path) => off.test(textOf(path)))).toEqual([])
  })
})

describe('tracked text', () => {
  it('names no path of one machine', () => {
    const machinePath = /(?<![\w.@~-])\/(?:work|root)\//
    expect(texts.filter((path) => machinePath.test(textOf(path)))).toEqual([])
  })

  it('names no package registry', () => {
    const registry = /registry\.(?:npmjs|yarnpkg)\.|registry\.npm/
    expect(texts.filter((path) => registry.test(textOf(path)))).toEqual([])
  })
})

describe('dependencies', () => {
  it('are pinned exactly', () => {
    const loose = manifests.flatMap((path) => {
      const { dependencies, devDependencies } = manifestOf(path)
      return Object.entries({ ...dependencies, ...devDependencies })
        .filter(([name, version]) => !isPinned(name, version))
        .map(([name, version]) => `${path}: ${name} ${version}`)
    })
    expect(loose).toEqual([])
  })

  it('have no download address in the lock file', () => {
    expect(textOf('package-lock.json')).not.toMatch(/"resolved": "[a-z+]+:/)
  })

  // npm install passes over an optional package it cannot find; npm ci then refuses the lock file.
  it('have every optional package in the lock file', () => {
    const { packages } = JSON.parse(textOf('package-lock.json')) as LockFile
    const locked = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)))
    const wanted = Object.values(packages).flatMap(({ optionalDependencies }) =>
      Object.keys(optionalDependencies ?? {}),
    )
    expect(wanted.filter((name) => !locked.has(name))).toEqual([])
  })
})

describe('programs', () => {
  it('are executable', () => {
    const programs = files.filter(
      (path) => path.endsWith('.sh') || path === '.ci/run' || textOf(path).startsWith('#!'),
    )
    expect(programs).toContain('.ci/run')
    expect(programs.filter((path) => (statSync(join(root, path)).mode & 0o111) === 0)).toEqual([])
  })
})

function isEntryPoint(path: string): boolean {
  if (/\/src\/(?:index|main)\.ts$|\.(?:test|bench)\.ts$/.test(path)) return true
  if (commands.some((command) => command.split(' ').includes(path))) return true
  return manifests.some((manifest) => {
    const { bin, exports } = manifestOf(manifest)
    const targets = Object.values({ ...bin, ...exports })
    return targets.some((target) => normalize(join(dirname(manifest), target)) === path)
  })
}

/** Follows every quoted relative path, so that workers and child processes count as imported. */
function reachableFrom(entryPoints: readonly string[]): ReadonlySet<string> {
  const reached = new Set(entryPoints)
  // A set iterates over what is added meanwhile; its bound is the number of files.
  for (const path of reached) {
    for (const [, target] of textOf(path).matchAll(
      /['"](\.{1,2}\/[^'"\n]+\.(?:ts|mjs|cjs))['"]/g,
    )) {
      const found = normalize(join(dirname(path), target ?? ''))
      if (sources.includes(found)) reached.add(found)
    }
  }
  return reached
}

function isPinned(name: string, version: string): boolean {
  return name.startsWith('@tidemark/') ? version === '*' : /^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)
}

function manifestOf(path: string): Manifest {
  return JSON.parse(textOf(path)) as Manifest
}
