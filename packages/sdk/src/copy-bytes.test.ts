import { bytesType } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { copyBytes } from './copy-bytes.ts'
import { defineFunction, kafkaEgress } from './index.ts'
import { createTestKit } from './testing/index.ts'

describe('copyBytes', () => {
  it.each([0, 1, 64, 65, 2048, 2049, 20_000])(
    'copies %i bytes of a Buffer, whose slice() is a view',
    (length) => {
      const bytes = Buffer.alloc(length, 7)
      const copies = [copyBytes(bytes), copyBytes(bytes)]
      bytes.fill(0)
      copies[0]!.fill(1)
      expect(copies[1]).toEqual(new Uint8Array(length).fill(7))
      expect(copies[1]).not.toBeInstanceOf(Buffer)
    },
  )

  it('gives each copy a place of its own, over many blocks', () => {
    const copies = Array.from({ length: 500 }, (_, i) => copyBytes(new Uint8Array(100).fill(i % 251)))
    for (const [i, copy] of copies.entries()) expect(copy.every((byte) => byte === i % 251)).toBe(true)
  })
})

it('keeps what was sent, emitted or stored apart from a Buffer that the handler goes on using', async () => {
  const RAW = bytesType('test/raw')
  const out = kafkaEgress('test/out', { topic: 't' })
  const other = defineFunction({ type: 'test/other', accepts: [RAW], handle() {} })
  const scratch = Buffer.alloc(100)
  const fn = defineFunction({
    type: 'test/fn',
    state: { kept: RAW },
    accepts: [RAW],
    handle(ctx, bytes) {
      scratch.fill(bytes[0]!)
      ctx.send(other, 'x', scratch, { headers: { h: scratch } })
      ctx.emit(out, { value: scratch, headers: { h: scratch } })
      ctx.state.kept = scratch
    },
  })
  const kit = createTestKit([fn, other])
  const effects = await kit.invoke(fn, 'a', new Uint8Array([7]))
  scratch.fill(0)
  const expected = new Uint8Array(100).fill(7)
  expect(new Uint8Array(effects.sends[0]!.as(RAW))).toEqual(expected)
  expect(effects.sends[0]!.headers.first('h')?.value).toEqual(expected)
  expect(effects.egress[0]!.headers.first('h')?.value).toEqual(expected)
  expect(kit.state(fn, 'a').kept).toEqual(expected)
})
