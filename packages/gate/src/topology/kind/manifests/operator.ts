import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { prefixedImage, runCommand } from '@statefun/flink'
import { StatefunError } from '@statefun/protocol'
import { parseAllDocuments } from 'yaml'
import type { KubeObject } from '../kubernetes/kube-object.ts'

/** The operator as it is applied, with what has to be known of it. */
export interface OperatorManifests {
  readonly crds: readonly KubeObject[]
  readonly objects: readonly KubeObject[]
  /** With the registry's prefix. */
  readonly images: readonly string[]
  readonly namespace: string
  /** Names of its Deployments. */
  readonly deployments: readonly string[]
  /** Labels of its pods, as in a URL. */
  readonly selector: string
  /** `1.11.0`: the tag of its image. */
  readonly version: string
}

/** Settings that make it look often: a test waits for what it sees. */
export const OPERATOR_SETTINGS: Readonly<Record<string, string>> = {
  'kubernetes.operator.reconcile.interval': '2 s',
  'kubernetes.operator.observer.progress-check.interval': '1 s',
  'kubernetes.operator.observer.rest-ready.delay': '1 s',
}

const NAMESPACE = 'flink-operator'
const RELEASES = 'https://archive.apache.org/dist/flink'

/** Where the Helm chart of a release lies. */
export function operatorChart(version: string): string {
  return `${RELEASES}/flink-kubernetes-operator-${version}/flink-kubernetes-operator-${version}-helm.tgz`
}

/**
 * The operator's manifests, out of a folder (with CRDs in it or in `crds/` below) or of its Helm chart. They are left as they
 * are but for the registry's prefix and {@link OPERATOR_SETTINGS}.
 *
 * @throws StatefunError `SF_GATE_OPERATOR_MANIFESTS`
 */
export async function loadOperator(
  source: { readonly folder: string } | { readonly version: string },
  prefix: string,
  signal?: AbortSignal,
): Promise<OperatorManifests> {
  const texts = 'folder' in source ? readFolder(source.folder) : [await renderChart(source.version, signal)]
  const where = 'folder' in source ? source.folder : operatorChart(source.version)
  return operatorOf(texts.flatMap(objectsOf), prefix, where)
}

/** See {@link loadOperator}; `where` is for messages. */
export function operatorOf(all: readonly KubeObject[], prefix: string, where: string): OperatorManifests {
  const crds = all.filter(({ kind }) => kind === 'CustomResourceDefinition')
  const found = all.filter(({ kind }) => kind !== 'CustomResourceDefinition' && !HOOKS.test(kind))
  const deployments = found.filter(({ kind }) => kind === 'Deployment')
  const [first] = deployments
  if (crds.length === 0 || first === undefined) {
    throw new StatefunError('SF_GATE_OPERATOR_MANIFESTS', 'there is no operator in the manifests', {
      where,
      hint: 'the folder needs the CRDs of flink.apache.org and the Deployment of the Flink Kubernetes Operator',
    })
  }
  const images = new Set<string>()
  const objects = found.map((object) => {
    if (object.kind === 'ConfigMap') return withSettings(object)
    return object.kind === 'Deployment' ? withPrefix(object, prefix, images) : object
  })
  const namespace = first.metadata.namespace ?? NAMESPACE
  if (!objects.some(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace)) {
    objects.unshift({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } })
  }
  const version = /:v?(\d+\.\d+(?:\.\d+)?)[^/:]*$/.exec([...images][0] ?? '')?.[1] ?? '1.11.0'
  const named = deployments.map(({ metadata }) => metadata.name)
  const { matchLabels } = (first.spec as { readonly selector: { readonly matchLabels: object } }).selector
  const selector = Object.entries(matchLabels)
    .map(([label, value]) => `${label}=${value}`)
    .join(',')
  return { crds, objects, images: [...images], namespace, deployments: named, selector, version }
}

/** Without certificates there is no webhook. */
const HOOKS = /^(?:Validating|Mutating)WebhookConfiguration$|^Certificate$|^Issuer$/

function readFolder(folder: string): readonly string[] {
  const read = (below: string): readonly string[] => {
    try {
      return readdirSync(below)
        .filter((name) => /\.ya?ml$/.test(name))
        .sort()
        .map((name) => readFileSync(join(below, name), 'utf8'))
    } catch (cause) {
      if (below !== folder) return []
      throw new StatefunError('SF_GATE_OPERATOR_MANIFESTS', 'the manifests of the operator cannot be read', {
        where: folder,
        cause,
        hint: 'name their folder (STATEFUN_OPERATOR_MANIFESTS)',
      })
    }
  }
  return [...read(folder), ...read(join(folder, 'crds'))]
}

async function renderChart(version: string, signal?: AbortSignal): Promise<string> {
  const args = ['template', 'flink-kubernetes-operator', operatorChart(version), '--include-crds']
  const set = ['--namespace', NAMESPACE, '--set', 'webhook.create=false', '--set', `image.tag=${version}`]
  try {
    return await runCommand('helm', [...args, ...set], signal === undefined ? {} : { signal })
  } catch (cause) {
    signal?.throwIfAborted()
    const { excerpt } = StatefunError.from(cause)
    throw new StatefunError(
      'SF_GATE_OPERATOR_MANIFESTS',
      `the chart of operator ${version} cannot be rendered`,
      {
        where: operatorChart(version),
        ...(excerpt === undefined ? {} : { excerpt }),
        hint: 'check the release and the network, or name a folder with its manifests (STATEFUN_OPERATOR_MANIFESTS)',
        cause,
      },
    )
  }
}

function objectsOf(text: string): readonly KubeObject[] {
  const documents = parseAllDocuments(text)
  if (!Array.isArray(documents)) return []
  return documents
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object): object is KubeObject => typeof object?.kind === 'string')
}

interface PodTemplate {
  readonly spec: { readonly containers: readonly { readonly image: string }[] }
}

function withPrefix(object: KubeObject, prefix: string, images: Set<string>): KubeObject {
  const spec = object.spec as { readonly template: PodTemplate }
  const containers = spec.template.spec.containers.map((container) => {
    const image = prefixedImage(prefix, container.image)
    images.add(image)
    return { ...container, image }
  })
  const template = { ...spec.template, spec: { ...spec.template.spec, containers } }
  return { ...object, spec: { ...spec, template } }
}

const SETTINGS_FILE = /^(?:flink-conf|config)\.yaml$/

function withSettings(object: KubeObject): KubeObject {
  const data = Object.entries((object.data ?? {}) as Readonly<Record<string, string>>).map(([name, text]) => {
    if (!SETTINGS_FILE.test(name)) return [name, text] as const
    const kept = text.split('\n').filter((line) => !(line.split(':')[0]!.trim() in OPERATOR_SETTINGS))
    const added = Object.entries(OPERATOR_SETTINGS).map(([key, value]) => `${key}: ${value}`)
    return [name, [...kept.join('\n').trimEnd().split('\n'), ...added, ''].join('\n')] as const
  })
  return { ...object, data: Object.fromEntries(data) }
}
