import { NetworkError, ResponseError } from '@platformatic/kafka'
import { StatefunError } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { classifyError } from './classify-error.ts'
import { SessionError } from './transaction-session.ts'

const refusal = (...codes: readonly number[]) =>
  new ResponseError(24, 3, Object.fromEntries(codes.map((code, i) => [`/${i}`, [code, null]])), {})

describe('an error in a transaction', () => {
  it.each([
    ['CONCURRENT_TRANSACTIONS', 51, 'retry'],
    ['COORDINATOR_LOAD_IN_PROGRESS', 14, 'retry'],
    ['NOT_COORDINATOR', 16, 'retry'],
    ['UNSTABLE_OFFSET_COMMIT', 88, 'retry'],
    ['INVALID_PRODUCER_EPOCH', 47, 'fenced'],
    ['PRODUCER_FENCED', 90, 'fenced'],
    ['INVALID_TXN_STATE', 48, 'broken'],
    ['OUT_OF_ORDER_SEQUENCE_NUMBER', 45, 'broken'],
    ['UNKNOWN_SERVER_ERROR', -1, 'broken'],
  ])('%s', (name, code, trouble) => {
    const error = classifyError(refusal(code), 'a/b', 'somewhere')
    expect(error).toBeInstanceOf(SessionError)
    expect(error).toMatchObject({ trouble, message: `${name} (somewhere)` })
  })

  it('a lost connection leaves everything open', () => {
    const error = classifyError(new NetworkError('Connection closed'), 'a/b', 'somewhere')
    expect(error).toMatchObject({ trouble: 'broken', message: 'Connection closed' })
  })

  it('of several partitions, those not attempted say nothing', () => {
    expect(classifyError(refusal(55, 51, 55), 'a/b', 'somewhere')).toMatchObject({ trouble: 'retry' })
    expect(classifyError(refusal(55, 29), 'a/b', 'topic [t]')).toMatchObject({
      code: 'SF_KAFKA_NOT_AUTHORIZED',
      message: 'egress a/b was refused: TOPIC_AUTHORIZATION_FAILED',
      where: 'topic [t]',
    })
  })

  it('what no repetition mends ends the publication', () => {
    const error = classifyError(refusal(12), 'a/b', 'somewhere')
    expect(error).toBeInstanceOf(StatefunError)
    expect(error).toMatchObject({ code: 'SF_KAFKA_PUBLISH_FAILED' })
  })
})
