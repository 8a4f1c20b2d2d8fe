import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { moduleJsonSchema } from './json-schema.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..')
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(moduleJsonSchema())
const documents = (text: string) =>
  parseAllDocuments(text)
    .map((document) => document.toJS() as unknown)
    .filter((value) => value !== null)
const problems = (text: string) =>
  documents(text).flatMap((document) =>
    validate(document)
      ? []
      : (validate.errors ?? [])
          .filter(({ keyword }) => keyword !== 'if')
          .map(({ instancePath, message }) => `${instancePath} ${message}`),
  )

const ingress = (spec: string) => `kind: io.statefun.kafka.v1/ingress
spec:
  id: a/in
  topics: [{ topic: t, valueType: a/type, targets: [a/fn] }]
${spec}`

describe('the JSON Schema of module.yaml', () => {
  it('is the file that is published', () => {
    const file = readFileSync(join(ROOT, 'packages/engine/module.schema.json'), 'utf8')
    expect(JSON.parse(file), 'run: npm run docs:generate').toEqual(moduleJsonSchema())
  })

  it('accepts every module.yaml of this repository', () => {
    const files = globSync(['examples/*/module.yaml', 'packages/cli/templates/*/module.yaml'], { cwd: ROOT })
    expect(files.length).toBeGreaterThan(1)
    for (const file of files) expect(problems(readFileSync(join(ROOT, file), 'utf8')), file).toEqual([])
  })

  it('takes placeholders where a number or a name is wanted', () => {
    expect(
      problems(ingress(`  forwardHeaders: \${HEADERS}\n  autoOffsetResetPosition: \${RESET:-earliest}`)),
    ).toEqual([])
  })

  it('finds an unknown kind, an unknown field, a wrong name and a missing field', () => {
    expect(problems('kind: io.statefun.kafka.v2/ingress\nspec: {}')).toEqual([
      expect.stringContaining('/kind must be equal to one of the allowed values'),
    ])
    expect(problems(ingress('  grouId: x'))).toEqual(['/spec must NOT have additional properties'])
    expect(problems(ingress('  autoOffsetResetPosition: first')).length).toBeGreaterThan(0)
    expect(problems('kind: io.statefun.kafka.v1/egress\nspec: {}')).toEqual([
      "/spec must have required property 'id'",
    ])
  })

  it('lets the fields depend on the type', () => {
    expect(
      problems(ingress('  startupPosition: { type: date, date: 2020-02-01 04:15:00.000 +0000 }')),
    ).toEqual([])
    expect(problems(ingress('  startupPosition: { type: earliest, date: x }')).length).toBeGreaterThan(0)
    expect(problems(ingress('  invalidRecordHandling: { logLevel: info }'))).toEqual([])
  })
})
