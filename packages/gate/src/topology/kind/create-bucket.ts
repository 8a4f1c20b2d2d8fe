import { StatefunError } from '@statefun/protocol'

const TIMEOUT_MS = 30_000

/**
 * Creates a bucket of LocalStack, which does not ask who is calling; fine when there is one.
 *
 * @returns whether there is nothing in it
 * @throws StatefunError `SF_GATE_LOCALSTACK`
 */
export async function createBucket(endpoint: string, name: string): Promise<boolean> {
  const ask = (path: string, method: string) =>
    fetch(`${endpoint}/${path}`, { method, signal: AbortSignal.timeout(TIMEOUT_MS) })
  const listed = await ask(`${name}?list-type=2&max-keys=1`, 'GET')
  if (listed.ok) return !(await listed.text()).includes('<Key>')
  const response = await ask(name, 'PUT')
  // Somebody else may have been faster.
  if (response.ok || response.status === 409) return true
  throw new StatefunError(
    'SF_GATE_LOCALSTACK',
    `the bucket "${name}" could not be made (HTTP ${response.status})`,
    {
      excerpt: await response.text(),
      where: endpoint,
    },
  )
}
