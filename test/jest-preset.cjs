/** Packages that ship ES modules only; everything else in node_modules runs as it is. */
const esmOnly = ['commander']

module.exports = {
  testEnvironment: 'node',
  testMatch: ['**/src/**/*.test.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  // Workspace packages are links; Jest sees their real path, outside node_modules, and transforms them.
  transformIgnorePatterns: [`/node_modules/(?!(?:${esmOnly.join('|')})/)`],
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2024' },
        sourceMaps: 'inline',
        swcrc: false,
      },
    ],
  },
}
