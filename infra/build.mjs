// Writes one CommonJS bundle per app that has a main.ts: dist/<app>.cjs, or into the folder that
// --into names. CommonJS, because kafkajs and avsc require modules by computed names, and
// hdr-histogram-js finds zlib by eval('require("zlib")'); both fail in an ES module bundle, the
// latter silently.
import { existsSync, globSync } from 'node:fs'
import { basename, join, relative, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const { values, positionals } = parseArgs({
  options: { into: { type: 'string', default: join(root, 'dist') } },
  allowPositionals: true,
})
const folder = resolve(values.into)
const apps = (positionals.length > 0 ? positionals : globSync('apps/*', { cwd: root })).sort()

for (const app of apps) {
  const entry = join(root, app, 'src', 'main.ts')
  if (!existsSync(entry)) continue
  const outfile = join(folder, `${basename(app)}.cjs`)
  const { warnings } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    sourcemap: 'external',
    logLevel: 'warning',
    logOverride: { 'direct-eval': 'silent' },
    define: {
      'import.meta.url': '__importMetaUrl',
      'import.meta.dirname': '__dirname',
      'import.meta.filename': '__filename',
    },
    banner: {
      js: "const __importMetaUrl = require('node:url').pathToFileURL(__filename).href;",
    },
  })
  if (warnings.length > 0) process.exitCode = 1
  console.log(`built ${relative(root, outfile)}`)
}
