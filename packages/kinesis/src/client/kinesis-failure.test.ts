import { expect, it } from 'vitest'
import { isThrottling, problemOf, refusalOf, showProblem } from './kinesis-failure.ts'

const call = { operation: 'PutRecords', owner: 'egress a/b', stream: 'orders' }

function failure(name: string, status?: number, message = 'no') {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } })
}

it.each([
  ['ResourceNotFoundException', 400, 'SF_KINESIS_NO_STREAM'],
  ['AccessDeniedException', 400, 'SF_KINESIS_REFUSED'],
  ['KMSAccessDeniedException', 400, 'SF_KINESIS_REFUSED'],
  ['ValidationException', 400, 'SF_KINESIS_REFUSED'],
  ['SignatureDoesNotMatch', 403, 'SF_KINESIS_REFUSED'],
  ['CredentialsProviderError', undefined, 'SF_KINESIS_CREDENTIALS'],
])('no repetition mends %s', (name, status, code) => {
  const error = refusalOf(problemOf(failure(name, status)), call, false)
  expect(error).toMatchObject({ code, where: 'stream [orders]' })
})

it.each([
  ['ProvisionedThroughputExceededException', 400],
  ['LimitExceededException', 400],
  ['KMSThrottlingException', 400],
  ['ExpiredTokenException', 400],
  ['ResourceInUseException', 400],
  ['InternalFailure', 500],
  ['TimeoutError', undefined],
])('%s may pass', (name, status) => {
  expect(refusalOf(problemOf(failure(name, status)), call, true)).toBeUndefined()
})

it.each([
  [
    'InvalidArgumentException',
    'The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: 1612801873966, currentTimestampInMillis: 1612801873011',
  ],
  [
    'InvalidSignatureException',
    'Signature expired: 20261124T160000Z is now earlier than 20261124T160500Z (20261124T161000Z - 5 min.)',
  ],
  [
    'InvalidSignatureException',
    'Signature not yet current: 20261124T161000Z is still later than 20261124T160500Z (20261124T160000Z + 5 min.)',
  ],
])('a clock that is off is no reason to give up: %s', (name, message) => {
  expect(refusalOf(problemOf(failure(name, 400, message)), call, false)).toBeUndefined()
})

it('takes credentials that were good for renewable', () => {
  expect(refusalOf(problemOf(failure('CredentialsProviderError')), call, true)).toBeUndefined()
})

it('knows an unknown region', () => {
  const error = refusalOf(problemOf(new Error('Region is missing')), call, false)
  expect(error).toMatchObject({ code: 'SF_KINESIS_REGION' })
})

it('tells throttling from other failures', () => {
  expect(isThrottling({ name: 'ProvisionedThroughputExceededException', status: 400 })).toBe(true)
  expect(isThrottling({ name: 'Whatever', status: 429 })).toBe(true)
  expect(isThrottling({ name: 'InternalFailure', status: 500 })).toBe(false)
})

it('shows a network failure by its code', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' })
  expect(showProblem(problemOf(refused))).toBe('connect ECONNREFUSED 127.0.0.1:1')
  const several = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
  expect(showProblem(problemOf(several))).toBe('ECONNREFUSED')
})
