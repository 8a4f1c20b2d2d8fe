import { create } from '@bufbuild/protobuf'
import { type Timestamp, TimestampSchema } from '@bufbuild/protobuf/wkt'
import { expect, expectTypeOf, it } from 'vitest'
import { defineFunction } from './define-function.ts'
import { protobufType } from './protobuf.ts'
import { testFunction } from './testing/index.ts'

const At = protobufType(TimestampSchema, 'example/at')

it('protobuf-es messages are accepted, kept as state and changed in place', async () => {
  const clock = defineFunction({
    type: 'example/clock',
    state: { last: At },
    accepts: [At],
    handle(ctx, at) {
      expectTypeOf(at).toEqualTypeOf<Timestamp>()
      const { last } = ctx.state
      if (last === undefined) ctx.state.last = at
      else last.seconds += at.seconds
    },
  })
  const test = testFunction(clock)
  await test.invoke(create(TimestampSchema, { seconds: 2n }))
  await test.invoke(create(TimestampSchema, { seconds: 3n }))
  expect(test.state.last?.seconds).toBe(5n)
})
