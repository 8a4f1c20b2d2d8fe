import { nearestName, StatefunError } from '@statefun/protocol'
import { quantityValue } from './quantity.ts'

/** What a value of the description must be. */
type Rule =
  | { readonly type: 'text'; readonly pattern?: RegExp; readonly says: string }
  | { readonly type: 'choice'; readonly of: readonly string[] }
  | { readonly type: 'number'; readonly least: number; readonly most: number; readonly whole?: boolean }
  | { readonly type: 'boolean' | 'duration' | 'quantity' }
  | { readonly type: 'list'; readonly of: Rule }
  | { readonly type: 'map'; readonly of: Rule }
  | { readonly type: 'scalar' | 'envValue' | 'credentials' }
  | { readonly type: 'object'; readonly fields: Readonly<Record<string, Rule>>; readonly orFalse?: boolean }

const text = (says = 'a text that is not empty', pattern = /./s): Rule => ({ type: 'text', says, pattern })
const whole = (least: number, most: number): Rule => ({ type: 'number', least, most, whole: true })
const object = (fields: Readonly<Record<string, Rule>>): Rule => ({ type: 'object', fields })
const map = (of: Rule): Rule => ({ type: 'map', of })
const choice = (...of: readonly string[]): Rule => ({ type: 'choice', of })

const DNS_LABEL = text(
  'at most 40 lower-case letters, digits and "-", beginning with a letter',
  /^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$/,
)
const NAME = text('the name of an object of Kubernetes', /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/)
const IMAGE = text('the reference of an image, such as "shop/functions:1.0"', /^[\w][\w.\-/:@]*$/)
const S3 = text('s3://bucket/prefix', /^s3:\/\/[a-z0-9][a-z0-9.-]+[a-z0-9](\/.*)?$/)
const RESOURCES = object({
  requests: object({ cpu: { type: 'quantity' }, memory: { type: 'quantity' } }),
  limits: object({ cpu: { type: 'quantity' }, memory: { type: 'quantity' } }),
})
const FLINK_MEMORY = text('memory as Flink writes it, such as "2048m"', /^\d+ ?([kmg]b?|b)?$/i)
const ENV = map({ type: 'envValue' })
const PORT = whole(1, 65_535)
const TASK_MANAGER = { cpu: { type: 'number', least: 0.01, most: 1024 }, memory: FLINK_MEMORY } as const

