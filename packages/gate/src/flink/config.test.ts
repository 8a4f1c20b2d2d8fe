import { expect, test } from 'vitest'
import { DEFAULT_MEMORY, flinkSettings, jobManagerFlags, taskManagerFlags, toFlinkConf } from './config.ts'

const BASE = {
  folder: '/folder',
  module: '/folder/module.yaml',
  ports: { rpc: 20_001, rest: 20_002, blob: 20_003, taskRpc: 20_004 },
  parallelism: 2,
  checkpointIntervalMs: 1500,
  memory: DEFAULT_MEMORY,
}

test('every port is a given one, on loopback', () => {
  const settings = flinkSettings(BASE)
  const named = (pattern: RegExp) =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => pattern.test(name)))
  expect(named(/port$/)).toEqual({
    'jobmanager.rpc.port': 20_001,
    'rest.port': 20_002,
    'blob.server.port': 20_003,
    'taskmanager.rpc.port': 20_004,
  })
  expect(new Set(Object.values(named(/(host|address)$/)))).toEqual(new Set(['127.0.0.1']))
})

test('a slot for every subtask, the module, and checkpoints at the interval', () => {
  expect(flinkSettings(BASE)).toMatchObject({
    'parallelism.default': 2,
    'taskmanager.numberOfTaskSlots': 2,
    'statefun.remote.module-name': 'file:///folder/module.yaml',
    'execution.checkpointing.interval': '1500ms',
    'state.checkpoints.dir': 'file:///folder/checkpoints',
  })
})

test("the JVM's limits hold what the settings promise the job", () => {
  const memory = { jobManagerHeap: 300, taskHeap: 700, managed: 100, network: 50 }
  const settings = flinkSettings({ ...BASE, memory })
  const mib = (name: string) => Number.parseInt(String(settings[`taskmanager.memory.${name}.size`]), 10)
  expect(taskManagerFlags(memory)).toEqual(
    expect.arrayContaining([
      `-Xmx${mib('task.heap') + mib('framework.heap')}m`,
      `-XX:MaxDirectMemorySize=${mib('task.off-heap') + mib('framework.off-heap') + 50}m`,
    ]),
  )
  expect(mib('managed')).toBe(100)
  expect(jobManagerFlags(memory)).toContain('-Xmx300m')
})

test('checkpoints and savepoints go to a bucket through the plugin', () => {
  const bucket = {
    url: 's3://cp/app',
    endpoint: 'http://127.0.0.1:4566',
    credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
  }
  expect(flinkSettings({ ...BASE, bucket })).toMatchObject({
    'state.checkpoints.dir': 's3://cp/app/checkpoints',
    'state.savepoints.dir': 's3://cp/app/savepoints',
    's3.endpoint': 'http://127.0.0.1:4566',
    's3.path-style-access': true,
    's3.access-key': 'id',
    's3.secret-key': 'key',
  })
})

test("the caller's settings win", () => {
  const settings = flinkSettings({ ...BASE, overrides: { 'state.backend': 'hashmap', 'x.y': 1 } })
  expect(settings).toMatchObject({ 'state.backend': 'hashmap', 'x.y': 1 })
})

test('a value that the file cannot hold is refused by its name', () => {
  expect(toFlinkConf({ a: 1, 'b.c': 'x y', d: true })).toBe('a: 1\nb.c: x y\nd: true\n')
  for (const value of ['two\nlines', 'a #comment']) {
    expect(() => toFlinkConf({ 'some.option': value })).toThrow(
      expect.objectContaining({
        code: 'SF_GATE_FLINK_SETTING',
        message: expect.stringContaining('some.option'),
      }),
    )
  }
})
