import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'

/** Prints the files of the client library that are loaded with this package. */
const SCRIPT = `
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({
  load(url, context, next) {
    const file = url.split('/@platformatic/kafka/dist/')[1]
    if (file !== undefined) loaded.push(file)
    return next(url, context)
  },
})
await import(process.argv[1])
console.log(JSON.stringify(loaded))
`

it('loads the parts of the library that an engine uses, and no others', () => {
  const entry = join(import.meta.dirname, '../index.ts')
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', SCRIPT, entry], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  const loaded: string[] = JSON.parse(stdout)
  expect(loaded).toContain('protocol/writer.js')
  expect(loaded.filter((file) => /^(clients|registries|network)\//.test(file))).toEqual([])
  expect(loaded.length).toBeLessThan(40)
})
