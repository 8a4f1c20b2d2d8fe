import type { ModuleDefinition, PropertyList } from '@statefun/engine'
import type { Deployment } from '../deploy/deployment.ts'
import type { Finding } from './finding.ts'

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/
const SECRET_PROPERTY = /password|jaas|secret|token|private/i
/** Of a broker, `transaction.max.timeout.ms` (contract 4.4). */
const BROKER_LIMIT_MS = 900_000

/** What a module.yaml says that cannot be right inside of a cluster. */
export function checkModuleOnKubernetes(
  module: ModuleDefinition,
  deployment: Deployment,
): readonly Finding[] {
  const findings: Finding[] = []
  const warn = (code: string, location: Finding['location'], message: string, hint: string) =>
    findings.push({
      severity: 'warning',
      code,
      message,
      hint,
      ...(location === undefined ? {} : { location }),
    })
  const { functions, flink, name, namespace } = deployment
  for (const endpoint of module.endpoints) {
    const host = hostOf(endpoint.urlPathTemplate)
    if (host !== undefined && LOOPBACK.test(host)) {
      const service =
        functions === undefined ? 'their Service' : `${functions.name}.${namespace}:${functions.port}`
      warn(
        'SF_DEPLOY_LOOPBACK',
        endpoint.location,
        `${endpoint.functions} are looked for at ${host}, which in a pod is the pod itself`,
        `name ${service} in urlPathTemplate`,
      )
    }
  }
  for (const part of [...module.ingresses, ...module.egresses]) {
    if (
      'address' in part &&
      part.address?.split(',').some((server) => LOOPBACK.test(server.replace(/:\d+$/, '')))
    ) {
      const message = `${part.id} looks for Kafka at ${part.address}, which in a pod is the pod itself`
      warn('SF_DEPLOY_LOOPBACK', part.location, message, 'name the brokers as pods reach them')
    }
    if (deployment.module.as === 'ConfigMap' && flink !== undefined && holdsSecret(part)) {
      const message = `${part.id} holds credentials, which everybody who reads ConfigMaps of ${namespace} can see`
      const hint = `write moduleAs: 'Secret', and ${name}-module becomes one`
      warn('SF_DEPLOY_SECRET_IN_CONFIG_MAP', part.location, message, hint)
    }
    if (!('deliverySemantic' in part) || part.deliverySemantic.type !== 'exactly-once') continue
    const { transactionTimeoutMs } = part.deliverySemantic
    if (flink !== undefined && transactionTimeoutMs <= flink.checkpoint.intervalMs) {
      findings.push({
        severity: 'error',
        code: 'SF_DEPLOY_TRANSACTION_TIMEOUT',
        message: `the broker aborts transactions of ${part.id} after ${transactionTimeoutMs} ms, before the next checkpoint commits them (${flink.checkpoint.intervalMs} ms)`,
        hint: 'set transactionTimeout to the checkpoint interval and the time of a restart, 15 min at most',
        location: part.location,
      })
    }
    if (flink !== undefined && transactionTimeoutMs > BROKER_LIMIT_MS) {
      const message = `brokers refuse a transactionTimeout above transaction.max.timeout.ms, 15 min by default`
      warn('SF_DEPLOY_TRANSACTION_TIMEOUT', part.location, message, 'raise it there, or write 15 min')
    }
  }
  return findings
}

function hostOf(url: string): string | undefined {
  const plain = url.replaceAll('{function.name}', 'name')
  return URL.canParse(plain) ? new URL(plain).hostname : undefined
}

function holdsSecret(
  part: ModuleDefinition['ingresses'][number] | ModuleDefinition['egresses'][number],
): boolean {
  if ('awsCredentials' in part && part.awsCredentials.type === 'basic') return true
  const properties: PropertyList =
    'properties' in part
      ? part.properties
      : 'clientConfigProperties' in part
        ? part.clientConfigProperties
        : []
  return properties.some(([key]) => SECRET_PROPERTY.test(key))
}
