import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildFunctionImage, type ContainerEngine, prefixedImage } from '@statefun/flink'
import { expect, onTestFinished, test } from 'vitest'
import { FUNCTION_IMAGE, KAFKA_IMAGE, kindOptions, LOCALSTACK_IMAGE } from './kind-options.ts'
import { publicImages } from './kind-run.ts'
import { appManifests } from './manifests/app.ts'
import { kafkaManifests } from './manifests/kafka.ts'
import { localStackManifests } from './manifests/localstack.ts'
import { loadOperator } from './manifests/operator.ts'

const PREFIX = 'registry.example.com/proxy/'
const APP = join(import.meta.dirname, '../../../../../e2e/app')

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'statefun-prefix-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Every value of a field called `image`, however deep it lies. */
function imagesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, below]) =>
    name === 'image' && typeof below === 'string' ? [below] : imagesIn(below),
  )
}

test.each(['kzm', 'apache'])(
  'with %s every image comes through the prefix, but the one that is built here',
  async (profile) => {
    const options = kindOptions({
      IMAGE_REGISTRY_PREFIX: PREFIX,
      STATEFUN_FLINK_PROFILE: profile,
      STATEFUN_FLINK_IMAGE: 'example/flink-statefun:1',
    })
    const operator = await loadOperator({ folder: operatorFolder() }, options.prefix)
    const objects = [
      ...operator.objects,
      ...kafkaManifests('a', prefixedImage(options.prefix, KAFKA_IMAGE), 1),
      ...localStackManifests('a', prefixedImage(options.prefix, LOCALSTACK_IMAGE), {}),
      ...appManifests({
        options,
        namespace: 'a',
        operatorVersion: operator.version,
        app: 'a',
        deployment: 'a',
        module: 'kind: a',
        s3: 'http://a',
        functionImageId: 'sha256:1',
      }),
    ]
    const reached = imagesIn(objects)
    expect(new Set(reached)).toEqual(
      new Set([
        `${PREFIX}ghcr.io/apache/flink-kubernetes-operator:1.11.0`,
        `${PREFIX}apache/kafka:3.9.0`,
        `${PREFIX}localstack/localstack:4.1`,
        `${PREFIX}example/flink-statefun:1`,
        FUNCTION_IMAGE,
      ]),
    )
    // What is made ready before the pods are is what they ask for.
    const prepared = publicImages(options, [KAFKA_IMAGE, LOCALSTACK_IMAGE], operator)
    expect(new Set([...prepared, FUNCTION_IMAGE])).toEqual(new Set(reached))
  },
)

test('the build of the function image gets the prefix, and takes its base through it', async () => {
  const context = temporaryFolder()
  const commands: (readonly string[])[] = []
  const engine: ContainerEngine = {
    name: 'docker',
    async run(args) {
      commands.push(args)
      if (args[0] === 'build') cpSync(args.at(-1)!, context, { recursive: true })
      return 'sha256:1 1'
    },
  }
  await buildFunctionImage({
    config: join(APP, 'statefun.config.ts'),
    tag: FUNCTION_IMAGE,
    engine,
    prefix: PREFIX,
  })
  expect(commands[0]).toContain(`IMAGE_REGISTRY_PREFIX=${PREFIX}`)
  const dockerfile = readFileSync(join(context, 'Dockerfile'), 'utf8')
  const stages = [...dockerfile.matchAll(/^FROM .* AS (\S+)$/gm)].map(([, stage]) => stage)
  const names = [...dockerfile.matchAll(/^(?:FROM |COPY --from=)(\S+)/gm)]
    .map(([, base]) => base)
    .filter((base) => base !== 'scratch' && !stages.includes(base))
  expect(names).toHaveLength(1)
  expect(names[0]?.startsWith(`\${IMAGE_REGISTRY_PREFIX}`)).toBe(true)
})

function operatorFolder(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'crds'))
  writeFileSync(
    join(folder, 'operator.yaml'),
    `apiVersion: apps/v1
kind: Deployment
metadata: {name: flink-operator, namespace: flink-operator}
spec:
  selector: {matchLabels: {app: flink-operator}}
  template: {spec: {containers: [{name: a, image: "ghcr.io/apache/flink-kubernetes-operator:1.11.0"}]}}
`,
  )
  writeFileSync(
    join(folder, 'crds', 'a.yaml'),
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n',
  )
  return folder
}
