/** A regular expression that is matched in time linear in the text, whatever the expression. */
export type Pattern = {
  readonly matches: (text: string) => boolean
  /** Of its program: time is that times the length of the text, memory that alone. */
  readonly instructions: number
}

/** An expression that is none, or one that this syntax leaves out; the message says what and where. */
export class PatternError extends Error {
  readonly code = 'pattern'
  readonly retriable = false
}

/** Larger ones are refused. */
export const instructionsMax = 10_000
const repeatMax = 1000
/** Of groups within groups, which are read by a function that calls itself. */
const depthMax = 100

/**
 * The whole text against an expression in the syntax of RE2, as Alertmanager's matchers take it: literals, `.`, classes, groups, `|`, `*`,
 * `+`, `?`, `{m,n}`, `\d \w \s` and their opposites, `(?i)` in front. No back references and no look-around: these are what makes others
 * slow. PatternError where it is none.
 */
export const patternOf = (source: string): Pattern => {
  const ignoreCase = source.startsWith('(?i)')
  const characters = Array.from(source)
  const reading: Reading = { characters, at: ignoreCase ? 4 : 0, ignoreCase, depth: 0 }
  const node = alternation(reading)
  if (reading.at < characters.length) throw wrong(reading, 'a ) without its (')
  const program: Instruction[] = []
  compile(node, program)
  push(program, { kind: 'match' })
  return {
    matches: (text) => run(program, ignoreCase ? text.toLowerCase() : text),
    instructions: program.length,
  }
}

type Reading = {
  readonly characters: readonly string[]
  at: number
  readonly ignoreCase: boolean
  /** Groups that are open. */
  depth: number
}

type Node =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'sequence' | 'either'; readonly nodes: readonly Node[] }
  | { readonly kind: 'repeat'; readonly node: Node; readonly min: number; readonly max: number }

/** Ranges of code points, ends included. */
type CharacterSet = { readonly ranges: readonly Range[]; readonly negated: boolean }
type Range = readonly [first: number, last: number]

const alternation = (reading: Reading): Node => {
  const nodes = [sequence(reading)]
  while (reading.characters[reading.at] === '|') {
    reading.at++
    nodes.push(sequence(reading))
  }
  return nodes.length === 1 ? nodes[0]! : { kind: 'either', nodes }
}

const sequence = (reading: Reading): Node => {
  const nodes: Node[] = []
  for (;;) {
    const character = reading.characters[reading.at]
    if (character === undefined || character === '|' || character === ')') break
    // The whole text is matched anyway.
    const isAnchor =
      (character === '^' && reading.at === 0) ||
      (character === '$' && reading.at === reading.characters.length - 1)
    if (isAnchor) reading.at++
    else nodes.push(repeated(reading, atom(reading)))
  }
  return { kind: 'sequence', nodes }
}

const atom = (reading: Reading): Node => {
  const character = reading.characters[reading.at++]!
  switch (character) {
    case '(':
      return group(reading)
    case '[':
      return { kind: 'set', set: bracket(reading) }
    case '.':
      return { kind: 'set', set: { ranges: [[10, 10]], negated: true } }
    case '\\':
      return { kind: 'set', set: escape(reading) }
    case '*':
    case '+':
    case '?':
    case '{':
      throw wrong(reading, `nothing in front of ${character}`)
    case '^':
    case '$':
      throw wrong(reading, `${character} in the middle`)
    default:
      return { kind: 'set', set: single(reading, character) }
  }
}

const group = (reading: Reading): Node => {
  if (reading.characters[reading.at] === '?') {
    if (reading.characters[reading.at + 1] !== ':')
      throw wrong(reading, 'a group of a kind other than ( or (?:')
    reading.at += 2
  }
  if (++reading.depth > depthMax) throw wrong(reading, `more than ${depthMax} groups in each other`)
  const node = alternation(reading)
  if (reading.characters[reading.at] !== ')') throw wrong(reading, 'a ( without its )')
  reading.at++
  reading.depth--
  return node
}

