import type { InvocableFunction } from '@statefun/protocol'
import { expect, it } from 'vitest'
import { FunctionType } from '../core/function-type.ts'
import { silentLogger } from '../logger.ts'
import { loadModule } from '../module/load-module.ts'
import { HttpPools } from '../transport/http-pools.ts'
import { InProcessTransport } from '../transport/in-process-transport.ts'
import { systemTransportClock } from '../transport/transport-clock.ts'
import { bindFunctions } from './bind-functions.ts'

const module = loadModule(
  `
kind: io.statefun.endpoints.v2/http
spec:
  functions: shop/*
  urlPathTemplate: http://127.0.0.1:1/{function.name}
  maxNumBatchRequests: 7
  failurePolicy: { type: park }
---
kind: io.statefun.endpoints.v2/http
spec:
  functions: shop/cart
  urlPathTemplate: http://127.0.0.1:2/cart
  maxNumBatchRequests: 3
---
kind: io.statefun.kafka.v1/ingress
spec:
  id: shop/in
  address: unused:9092
  consumerGroupId: shop
  topics: [{ topic: t, valueType: shop/v, targets: [shop/cart] }]
`,
  { file: 'module.yaml' },
)
const fn = (typename: string): InvocableFunction => ({
  typename,
  invoke: () => Promise.reject(new Error('not called')),
})
const settings = { maxNumBatchRequests: 1, failurePolicy: { type: 'fail' } } as const
const context = {
  pools: new HttpPools(systemTransportClock),
  observer: { attempt: () => undefined },
  logger: silentLogger,
}

it('gives functions of this process the settings of the endpoint that covers them, or the defaults', () => {
  const { bindings } = bindFunctions(module, [fn('shop/cart'), fn('shop/stock'), fn('free/fn')])
  const shown = bindings.map(({ namespace, name, settings }) => [
    `${namespace}/${name ?? '*'}`,
    settings.maxNumBatchRequests,
    settings.failurePolicy.type,
  ])
  expect(shown).toEqual([
    ['shop/cart', 3, 'fail'],
    ['shop/stock', 7, 'park'],
    ['free/fn', 1000, 'fail'],
    ['shop/*', 7, 'park'],
  ])
})

it('calls over HTTP what is not in this process', async () => {
  const { transportFor } = bindFunctions(module, [fn('shop/stock')])
  const local = transportFor(new FunctionType('shop', 'stock', settings), context)
  const remote = transportFor(new FunctionType('shop', 'cart', settings), context)
  expect(local).toBeInstanceOf(InProcessTransport)
  expect(remote).not.toBeInstanceOf(InProcessTransport)
  expect(remote.concurrency).toBeLessThan(Number.POSITIVE_INFINITY)
  await Promise.all([local.close(), remote.close()])
})

it('refuses a function that is given twice', () => {
  expect(() => bindFunctions(module, [fn('shop/cart'), fn('shop/cart')])).toThrow(
    expect.objectContaining({ code: 'SF_ENGINE_DUPLICATE_FUNCTION' }),
  )
})
