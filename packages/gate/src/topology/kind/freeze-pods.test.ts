import type { ContainerEngine } from '@statefun/flink'
import { expect, test } from 'vitest'
import { signalPods } from './freeze-pods.ts'

/** An engine that remembers what it was asked for. */
function recording() {
  const commands: (readonly string[])[] = []
  const engine: ContainerEngine = {
    name: 'docker',
    async run(args) {
      commands.push(args)
      return ''
    },
  }
  return { engine, commands }
}

test('processes of pods are signalled in the node, whichever way it writes the uid', async () => {
  const { engine, commands } = recording()
  await signalPods(engine, 'one', ['ef6a-0b62', '77'], 'STOP')
  expect(commands).toHaveLength(1)
  expect(commands[0]?.slice(0, 4)).toEqual(['exec', 'one-control-plane', 'sh', '-c'])
  expect(commands[0]?.[4]).toContain("grep -lsE 'pod(ef6a[-_]0b62|77)' /proc/[0-9]*/cgroup")
  expect(commands[0]?.[4]).toContain('kill -STOP')
})

test('without pods nothing is asked for', async () => {
  const { engine, commands } = recording()
  await signalPods(engine, 'one', [], 'CONT')
  expect(commands).toEqual([])
})
