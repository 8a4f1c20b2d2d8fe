import { createHash } from 'node:crypto'
import type { V1ConfigMap, V1Secret, V1Volume } from '@kubernetes/client-node'
import type { Deployment } from '../deploy/deployment.ts'
import { labelsOf } from './labels.ts'

/** Folder of module.yaml in the containers; nothing of the images lies there (contract 7.2, 7.6). */
export const MODULE_FOLDER = '/opt/statefun'

/** Annotation of pods by which a changed module.yaml becomes a new deployment. */
export const MODULE_ANNOTATION = 'statefun/module-sha256'

/** The ConfigMap or Secret that holds module.yaml. */
export function moduleObject(deployment: Deployment): V1ConfigMap | V1Secret {
  const { module, namespace } = deployment
  const metadata = {
    name: moduleName(deployment),
    namespace,
    labels: labelsOf(deployment, deployment.profile === 'embedded' ? 'engine' : 'flink'),
  }
  if (module.as === 'ConfigMap') {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'module.yaml': module.text } }
  }
  const data = { 'module.yaml': Buffer.from(module.text).toString('base64') }
  return { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data }
}

/** The volume to be mounted at {@link MODULE_FOLDER}. */
export function moduleVolume(deployment: Deployment): V1Volume {
  const name = moduleName(deployment)
  return deployment.module.as === 'ConfigMap'
    ? { name: 'module', configMap: { name } }
    : { name: 'module', secret: { secretName: name } }
}

/** {@link MODULE_ANNOTATION} with its value. */
export function moduleAnnotation({ module }: Deployment): Record<string, string> {
  return { [MODULE_ANNOTATION]: createHash('sha256').update(module.text).digest('hex') }
}

function moduleName({ name }: Deployment): string {
  return `${name}-module`
}
