import type { Deployment } from '../deploy/deployment.ts'
import { engineService, engineStatefulSet } from '../manifests/engine-stateful-set.ts'
import { flinkDeployment } from '../manifests/flink-deployment.ts'
import {
  functionAutoscaler,
  functionDeployment,
  functionDisruptionBudget,
  functionService,
} from '../manifests/function-server.ts'
import type { KubernetesObject } from '../manifests/kubernetes-object.ts'
import { moduleObject } from '../manifests/module-object.ts'
import { flinkRole, flinkRoleBinding, serviceAccount } from '../manifests/service-account.ts'

/** An object to be applied: it has a kind and a name. */
export type Manifest = KubernetesObject & {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace: string }
}

/**
 * All objects of a deployment, in the order in which they are applied: what others refer to comes first, what starts the
 * job last. The same description gives the same objects.
 */
export function manifestsOf(deployment: Deployment): readonly Manifest[] {
  const { functions, flink, engine, storage } = deployment
  const objects: (KubernetesObject | undefined)[] = [serviceAccount(deployment)]
  if (flink !== undefined) objects.push(flinkRole(deployment), flinkRoleBinding(deployment))
  objects.push(moduleObject(deployment))
  if (functions !== undefined) {
    objects.push(
      functionService(deployment, functions),
      functionDeployment(deployment, functions),
      functionAutoscaler(deployment, functions),
      functionDisruptionBudget(deployment, functions),
    )
  }
  if (flink !== undefined) objects.push(flinkDeployment(deployment, flink))
  if (engine !== undefined && storage !== undefined) {
    objects.push(engineService(deployment, engine), engineStatefulSet(deployment, engine, storage))
  }
  return objects.filter((object) => object !== undefined) as Manifest[]
}
