import { jsonType, types } from '@statefun/protocol'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { defineFunction } from './define-function.ts'
import { createTestKit } from './testing/index.ts'

type Step =
  | { readonly kind: 'set'; readonly to: number }
  | { readonly kind: 'remove' }
  | { readonly kind: 'push'; readonly item: number }
  | { readonly kind: 'replace'; readonly items: number[] }
  | { readonly kind: 'read' }
  | { readonly kind: 'fail' }

const Steps = jsonType<Step>('example/step')

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('set' as const), to: fc.integer() }),
  fc.record({ kind: fc.constant('remove' as const) }),
  fc.record({ kind: fc.constant('push' as const), item: fc.nat(9) }),
  fc.record({ kind: fc.constant('replace' as const), items: fc.array(fc.nat(9), { maxLength: 3 }) }),
  fc.record({ kind: fc.constant('read' as const) }),
  fc.record({ kind: fc.constant('fail' as const) }),
)

interface Model {
  total?: number | undefined
  list?: number[] | undefined
}

function apply(state: Model, given: Step): void {
  if (given.kind === 'set') state.total = given.to
  if (given.kind === 'remove') state.total = undefined
  if (given.kind === 'push') state.list?.push(given.item)
  if (given.kind === 'replace') state.list = [...given.items]
  if (given.kind === 'fail') throw new Error('asked to fail')
}

it('state behaves like a plain object, batch by batch, and failed batches leave no trace', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(1), fc.array(step, { minLength: 1, maxLength: 6 })), { maxLength: 8 }),
      fc.boolean(),
      async (batches, asynchronous) => {
        const fn = defineFunction({
          type: 'example/model',
          state: { total: types.int, list: jsonType<number[]>('example/list') },
          accepts: [Steps],
          handle(ctx, given) {
            if (asynchronous) return Promise.resolve().then(() => apply(ctx.state, given))
            apply(ctx.state, given)
            return undefined
          },
        })
        const kit = createTestKit([fn])
        const models: Model[] = [{}, {}]
        for (const [id, steps] of batches) {
          const attempt = structuredClone(models[id]!)
          let failed = false
          try {
            for (const given of steps) apply(attempt, given)
          } catch {
            failed = true
          }
          const outcome = await kit.invokeBatch(fn, String(id), steps).then(
            () => false,
            () => true,
          )
          expect(outcome).toBe(failed)
          if (!failed) models[id] = attempt
          const { total, list } = kit.state(fn, String(id))
          expect({ total, list }).toEqual({ total: models[id]?.total, list: models[id]?.list })
        }
      },
    ),
    { numRuns: 200 },
  )
})
