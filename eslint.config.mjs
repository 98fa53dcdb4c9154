import eslint from '@eslint/js'
import { createProjectGraphAsync } from '@nx/devkit'
import nx from '@nx/eslint-plugin'
import { defineConfig } from 'eslint/config'
import prettier from 'eslint-config-prettier'
import tseslint from 'typescript-eslint'

// The boundary rule reads Nx's cached graph and skips itself, silently, when there is none.
process.env.NX_DAEMON = 'false'
await createProjectGraphAsync()

/** Who may import whom: the table in ARCHITECTURE.md. Absent from this list means: anything below test/. */
const imports = {
  model: [],
  wire: ['model'],
  histogram: ['model'],
  aggregation: ['model', 'wire', 'histogram'],
  evaluation: ['model', 'histogram'],
  traffic: ['model'],
  scoring: ['model', 'evaluation'],
  log: ['model'],
  'log-embedded': ['model', 'wire', 'log'],
  'log-kafka': ['model', 'wire', 'log'],
  engine: ['model', 'log'],
  codec: ['model', 'wire', 'schemas'],
  store: ['model'],
  client: ['model', 'codec', 'log'],
  runtime: ['model'],
  configuration: ['model', 'histogram', 'evaluation'],
  schemas: [],
}

/** The pure core, and the packages each part of it may use. */
const core = {
  model: [],
  wire: [],
  histogram: ['hdr-histogram-js'],
  aggregation: [],
  evaluation: [],
  traffic: [],
  scoring: [],
}

const libs = Object.keys(imports)
const everyLib = [...libs, 'assembly']
const apps = ['aggregator', 'evaluator', 'reporter', 'sink', 'simulator']
const coreSources = Object.keys(core).map((name) => `libs/${name}/src/**/*.ts`)
/** Tests, and what several of them draw at random. */
const testSources = ['**/*.test.ts', '**/src/testing/random-*.ts', 'test/**/*.ts']

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Export by name: one thing, one word.',
}
const noStarExport = {
  selector: 'ExportAllDeclaration',
  message: 'List each export by name, types apart from values.',
}

export default defineConfig(
  {
    ignores: [
      '**/node_modules',
      '**/dist',
      '**/out-tsc',
      '**/coverage',
      '.nx',
      '.tidemark',
      '.broker',
    ],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-definitions': ['error', 'type'],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allow: [] },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', noDefaultExport, noStarExport],
      // Typed arrays read as `number | undefined` here, so numeric code needs `!` and comparisons
      // which these rules would call superfluous.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      // An index signature may name its key; `as T` may say more than `!`.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      // A port's methods are async because some adapter waits, not because each one does.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    plugins: { '@nx': nx },
    rules: { '@nx/enforce-module-boundaries': ['error', boundaries({ inTests: false })] },
  },
  {
    files: coreSources,
    ignores: testSources,
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^node:', message: 'The core is pure: no Node modules.' }] },
      ],
      'no-restricted-globals': ['error', ...impureGlobals()],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'The core reads time from records.' },
        { object: 'Math', property: 'random', message: 'The core takes its randomness as a seed.' },
      ],
      'no-restricted-syntax': [
        'error',
        noDefaultExport,
        noStarExport,
        {
          selector: "NewExpression[callee.name='Date'][arguments.length=0]",
          message: 'The core reads time from records.',
        },
        {
          selector: "CallExpression[callee.name='Date']",
          message: 'The core reads time from records.',
        },
        {
          selector: 'ImportExpression[source.value=/^node:/]',
          message: 'The core is pure: no Node modules.',
        },
      ],
    },
  },
  {
    files: testSources,
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries({ inTests: true })],
      // Tests hold what reference implementations without types return.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/restrict-plus-operands': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: {
      globals: Object.fromEntries(nodeGlobals().map((name) => [name, 'readonly'])),
    },
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  // Tools that read a configuration file want its default export.
  {
    files: ['*.config.mjs'],
    rules: { 'no-restricted-syntax': ['error', noStarExport] },
  },
  prettier,
)

/** Tests keep to the same layers, but may use any package (fast-check, a reference implementation). */
function boundaries({ inTests }) {
  return {
    allow: [],
    banTransitiveDependencies: !inTests,
    enforceBuildableLibDependency: false,
    depConstraints: [
      ...libs.map((name) => ({
        sourceTag: `project:${name}`,
        onlyDependOnLibsWithTags: tagsOf(imports[name]),
        ...(core[name] !== undefined && !inTests ? { allowedExternalImports: core[name] } : {}),
      })),
      { sourceTag: 'project:assembly', onlyDependOnLibsWithTags: tagsOf(libs) },
      ...apps.map((name) => ({
        sourceTag: `project:${name}`,
        onlyDependOnLibsWithTags: tagsOf(everyLib),
      })),
      { sourceTag: 'project:cli', onlyDependOnLibsWithTags: tagsOf([...everyLib, ...apps]) },
      { sourceTag: 'layer:test', onlyDependOnLibsWithTags: ['*'] },
    ],
  }
}

function tagsOf(names) {
  return names.map((name) => `project:${name}`)
}

function nodeGlobals() {
  return [
    'process',
    'console',
    'module',
    'require',
    'URL',
    '__dirname',
    'setTimeout',
    'clearTimeout',
  ]
}

function impureGlobals() {
  const names = [
    'process',
    'console',
    'setTimeout',
    'setInterval',
    'setImmediate',
    'queueMicrotask',
    'performance',
    'crypto',
    'fetch',
    'Buffer',
    'require',
    'globalThis',
  ]
  return names.map((name) => ({ name, message: 'The core is pure: data in, data out.' }))
}
