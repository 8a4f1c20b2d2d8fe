import { StatefunError } from '@statefun/protocol'

/** The refusal of a body over the limit, answered with 413. */
export function bodyTooLarge(limit: number): StatefunError {
  return new StatefunError('SF_SDK_BODY_TOO_LARGE', `the request is longer than ${limit} bytes`, {
    hint: 'raise bodyLimit, or lower maxNumBatchRequests of the endpoint',
  })
}
