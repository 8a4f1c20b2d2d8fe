import { expect, it } from 'vitest'
import { publishedManifest } from './published-manifest.ts'

it('points exports and programs at compiled files and drops what only developers need', () => {
  const manifest = {
    name: '@statefun/cli',
    version: '0.1.0',
    type: 'module',
    exports: { '.': './src/index.ts', './testing': './src/testing/index.ts' },
    bin: { statefun: './src/main.ts' },
    files: ['templates'],
    scripts: { generate: 'buf generate' },
    dependencies: { '@statefun/engine': '0.1.0' },
    devDependencies: { zod: '4' },
    peerDependencies: { '@bufbuild/protobuf': '^2.0.0' },
  }
  expect(publishedManifest(manifest, {})).toEqual({
    name: '@statefun/cli',
    version: '0.1.0',
    type: 'module',
    dependencies: { '@statefun/engine': '0.1.0' },
    peerDependencies: { '@bufbuild/protobuf': '^2.0.0' },
    exports: {
      '.': { types: './lib/index.d.ts', default: './lib/index.js' },
      './testing': { types: './lib/testing/index.d.ts', default: './lib/testing/index.js' },
      './package.json': './package.json',
    },
    bin: { statefun: 'lib/main.js' },
  })
})

it('names the repository that a workflow publishes from', () => {
  const environment = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'Owner/name' }
  expect(publishedManifest({ name: 'a', version: '1' }, environment)).toMatchObject({
    repository: { type: 'git', url: 'git+https://github.com/Owner/name.git' },
  })
})

it.each(['./dist/index.js', './src/index.js', 'src/index.ts'])('refuses %s as an export', (source) => {
  expect(() => publishedManifest({ name: 'a', version: '1', exports: { '.': source } })).toThrow(
    `a: "${source}"`,
  )
})
