import { expect, it } from 'vitest'
import type { Workspace } from '../workspace.ts'
import { checkInstallScripts, type LockFile } from './install-scripts.ts'

const SDK: Workspace = { folder: 'packages/sdk', manifest: { name: '@statefun/sdk', version: '1' } }

function check(packages: LockFile['packages']): readonly string[] {
  return checkInstallScripts({ packages }, [SDK]).findings.map(({ message }) => message)
}

it('follows dependencies through other workspaces and names the chain', () => {
  const chain = check({
    'packages/sdk': { dependencies: { '@statefun/protocol': '1' } },
    'node_modules/@statefun/protocol': { link: true, resolved: 'packages/protocol' },
    'packages/protocol': { dependencies: { fast: '1' } },
    'node_modules/fast': { optionalDependencies: { native: '1' } },
    'node_modules/native': { hasInstallScript: true },
  })
  expect(chain).toEqual([
    '@statefun/sdk -> @statefun/protocol -> fast -> native runs a script when it is installed',
  ])
})

it('takes the version that Node would load, nested before hoisted', () => {
  const nested = {
    'packages/sdk': { dependencies: { a: '1' } },
    'node_modules/a': { dependencies: { b: '2' } },
    'node_modules/b': { hasInstallScript: true },
  }
  expect(check(nested)).toHaveLength(1)
  expect(check({ ...nested, 'node_modules/a/node_modules/b': {} })).toEqual([])
})

it('does not mind scripts of development tools', () => {
  expect(check({ 'packages/sdk': {}, 'node_modules/esbuild': { hasInstallScript: true } })).toEqual([])
})

it('survives dependencies in a circle and optional ones that are not there', () => {
  const packages = {
    'packages/sdk': { dependencies: { a: '1' } },
    'node_modules/a': { dependencies: { b: '1' }, optionalDependencies: { 'only-windows': '1' } },
    'node_modules/b': { peerDependencies: { a: '1' } },
  }
  expect(check(packages)).toEqual([])
})
