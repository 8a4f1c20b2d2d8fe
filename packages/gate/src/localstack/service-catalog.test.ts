import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { serviceCatalog } from './service-catalog.ts'

const folder = mkdtempSync(join(tmpdir(), 'statefun-service-catalog-'))
afterAll(() => rmSync(folder, { recursive: true }))

const NAME = 'service-catalog-4_1_1-1_36_11.pickle'
const placeIn = (root: string) => join(folder, root, 'var/lib/localstack/cache', NAME)

test('what the first one has made is where a later one with the same packages looks', async () => {
  const of = (packages: string, root: string) =>
    serviceCatalog(join(folder, 'cache'), join('packages', packages), join(folder, root))

  await of('a', 'first').place()
  expect(existsSync(placeIn('first'))).toBe(false)
  mkdirSync(join(placeIn('first'), '..'), { recursive: true })
  writeFileSync(placeIn('first'), 'index')
  writeFileSync(join(placeIn('first'), '..', 'server.test.pem'), 'key of the first')
  await of('a', 'first').keep()

  await of('a', 'second').place()
  expect(readFileSync(placeIn('second'), 'utf8')).toBe('index')
  expect(readdirSync(join(placeIn('second'), '..'))).toEqual([NAME])

  await of('b', 'third').place()
  expect(existsSync(placeIn('third'))).toBe(false)
})
