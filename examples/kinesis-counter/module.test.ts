import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadModule } from '@statefun/engine'
import { expect, it } from 'vitest'

function load(name: string, env: Record<string, string>) {
  const file = join(import.meta.dirname, name)
  return loadModule(readFileSync(file, 'utf8'), { file, env })
}

it('has a module for LocalStack and one for AWS, alike but for region and credentials', () => {
  const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/counter.commands'
  const local = load('module.yaml', {})
  const aws = load('module.aws.yaml', { COMMANDS_ARN: arn })
  const wiring = ({ ingresses, egresses }: typeof local) =>
    [...ingresses, ...egresses].map((each) => ({
      ...each,
      awsRegion: undefined,
      awsCredentials: undefined,
      location: undefined,
    }))
  expect(wiring(aws)).toEqual(wiring(local))
  expect(aws.egresses).toMatchObject([
    { awsRegion: { type: 'default' }, awsCredentials: { type: 'default' } },
  ])
})
