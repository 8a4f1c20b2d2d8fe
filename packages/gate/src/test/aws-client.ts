import { StatefunError } from '@statefun/protocol'
import type { AwsAccess } from '../topology/deployment-access.ts'

/**
 * Settings of a client of AWS for a deployment.
 *
 * @throws StatefunError `SF_GATE_LACKS` when everything of the deployment is in-process
 */
export function clientSettings({ endpoint, region, credentials }: AwsAccess) {
  if (endpoint === undefined) {
    throw new StatefunError('SF_GATE_LACKS', 'this deployment has no LocalStack', {
      hint: "let the test say what it needs: meta: { needs: ['s3-checkpoints'] }",
    })
  }
  return { endpoint, region, credentials, maxAttempts: 3 }
}
