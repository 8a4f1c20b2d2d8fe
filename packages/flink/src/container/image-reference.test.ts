import { expect, test } from 'vitest'
import { prefixedImage, prefixFromEnvironment } from './image-reference.ts'

test('a prefix stands before the whole name', () => {
  expect(
    prefixedImage('registry.example.com/proxy/', 'ghcr.io/apache/flink-kubernetes-operator:1.11.0'),
  ).toBe('registry.example.com/proxy/ghcr.io/apache/flink-kubernetes-operator:1.11.0')
  expect(prefixedImage('localhost:5000/', 'apache/kafka:3.9.0')).toBe('localhost:5000/apache/kafka:3.9.0')
  expect(prefixedImage('', 'apache/kafka:3.9.0')).toBe('apache/kafka:3.9.0')
})

test.each(['registry.example.com', 'https://registry.example.com/', '/', 'a b/'])(
  '"%s" is no prefix',
  (text) => {
    expect(() => prefixedImage(text, 'apache/kafka:3.9.0')).toThrow(
      expect.objectContaining({
        code: 'SF_IMAGE_PREFIX',
        hint: expect.stringContaining('registry.example.com/proxy/'),
      }),
    )
  },
)

test('the environment names it', () => {
  expect(prefixFromEnvironment({ IMAGE_REGISTRY_PREFIX: 'a/' })).toBe('a/')
  expect(prefixFromEnvironment({})).toBe('')
})