const repeated = (reading: Reading, node: Node): Node => {
  const { characters } = reading
  const limits = repeatLimits(reading)
  if (limits === null) return node
  // Whether it takes as much or as little as it can makes no difference to whether the whole matches.
  if (characters[reading.at] === '?') reading.at++
  if (repeatStarts.has(characters[reading.at] ?? '')) throw wrong(reading, 'a repeat of a repeat')
  return { kind: 'repeat', node, ...limits }
}

const repeatStarts: ReadonlySet<string> = new Set(['*', '+', '?', '{'])

const repeatLimits = (reading: Reading): { min: number; max: number } | null => {
  const { characters } = reading
  switch (characters[reading.at]) {
    case '*':
      reading.at++
      return { min: 0, max: Number.POSITIVE_INFINITY }
    case '+':
      reading.at++
      return { min: 1, max: Number.POSITIVE_INFINITY }
    case '?':
      reading.at++
      return { min: 0, max: 1 }
    case '{': {
      const text = characters.slice(reading.at).join('')
      const found = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(text)
      if (found === null) throw wrong(reading, 'a { that is no repeat {m,n}')
      const min = Number(found[1])
      const max =
        found[2] === undefined ? min : found[3] === '' ? Number.POSITIVE_INFINITY : Number(found[3])
      if (min > repeatMax || (max !== Number.POSITIVE_INFINITY && max > repeatMax) || max < min)
        throw wrong(reading, `${found[0]} is not a repeat of 0 to ${repeatMax}, in order`)
      reading.at += found[0].length
      return { min, max }
    }
    default:
      return null
  }
}

const bracket = (reading: Reading): CharacterSet => {
  const { characters } = reading
  const negated = characters[reading.at] === '^'
  if (negated) reading.at++
  const ranges: Range[] = []
  for (let first = true; characters[reading.at] !== ']' || first; first = false) {
    const from = bracketPart(reading)
    const isRange = characters[reading.at] === '-' && (characters[reading.at + 1] ?? ']') !== ']'
    if (!isRange) {
      ranges.push(...from)
      continue
    }
    reading.at++
    const to = bracketPart(reading)
    const [start, end] = [from[0]![0], to[0]![1]]
    if (from.length > 1 || to.length > 1 || from[0]![0] !== from[0]![1] || start > end)
      throw wrong(reading, 'a range that does not ascend')
    ranges.push([start, end])
  }
  reading.at++
  return { ranges: reading.ignoreCase ? ranges.flatMap(lowered) : ranges, negated }
}

const bracketPart = (reading: Reading): readonly Range[] => {
  const character = reading.characters[reading.at++]
  if (character === undefined) throw wrong(reading, 'a [ without its ]')
  if (character !== '\\') return [rangeOf(character)]
  const { ranges, negated } = escape(reading)
  if (negated) throw wrong(reading, 'an opposite class within [ ]')
  return ranges
}

/** Texts are compared in lower case then; of a range that crosses cases both forms count. */
const lowered = ([first, last]: Range): readonly Range[] => {
  const upperFirst = Math.max(first, 65)
  const upperLast = Math.min(last, 90)
  return upperFirst <= upperLast
    ? [
        [first, last],
        [upperFirst + 32, upperLast + 32],
      ]
    : [[first, last]]
}

const classes: Readonly<Record<string, CharacterSet>> = {
  d: { ranges: [[48, 57]], negated: false },
  w: {
    ranges: [
      [48, 57],
      [65, 90],
      [95, 95],
      [97, 122],
    ],
    negated: false,
  },
  s: {
    ranges: [
      [9, 10],
      [12, 13],
      [32, 32],
    ],
    negated: false,
  },
}
const controls: Readonly<Record<string, string>> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v' }

