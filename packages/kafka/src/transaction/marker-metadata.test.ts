import { describe, expect, it } from 'vitest'
import { decodeMarkerMetadata, encodeMarkerMetadata } from './marker-metadata.ts'

describe('marker metadata', () => {
  it('names the publisher', () => {
    const publisher = { lineage: 'a "lineage"', owner: 'ä' }
    const text = encodeMarkerMetadata({ ...publisher, ...{ epoch: 5 } })
    expect(decodeMarkerMetadata(text, 'g')).toEqual(publisher)
    expect(text).toBe('{"lineage":"a \\"lineage\\"","owner":"ä"}')
  })

  it.each([null, undefined, '', 'x', 'null', '{}', '{"lineage":"l"}', '{"lineage":1,"owner":"o"}', '[]'])(
    'refuses %s, and names the group',
    (text) => {
      expect(() => decodeMarkerMetadata(text, 'the-group')).toThrow(
        expect.objectContaining({
          code: 'SF_KAFKA_MARKER_FOREIGN',
          message: expect.stringContaining('the-group'),
        }),
      )
    },
  )
})
