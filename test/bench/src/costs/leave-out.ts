import { registerHooks } from 'node:module'
import { editsOf, sourcesOfFold, type Edit, type LeftOut } from './left-out.ts'

// Loaded before the fold (`--import`): changes its sources on their way into this process, as the first argument of the script says.

const edits = editsOf[process.argv[2] as LeftOut]
const missing = new Set<Edit>(edits)

registerHooks({
  load: (url, context, next) => {
    const loaded = next(url, context)
    if (!sourcesOfFold.test(url)) return loaded
    let source = Buffer.from(loaded.source as Uint8Array).toString('utf8')
    for (const edit of edits) {
      const result = source.replace(edit.from, edit.to)
      if (result !== source) missing.delete(edit)
      source = result
    }
    return { ...loaded, source }
  },
})

process.on('exit', () => {
  for (const { what } of missing) {
    console.error(`no source of the fold has ${what} to leave out`)
    process.exitCode = 1
  }
})
