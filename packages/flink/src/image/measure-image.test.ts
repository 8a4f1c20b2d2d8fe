import { writeFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { ContainerEngine } from '../container/container-engine.ts'
import { imagePullSize, startFunctionImage } from './measure-image.ts'

const LAYERS = Buffer.from('node and functions '.repeat(1000))
const STARTED = '2026-11-24T12:00:00.000Z'

/** An engine with one image, whose server says in its second log that it serves; it is the process of this test. */
function engineWith(pid: number) {
  const commands: string[] = []
  const engine: ContainerEngine = {
    name: 'docker',
    async run(args, { onLine } = {}) {
      const command = args.join(' ')
      commands.push(command)
      if (args[0] === 'save') writeFileSync(args[2] ?? '', LAYERS)
      if (args[0] === 'run') return 'c1\n'
      if (args[0] === 'logs' && commands.filter((each) => each === command).length === 2)
        onLine?.('{"time":"2026-11-24T12:00:00.150Z","message":"serving functions"}')
      return args[0] === 'inspect' ? `${pid} ${STARTED}\n` : ''
    },
  }
  return { engine, commands }
}

test('what is pulled is all layers, compressed', async () => {
  const { engine } = engineWith(process.pid)
  expect(await imagePullSize(engine, 'a:1')).toBe(gzipSync(LAYERS).length)
})

test('a start ends when the server serves, and its container goes', async () => {
  const { engine, commands } = engineWith(process.pid)
  const { ready, cpu, memory } = await startFunctionImage(engine, 'a:1')
  expect(ready).toBe(150)
  if (process.platform === 'linux') {
    expect(cpu).toBeGreaterThan(0)
    expect(memory?.own).toBeGreaterThan(1e6)
  }
  expect(commands[0]).toBe('run --detach --read-only --cap-drop ALL a:1')
  expect(commands.at(-1)).toBe('rm --force c1')
})

test('an engine on another machine tells no CPU and memory', async () => {
  expect(await startFunctionImage(engineWith(2 ** 30).engine, 'a:1')).toEqual({ ready: 150 })
})
