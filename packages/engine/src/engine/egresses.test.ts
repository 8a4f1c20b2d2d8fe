import { expect, it } from 'vitest'
import { Instance } from '../core/instance.ts'
import { CoreHarness } from '../core/testing/core-harness.ts'
import { Egresses } from './egresses.ts'
import { StubSink } from './testing/job-kit.ts'

const sink = (id: string) => Object.assign(new StubSink(), { id })

it('finds sinks by both parts of their id, and names the nearest for one that is missing', () => {
  const [a, b, c] = [sink('test/out'), sink('test/dead'), sink('other/out')]
  const egresses = new Egresses([a, b, c])
  const sender = new Instance(new CoreHarness().core.types.get('test', 'fn', 'x'), 'a')
  expect(egresses.get('test', 'out', sender)).toBe(a)
  expect(egresses.get('test', 'dead', sender)).toBe(b)
  expect(egresses.get('other', 'out', sender)).toBe(c)
  expect(() => egresses.get('test', 'outt', sender)).toThrow(
    expect.objectContaining({
      code: 'SF_EGRESS_UNKNOWN',
      message: 'there is no egress test/outt',
      where: 'test/fn id [a]',
      hint: expect.stringContaining('test/out'),
    }),
  )
  expect(() => new Egresses([]).get('test', 'out', sender)).toThrow(
    expect.objectContaining({ hint: 'declare it in module.yaml' }),
  )
})
