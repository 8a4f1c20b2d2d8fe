import type { Deployment } from '../deploy/deployment.ts'

/** Part of an app that an object belongs to. */
export type Component = 'functions' | 'flink' | 'engine'

/** What finds the objects of an app again. */
export const NAME_LABEL = 'app.kubernetes.io/name'
export const COMPONENT_LABEL = 'app.kubernetes.io/component'
export const MANAGER_LABEL = 'app.kubernetes.io/managed-by'

/** Who wrote the objects, as labels and as field manager of server-side apply. */
export const MANAGER = 'statefun'

/** Labels of an object. */
export function labelsOf(deployment: Deployment, component: Component): Record<string, string> {
  return {
    ...deployment.labels,
    ...selectorOf(deployment, component),
    [MANAGER_LABEL]: MANAGER,
  }
}

/** The labels by which pods are selected; they never change. */
export function selectorOf({ name }: Deployment, component: Component): Record<string, string> {
  return { [COMPONENT_LABEL]: component, [NAME_LABEL]: name }
}