const SHAPE: Readonly<Record<string, Rule>> = {
  profile: choice('kzm', 'apache', 'embedded'),
  name: DNS_LABEL,
  namespace: text('the name of a namespace', /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
  imageRegistryPrefix: text('a prefix that ends with "/"', /^([\w][\w.\-/:]*\/)?$/),
  imagePullPolicy: choice('Always', 'IfNotPresent', 'Never'),
  imagePullSecrets: { type: 'list', of: NAME },
  labels: map(text('a label', /^([A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?)?$/)),
  env: map({ type: 'text', says: 'a text' }),
  moduleAs: choice('ConfigMap', 'Secret'),
  functions: {
    type: 'object',
    orFalse: true,
    fields: {
      name: DNS_LABEL,
      image: IMAGE,
      port: PORT,
      healthPath: text('a path', /^\//),
      replicas: whole(0, 1000),
      autoscaling: object({ min: whole(1, 1000), max: whole(1, 1000), cpuPercent: whole(1, 100) }),
      resources: RESOURCES,
      env: ENV,
      terminationGrace: { type: 'duration' },
    },
  },
  flink: object({
    image: IMAGE,
    operatorVersion: text('a version such as "1.15"', /^\d+\.\d+(\.\d+)?$/),
    jar: text('a URI such as local:///opt/flink/job.jar', /^[a-z0-9]+:\/\//),
    parallelism: whole(1, 32_768),
    slots: whole(1, 1024),
    jobManager: object({ ...TASK_MANAGER, replicas: whole(1, 10) }),
    taskManager: object(TASK_MANAGER),
    upgradeMode: choice('savepoint', 'last-state', 'stateless'),
    serviceAccount: NAME,
    initialSavepointPath: text(),
    allowNonRestoredState: { type: 'boolean' },
    restart: object({ attempts: whole(0, 2_147_483_647), delay: { type: 'duration' } }),
    configuration: map({ type: 'scalar' }),
    env: ENV,
    logConfiguration: map(text()),
  }),
  engine: object({
    image: IMAGE,
    command: { type: 'list', of: text() },
    resources: RESOURCES,
    env: ENV,
    drain: { type: 'duration' },
    adminPort: PORT,
  }),
  storage: object({
    checkpoints: S3,
    savepoints: S3,
    highAvailability: S3,
    endpoint: text('the URL of an HTTP server without credentials', /^https?:\/\/[^@]+$/),
    pathStyle: { type: 'boolean' },
    region: text(),
    credentials: { type: 'credentials' },
  }),
  checkpoint: object({
    interval: { type: 'duration' },
    timeout: { type: 'duration' },
    retain: whole(1, 1000),
  }),
  metrics: { type: 'object', orFalse: true, fields: { port: PORT } },
}

/**
 * Checks the fields and values of a `deploy` part by themselves.
 *
 * @throws StatefunError `SF_CONFIG_UNKNOWN_FIELD`, `SF_CONFIG_VALUE`
 */
export function checkDeployShape(config: unknown): void {
  check('deploy', config, object(SHAPE))
}

function check(path: string, value: unknown, rule: Rule): void {
  if (value === undefined) return
  switch (rule.type) {
    case 'text':
      if (typeof value !== 'string' || rule.pattern?.test(value) === false)
        throw wrong(path, `is ${rule.says}`)
      return
    case 'choice':
      if (!rule.of.includes(String(value))) {
        const near = nearestName(String(value), rule.of)
        throw wrong(
          path,
          `is ${rule.of.join(' or ')}`,
          near === undefined ? undefined : `did you mean "${near}"?`,
        )
      }
      return
    case 'number': {
      const fits = typeof value === 'number' && value >= rule.least && value <= rule.most
      if (!fits || (rule.whole === true && !Number.isInteger(value)))
        throw wrong(
          path,
          `is a ${rule.whole === true ? 'whole ' : ''}number from ${rule.least} to ${rule.most}`,
        )
      return
    }
    case 'boolean':
      if (typeof value !== 'boolean') throw wrong(path, 'is true or false')
      return
    case 'duration':
      if (!isDuration(value)) throw wrong(path, 'is a duration such as "30 s", or milliseconds')
      return
    case 'quantity':
      if (quantityValue(value) === undefined) throw wrong(path, 'is a quantity such as "500m", 1 or "512Mi"')
      return
    case 'scalar':
      if (!['string', 'number', 'boolean'].includes(typeof value))
        throw wrong(path, 'is a text, a number or a boolean')
      return
    case 'envValue':
      if (typeof value !== 'string') checkPair(path, value, ['secret', 'key'], ['secret', 'key'])
      return
    case 'credentials':
      if (typeof value === 'object' && value !== null && 'role' in value) {
        checkPair(path, value, ['role'], ['role'])
        check(`${path}.role`, value.role, text('the ARN of a role', /^arn:[\w-]+:iam::\d*:role\/.+$/))
      } else checkPair(path, value, ['secret', 'accessKeyId', 'secretAccessKey', 'role'], ['secret'])
      return
    case 'list':
      if (!Array.isArray(value)) throw wrong(path, 'is a list')
      for (const [index, item] of value.entries()) check(`${path}[${index}]`, item, rule.of)
      return
    case 'map':
      for (const [key, item] of Object.entries(asObject(path, value))) check(`${path}.${key}`, item, rule.of)
      return
    case 'object':
      if (rule.orFalse === true && value === false) return
      checkFields(path, asObject(path, value), rule.fields)
  }
}

function checkFields(path: string, value: object, fields: Readonly<Record<string, Rule>>): void {
  for (const [name, item] of Object.entries(value)) {
    const rule = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (rule === undefined) throw unknownField(path, name, Object.keys(fields))
    check(`${path}.${name}`, item, rule)
  }
}

function checkPair(path: string, value: unknown, fields: readonly string[], needed: readonly string[]): void {
  const entries = Object.fromEntries(fields.map((field) => [field, text()]))
  checkFields(path, asObject(path, value), entries)
  for (const field of needed) {
    if (!Object.hasOwn(value as object, field)) throw wrong(path, `needs the field "${field}"`)
  }
}

function asObject(path: string, value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw wrong(path, 'is an object')
}

function isDuration(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && value >= 0
  return typeof value === 'string' && /^\s*\d+\s*[a-zµμ]*\s*$/i.test(value)
}

function unknownField(path: string, name: string, known: readonly string[]): StatefunError {
  const near = nearestName(name, known)
  return new StatefunError('SF_CONFIG_UNKNOWN_FIELD', `the configuration has no field "${path}.${name}"`, {
    hint: near === undefined ? `known fields: ${known.join(', ')}` : `did you mean "${path}.${near}"?`,
  })
}

function wrong(path: string, rule: string, hint?: string): StatefunError {
  return new StatefunError(
    'SF_CONFIG_VALUE',
    `"${path}" of the configuration ${rule}`,
    hint === undefined ? {} : { hint },
  )
}
