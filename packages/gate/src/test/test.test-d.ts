import { types } from '@statefun/protocol'
import { expectTypeOf, test as plain } from 'vitest'
import { type App, test } from './index.ts'

plain('fixtures have the types of what they give', () => {
  test('example', { meta: { needs: ['read-state'] } }, async ({ app, engine, kafka }) => {
    expectTypeOf(app).toEqualTypeOf<App>()
    expectTypeOf(engine.name).toEqualTypeOf<'embedded' | 'flink'>()
    expectTypeOf(await app.state('a/b', 'id', 'total', types.long)).toEqualTypeOf<bigint | undefined>()
    expectTypeOf((await kafka.read('t')).value).toEqualTypeOf<Uint8Array | null>()
    expectTypeOf((await kafka.read('t', { as: types.string })).value).toBeString()
    expectTypeOf((await kafka.read('t', { as: types.int, count: 2 }))[0]?.value).toEqualTypeOf<
      number | undefined
    >()
  })

  test('misuse', async ({ kafka, kinesis, faults, engine }) => {
    // @ts-expect-error a value of the type
    await kafka.send('t', { as: types.long, value: 5 })
    // @ts-expect-error neither text nor bytes, and no type
    await kafka.send('t', { value: 5 })
    // @ts-expect-error every record of a stream has a partition key
    await kinesis.send('s', { data: 'x' })
    // @ts-expect-error no part is called so
    await faults.kill('brocker')
    // @ts-expect-error no capability is called so
    engine.has('headers')
  })

  // @ts-expect-error no capability is called so
  test('needs', { meta: { needs: ['headers'] } }, () => undefined)
})
