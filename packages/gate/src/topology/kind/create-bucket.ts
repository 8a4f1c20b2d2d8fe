import { StatefunError } from '@statefun/protocol'

const TIMEOUT_MS = 30_000

/**
 * Creates a bucket of LocalStack, which does not ask who is calling; fine when there is one.
 *
 * @throws StatefunError `SF_GATE_LOCALSTACK`
 */
export async function createBucket(endpoint: string, name: string): Promise<void> {
  const response = await fetch(`${endpoint}/${name}`, {
    method: 'PUT',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
  if (response.ok || response.status === 409) return
  throw new StatefunError(
    'SF_GATE_LOCALSTACK',
    `the bucket "${name}" could not be made (HTTP ${response.status})`,
    {
      excerpt: await response.text(),
      where: endpoint,
    },
  )
}
