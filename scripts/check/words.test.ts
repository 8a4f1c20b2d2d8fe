import { expect, it } from 'vitest'
import { checkWords } from './words.ts'

function check(path: string, text: string): readonly string[] {
  return checkWords([{ path, text, bytes: text.length }]).findings.map(
    ({ where, rule }) => `${where} ${rule}`,
  )
}

const slash = '/'

it.each([
  ['root', `see ${slash}root/.cache`],
  ['work', `const base = '${slash}work'`],
  ['a home', `cd ${slash}home/alice/statefun`],
  ['a home on a Mac', `"${slash}Users/alice"`],
])('finds the path of a machine: %s', (_, text) => {
  expect(check('docs/a.md', `first line\n${text}\n`)).toEqual(['docs/a.md:2 machine-path'])
})

it('leaves other paths and words alone', () => {
  const text =
    'examples/work/a.ts  https://example.org/work/  /var/lib  $' +
    '{root}/work/x  /rooted  /workers/a  ./root/a'
  expect(check('a.md', text)).toEqual([])
})

it('finds packages of another registry in the lock file', () => {
  const lock = [
    '"resolved": "https://registry.npmjs.org/yaml/-/yaml-2.9.1.tgz"',
    '"resolved": "packages/sdk"',
    '"resolved": "git+ssh://git@github.com/a/b.git"',
    '"resolved": "https://npm.corp.example/yaml/-/yaml-2.9.1.tgz"',
  ].join('\n')
  expect(check('package-lock.json', lock)).toEqual([
    'package-lock.json:3 private-registry',
    'package-lock.json:4 private-registry',
  ])
})

it('finds another registry in the settings of npm', () => {
  expect(check('.npmrc', 'ignore-scripts=true\nregistry=http://10.0.0.1:4873/\n')).toEqual([
    '.npmrc:2 private-registry',
  ])
  expect(check('.npmrc', 'registry=https://registry.npmjs.org/\n# registry=elsewhere\n')).toEqual([])
})
