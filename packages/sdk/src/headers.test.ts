import { types } from '@statefun/protocol'
import { describe, expect, it } from 'vitest'
import { encodeHeaders, MessageHeaders } from './headers.ts'
import { typed } from './typed.ts'

const headersOf = (input: Parameters<typeof encodeHeaders>[0]) => new MessageHeaders(encodeHeaders(input))

describe('headers (contract 3.6)', () => {
  it('keep order and duplicates, whatever they are given as', () => {
    const headers = headersOf([
      ['a', '1'],
      ['b', Uint8Array.of(2)],
      ['a', null],
      [null, 'no key'],
    ])
    expect([...headers].map((header) => [header.key, header.utf8()])).toEqual([
      ['a', '1'],
      ['b', '\u0002'],
      ['a', null],
      ['', 'no key'],
    ])
    expect(headers.length).toBe(4)
    expect(headers.first('a')?.utf8()).toBe('1')
    expect(headers.last('a')?.value).toBeNull()
    expect(headers.all('a')).toHaveLength(2)
    expect(headers.first('missing')).toBeUndefined()
    expect([...headersOf(headers)]).toEqual([...headers])
    expect([...headersOf({ x: 'y', z: null })].map((header) => header.key)).toEqual(['x', 'z'])
  })

  it('read every kind', () => {
    const headers = headersOf({
      int: typed(types.int, -5),
      long: typed(types.long, 2n ** 60n),
      float: typed(types.float, 0.5),
      double: typed(types.double, 0.1),
      bool: typed(types.bool, true),
      string: typed(types.string, 'wrapped'),
      empty: '',
    })
    expect(headers.first('int')?.int()).toBe(-5)
    expect(headers.first('long')?.long()).toBe(2n ** 60n)
    expect(headers.first('float')?.float()).toBe(0.5)
    expect(headers.first('double')?.double()).toBe(0.1)
    expect(headers.first('bool')?.bool()).toBe(true)
    expect(headers.first('string')?.as(types.string)).toBe('wrapped')
    expect(headers.first('empty')?.utf8()).toBe('')
  })

  it('give null, and never throw, for no value and for what cannot be decoded', () => {
    const headers = headersOf({ none: null, broken: Uint8Array.of(0xff) })
    for (const key of ['none', 'broken']) {
      const header = headers.first(key)!
      expect([
        header.utf8(),
        header.int(),
        header.long(),
        header.float(),
        header.double(),
        header.bool(),
        header.as(types.string),
      ]).toEqual([null, null, null, null, null, null, null])
    }
  })

  it('that are empty are not sent', () => {
    expect(encodeHeaders([])).toBeUndefined()
    expect(encodeHeaders({})).toBeUndefined()
    expect(encodeHeaders(undefined)).toBeUndefined()
  })
})
