import { nearestName } from '@statefun/protocol'
import { checkDeadLetters, checkTargets, checkUnique } from './bindings.ts'
import { extensionMissing } from './kinds/extension-missing.ts'
import { MODULE_KINDS } from './kinds/index.ts'
import type { Binding, ModuleKind } from './kinds/kind.ts'
import { parseDocuments } from './parse-documents.ts'
import type { PlaceholderEnv } from './placeholder.ts'
import type { ReadContext } from './read-context.ts'
import { clip } from './readers/reader.ts'
import { typename } from './readers/scalars.ts'
import { entryOf, type SpecMap } from './spec-node.ts'

/** A module.yaml is a page or two; more than this is another file. */
const MAX_BYTES = 1024 * 1024

/** What {@link readDocuments} needs besides the text. */
export interface ReadOptions {
  readonly env: PlaceholderEnv
  /** Function types served in process. */
  readonly functions: readonly string[]
}

/** Reads all documents and checks them one by one and together. Problems go to `context`. */
export function readDocuments(context: ReadContext, options: ReadOptions): readonly Binding[] {
  const bytes = Buffer.byteLength(context.source.text)
  if (bytes > MAX_BYTES) {
    const message = `the file has ${bytes} bytes; at most ${MAX_BYTES} are read`
    context.error('SF_MODULE_TOO_LARGE', 0, message, 'is this the right file?')
    return []
  }
  const { documents, complete } = parseDocuments(context, options.env)
  const bindings: Binding[] = []
  const roles = new Set<Binding['role']>()
  let understood = complete
  for (const document of documents) {
    const kind = readKind(document, context)
    if (kind === undefined) {
      understood = false
      continue
    }
    roles.add(kind.role)
    const binding = readSpec(document, kind, context)
    if (binding === undefined) understood = false
    else bindings.push(binding)
  }
  checkUnique(bindings, context)
  // A document that was not understood may be the one that is missed here.
  if (understood) {
    checkDeadLetters(bindings, context)
    checkPresence(roles, options, context)
    checkTargets(bindings, options.functions, context)
  }
  return bindings
}

function readKind(document: SpecMap, context: ReadContext): ModuleKind | undefined {
  const entry = entryOf(document, 'kind')
  if (entry === undefined) {
    const version = entryOf(document, 'version')
    if (version !== undefined && entryOf(document, 'module') !== undefined) {
      return context.error('SF_MODULE_LEGACY_FORMAT', version.keyOffset, LEGACY, LEGACY_HINT)
    }
    const message = 'a document needs the field "kind"'
    return context.error('SF_MODULE_MISSING_FIELD', document.offset, message, KIND_HINT)
  }
  const place = { node: entry.value, path: 'kind', keyOffset: entry.keyOffset }
  const name = typename.read(place, context)
  if (name === undefined) return undefined
  const kind = MODULE_KINDS.find((candidate) => candidate.kind === name)
  if (kind === undefined || (kind.only !== undefined && !kind.only.includes(context.target))) {
    const message = extensionMissing(clip(name)) ?? name
    const hint = kind === undefined ? kindHint(name) : 'only the embedded engine has the playground kinds'
    return context.error('SF_MODULE_UNKNOWN_KIND', entry.value.offset, message, hint)
  }
  if (kind.kind === 'io.statefun.endpoints.v1/http') {
    const message = `${kind.kind} is the older form and always uses the okhttp transport`
    const hint =
      'write kind io.statefun.endpoints.v2/http with transport: {type: io.statefun.transports.v1/okhttp, timeouts: …}'
    context.warning('SF_MODULE_DEPRECATED', entry.value.offset, message, hint)
  }
  return kind
}

function readSpec(document: SpecMap, kind: ModuleKind, context: ReadContext): Binding | undefined {
  for (const { key, keyOffset } of document.entries) {
    if (key === 'kind' || key === 'spec') continue
    const near = nearestName(key, ['kind', 'spec'])
    const message = `${clip(key)} is not a known field and has no effect`
    const hint = near === undefined ? 'a document has the fields kind and spec' : `did you mean ${near}?`
    context.warning('SF_MODULE_UNKNOWN_FIELD', keyOffset, message, hint)
  }
  const spec = entryOf(document, 'spec')
  if (spec === undefined) {
    const message = 'a document needs the field "spec"'
    return context.error(
      'SF_MODULE_MISSING_FIELD',
      document.offset,
      message,
      `give the fields of ${kind.kind} below "spec:"`,
    )
  }
  return kind.spec.read({ node: spec.value, path: 'spec', keyOffset: spec.keyOffset }, context)
}

function checkPresence(
  roles: ReadonlySet<Binding['role']>,
  options: ReadOptions,
  context: ReadContext,
): void {
  if (!roles.has('ingress')) {
    context.error(
      'SF_MODULE_NO_INGRESS',
      0,
      'There are no ingress defined.',
      'add a document of an ingress kind',
    )
  }
  if (!roles.has('endpoint') && options.functions.length === 0) {
    const hint = 'add a document of kind io.statefun.endpoints.v2/http'
    context.error('SF_MODULE_NO_ENDPOINT', 0, 'There are no function providers defined.', hint)
  }
}

const KIND_HINT = `known kinds: ${MODULE_KINDS.map(({ kind }) => kind).join(', ')}`

function kindHint(name: string): string {
  const near = nearestName(
    name,
    MODULE_KINDS.map(({ kind }) => kind),
  )
  return near === undefined ? KIND_HINT : `did you mean ${near}?`
}

const LEGACY = 'this is the single-document format of StateFun 3.0 and before, which is not read'
const LEGACY_HINT = `write each entry of module.spec as a document of its own, separated by "---":
    endpoint: kind io.statefun.endpoints.v2/http, its spec with timeouts below transport: {type: io.statefun.transports.v1/okhttp}
    ingress:  kind io.statefun.kafka.v1/ingress or io.statefun.kinesis.v1/ingress, meta.id becomes spec.id
    egress:   kind io.statefun.kafka.v1/egress or io.statefun.kinesis.v1/egress, meta.id becomes spec.id`