const escape = (reading: Reading): CharacterSet => {
  const character = reading.characters[reading.at++]
  if (character === undefined) throw wrong(reading, 'a \\ at the end')
  const known = classes[character]
  if (known !== undefined) return known
  const opposite = classes[character.toLowerCase()]
  if (opposite !== undefined) return { ...opposite, negated: true }
  const control = controls[character]
  if (control !== undefined) return single(reading, control)
  if (/[A-Za-z0-9]/.test(character)) throw wrong(reading, `\\${character} is not known`)
  return single(reading, character)
}

const single = ({ ignoreCase }: Reading, character: string): CharacterSet => ({
  ranges: [rangeOf(ignoreCase ? character.toLowerCase() : character)],
  negated: false,
})

const rangeOf = (character: string): Range => {
  const code = character.codePointAt(0)!
  return [code, code]
}

const wrong = ({ characters, at }: Reading, what: string): PatternError =>
  new PatternError(
    `pattern ${JSON.stringify(characters.join(''))}: ${what}, at character ${at + 1}`,
  )

/** `split` goes both ways at once. */
type Instruction =
  | { readonly kind: 'set'; readonly set: CharacterSet }
  | { readonly kind: 'split'; first: number; second: number }
  | { readonly kind: 'jump'; to: number }
  | { readonly kind: 'match' }

const push = <I extends Instruction>(program: Instruction[], instruction: I): I => {
  if (program.length >= instructionsMax)
    throw new PatternError(`pattern: larger than ${instructionsMax} instructions`)
  program.push(instruction)
  return instruction
}

const compile = (node: Node, program: Instruction[]): void => {
  switch (node.kind) {
    case 'set':
      push(program, { kind: 'set', set: node.set })
      return
    case 'sequence':
      for (const each of node.nodes) compile(each, program)
      return
    case 'either':
      compileEither(node.nodes, program)
      return
    case 'repeat':
      for (let i = 0; i < node.min; i++) compile(node.node, program)
      if (node.max === Number.POSITIVE_INFINITY) compileLoop(node.node, program)
      else for (let i = node.min; i < node.max; i++) compileMaybe(node.node, program)
  }
}

const compileEither = (nodes: readonly Node[], program: Instruction[]): void => {
  const jumps = nodes.slice(0, -1).map((node) => {
    const split = push(program, { kind: 'split' as const, first: program.length + 1, second: 0 })
    compile(node, program)
    const jump = push(program, { kind: 'jump' as const, to: 0 })
    split.second = program.length
    return jump
  })
  compile(nodes.at(-1)!, program)
  for (const jump of jumps) jump.to = program.length
}

const compileLoop = (node: Node, program: Instruction[]): void => {
  const start = program.length
  const split = push(program, { kind: 'split' as const, first: start + 1, second: 0 })
  compile(node, program)
  push(program, { kind: 'jump', to: start })
  split.second = program.length
}

const compileMaybe = (node: Node, program: Instruction[]): void => {
  const split = push(program, { kind: 'split' as const, first: program.length + 1, second: 0 })
  compile(node, program)
  split.second = program.length
}

/** All states at once, one step for each character: no state is visited twice at one character. */
const run = (program: readonly Instruction[], text: string): boolean => {
  const seen = new Int32Array(program.length).fill(-1)
  let current: number[] = []
  let step = 0
  const enter = (states: number[], start: number): void => {
    const open = [start]
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      if (seen[state] === step) continue
      seen[state] = step
      const instruction = program[state]!
      if (instruction.kind === 'jump') open.push(instruction.to)
      else if (instruction.kind === 'split') open.push(instruction.second, instruction.first)
      else states.push(state)
    }
  }
  enter(current, 0)
  for (const character of text) {
    step++
    const code = character.codePointAt(0)!
    const next: number[] = []
    for (const state of current) {
      const instruction = program[state]!
      if (instruction.kind === 'set' && holds(instruction.set, code)) enter(next, state + 1)
    }
    current = next
    if (current.length === 0) return false
  }
  return current.some((state) => program[state]!.kind === 'match')
}

const holds = ({ ranges, negated }: CharacterSet, code: number): boolean =>
  ranges.some(([first, last]) => code >= first && code <= last) !== negated
