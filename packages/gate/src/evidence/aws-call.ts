import { StatefunError } from '@statefun/protocol'
import { uncheckedSignature } from '../localstack/unchecked-signature.ts'
import type { AwsAccess } from '../topology/deployment-access.ts'

/**
 * One call of LocalStack.
 *
 * @throws StatefunError `SF_GATE_EVIDENCE`
 */
export async function awsCall(
  aws: AwsAccess,
  service: 'kinesis' | 's3',
  path: string,
  request: { readonly target?: string; readonly body?: object; readonly signal: AbortSignal },
): Promise<Response> {
  const { target, body, signal } = request
  const response = await fetch(`${aws.endpoint}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: {
      authorization: uncheckedSignature(aws.credentials.accessKeyId, aws.region, service),
      ...(target === undefined
        ? {}
        : { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal,
  })
  if (response.ok) return response
  throw new StatefunError('SF_GATE_EVIDENCE', `HTTP ${response.status} ${(await response.text()).trim()}`, {
    where: `${service} ${target ?? path}`,
  })
}
