import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isLeftBehind, markCluster, unmarkCluster } from './cluster-mark.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statefun-mark-'))
  vi.stubEnv('STATEFUN_CACHE', folder)
})
afterEach(() => {
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

test('a cluster is left behind when the process that made it is gone', () => {
  expect(isLeftBehind('one')).toBe(false)
  markCluster('one')
  expect(isLeftBehind('one')).toBe(false)
  const { pid } = spawnSync(process.execPath, ['--version'])
  markCluster('one', pid)
  expect([isLeftBehind('one'), isLeftBehind('other')]).toEqual([true, false])
  unmarkCluster('one')
  expect(isLeftBehind('one')).toBe(false)
})
