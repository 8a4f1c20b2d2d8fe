import { fetchArtifacts } from '@statefun/gate'
import { beforeAll, describe, expect, it } from 'vitest'
import { checkManifests, flinkVersionsOf } from '../../scripts/crds/check-manifests.ts'
import { type CustomKind, readCrds } from '../../scripts/crds/read-crds.ts'
import { readJar } from '../../scripts/crds/read-jar.ts'
import { renderExample, renderForOperator } from '../../scripts/crds/render-example.ts'

/** The newest release of the operator's API that Maven Central has; its CRDs lie in the jar. */
const OPERATOR_API = {
  coordinate: 'org.apache.flink:flink-kubernetes-operator-api:1.10.0',
  sha256: 'b1f44814e17514fa8395c61b329a3ee9087123a5bda5b21fe1a495d5182c30b6',
}

let kinds: readonly CustomKind[]
beforeAll(async () => {
  const [jar] = await fetchArtifacts([OPERATOR_API])
  kinds = [...readJar(jar!, /^META-INF\/fabric8\/.*-v1\.yml$/).values()].flatMap(readCrds)
})

describe('manifests and the CRDs of operator 1.10', () => {
  it('reads the kinds of the jar', () => {
    expect(kinds.map(({ kind }) => kind).sort()).toEqual([
      'FlinkDeployment',
      'FlinkSessionJob',
      'FlinkStateSnapshot',
    ])
    expect(flinkVersionsOf(kinds)).toContain('v1_16')
  })

  it('what is rendered for it is valid', async () => {
    const rendered = renderForOperator(flinkVersionsOf(kinds))
    expect(rendered.map(({ profile }) => profile)).toEqual(['embedded', 'apache'])
    for (const { manifests } of rendered) expect(await checkManifests(manifests, kinds)).toEqual([])
  })

  it('a Flink that the operator does not know is found', async () => {
    const findings = await checkManifests(renderExample({ profile: 'kzm' }), kinds)
    expect(findings).toEqual([
      {
        what: 'FlinkDeployment counter',
        text: expect.stringMatching(/^spec\.flinkVersion: "v2_2" is none of v1_13, .*v1_20$/),
      },
    ])
  })
})
