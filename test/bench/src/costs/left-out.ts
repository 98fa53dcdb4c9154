/** What the fold does with an event beyond counting it by service, and what of that one side of the row does without. */
export type LeftOut = (typeof leftOuts)[number]
export const leftOuts = [
  'nothing',
  'identity',
  'operations',
  'ledger',
  'evidence',
  'checksum',
] as const

/** Takes something out of the sources of the fold, in the bench's process only; has to find it in one of them. */
export type Edit = { readonly what: string; readonly from: RegExp; readonly to: string }

/** The exported function does nothing. */
const emptied = (name: string): Edit => ({
  what: name,
  from: new RegExp(`^export const ${name} = `, 'm'),
  to: `export const ${name} = (): void => undefined\nexport const ${name}InFull = `,
})

/** Most of it is no option of the product. Identity is one (`identitiesPerWindow`), and whether a batch's checksum is compared is up to whoever reads. */
export const editsOf: Readonly<Record<LeftOut, readonly Edit[]>> = {
  nothing: [],
  identity: [],
  checksum: [],
  // Names of operations are read, but not looked up: there is one.
  operations: [
    {
      what: 'lookup of names',
      from: /\blookup: table\.lookup\b/,
      to: "lookup: field !== 'operation' ? table.lookup : () => table.size() - 1",
    },
  ],
  ledger: [
    {
      what: 'counts of the ledger',
      from: /^( *)(state\.)?counts\.(events|aggregated|duplicate|late) ?\+[+=].*$/gm,
      to: '$1;',
    },
  ],
  evidence: [
    ...['addIdentity', 'addIdentityWords', 'openBatchMix', 'addBatchEvents', 'countRecord'].map(
      emptied,
    ),
  ],
}

/** Where the fold is. */
export const sourcesOfFold = /\/libs\/(aggregation|wire)\/src\/[a-z0-9-]+\.ts$/
