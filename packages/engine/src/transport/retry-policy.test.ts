import { describe, expect, it } from 'vitest'
import { type AttemptFailure, attemptTimeoutMs, decideRetry, type TransportType } from './retry-policy.ts'

const IO: AttemptFailure = { kind: 'io' }
const retryAfter = (afterMs: number) => ({ action: 'retry', afterMs })

/** Delays of a call whose attempts fail at once, in virtual time, until it is given up. */
function delaysOf(type: TransportType, failure: AttemptFailure, budgetMs: number): number[] {
  const delays: number[] = []
  let elapsedMs = 0
  for (let attempts = 1; ; attempts++) {
    const decision = decideRetry(type, failure, attempts, elapsedMs, budgetMs)
    if (decision.action === 'give-up') return delays
    delays.push(decision.afterMs)
    elapsedMs += decision.afterMs
  }
}

describe('async', () => {
  it('backs off 4, 8, 16 ms and so on, capped by the budget', () => {
    expect(delaysOf('async', IO, 100)).toEqual([4, 8, 16, 32, 40])
  })

  it('stops when 1 ms or less remains', () => {
    expect(decideRetry('async', IO, 1, 98.9, 100)).toEqual({ action: 'retry', afterMs: expect.closeTo(1.1) })
    expect(decideRetry('async', IO, 1, 99, 100)).toEqual({ action: 'give-up', reason: 'budget-exhausted' })
  })

  it.each([
    { kind: 'status', status: 400 },
    { kind: 'status', status: 404 },
    { kind: 'status', status: 302 },
    { kind: 'status', status: 500 },
    { kind: 'response' },
    { kind: 'handler' },
    { kind: 'io' },
  ] as const)('retries $kind $status', (failure) => {
    expect(decideRetry('async', failure, 1, 0, 100)).toEqual(retryAfter(4))
  })

  it('stays finite after very many attempts', () => {
    expect(decideRetry('async', IO, 5000, 0, 120_000)).toEqual(retryAfter(120_000))
  })

  it('gives the last attempt 7 to 13 ms', () => {
    expect(attemptTimeoutMs('async', 0, 0)).toBe(7)
    expect(attemptTimeoutMs('async', 0, 0.999999)).toBeCloseTo(13)
    expect(attemptTimeoutMs('async', 500, 0.5)).toBe(500)
  })
})

describe('okhttp', () => {
  it('backs off 10, 20, 40 ms and so on, capped by the budget', () => {
    expect(delaysOf('okhttp', IO, 100)).toEqual([10, 20, 40, 30])
  })

  it.each([408, 409, 420, 429, 499, 500, 503, 599])('retries status %i', (status) => {
    expect(decideRetry('okhttp', { kind: 'status', status }, 1, 0, 100)).toEqual(retryAfter(10))
  })

  it.each([300, 304, 400, 401, 404, 410, 428, 498])('refuses status %i', (status) => {
    expect(decideRetry('okhttp', { kind: 'status', status }, 1, 0, 100)).toEqual({
      action: 'give-up',
      reason: 'refused',
    })
  })

  it('refuses a wrong content type or body', () => {
    expect(decideRetry('okhttp', { kind: 'response' }, 1, 0, 100)).toEqual({
      action: 'give-up',
      reason: 'refused',
    })
  })

  it('gives up when nothing of the budget is left', () => {
    expect(decideRetry('okhttp', IO, 3, 100, 100)).toEqual({ action: 'give-up', reason: 'budget-exhausted' })
    expect(attemptTimeoutMs('okhttp', -3, 0.5)).toBe(0)
  })
})
