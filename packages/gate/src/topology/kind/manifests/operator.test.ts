import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadOperator, operatorChart } from './operator.ts'

const OPERATOR = `
apiVersion: v1
kind: ConfigMap
metadata: {name: flink-operator-config, namespace: operators}
data:
  flink-conf.yaml: |
    kubernetes.operator.reconcile.interval: 60 s
    kubernetes.operator.health.probe.enabled: true
  log4j.properties: 'rootLogger.level = INFO'
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: flink-operator, namespace: operators}
spec:
  selector: {matchLabels: {app: flink-operator}}
  template:
    spec:
      containers:
        - {name: flink-operator, image: "ghcr.io/apache/flink-kubernetes-operator:1.11.0"}
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: {name: hook}
`
const CRD = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: flinkdeployments.flink.apache.org}
`

function folderWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-operator-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'crds'))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

test('manifests of a folder are left as they are, but for the prefix and how often it looks', async () => {
  const folder = folderWith({ 'operator.yaml': OPERATOR, 'crds/flink.yml': CRD, 'notes.txt': 'kind: X' })
  const operator = await loadOperator({ folder }, 'registry.example.com/proxy/')
  expect(operator).toMatchObject({
    namespace: 'operators',
    deployments: ['flink-operator'],
    selector: 'app=flink-operator',
    version: '1.11.0',
    images: ['registry.example.com/proxy/ghcr.io/apache/flink-kubernetes-operator:1.11.0'],
  })
  expect(operator.crds.map(({ metadata }) => metadata.name)).toEqual(['flinkdeployments.flink.apache.org'])
  expect(operator.objects.map(({ kind }) => kind)).toEqual(['Namespace', 'ConfigMap', 'Deployment'])
  const { data } = operator.objects[1] as unknown as { readonly data: Readonly<Record<string, string>> }
  expect(data['flink-conf.yaml']).toBe(`kubernetes.operator.health.probe.enabled: true
kubernetes.operator.reconcile.interval: 2 s
kubernetes.operator.observer.progress-check.interval: 1 s
kubernetes.operator.observer.rest-ready.delay: 1 s
`)
  expect(data['log4j.properties']).toBe('rootLogger.level = INFO')
})

test.each([
  ['no CRDs', { 'operator.yaml': OPERATOR }],
  ['no operator', { 'crds/flink.yml': CRD }],
])('a folder with %s is refused', async (_, files) => {
  await expect(loadOperator({ folder: folderWith(files) }, '')).rejects.toMatchObject({
    code: 'SF_GATE_OPERATOR_MANIFESTS',
  })
})

test('a folder that is not there is named', async () => {
  await expect(loadOperator({ folder: '/nowhere/operator' }, '')).rejects.toMatchObject({
    code: 'SF_GATE_OPERATOR_MANIFESTS',
    where: '/nowhere/operator',
  })
})

test('the chart of a release is found by its version', () => {
  expect(operatorChart('1.11.0')).toBe(
    'https://archive.apache.org/dist/flink/flink-kubernetes-operator-1.11.0/flink-kubernetes-operator-1.11.0-helm.tgz',
  )
})
