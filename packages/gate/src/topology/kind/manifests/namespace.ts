import type { KubeObject } from '../kubernetes/kube-object.ts'

/** The Secret with the keys of LocalStack, which takes any. */
export const CREDENTIALS_SECRET = 'localstack-credentials'

/** The namespace of a run and what lies in it before anything starts. */
export function namespaceManifests(
  namespace: string,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string },
): readonly KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: CREDENTIALS_SECRET, namespace },
      stringData: {
        'access-key-id': credentials.accessKeyId,
        'secret-access-key': credentials.secretAccessKey,
      },
    },
  ]
}
