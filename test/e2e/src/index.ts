export {
  generate,
  type Expected,
  type ExpectedCounts,
  type ExpectedLedger,
  type ExpectedWindow,
} from './expected.ts'
export { blocksOf, type Block } from './markdown-blocks.ts'
export {
  complaintsIn,
  ended,
  jsonLines,
  repository,
  startTidemark,
  temporaryFolder,
  tidemark,
  type Outcome,
} from './tidemark.ts'
