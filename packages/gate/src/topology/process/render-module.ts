import { expandPlaceholders } from '@statefun/engine'
import { StatefunError } from '@statefun/protocol'
import { type Document, isMap, isScalar, isSeq, parseAllDocuments, visit, type YAMLMap, YAMLSeq } from 'yaml'

/** How {@link renderModule} is to write a module. */
export interface RenderOptions {
  /** Leave out Kinesis ingresses and egresses: there are no streams. */
  readonly withoutKinesis?: boolean
  /** For Apache StateFun 3.3.0, which expands no placeholders: expand them, and apply {@link APACHE_DIFFERENCES}. */
  readonly apache?: { readonly values: Readonly<Record<string, string | undefined>> }
}

/** A document that has a kind and a spec. */
interface Binding {
  readonly kind: string
  readonly spec: YAMLMap
  readonly document: Document
}

/**
 * What one and the same module.yaml needs to be written otherwise for Apache StateFun 3.3.0 in front of LocalStack (contract
 * 4.5). Fields it does not know, such as `forwardHeaders`, it ignores by itself.
 */
export const APACHE_DIFFERENCES: Readonly<Record<string, (binding: Binding) => void>> = {
  /** A custom endpoint of Kinesis is https: LocalStack answers both on one port. */
  'https-endpoint': ({ kind, spec }) => {
    const endpoint = kind.startsWith(KINESIS) ? spec.getIn(['awsRegion', 'endpoint']) : undefined
    if (typeof endpoint === 'string')
      spec.setIn(['awsRegion', 'endpoint'], endpoint.replace(/^http:/, 'https:'))
  },
  /** A Kinesis ingress routes by the names of its streams. */
  'stream-by-name': ({ kind, spec }) => {
    if (kind === `${KINESIS}ingress`) spec.delete('streamArn')
  },
  /** The Kinesis producer must take LocalStack's own certificate, and has no CloudWatch to send numbers to. */
  'unverified-certificate': ({ kind, spec, document }) => {
    if (kind !== `${KINESIS}egress` || !spec.hasIn(['awsRegion', 'endpoint'])) return
    const found = spec.get('clientConfigProperties', true)
    const properties = isSeq(found) ? found : new YAMLSeq()
    for (const property of [{ VerifyCertificate: 'false' }, { MetricsLevel: 'none' }]) {
      properties.add(document.createNode(property))
    }
    spec.set('clientConfigProperties', properties)
  },
}

const KINESIS = 'io.statefun.kinesis.v1/'

/**
 * An app's module.yaml as the engine of a deployment reads it.
 *
 * @throws StatefunError `SF_MODULE_PLACEHOLDER` when a placeholder has no value
 */
export function renderModule(text: string, options: RenderOptions): string {
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) return text
  const kept = documents.filter((document) => {
    const binding = bindingOf(document)
    return !(options.withoutKinesis && binding?.kind.startsWith(KINESIS))
  })
  if (options.apache !== undefined) for (const document of kept) forApache(document, options.apache.values)
  return kept.map((document) => document.toString({ directives: false })).join('---\n')
}

function forApache(document: Document, values: Readonly<Record<string, string | undefined>>): void {
  visit(document, {
    Scalar(_, node) {
      if (typeof node.value === 'string' && node.value.includes('${')) node.value = expand(node.value, values)
    },
  })
  const binding = bindingOf(document)
  if (binding !== undefined) for (const apply of Object.values(APACHE_DIFFERENCES)) apply(binding)
}

function expand(text: string, values: Readonly<Record<string, string | undefined>>): string {
  const expansion = expandPlaceholders(text, values)
  if (expansion.text !== undefined) return expansion.text
  const [fault] = expansion.faults
  throw new StatefunError('SF_MODULE_PLACEHOLDER', fault?.message ?? 'a placeholder has no value', {
    excerpt: text,
    ...(fault === undefined ? {} : { hint: fault.hint }),
  })
}

function bindingOf(document: Document): Binding | undefined {
  const { contents } = document
  if (!isMap(contents)) return undefined
  const [kind, spec] = [contents.get('kind', true), contents.get('spec', true)]
  if (!isScalar(kind) || typeof kind.value !== 'string' || !isMap(spec)) return undefined
  return { kind: kind.value, spec, document }
}
