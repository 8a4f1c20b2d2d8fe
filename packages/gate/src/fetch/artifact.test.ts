import { expect, test } from 'vitest'
import { artifactPath } from './artifact.ts'

test('an artifact lies where a Maven repository keeps it', () => {
  expect(artifactPath('org.slf4j:slf4j-api:1.7.36')).toBe('org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.jar')
})
