import type { AsyncTransport, EndpointDefinition, OkHttpTransport } from '../model.ts'
import type { ReadContext } from '../read-context.ts'
import { object, type ReadObject } from '../readers/object.ts'
import { EMBEDDED, optional, required } from '../readers/reader.ts'
import { boolean, INT_MAX, INT_MIN, integer, isTypename, scalar } from '../readers/scalars.ts'
import { failurePolicy } from './failure-policy.ts'
import type { Binding, ModuleKind } from './kind.ts'
import { DEFAULT_ASYNC_TRANSPORT, DEFAULT_OKHTTP_TRANSPORT, okHttpTimeouts, transport } from './transport.ts'

const PATTERN_HINT = 'write <namespace>/<name> for one function or <namespace>/* for all of a namespace'

const functions = scalar('a pattern of functions', (value) => {
  const [namespace = '', name = ''] = value.split('/')
  const valid = isTypename(value) && !namespace.includes('*') && (name === '*' || !name.includes('*'))
  return valid
    ? { value: { pattern: value, namespace, name } }
    : { expected: 'a pattern of functions', hint: PATTERN_HINT }
})

const SCHEMES = ['http:', 'https:', 'http+unix:', 'https+unix:']

const urlPathTemplate = scalar('a URL', (value) => {
  const filled = value.replaceAll('{function.name}', 'name')
  if (/[{}]/.test(filled)) {
    return { expected: 'a URL', hint: 'only {function.name} is replaced; other braces are not allowed' }
  }
  if (/\s/.test(filled) || !URL.canParse(filled)) {
    return { expected: 'a URL', hint: 'write for example http://functions:8000/statefun' }
  }
  const { protocol, pathname } = new URL(filled)
  if (!SCHEMES.includes(protocol)) {
    return { expected: 'a URL of a function', hint: 'use http, https or, with okhttp, http+unix' }
  }
  const unix = protocol.endsWith('+unix:')
  if (unix && !pathname.split('/').some((part) => part.endsWith('.sock'))) {
    return { expected: 'a socket URL', hint: 'write http+unix:///path/to/x.sock/path' }
  }
  return { value: { template: value, unix } }
})

const commonFields = {
  functions: required(functions, 'The functions served there: <namespace>/<name> or <namespace>/*.'),
  urlPathTemplate: required(
    urlPathTemplate,
    'URL of the functions; {function.name} becomes the name called.',
  ),
  maxNumBatchRequests: optional(
    integer(INT_MIN, INT_MAX),
    'Messages that may wait for one address before it holds up its input; 0 or less is unlimited.',
    { default: '1000' },
  ),
  failurePolicy: optional(
    failurePolicy,
    'What follows when the retry budget of a call is used up: fail, park or deadLetter.',
    { default: '{type: fail}', only: EMBEDDED },
  ),
  multiCall: optional(
    boolean,
    'Several calls in one request to servers that offer it, such as those of this SDK; not with okhttp.',
    { default: 'true', only: EMBEDDED },
  ),
}

function bind(
  kind: string,
  { values, valueOffset, shown }: ReadObject<typeof commonFields>,
  chosen: AsyncTransport | OkHttpTransport,
  context: ReadContext,
): Binding | undefined {
  const { pattern, namespace, name } = values.functions
  if (values.urlPathTemplate.unix && chosen.type !== 'okhttp') {
    return context.error(
      'SF_MODULE_BAD_VALUE',
      valueOffset('urlPathTemplate'),
      'the async transport does not speak over a UNIX socket',
      'set transport: {type: io.statefun.transports.v1/okhttp}',
    )
  }
  const offset = valueOffset('functions')
  const definition: EndpointDefinition = {
    kind,
    functions: pattern,
    namespace,
    name: name === '*' ? undefined : name,
    urlPathTemplate: values.urlPathTemplate.template,
    maxNumBatchRequests: values.maxNumBatchRequests ?? 1000,
    transport: chosen,
    failurePolicy: values.failurePolicy?.policy ?? { type: 'fail' },
    multiCall: values.multiCall ?? true,
    location: context.location(offset),
  }
  return {
    role: 'endpoint',
    key: { name: pattern, shown: shown('functions'), offset },
    definition,
    deadLetterEgress: values.failurePolicy?.egress,
  }
}

const V2 = 'io.statefun.endpoints.v2/http'
const V1 = 'io.statefun.endpoints.v1/http'

/** `io.statefun.endpoints.v2/http` (contract 4.2). */
export const httpEndpoint: ModuleKind = {
  kind: V2,
  role: 'endpoint',
  doc: 'Functions called over HTTP.',
  only: undefined,
  spec: object({
    fields: {
      ...commonFields,
      transport: optional(transport, 'How requests are made.', {
        default: '{type: io.statefun.transports.v1/async}',
      }),
    },
    mistakes: {
      timeouts: 'write it below transport',
      endpoint: 'write urlPathTemplate',
      url: 'write urlPathTemplate',
    },
    build: (read, context) => bind(V2, read, read.values.transport ?? DEFAULT_ASYNC_TRANSPORT, context),
  }),
}

/** `io.statefun.endpoints.v1/http` (contract 4.2): always okhttp. */
export const httpEndpointV1: ModuleKind = {
  kind: V1,
  role: 'endpoint',
  doc: 'Functions called over HTTP with the okhttp transport; the older form.',
  only: undefined,
  spec: object({
    fields: { ...commonFields, timeouts: optional(okHttpTimeouts, 'Times of a call.') },
    mistakes: { transport: `the kind ${V1} always uses okhttp: write kind ${V2}` },
    build: (read, context) => bind(V1, read, read.values.timeouts ?? DEFAULT_OKHTTP_TRANSPORT, context),
  }),
}
